"""Anscombe's transform of binned counts, for denoisers of Gaussian noise, and its inverse.

At 0.45 electrons per pixel no transform of single counts has constant variance (after Anscombe's
the standard deviation is 0.66 instead of 1), so counts are first summed over ``binning`` x
``binning`` pixels: 8 x 8 gives some 29 counts, enough for Anscombe's transform. The inverse is the
exact unbiased one, followed by `unbin`.

References
----------
F. J. Anscombe, Biometrika 35, 246-254 (1948), doi 10.1093/biomet/35.3-4.246.
M. Makitalo, A. Foi, IEEE Trans. Image Process. 20, 99-109 (2011),
doi 10.1109/TIP.2010.2056693: the exact unbiased inverse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from scipy import special

from tembench.methods.counts.bin_side import BinSide
from tembench.methods.counts.binning import bin_counts, unbin
from tembench.methods.counts.noise_spectrum import noise_spectrum
from tembench.methods.protocol import NoisyImage

_TABLE_MAX = 256.0
_TABLE_POINTS = 4097


def anscombe(counts: np.ndarray) -> np.ndarray:
    """Return 2 sqrt(counts + 3/8), float32: its variance is about 1 above some 4 counts.

    Negative values, from read noise, are taken as 0.
    """
    counts = np.maximum(np.asarray(counts, dtype=np.float32), 0)
    return 2.0 * np.sqrt(counts + np.float32(0.375))


def inverse_anscombe(values: np.ndarray) -> np.ndarray:
    """Return the Poisson mean whose expected Anscombe transform is `values`.

    Parameters
    ----------
    values : numpy.ndarray
        Denoised stabilised counts, any shape: estimates of E[2 sqrt(n + 3/8)].

    Returns
    -------
    numpy.ndarray
        The mean number of counts, float32, non-negative: from a table of exact values up to a
        mean of 256; beyond, the asymptotic inverse v^2 / 4 - 1/8, accurate to 1 in 10^6 there.
    """
    values = np.asarray(values, dtype=np.float64)
    expected, means = _table()
    inverse = np.interp(values, expected, means)
    large = values > expected[-1]
    if large.any():
        inverse[large] = values[large] ** 2 / 4 - 1 / 8
    return inverse.astype(np.float32)


def expected_anscombe(means: np.ndarray) -> np.ndarray:
    """Return E[2 sqrt(n + 3/8)] of Poisson counts of given means: `inverse_anscombe` undone."""
    means = np.maximum(np.asarray(means, dtype=np.float64), 0)
    expected, tabulated = _table()
    values = np.interp(means, tabulated, expected)
    large = means > tabulated[-1]
    if large.any():
        values[large] = 2 * np.sqrt(means[large] + 1 / 8)
    return values.astype(np.float32)


@lru_cache(maxsize=1)
def _table() -> tuple[np.ndarray, np.ndarray]:
    """Return E[2 sqrt(n + 3/8)] and the corresponding Poisson means, both ascending."""
    # Even steps of the square root are nearly even steps of the transform.
    means = np.linspace(0.0, np.sqrt(_TABLE_MAX), _TABLE_POINTS) ** 2
    # Mean plus 12 standard deviations: the probability beyond is less than 1e-20.
    counts = np.arange(int(_TABLE_MAX + 12 * np.sqrt(_TABLE_MAX)))
    logarithm = special.xlogy(counts, means[:, None]) - means[:, None]
    probabilities = np.exp(logarithm - special.gammaln(counts + 1))
    return probabilities @ (2.0 * np.sqrt(counts + 0.375)), means


def denoise_stabilised(
    counts: np.ndarray, binning: int, denoise: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Bin, stabilise and denoise counts, then invert the transform and the binning.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (y, x). The mean of floats, as a detector records them, is preserved.
    binning : int
        Block size, px; 1 works on single pixels.
    denoise : callable
        Maps a float32 image with noise of standard deviation about 1 to its denoised version.

    Returns
    -------
    numpy.ndarray
        Expected counts per pixel, float32 (y, x), non-negative.
    """
    means = inverse_anscombe(denoise(anscombe(bin_counts(counts, binning))))
    result = np.maximum(unbin(means, binning, (counts.shape[0], counts.shape[1])), 0)
    if counts.dtype.kind == "f":
        # Detector spread and read noise are not Poisson noise: the inverse is biased, on single
        # pixels by a tenth and more. The image's mean is known well nevertheless.
        result *= np.maximum(counts.mean(), 0) / max(float(result.mean()), 1e-6)
    return result


def denoise_image(
    image: NoisyImage,
    bins: int | BinSide,
    denoise: Callable[..., np.ndarray],
    *,
    correlated: bool = False,
    guide: np.ndarray | None = None,
) -> np.ndarray:
    """Denoise an image in bins of its own side, with the noise that its camera made.

    Parameters
    ----------
    image : NoisyImage
        The image.
    bins : int or BinSide
        A side in pixels is that of `denoise_stabilised`, which takes all noise as Poisson noise.
        For a side in angstrom the result is the mean over two positions of the bins, half a bin
        apart along both axes, and values of a camera are first divided by the noise power of their
        sums over its value for counted electrons (`noise_spectrum`): as many electrons, counted,
        would be as noisy.
    denoise : callable
        As for `denoise_stabilised`.
    correlated : bool
        Whether `denoise` takes the keyword ``power`` as well: the noise power over the frequencies
        of the bins, of mean 1, as `NoiseSpectrum.binned` returns it; left out for white noise.
    guide : numpy.ndarray, optional
        Another estimate of the expected counts per pixel, (y, x). `denoise` then takes the keyword
        ``guide``: the expectation of the stabilised bins that follows from it. Only for bins in
        angstrom.

    Returns
    -------
    numpy.ndarray
        Expected counts per pixel, float32 (y, x), non-negative.
    """
    if not isinstance(bins, BinSide):
        return denoise_stabilised(image.counts, bins, denoise)
    binning, gain, counts = bins.pixels(image), 1.0, image.counts
    if counts.dtype.kind == "f":
        power = noise_spectrum(counts, image.pixel_size_A).binned(binning)
        gain = float(power.mean())
        counts = (counts / gain).astype(np.float32)
        if correlated:
            denoise = partial(denoise, power=power / gain)
    results = []
    for begin in sorted({0, binning // 2}):
        # Bins of the moved image begin half a bin outside, in its mirror image.
        moved, guides = np.pad(counts, ((begin, 0), (begin, 0)), mode="symmetric"), {}
        if guide is not None:
            means = np.pad(guide / np.float32(gain), ((begin, 0), (begin, 0)), mode="symmetric")
            guides = {"guide": expected_anscombe(bin_counts(means, binning))}
        filtered = denoise_stabilised(moved, binning, partial(denoise, **guides))
        results.append(filtered[begin:, begin:])
    return np.float32(gain) * np.stack(results).mean(axis=0)
