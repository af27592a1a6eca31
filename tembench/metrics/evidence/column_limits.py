"""Limits of what counts can tell of a column: detection, position, and PSNR of a fit.

No reader of the counts, with any denoiser, errs less often than the ideal observer, and none that
is unbiased places a column better than the Cramer-Rao bound. A result below these lines came from
elsewhere: from what was known of the specimen before it was imaged.
"""

from __future__ import annotations

import math

import numpy as np


def gaussian_column(
    shape: tuple[int, int], xy_px: tuple[float, float], *, height: float, sigma_px: float
) -> np.ndarray:
    """Image of a column as a Gaussian.

    Parameters
    ----------
    shape : tuple of int
        Size of the image in pixels, (y, x).
    xy_px : tuple of float
        Centre.
    height : float
        Value at the centre, e/px; negative for a dark column.
    sigma_px : float
        Standard deviation; 0.5 A for columns of the benchmark.

    Returns
    -------
    ndarray of float64, shape (y, x)
    """
    y, x = np.mgrid[: shape[0], : shape[1]]
    squares = (x - xy_px[0]) ** 2 + (y - xy_px[1]) ** 2
    return np.asarray(height * np.exp(-squares / (2 * sigma_px**2)))


def detectability(signal: np.ndarray, background: np.ndarray) -> float:
    """Detectability d' of a column whose image and place are known.

    Parameters
    ----------
    signal : array (y, x)
        Expected electrons per pixel with the column minus those without it.
    background : array (y, x)
        Those without it, all positive.

    Returns
    -------
    float
        ``sqrt(sum(signal**2 / background))``, for a signal that is weak against the background: the
        signal-to-noise ratio of the best weighted sum of counts. Of a Gaussian of height A and
        standard deviation s px over the dose n, it is ``A s sqrt(pi / n)``.

    Notes
    -----
    Barrett & Myers, Foundations of Image Science (2004), section 13.2: the ideal observer of a
    signal known exactly, in Poisson noise. Half of the signal is added to the background, whose
    variance is then the mean of both cases; without that, the error of a bright column is a
    little too small.
    """
    variance = np.asarray(background, dtype=np.float64) + 0.5 * np.asarray(signal)
    return float(np.sqrt(np.sum(np.square(signal, dtype=np.float64) / variance)))


def detection_error(detectability: float) -> float:
    """Least share of wrong answers on whether a column is there, if both are equally likely.

    Parameters
    ----------
    detectability : float
        From `detectability`.

    Returns
    -------
    float
        ``Q(d' / 2)``, the normal distribution beyond half of d': 0.5 is chance.

    Examples
    --------
    >>> [round(detection_error(d), 3) for d in (0.0, 1.0, 2.0, 4.0)]
    [0.5, 0.309, 0.159, 0.023]
    """
    return 0.5 * math.erfc(detectability / 2 / math.sqrt(2))


def position_bound_px(signal: np.ndarray, background: np.ndarray) -> tuple[float, float]:
    """Cramer-Rao bound of the position of a column whose image is known.

    Parameters
    ----------
    signal : array (y, x)
        Expected electrons per pixel with the column minus those without it, which moves with it.
    background : array (y, x)
        Those without it, which does not move; all positive with the signal.

    Returns
    -------
    x, y : float
        Least standard deviation of an unbiased estimate along each axis, px, where the other
        coordinate is estimated too. Of a faint Gaussian of height A over the dose n, it is
        ``sqrt(2 n / pi) / A`` on either axis, whatever its width.

    Notes
    -----
    The most likely place reaches it where the bound is a fifth of the column's width or less; that
    of a fainter column scatters more, half as much again where the bound is half of the width.

    The inverse of the Fisher information ``sum(grad grad^T / rate)`` of Poisson counts; van Aert et
    al., J. Struct. Biol. 138, 21 (2002), for atomic columns.
    """
    down, right = np.gradient(np.asarray(signal, dtype=np.float64))
    rate = np.asarray(background, dtype=np.float64) + signal
    slopes = np.stack([right.ravel(), down.ravel()])
    covariance = np.linalg.inv((slopes / rate.ravel()) @ slopes.T)
    return float(np.sqrt(covariance[0, 0])), float(np.sqrt(covariance[1, 1]))


def fitted_psnr_db(parameters: float, *, pixels: int, dose_e_per_px: float) -> float:
    """PSNR of an efficient, unbiased fit of some parameters to the counts of an image.

    Parameters
    ----------
    parameters : float
        Number of free parameters.
    pixels : int
        Number of pixels.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    float
        ``10 log10(pixels / (dose parameters))`` with a peak of 1 e/px, in dB.

    Notes
    -----
    Each parameter of a least-squares fit adds the variance of one pixel's noise, here the dose,
    to the squared errors of the whole image. Contrast changes the variance of counts by little.

    Examples
    --------
    An amplitude for each of the 190 columns of an image of the closed test, and a place as well:

    >>> psnr_db = [fitted_psnr_db(p, pixels=800 * 800, dose_e_per_px=0.45) for p in (190, 570)]
    >>> [round(value, 1) for value in psnr_db]
    [38.7, 34.0]
    """
    return 10 * math.log10(pixels / (dose_e_per_px * parameters))
