"""Vacuum level of a noisy image: read from its flattest squares, or inferred with a network.

A network receives counts in units of the vacuum's. With a wrong unit it finds matter that is too
thin or too thick, and its result explains the counts less well: the likelihood of the counts has
its maximum near the right dose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from tembench.methods import Denoiser, NoisyImage, bin_counts

# Side of a bin in angstrom, rounded to an even number of pixels; bins along a square.
_BIN_A, _BLOCK = 0.5, 16
# Lowest frequency used of a square's spectrum (in bins of half the size), to exclude slopes.
_LEAST_WAVES = 2
# With fewer squares, the flattest may be matter hidden by the noise: half of the parts of
# 300 x 300 px without vacuum, of images at 0.45 e/px, look white, and are up to 6 % darker than it.
_ENOUGH = 16
# Probability of not recognising vacuum.
_FALSE_ALARM = 1e-3
# Step of the dose and number of steps: matter rarely removes more than a tenth of the electrons.
_STEP, _MOST_TRIED = 1.025, 8
# Log-likelihood by which a dose must be better than the first one.
_BETTER = 3.0
# Side of the part of a large image that is used.
_PART_PX = 800


@dataclass(frozen=True, kw_only=True)
class Vacuum:
    """Estimate of the counts in vacuum.

    Attributes
    ----------
    e_per_px : float
        Estimated counts per pixel.
    taken : str
        The part of the image that it comes from.
    doubt : str or None
        Reason why this may not be vacuum; None if it looks like vacuum.
    """

    e_per_px: float
    taken: str = "its brightest part"
    doubt: str | None


def find_vacuum(counts: np.ndarray, pixel_size_A: float = 0.0625) -> Vacuum:
    """Estimate the counts per pixel in vacuum of a noisy image.

    Parameters
    ----------
    counts : numpy.ndarray
        Counts (y, x), at a pixel size fine enough to show atoms.
    pixel_size_A : float
        Angstrom per pixel.

    Returns
    -------
    Vacuum
        Mean of the brighter half of the squares of 8 Å that show only shot noise: vacuum is
        flat, and on average over a square brighter than matter, which scatters electrons out of
        the aperture. The mean of the image if there are fewer than four squares.

    Notes
    -----
    In any image some squares are the flattest. Squares of vacuum are white: their variance equals
    their mean, and no frequency stands out in their summed spectrum. If they are not white, the
    brightest matter was taken for vacuum, and the estimate is too low. Matter whose contrast is
    hidden by the shot noise is not noticed; it is almost as bright as vacuum.
    """
    bin_px = 2 * max(1, round(_BIN_A / pixel_size_A / 2))
    if min(counts.shape) < bin_px:
        bin_px = 2
    bins = bin_counts(counts, bin_px)
    rows, columns = bins.shape[0] // _BLOCK, bins.shape[1] // _BLOCK
    if rows * columns < 4:
        return Vacuum(
            e_per_px=float(counts.mean(dtype=np.float64)),
            doubt="the image is too small to search for vacuum",
            taken="its mean",
        )
    squares = _squares(bins, rows, columns, _BLOCK)
    means = squares.mean(axis=1, dtype=np.float64)
    spread = squares.var(axis=1, ddof=1, dtype=np.float64) / np.maximum(means, 1e-12)
    usual = float(np.quantile(spread, 0.1))
    # Relative to the flattest squares, because not all detectors have Poisson noise.
    flat = spread < usual * (1 + 3 * np.sqrt(2 / _BLOCK**2))
    if not flat.any():
        flat[:] = True
    bright = flat & (means >= np.median(means[flat]))
    halves = _squares(bin_counts(counts, bin_px // 2), rows, columns, 2 * _BLOCK)
    white = _is_white(halves[bright])
    doubt = None
    if not white:
        doubt = "the image shows no vacuum"
    elif rows * columns < _ENOUGH:
        doubt = "the image is too small to distinguish vacuum from thin matter"
    return Vacuum(e_per_px=float(means[bright].mean()) / bin_px**2, doubt=doubt)


def _squares(bins: np.ndarray, rows: int, columns: int, block: int) -> np.ndarray:
    """Cut bins into squares, (squares, bins in each)."""
    tiles = bins[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return tiles.swapaxes(1, 2).reshape(rows * columns, block**2)


def _is_white(squares: np.ndarray) -> bool:
    """Return whether no frequency, nor their sum, stands out from the spectrum of shot noise."""
    side = math.isqrt(squares.shape[1])
    means = np.maximum(squares.mean(axis=1, dtype=np.float64), 1e-12)
    waves = np.fft.rfft2(squares.reshape(-1, side, side).astype(np.float64))[:, :, 1 : side // 2]
    per_mean = np.abs(waves) ** 2 / (means * side**2)[:, None, None]
    y = np.minimum(np.arange(side), side - np.arange(side))[:, None]
    x = np.arange(1, side // 2)
    band = (y**2 + x**2 >= _LEAST_WAVES**2) & (y**2 + x**2 < (side // 2) ** 2)
    summed = per_mean.sum(axis=0)[band]
    # Each is a sum of exponential variables of mean 1.
    highest = stats.gamma.sf(summed.max(), len(squares)) * len(summed)
    total = stats.gamma.sf(summed.sum(), len(squares) * len(summed))
    return bool(min(highest, total) > _FALSE_ALARM)


def likeliest_dose(denoiser: Denoiser, image: NoisyImage) -> float | None:
    """Return the dose at which a network's result explains the counts best.

    Parameters
    ----------
    denoiser : Denoiser
        A trained network; other denoisers are not used.
    image : NoisyImage
        Integer counts, with a dose that may be too low.

    Returns
    -------
    float or None
        Electrons per pixel in vacuum; None if no other dose is clearly better, or the denoiser is
        not a network.
    """
    network = hasattr(denoiser, "network") and hasattr(denoiser, "binning")
    if not network or image.counts.dtype.kind != "u":
        return None
    top, left = (max(0, (side - _PART_PX) // 2) for side in image.counts.shape)
    part = image.counts[top : top + _PART_PX, left : left + _PART_PX]
    image = replace(image, counts=np.ascontiguousarray(part))
    tried = [_log_likelihood(denoiser, image, _STEP**step) for step in (-1, 0, 1)]
    while tried[-1] >= tried[-2] and len(tried) < _MOST_TRIED:
        tried.append(_log_likelihood(denoiser, image, _STEP ** (len(tried) - 1)))
    if max(tried) < tried[1] + _BETTER:
        return None
    return image.dose_e_per_px * _STEP ** (_vertex(tried) - 1)


def _log_likelihood(denoiser: Denoiser, image: NoisyImage, factor: float) -> float:
    """Return the Poisson log-likelihood of the counts, up to a constant."""
    dose = image.dose_e_per_px * factor
    expected = denoiser.denoise(replace(image, dose_e_per_px=dose)).astype(np.float64)
    expected = np.maximum(expected, 1e-3 * dose)
    return float(np.sum(image.counts * np.log(expected) - expected))


def _vertex(values: list[float]) -> float:
    """Return the vertex of the parabola through the largest value and its neighbours."""
    index = int(np.argmax(values))
    if not 0 < index < len(values) - 1:
        return index
    before, at, after = values[index - 1 : index + 2]
    return index + 0.5 * (before - after) / (before - 2 * at + after)
