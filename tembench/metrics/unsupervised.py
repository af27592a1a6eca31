"""Unsupervised metrics: mean squared error without the clean image, from noisy copies.

A real image has no clean counterpart, but noisy copies can replace it (Marcos-Morales et al.,
arXiv 2210.05553). Let f = f(y) be the denoised image of the noisy image y, and a, b, c further
noisy images of the same scene, independent of y and of each other. Then (a - f)^2 is the squared
error plus the noise of a, and (b - c)^2 / 2 is that noise. The mean of the difference is the uMSE,
whose expectation is the MSE. A copy that is *not* independent of y invalidates it: with a = y, the
noisy image itself appears better than perfect.

Functions named ``estimate_`` return the standard error too, for images of your own; the others
return the value, which the tables use. Copies are noisy: for an image of 800 x 800 px at 0.45 e/px
with an MSE of 0.0007 e^2/px^2 (a Gaussian filter's), the standard deviation is 0.0015 for `umse`,
0.0008 for `umse_poisson`, 0.0006 for `umse_product` and 0.00005 for `paired_umse` against the
constant image. Denoisers are therefore best compared in pairs.

Every function raises ValueError for images of different shapes.

Examples
--------
One real image and your own denoiser (here a Gaussian filter). Thinning gives two independent
images: 80 % of the electrons for the denoiser, and 20 % for the estimate.

>>> import numpy as np
>>> from scipy.ndimage import gaussian_filter
>>> from tembench.metrics.noisy_copies import thin
>>> generator = np.random.default_rng(1)
>>> clean = 0.45 + 0.1 * np.sin(np.arange(400) / 6.0) + np.zeros((400, 1))
>>> counts = generator.poisson(clean)  # in place of the measured image
>>> kept, rest = thin(counts, 0.8, generator)
>>> denoised = gaussian_filter(kept / 0.8, 4)  # e/px at the full dose
>>> estimate = estimate_umse_poisson(0.2 * denoised, rest).scaled(1 / 0.2**2)
>>> low, high = estimate.interval(0.95)
>>> bool(low < np.mean((denoised - clean) ** 2) < high)
True

This is the error at four fifths of the dose, slightly larger than at the full dose. Two denoisers
are best compared directly: ``estimate_paired_umse(0.2 * f, 0.2 * g, rest)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from tembench.metrics.pixel_means import pixel_sums


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over the pixels of one image, with its standard error.

    Attributes
    ----------
    value : float
        The mean, e^2/px^2.
    standard_error : float
        Standard deviation of the mean, from the scatter between pixels. The noise of the copies
        must be independent from pixel to pixel. Slightly overestimated, since the scatter includes
        differences between the pixels' expectations. NaN for a single pixel.
    pixels : int
        Number of pixels.
    """

    value: float
    standard_error: float
    pixels: int

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the mean, by the normal distribution."""
        if not 0 < confidence < 1:
            raise ValueError(f"expected a confidence between 0 and 1, got {confidence}")
        reach = NormalDist().inv_cdf((1 + confidence) / 2) * self.standard_error
        return self.value - reach, self.value + reach

    def scaled(self, factor: float) -> Estimate:
        """The estimate in other units, such as those of the full dose after thinning."""
        return Estimate(
            value=factor * self.value,
            standard_error=abs(factor) * self.standard_error,
            pixels=self.pixels,
        )


def estimate_umse(denoised: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> Estimate:
    """`umse` with its standard error."""
    return _estimate(lambda f, a, b, c: (a - f) ** 2 - (b - c) ** 2 / 2, denoised, a, b, c)


def estimate_umse_poisson(denoised: np.ndarray, a: np.ndarray) -> Estimate:
    """`umse_poisson` with its standard error."""
    return _estimate(lambda f, a: (a - f) ** 2 - a, denoised, a)


def estimate_umse_product(denoised: np.ndarray, a: np.ndarray, b: np.ndarray) -> Estimate:
    """`umse_product` with its standard error."""
    return _estimate(lambda f, a, b: (f - a) * (f - b), denoised, a, b)


def estimate_paired_umse(denoised: np.ndarray, reference: np.ndarray, a: np.ndarray) -> Estimate:
    """`paired_umse` with its standard error."""
    # f^2 - g^2 - 2 a (f - g) as a product: zero, and antisymmetric, to the last bit.
    return _estimate(lambda f, g, a: (f + g - a - a) * (f - g), denoised, reference, a)


def umse(denoised: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    """Unsupervised mean squared error, mean[(a - f)^2] - mean[(b - c)^2] / 2.

    Parameters
    ----------
    denoised : array (y, x)
        Denoised image f, expected electrons per pixel.
    a, b, c : array (y, x)
        Noisy images of the same scene, on the same scale, with noise of any kind and mean zero.
        They must be independent of each other and of the noisy image that was denoised.

    Returns
    -------
    float
        e^2/px^2. Negative if the noise of the copies outweighs the error; never clipped, because
        the mean of clipped values is too high.
    """
    return estimate_umse(denoised, a, b, c).value


def umse_poisson(denoised: np.ndarray, a: np.ndarray) -> float:
    """MSE from one copy of Poisson counts, mean[(a - f)^2 - a].

    Parameters
    ----------
    denoised : array (y, x)
        Denoised image f, expected counts per pixel of `a`.
    a : array (y, x)
        Counts, independent of the noisy image that was denoised. Their variance must be their
        mean: counted electrons as they are, not scaled, not the grey values of other detectors.

    Returns
    -------
    float
        e^2/px^2; may be negative. Scatters less than `umse`, which has to measure the noise.
    """
    return estimate_umse_poisson(denoised, a).value


def umse_product(denoised: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """MSE from two copies with noise of any kind, mean[(f - a)(f - b)].

    Parameters
    ----------
    denoised : array (y, x)
        Denoised image f, expected electrons per pixel.
    a, b : array (y, x)
        Noisy images of the same scene with noise of mean zero, independent of each other and of the
        noisy image that was denoised.

    Returns
    -------
    float
        e^2/px^2; may be negative. The independent noise of `a` and `b` averages out of the product.
    """
    return estimate_umse_product(denoised, a, b).value


def umse_products(denoised: np.ndarray, copies: Sequence[np.ndarray]) -> float:
    """Mean of `umse_product` over all pairs of two or more copies.

    Parameters
    ----------
    denoised : array (y, x)
        Denoised image f, expected electrons per pixel.
    copies : sequence of array (y, x)
        Noisy images as in `umse_product`.

    Returns
    -------
    float
        e^2/px^2; may be negative. Scatters less than that of a single pair.
    """
    pairs = list(combinations(range(len(copies)), 2))

    def products(f: np.ndarray, *others: np.ndarray) -> np.ndarray:
        errors = [f - other for other in others]
        total: np.ndarray = errors[0] * errors[1]
        for i, j in pairs[1:]:
            total += errors[i] * errors[j]
        return total

    return _estimate(products, denoised, *copies).value / len(pairs)


def paired_umse(denoised: np.ndarray, reference: np.ndarray, a: np.ndarray) -> float:
    """Difference between the MSEs of two denoised images, mean[f^2 - g^2 - 2 a (f - g)].

    Parameters
    ----------
    denoised, reference : array (y, x)
        Denoised images f and g of the same noisy image, expected electrons per pixel.
    a : array (y, x)
        Noisy image of the same scene, independent of the one that was denoised.

    Returns
    -------
    float
        MSE(f) - MSE(g) in e^2/px^2, negative if f is better; exactly 0 if f = g. The noise of `a`
        contributes only where f and g differ.
    """
    return estimate_paired_umse(denoised, reference, a).value


def upsnr_db(umse: float, *, peak_e_per_px: float = 1.0) -> float:
    """Peak signal-to-noise ratio from a uMSE, in decibels.

    Parameters
    ----------
    umse : float
        e^2/px^2. For a set of images, the mean of all their uMSEs, negative ones included: a mean
        of uPSNRs would have to leave those out, and so depend on the scatter of the copies.
    peak_e_per_px : float
        Peak of the scale, 1 e/px as for the PSNR.

    Returns
    -------
    float
        ``10 log10(peak^2 / umse)``; NaN for a uMSE of zero or less, which has no uPSNR: there are
        too few images to distinguish the error from zero.
    """
    return 10 * math.log10(peak_e_per_px**2 / umse) if umse > 0 else math.nan


def _estimate(values: Callable[..., np.ndarray], *images: np.ndarray) -> Estimate:
    """Mean of a function of the pixels of images, in float64, with its standard error."""
    _same_shape(*images)
    total, squares = pixel_sums(
        lambda *strips: values(*(strip.astype(np.float64) for strip in strips)), *images
    )
    pixels = images[0].size
    mean = total / pixels
    variance = squares / pixels - mean**2
    # Rounding may give a variance of -1e-20; NaN remains NaN.
    variance = 0.0 if variance < 0 else variance
    error = math.sqrt(variance / (pixels - 1)) if pixels > 1 else math.nan
    return Estimate(value=mean, standard_error=error, pixels=pixels)


def _same_shape(first: np.ndarray, *others: np.ndarray) -> None:
    if first.ndim != 2 or first.size == 0 or any(other.shape != first.shape for other in others):
        shapes = ", ".join(str(image.shape) for image in (first, *others))
        raise ValueError(f"images (y, x) of one shape expected, got {shapes}")
