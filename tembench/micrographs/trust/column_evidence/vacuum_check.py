"""Vacuum check: columns that a method draws where there is nothing.

Pure shot noise of the image's dose is denoised as the image was. What appears is the method's own;
and the test of columns, run on it, gives its own rate of false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from tembench.metrics import FALSE_ALARM_RATE
from tembench.micrographs.trust.column_evidence.column_tests import LEAST_RATIO, fold_ratios
from tembench.micrographs.trust.column_evidence.shown_columns import ShownColumns, find_shown
from tembench.micrographs.trust.subject import Subject

_IMAGES, _SIDE_A, _LEAST_PX, _MOST_PX = 4, 25.0, 128, 512
# Below this number of invented columns their ratios give no quantile of 1 %.
_ENOUGH = 200
_SQUARE_A = 8.0
# With fewer electrons thin matter looks like vacuum: at 26 per square angstrom it did in all of
# sixteen simulated images, at 115 in four of them.
_LEAST_E_PER_A2 = 100.0
_WHITE = 3.0
_NM2_PER_A2 = 0.01


@dataclass(frozen=True, kw_only=True)
class VacuumCheck:
    """Columns invented in vacuum.

    Attributes
    ----------
    simulated_per_nm2 : float
        Columns per square nanometre that the method draws into simulated vacuum of this dose; NaN
        if it is not known.
    simulated : int
        Their number.
    simulated_nm2 : float
        Area simulated.
    false_alarms : int
        Those of them that the test of columns would support.
    threshold : float
        Log ratio, at least `LEAST_RATIO`, that at most 1 % of them exceed.
    own_per_nm2 : float
        Columns per square nanometre in the parts of the image that look like vacuum (as does
        matter whose contrast is hidden by the noise); NaN if none, or too few electrons to tell.
    own_nm2 : float
        Area of those parts.
    """

    simulated_per_nm2: float
    simulated: int
    simulated_nm2: float
    false_alarms: int
    threshold: float
    own_per_nm2: float
    own_nm2: float


def check_vacuum(subject: Subject, columns: ShownColumns) -> VacuumCheck:
    """Denoise simulated vacuum, and count the columns in it and in the image's own vacuum.

    Parameters
    ----------
    subject : Subject
        The image and its method.
    columns : ShownColumns
        The columns that the image shows.
    """
    px, dose = subject.pixel_size_A, subject.dose_e_per_px
    own, own_nm2 = _own_vacuum(subject, columns)
    ratios: list[np.ndarray] = []
    area = 0.0
    if subject.ready is not None and not subject.correlated:
        side = int(np.clip(_SIDE_A / px, _LEAST_PX, _MOST_PX))
        generator = subject.generator("vacuum")
        for number in range(_IMAGES):
            counts = generator.poisson(dose, (side, side)).astype(np.uint16)
            image = replace(subject.image, counts=counts, series=None)
            empty = replace(
                subject,
                image=image,
                denoised=subject.ready.denoise(image, "simulated vacuum"),
                frames=(),
                not_counted="",
                seed=subject.seed + number,
            )
            found = find_shown(empty.denoised, pixel_size_A=px, dose_e_per_px=dose)
            ratios.append(fold_ratios(empty, found)[0] if len(found) else np.zeros(0))
            area += (side * px) ** 2 * _NM2_PER_A2
    found_ratios = np.concatenate(ratios) if ratios else np.zeros(0)
    threshold = LEAST_RATIO
    if len(found_ratios) >= _ENOUGH:
        threshold = max(threshold, float(np.quantile(found_ratios, 1 - FALSE_ALARM_RATE)))
    return VacuumCheck(
        simulated_per_nm2=len(found_ratios) / area if area else float("nan"),
        simulated=len(found_ratios),
        simulated_nm2=area,
        false_alarms=int((found_ratios > threshold).sum()),
        threshold=threshold,
        own_per_nm2=own / own_nm2 if own_nm2 else float("nan"),
        own_nm2=own_nm2,
    )


def _own_vacuum(subject: Subject, columns: ShownColumns) -> tuple[int, float]:
    """Count columns in squares of 8 A that look like vacuum, as do all squares around them."""
    px = subject.pixel_size_A
    if subject.not_counted or subject.dose_e_per_px < _LEAST_E_PER_A2 * px**2:
        return 0, 0.0
    side = max(8, round(_SQUARE_A / px))
    counts = subject.image.counts.astype(np.float64)
    rows, across = (length // side for length in counts.shape)
    if not rows * across:
        return 0, 0.0
    squares = counts[: rows * side, : across * side].reshape(rows, side, across, side)
    # Bins of half an angstrom, in which a lattice adds to the variance of the shot noise.
    bin_px = max(1, round(0.5 / px))
    bins = side // bin_px
    cut = squares[:, : bins * bin_px, :, : bins * bin_px]
    sums = cut.reshape(rows, bins, bin_px, across, bins, bin_px).sum(axis=(2, 5))
    means = squares.mean(axis=(1, 3))
    spread = sums.var(axis=(1, 3), ddof=1) / np.maximum(sums.mean(axis=(1, 3)), 1e-12)
    error = np.sqrt(subject.dose_e_per_px) / side
    empty = (np.abs(means - subject.dose_e_per_px) < _WHITE * error) & (
        np.abs(spread - 1) < _WHITE * np.sqrt(2 / bins**2)
    )
    # Thin matter may hide in the noise of one square, hardly in that of a square and all around it.
    empty = ndimage.minimum_filter(empty, 3, mode="nearest")
    x, y = (columns.xy_px // side).astype(int).T if len(columns) else (np.zeros(0, int),) * 2
    inside = (y < rows) & (x < across)
    return int(empty[y[inside], x[inside]].sum()), float(empty.sum()) * (
        side * px
    ) ** 2 * _NM2_PER_A2
