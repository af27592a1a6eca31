"""Clean images: their vacuum level, noise that they already have, and shot noise drawn for them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tembench.core import ImageError
from tembench.micrographs.electrons.electron_counts import in_type_for
from tembench.micrographs.electrons.noise_level import noise_over_mean
from tembench.micrographs.electrons.outliers import fill, find_outliers
from tembench.simulation import noise_generator

# Second differences of noise that is independent from pixel to pixel have a correlation of -2/3 at
# a distance of one pixel and of 1/6 at two, for any noise level; those of structures differ.
_NEXT, _SECOND, _OFF = -2 / 3, 1 / 6, 0.08
# Rounding to 8 bits gives a smaller variance relative to the squared mean.
_LEAST_RELATIVE = 1e-4
_COUNTED = (0.5, 2.0)
# Beyond, shot noise is smaller than the rounding errors of a single-precision image.
_MOST_E_PER_PX = 2.0**40
_SAMPLE = 1 << 17


def vacuum_of_clean(image: np.ndarray) -> float:
    """Return the vacuum level of a clean image: its most common value.

    The half-sample mode: repeatedly the shortest half of the sorted values (D. R. Bickel,
    R. Fruehwirth, Comput. Stat. Data Anal. 50, 3500-3530 (2006), doi 10.1016/j.csda.2005.07.011).
    """
    values = image.ravel()
    values = np.sort(values[:: -(-values.size // _SAMPLE)].astype(np.float64))
    while len(values) > 3:
        half = (len(values) + 1) // 2
        first = int(np.argmin(values[half - 1 :] - values[: len(values) - half + 1]))
        values = values[first : first + half]
    return float(values.mean())


def noise_warning(values: np.ndarray) -> str | None:
    """Return a warning if an image given as clean has noise; else None.

    Parameters
    ----------
    values : numpy.ndarray
        Image (y, x), finite, not negative, in any unit.
    """
    mean = float(values.mean(dtype=np.float64))
    if min(values.shape) < 8 or not mean > 0:
        return None
    values = fill(values, find_outliers(values).mask)
    ratio = noise_over_mean(values)
    counted = _whole(values) and _COUNTED[0] < ratio < _COUNTED[1]
    if not counted and not (ratio / mean > _LEAST_RELATIVE and _is_white(values)):
        return None
    how = (
        f"a variance of {ratio:.2f} times the mean, as counted electrons have"
        if counted
        else f"a standard deviation of {100 * (ratio / mean) ** 0.5:.2g} % of the mean"
    )
    return (
        f"the clean image has noise already, with {how}: the PSNR includes that noise. If the "
        "values are counts, omit --add-noise"
    )


def _whole(values: np.ndarray) -> bool:
    return values.dtype.kind in "uib" or bool((values == np.rint(values)).all())


def _is_white(values: np.ndarray) -> bool:
    """Return whether second differences along both axes are those of independent noise."""
    differences = values.astype(np.float64)
    for axis in (0, 1):
        differences = ndimage.correlate1d(differences, np.array([1.0, -2.0, 1.0]), axis=axis)
    d = differences[1:-1, 1:-1]
    power = float(np.mean(d * d))
    if not power > 0:
        return False
    deviations = []
    for step, expected in ((1, _NEXT), (2, _SECOND)):
        deviations += [float(np.mean(d[step:] * d[:-step])) / power - expected]
        deviations += [float(np.mean(d[:, step:] * d[:, :-step])) / power - expected]
    return max(map(abs, deviations)) < _OFF


def check_drawable(most_e_per_px: float) -> None:
    """Refuse more expected electrons per pixel than shot noise can be drawn for."""
    if not most_e_per_px <= _MOST_E_PER_PX:
        raise ImageError(
            "has too many electrons per pixel to draw shot noise",
            expected=f"at most {_MOST_E_PER_PX:.2g} e/px",
            got=f"{most_e_per_px:.2g} e/px",
            remedy="Give a lower --dose",
        )


def shot_noise(clean: np.ndarray, seed: int) -> np.ndarray:
    """Draw counts (y, x) for an image of expected electrons, uint16 or wider if they need it."""
    return in_type_for(noise_generator(seed, 0, 0).poisson(clean), np.uint16)
