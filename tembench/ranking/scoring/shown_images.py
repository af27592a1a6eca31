"""Shown images of a row: crops of a few images as denoised, and the columns in them.

All rows of a table show the same images, chosen by the data alone, in the same places and on the
same scales of grey, so that a viewer can lay one over the other. The truth of a sealed test is not
shown: its crops are scaled by the dose, and no column is listed.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import csv_text, write_bytes
from tembench.metrics import column_marks
from tembench.ranking.scoring import panel_image, particle_crop
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.untrusted import MOST_SHOWN_COLUMNS, SHOWN_COLUMNS, SHOWN_CSV, SHOWN_PNG

if TYPE_CHECKING:
    from tembench.dataset import Store
    from tembench.metrics import MetricInputs

SHOWN_IMAGES = 5
"""Number of images that a row shows, where there are as many."""
# Factors that the images differ in, as far as the table has them.
_VARIED = ("material", "orientation", "particle", "support", "thickness_A")
_WHITE = 255
# The grey scale reaches this far beyond the range of the clean crop, in parts of the range.
_MARGIN = 0.25
# A blank crop has no range: at least this share of the dose, so that its rounding is not enlarged.
_LEAST_RANGE = 0.4


@dataclass(frozen=True, kw_only=True)
class DrawnCrops:
    """Crops of a few images in one picture, ready to be written.

    Attributes
    ----------
    table : dict
        The table ``[shown]``; `tembench.ranking.untrusted.ShownTable` describes its keys.
    png, csv : bytes
        Content of ``shown.png`` and ``shown.csv``.
    """

    table: dict[str, Any]
    png: bytes
    csv: bytes

    def write(self, folder: Path) -> None:
        """Write the two files."""
        write_bytes(folder / SHOWN_PNG, self.png)
        write_bytes(folder / SHOWN_CSV, self.csv)


def images_to_show(store: Store, images: np.ndarray) -> list[int]:
    """Numbers of the images that all rows show: that of the panels, and others that differ.

    The images are sorted by dose, or in a closed recipe by defocus, and divided into four parts of
    equal size. One of each is added: that with the least in common with those chosen so far
    (material, orientation; particle, support, thickness), then without tilt, then in the middle of
    its part; and of these the first whose clean image shows columns in its crop.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        Provides the factors.
    images : array of int
        Numbers of the images to choose from; of a test, those of its subset, which all rows have.
    """
    factors = store.table.loc[images]
    varied = factors[[name for name in _VARIED if name in factors]].astype(str).to_numpy()
    is_closed = "tilt_x_deg" in factors
    if is_closed:
        spread = factors["defocus_nm"].to_numpy()
        tilt = np.hypot(factors["tilt_x_deg"], factors["tilt_y_deg"]).to_numpy()
    else:
        spread = np.array(
            [store.dose_of(int(i)) / store.pixel_size_of(int(i)) ** 2 for i in images]
        )
        tilt = np.zeros(len(images))
    chosen = [int(np.flatnonzero(images == panel_image(store, images))[0])]
    for part in np.array_split(np.lexsort((images, spread)), SHOWN_IMAGES - 1):
        free = np.setdiff1d(part, chosen)
        if not len(free):
            continue
        common = (varied[free, None] == varied[chosen]).any(axis=1).sum(axis=1)
        off_middle = np.abs(spread[free] - np.median(spread[part]))
        order = free[np.lexsort((images[free], off_middle, tilt[free], common))].tolist()
        chosen.append(next((i for i in order if _shows_columns(store, int(images[i]))), order[0]))
    return [int(images[position]) for position in chosen]


def _shows_columns(store: Store, image: int) -> bool:
    if "columns" in store.undefined(image):
        return False
    inputs = metric_inputs(store, image, store.clean(image))
    place = particle_crop(inputs.particle_mask)
    return bool(_inside(inputs.truth.shown_A[inputs.truth.shown], inputs, place).any())


def draw_crops(
    store: Store, images: Sequence[int], denoised: Callable[[int], np.ndarray]
) -> DrawnCrops:
    """Draw the crops of some images as they were denoised, and list the columns in them.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        Provides the truth.
    images : sequence of int
        Numbers of the images.
    denoised : callable
        Returns a denoised image (y, x) by its number, expected e/px.

    Returns
    -------
    DrawnCrops
        The grey scale is the range of the clean crop, widened by a quarter at both ends but not
        below zero. The counts themselves go far beyond that: outputs that equal them are stored as
        they are, one grey value an electron, or over their own range where a camera gave no whole
        numbers.
    """
    sealed = bool(getattr(store.recipe, "is_sealed", False))
    crops: list[np.ndarray] = []
    table: list[dict[str, Any]] = []
    columns: list[tuple[str, ...]] = []
    for image in images:
        result, place = denoised(image), particle_crop(store.particle_mask(image))
        low, high = _range(store, image, result, place, sealed=sealed)
        rows, across = place
        share = (result[place].astype(np.float64) - low) / (high - low)
        crops.append(np.rint(np.clip(share, 0.0, 1.0) * _WHITE).astype(np.uint8))
        table.append(
            {
                "images": int(image),
                "left_px": across.start,
                "top_px": rows.start,
                "low_e_per_px": low,
                "high_e_per_px": high,
                "pixel_size_A": store.pixel_size_of(image),
                "dose_e_per_px": store.dose_of(image),
            }
        )
        if not sealed:
            columns += _columns(store, image, result, place)
    picture = np.concatenate(crops)
    png, csv = _png(picture), csv_text([SHOWN_COLUMNS, *columns]).encode()
    return DrawnCrops(
        table={
            **{key: [one[key] for one in table] for key in table[0]},
            "width_px": picture.shape[1],
            "height_px": picture.shape[0] // len(crops),
            "png_sha256": hashlib.sha256(png).hexdigest(),
            "csv_sha256": hashlib.sha256(csv).hexdigest(),
        },
        png=png,
        csv=csv,
    )


def _range(
    store: Store, image: int, denoised: np.ndarray, place: tuple[slice, slice], *, sealed: bool
) -> tuple[float, float]:
    """Electrons per pixel of black and white, in six digits, which are those that are stored."""
    dose, counts = store.dose_of(image), store.noisy(image)
    if np.array_equal(denoised, counts):
        whole = counts.dtype.kind == "u" and counts[place].max() <= _WHITE
        low, high = (0, _WHITE) if whole else (counts[place].min(), counts[place].max())
    elif sealed:
        low, high = 0.0, 2 * dose
    else:
        clean = store.clean(image)[place]
        low, high = float(clean.min()), float(clean.max())
        margin = _MARGIN * max(high - low, _LEAST_RANGE * dose)
        low, high = max(low - margin, 0.0), high + margin
    return float(f"{low:.6g}"), float(f"{max(high, low + 1e-3 * dose):.6g}")


def _columns(
    store: Store, image: int, denoised: np.ndarray, place: tuple[slice, slice]
) -> Iterator[tuple[str, ...]]:
    """Rows of ``shown.csv``: the columns inside the crop, as many as may be listed."""
    inputs = metric_inputs(store, image, denoised)
    if inputs.lacks("columns"):
        return
    marks = column_marks(inputs)
    xy_px = _in_crop_px(marks.xy_A, inputs, place)
    for mark in np.flatnonzero(_inside(marks.xy_A, inputs, place))[:MOST_SHOWN_COLUMNS]:
        kind, (x, y), ratio = str(marks.kind[mark]), xy_px[mark], marks.ratio[mark]
        tested = kind != "removed"
        called = str(int(marks.called[mark])) if tested else ""
        yield str(image), kind, f"{x:.2f}", f"{y:.2f}", f"{ratio:.4g}" if tested else "", called


def _in_crop_px(xy_A: np.ndarray, inputs: MetricInputs, place: tuple[slice, slice]) -> np.ndarray:
    """Positions in a crop, px to two digits, from the centre of its first pixel."""
    rows, across = place
    # A zero has no sign.
    return np.round(xy_A / inputs.pixel_size_A - (across.start, rows.start), 2) + 0.0


def _inside(xy_A: np.ndarray, inputs: MetricInputs, place: tuple[slice, slice]) -> np.ndarray:
    """Whether positions are in a crop, at most on the centres of its outermost pixels."""
    last = [side.stop - side.start - 1 for side in reversed(place)]
    xy_px = _in_crop_px(xy_A, inputs, place)
    return np.asarray(((xy_px >= 0) & (xy_px <= last)).all(axis=1))


def _png(grey: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
