"""Clean images: their vacuum level, noise that they already have, and shot noise drawn for them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tembench.core import ImageError
from tembench.methods.micrographs.electrons.electron_counts import in_type_for
from tembench.methods.micrographs.electrons.noise_level import noise_over_mean
from tembench.methods.micrographs.electrons.outliers import fill, find_outliers
from tembench.simulate.noise import generator

# Noise that is independent from pixel to pixel makes second differences whose correlation at a
# distance of one pixel is -2/3 and at two 1/6, whatever its size; a structure's have others.
_NEXT, _SECOND, _OFF = -2 / 3, 1 / 6, 0.08
# Less, relative to the mean, is what rounding to 8 bits makes.
_LEAST_RELATIVE = 1e-4
_COUNTED = (0.5, 2.0)
# Beyond, shot noise is less than the rounding of the image's single precision.
_MOST_E_PER_PX = 2.0**40
_SAMPLE = 1 << 17


def vacuum_of_clean(image: np.ndarray) -> float:
    """Return the commonest value of a clean image.

    The half-sample mode: again and again the shortest half of the sorted values (D. R. Bickel,
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
    """Return what to say of a clean image that is noisy; None where it is not.

    Parameters
    ----------
    values : numpy.ndarray
        (y, x), finite, not negative; in any unit.
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
        f"a variance of {ratio:.2f} times its mean, as counted electrons have"
        if counted
        else (f"a standard deviation of {100 * (ratio / mean) ** 0.5:.2g} % of its mean")
    )
    return (
        f"it has noise already, of {how}: the PSNR is against that noise, too. If it is counts, "
        "leave --add-noise out"
    )


def _whole(values: np.ndarray) -> bool:
    return values.dtype.kind in "uib" or bool((values == np.rint(values)).all())


def _is_white(values: np.ndarray) -> bool:
    """Whether second differences along both axes are those of independent noise."""
    differences = values.astype(np.float64)
    for axis in (0, 1):
        differences = ndimage.correlate1d(differences, np.array([1.0, -2.0, 1.0]), axis=axis)
    d = differences[1:-1, 1:-1]
    power = float(np.mean(d * d))
    if not power > 0:
        return False
    found = []
    for step, expected in ((1, _NEXT), (2, _SECOND)):
        found += [float(np.mean(d[step:] * d[:-step])) / power - expected]
        found += [float(np.mean(d[:, step:] * d[:, :-step])) / power - expected]
    return max(map(abs, found)) < _OFF


def check_drawable(most_e_per_px: float) -> None:
    """Refuse expected electrons beyond what shot noise can be drawn for."""
    if not most_e_per_px <= _MOST_E_PER_PX:
        raise ImageError(
            "has too many electrons to draw shot noise",
            expected=f"at most {_MOST_E_PER_PX:.2g} e/px",
            got=f"{most_e_per_px:.2g} e/px",
            remedy="Give a lower --dose",
        )


def shot_noise(clean: np.ndarray, seed: int) -> np.ndarray:
    """Return counts of an image of expected electrons, uint16 or as wide as they need."""
    return in_type_for(generator(seed, 0, 0).poisson(clean), np.uint16)
