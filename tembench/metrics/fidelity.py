"""Fidelity metrics: PSNR, SSIM, MSE and skill of a denoised image against the clean one.

PSNR and SSIM are those of the code of Mohan et al. (arXiv 2010.12970): both images are multiplied
by 255, clamped to 0-255 and compared with ``data_range=255``, so the peak is 1 electron per pixel;
SSIM uses scikit-image's defaults. All computations are in float64.

A clean image differs little from a constant image of the vacuum level, so PSNR and SSIM start
high. `skill` assigns zero to the constant image and one to the clean image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX, compiled
from tembench.metrics.pixel_means import pixel_mean_square

# The paper's grey scale: counts x 255, so that 1 e/px is white.
SCALE = 255.0
# scikit-image's defaults, which the paper's code does not change.
WINDOW = 7
K1, K2 = 0.01, 0.03
# The RMS error at which the skill of a blank image is zero, as a fraction of the dose.
RIPPLE = 0.05
# Upper limit of a blank image's PSNR. A flat image can be exact to the last bit, and one infinite
# value would decide a table of means; 60 dB is an invisible error of 0.001 e/px.
BLANK_PSNR_DB = 60.0


def psnr_db(clean: np.ndarray, denoised: np.ndarray) -> float:
    """Peak signal-to-noise ratio in decibels, peak 1 e/px.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Expected electrons per pixel.

    Returns
    -------
    float
        ``10 log10(255^2 / MSE)`` of the images x255, clamped to 0-255; infinite where the clamped
        images are identical.

    Examples
    --------
    >>> import numpy as np
    >>> clean = np.full((8, 8), 0.45)
    >>> round(psnr_db(clean, clean + 0.1), 6)
    20.0
    """
    _same_shape(clean, denoised)
    squared_error = pixel_mean_square(lambda a, b: _grey(a) - _grey(b), clean, denoised)
    if squared_error == 0.0:
        return float("inf")
    return float(10.0 * np.log10(SCALE**2 / squared_error))


def ssim(clean: np.ndarray, denoised: np.ndarray) -> float:
    """Mean structural similarity with scikit-image's default window.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Expected electrons per pixel, at least 7 x 7 px.

    Returns
    -------
    float
        Mean over all 7 x 7 windows inside the image, at most 1.

    Notes
    -----
    Equal to ``skimage.metrics.structural_similarity(a, b, data_range=255)`` of the images x255 in
    float64 (uniform window, sample covariance, K1 = 0.01, K2 = 0.03, a border of 3 px left out),
    computed with running sums instead of five filtered copies of the image.

    References
    ----------
    Wang et al., IEEE Trans. Image Process. 13, 600-612 (2004), doi 10.1109/TIP.2003.819861.
    """
    _same_shape(clean, denoised)
    if min(clean.shape) < WINDOW:
        raise ValueError(f"SSIM needs at least {WINDOW} x {WINDOW} px, got {clean.shape}")
    mean = _mean_ssim(clean, denoised, (K1 * SCALE) ** 2, (K2 * SCALE) ** 2)
    return min(float(mean), 1.0)  # rounding may leave 1 + 2e-16


def mse(clean: np.ndarray, denoised: np.ndarray) -> float:
    """Mean squared error, not clamped, in e^2/px^2.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Expected electrons per pixel.
    """
    _same_shape(clean, denoised)
    return pixel_mean_square(lambda a, b: np.subtract(b, a, dtype=np.float64), clean, denoised)


def skill(clean: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> float:
    """Fraction of the constant image's squared error that a denoiser removes.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        The constant: expected electrons per pixel in vacuum.

    Returns
    -------
    float
        ``1 - MSE / MSE(constant)``: 1 is perfect, 0 no better than the dose alone, negative worse.
        If the clean image itself is constant: 0 for the constant, minus infinity for all else.
    """
    constant = _constant(dose_e_per_px)
    reference = pixel_mean_square(lambda a: np.subtract(a, constant, dtype=np.float64), clean)
    return _relative_gain(mse(clean, denoised), reference)


def particle_skill(
    clean: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float, particle_mask: np.ndarray
) -> float:
    """`skill` over the pixels of the particle only.

    Parameters
    ----------
    clean, denoised, dose_e_per_px
        As for `skill`.
    particle_mask : array of bool (y, x)
        Pixels of the particle.

    Returns
    -------
    float
        As `skill`; NaN for an empty mask (the registry counts NaN as the worst value).
    """
    _same_shape(clean, particle_mask)
    _same_shape(clean, denoised)
    if not particle_mask.any():
        return float("nan")
    inside = np.asarray(clean, dtype=np.float64)[particle_mask]
    estimate = np.asarray(denoised, dtype=np.float64)[particle_mask]
    reference = _mean_square(inside - _constant(dose_e_per_px))
    return _relative_gain(_mean_square(estimate - inside), reference)


def blank_skill(clean: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> float:
    """Skill of a blank image: how flat a denoised image of vacuum is; parameters as for `skill`.

    Returns
    -------
    float
        ``1 - MSE / (RIPPLE * dose)^2``: 1 for a flat image, 0 for an invented ripple of 5 % of
        the dose (root mean square), negative for more. The constant image cannot be the reference
        here, because it is the clean image.
    """
    return 1.0 - mse(clean, denoised) / (RIPPLE * dose_e_per_px) ** 2


@dataclass(frozen=True, kw_only=True)
class ImageScores:
    """PSNR and SSIM of images against a clean one.

    Attributes
    ----------
    psnr_db : Mapping of str to float
        PSNR by name of the image.
    ssim : float or None
        SSIM of the last image; None if it is smaller than the SSIM window.
    """

    psnr_db: Mapping[str, float]
    ssim: float | None

    def __str__(self) -> str:
        """One line with all scores."""
        psnr = ", ".join(f"{name} {value:.2f} dB" for name, value in self.psnr_db.items())
        if self.ssim is None:
            return f"PSNR: {psnr}; SSIM left out, the image is smaller than {WINDOW} px"
        return f"PSNR: {psnr}; SSIM of the {list(self.psnr_db)[-1]} {self.ssim:.4f}"


def score_images(
    clean: np.ndarray, images: Mapping[str, np.ndarray], dose_e_per_px: float
) -> ImageScores:
    """Score images of any dose against a clean one, scaled to the reference dose of the tables.

    Parameters
    ----------
    clean : array (y, x)
        Expected electrons per pixel.
    images : Mapping of str to array (y, x)
        Images by name, e/px; the denoised one last.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Examples
    --------
    >>> clean = np.full((8, 8), 9.0)
    >>> str(score_images(clean, {"denoised": clean + 2.0}, 9.0))
    'PSNR: denoised 20.00 dB; SSIM of the denoised 0.9802'
    """
    scale = np.float32(REFERENCE_DOSE_E_PER_PX / dose_e_per_px)
    truth = clean * scale
    scaled = {name: image * scale for name, image in images.items()}
    last = list(scaled.values())[-1]
    return ImageScores(
        psnr_db={name: psnr_db(truth, image) for name, image in scaled.items()},
        ssim=ssim(truth, last) if min(truth.shape) >= WINDOW else None,
    )


def _constant(dose_e_per_px: float) -> float:
    # Outputs are float32: with the dose as float32, the constant image has a skill of exactly 0.
    return float(np.float32(dose_e_per_px))


def _relative_gain(error: float, reference: float) -> float:
    if reference == 0.0:
        return 0.0 if error == 0.0 else float("-inf")
    return 1.0 - error / reference


def _grey(image: np.ndarray) -> np.ndarray:
    """Image on the paper's display scale, float64 in 0-255."""
    scaled: np.ndarray = np.multiply(image, SCALE, dtype=np.float64)
    np.clip(scaled, 0.0, SCALE, out=scaled)
    return scaled


