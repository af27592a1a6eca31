"""How much better recorded counts fit a denoised image than vacuum.

The log-likelihood ratio of Mohan et al. (arXiv 2010.12970) asks of every pixel, or of every
column's disc, whether the data prefer the denoised rate or the rate of vacuum. It is in nat;
positive values prefer the denoised image.

The paper gives no value from which on a column is certain;
`tembench.metrics.null_distribution` does.

Counts must be on the scale on which they were recorded, unlike images compared by `fidelity`:
scaled counts are not Poisson distributed. Detectors give non-integer or negative values; the
formula is then a quasi-likelihood, largest at the same rate but no longer in true nat, and its null
comes from frames of that detector (`Null.of_frames`).
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from tembench.metrics.strips import mean

# The smallest rate, as a share of the dose. One electron where the image says "none, ever" would
# make it infinitely wrong; with the floor it costs 6.9 nat, which is bad enough.
RATE_FLOOR = 1e-3


def ratio_map(counts: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> np.ndarray:
    """Log-likelihood ratio of the denoised image against vacuum, pixel by pixel.

    Parameters
    ----------
    counts : array (y, x)
        Recorded electrons per pixel.
    denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    array (y, x) of float64
        ``counts * log(rate / vacuum) - (rate - vacuum)`` in nat, where the rate is the denoised
        image, at least `RATE_FLOOR` of the dose: outputs of zero or below are bad but finite.

    Raises
    ------
    ValueError
        For images of different shapes or a dose that is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> ratio_map(np.array([[0, 2]]), np.array([[0.9, 0.9]]), dose_e_per_px=0.45).round(3)
    array([[-0.45 ,  0.936]])
    """
    if counts.ndim != 2 or counts.shape != denoised.shape:
        raise ValueError(f"two images of one shape expected, got {counts.shape}, {denoised.shape}")
    return column_ratio(counts, denoised, dose_e_per_px=dose_e_per_px)


def pixel_ratio(counts: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> float:
    """Mean of `ratio_map` over the image, in nat per pixel.

    Parameters
    ----------
    counts : array (y, x)
        Recorded electrons per pixel, for a score those of an independent copy (see Notes).
    denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Notes
    -----
    With the counts that the method saw, it rewards copying the noise: of all images the noisy one
    itself has the largest value. With an independent copy its expectation
    ``c log(rate / vacuum) - (rate - vacuum)`` is largest where the rate is the true one, c, so that
    no method gains by any other output (a proper scoring rule).

    Examples
    --------
    >>> import numpy as np
    >>> round(pixel_ratio(np.array([[0, 2]]), np.array([[0.45, 0.9]]), dose_e_per_px=0.45), 3)
    0.468
    """
    return mean(partial(ratio_map, dose_e_per_px=dose_e_per_px), counts, denoised)


def column_ratio(
    mean_counts: np.ndarray, mean_rate: np.ndarray, *, dose_e_per_px: float
) -> np.ndarray:
    """Log-likelihood ratio of columns against vacuum, each of one rate throughout its disc.

    Parameters
    ----------
    mean_counts : array
        Mean of the recorded electrons per pixel over each disc.
    mean_rate : array
        Mean of the denoised image over each disc, e/px.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    array of float64
        Mean over the pixels of each disc, nat per pixel; times the number of pixels it is the
        ratio of the whole disc. The rate is floored as in `ratio_map`; NaN where it is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> column_ratio(np.array([0.54, 0.45]), np.array([0.54, 0.54]), dose_e_per_px=0.45).round(5)
    array([ 0.00845, -0.00796])
    """
    vacuum = vacuum_rate(dose_e_per_px)
    rate = np.maximum(np.asarray(mean_rate, dtype=np.float64), RATE_FLOOR * vacuum)
    with np.errstate(invalid="ignore"):
        return np.asarray(mean_counts, dtype=np.float64) * np.log(rate / vacuum) - (rate - vacuum)


def largest_ratio(mean_counts: np.ndarray, *, dose_e_per_px: float) -> np.ndarray:
    """The largest `column_ratio` that any rate can reach.

    Parameters
    ----------
    mean_counts : array
        Mean of the recorded electrons per pixel over each disc.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    array of float64
        ``m log(m / vacuum) - (m - vacuum)`` of the mean count m, nat per pixel. It is 0 for m =
        vacuum and grows to both sides. Where m lies below the floor of rates (no electron at all,
        or a negative value) the floor is the best rate.

    Examples
    --------
    >>> import numpy as np
    >>> largest_ratio(np.array([0.36, 0.54]), dose_e_per_px=0.45).round(5)
    array([0.00967, 0.00845])
    """
    return column_ratio(mean_counts, mean_counts, dose_e_per_px=dose_e_per_px)


def vacuum_rate(dose_e_per_px: float) -> float:
    """The dose as outputs hold it; ValueError unless it is positive."""
    if not 0 < dose_e_per_px < math.inf:
        raise ValueError(f"the dose must be positive, got {dose_e_per_px} e/px")
    # Outputs are float32, so vacuum is the float32 one: the constant image has 0 to the last bit.
    return float(np.float32(dose_e_per_px))
