"""Log-likelihood ratio of recorded counts: denoised image against vacuum.

The ratio of Mohan et al. (arXiv 2010.12970) measures, for every pixel or every column's disc,
whether the counts favour the denoised rate or the rate of vacuum. It is in nat; positive values
favour the denoised image.

The paper gives no threshold above which a column is significant;
`tembench.metrics.null_distribution` does.

Counts must be on the scale on which they were recorded, unlike images compared by `fidelity`:
scaled counts are not Poisson distributed. Some detectors give non-integer or negative values; the
formula is then a quasi-likelihood, with its maximum at the same rate but no longer in true nat, and
its null distribution comes from frames of that detector (`Null.of_frames`).
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from tembench.metrics.pixel_means import pixel_mean

# The smallest rate, as a fraction of the dose. One electron where the image predicts none would
# give minus infinity; with this floor it costs 6.9 nat.
RATE_FLOOR = 1e-3


def pixel_ratio(counts: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> float:
    """Mean log-likelihood ratio of a denoised image against vacuum over its pixels.

    Parameters
    ----------
    counts : array (y, x)
        Recorded electrons per pixel; for a score, those of an independent copy (see Notes).
    denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    float
        Mean of ``counts * log(rate / vacuum) - (rate - vacuum)``, nat per pixel, where the rate is
        the denoised image, at least `RATE_FLOOR` of the dose: outputs of zero or below are bad but
        finite.

    Raises
    ------
    ValueError
        For images of different shapes or a dose that is not positive.

    Notes
    -----
    With the counts that the method saw, the ratio rewards copying the noise: the noisy image itself
    has the largest value of all. With an independent copy, the expected ratio
    ``c log(rate / vacuum) - (rate - vacuum)`` is largest at the true rate c, so no method gains by
    any other output (a proper scoring rule).

    Examples
    --------
    >>> import numpy as np
    >>> round(pixel_ratio(np.array([[0, 2]]), np.array([[0.45, 0.9]]), dose_e_per_px=0.45), 3)
    0.468
    """
    if counts.ndim != 2 or counts.shape != denoised.shape:
        raise ValueError(f"two images of one shape expected, got {counts.shape}, {denoised.shape}")
    return pixel_mean(partial(column_ratio, dose_e_per_px=dose_e_per_px), counts, denoised)


def column_ratio(
    mean_counts: np.ndarray, mean_rate: np.ndarray, *, dose_e_per_px: float
) -> np.ndarray:
    """Log-likelihood ratio of columns against vacuum, with one rate for each column's disc.

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
        ratio of the whole disc. Rates are floored as in `pixel_ratio`; NaN for a rate that is not
        finite.

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
        ``m log(m / vacuum) - (m - vacuum)`` of the mean count m, nat per pixel: 0 for m = vacuum,
        increasing on both sides. Where m is below the floor of rates (no electron at all, or a
        negative value), the floor is the best rate.

    Examples
    --------
    >>> import numpy as np
    >>> largest_ratio(np.array([0.36, 0.54]), dose_e_per_px=0.45).round(5)
    array([0.00967, 0.00845])
    """
    return column_ratio(mean_counts, mean_counts, dose_e_per_px=dose_e_per_px)


def vacuum_rate(dose_e_per_px: float) -> float:
    """The dose rounded to float32, as outputs are stored; ValueError unless it is positive."""
    if not 0 < dose_e_per_px < math.inf:
        raise ValueError(f"the dose must be positive, got {dose_e_per_px} e/px")
    # Outputs are float32: with vacuum as float32, the constant image has a ratio of exactly 0.
    return float(np.float32(dose_e_per_px))