def _mean_square(values: np.ndarray) -> float:
    # einsum, not dot: BLAS would start threads and sum in an order of its own.
    return float(np.einsum("i,i->", values, values) / values.size)


def _same_shape(first: np.ndarray, second: np.ndarray) -> None:
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(f"two images of one shape expected, got {first.shape} and {second.shape}")


@compiled
def _mean_ssim(x: np.ndarray, y: np.ndarray, c1: float, c2: float) -> float:  # pragma: no cover
    rows, columns = x.shape
    # Ring buffer of the last WINDOW rows on the grey scale.
    grey_x, grey_y = np.empty((WINDOW, columns)), np.empty((WINDOW, columns))
    n = WINDOW * WINDOW
    unbiased = n / (n - 1.0)
    # Running sums over the last WINDOW rows, one entry per image column.
    sx, sy = np.zeros(columns), np.zeros(columns)
    sxx, syy, sxy = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    total = 0.0
    for row in range(rows):
        old_x, old_y = grey_x[row % WINDOW], grey_y[row % WINDOW]
        if row >= WINDOW:
            for j in range(columns):
                a, b = old_x[j], old_y[j]
                sx[j] -= a
                sy[j] -= b
                sxx[j] -= a * a
                syy[j] -= b * b
                sxy[j] -= a * b
        for j in range(columns):
            a = min(max(SCALE * x[row, j], 0.0), SCALE)
            b = min(max(SCALE * y[row, j], 0.0), SCALE)
            old_x[j], old_y[j] = a, b
            sx[j] += a
            sy[j] += b
            sxx[j] += a * a
            syy[j] += b * b
            sxy[j] += a * b
        if row < WINDOW - 1:
            continue
        wx = wy = wxx = wyy = wxy = 0.0
        for j in range(columns):
            wx += sx[j]
            wy += sy[j]
            wxx += sxx[j]
            wyy += syy[j]
            wxy += sxy[j]
            if j >= WINDOW:
                wx -= sx[j - WINDOW]
                wy -= sy[j - WINDOW]
                wxx -= sxx[j - WINDOW]
                wyy -= syy[j - WINDOW]
                wxy -= sxy[j - WINDOW]
            if j < WINDOW - 1:
                continue
            mx, my = wx / n, wy / n
            vx = unbiased * (wxx / n - mx * mx)
            vy = unbiased * (wyy / n - my * my)
            vxy = unbiased * (wxy / n - mx * my)
            total += ((2 * mx * my + c1) * (2 * vxy + c2)) / (
                (mx * mx + my * my + c1) * (vx + vy + c2)
            )
    return float(total / ((rows - WINDOW + 1) * (columns - WINDOW + 1)))
