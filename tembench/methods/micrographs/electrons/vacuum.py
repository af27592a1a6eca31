"""What an image has in vacuum, where nobody says it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from tembench.methods.counts.binning import bin_counts
from tembench.methods.protocol import Denoiser, NoisyImage

_BIN, _BLOCK = 8, 16
# Of the spectrum of a square in bins of half the size: what slopes make of it is left out.
_LEAST_WAVES = 2
# Of fewer squares the flattest may be matter that is hidden by the noise: of parts of 300 x 300 px
# without vacuum, of images at 0.45 e/px, half look white, and are darker than vacuum by up to 6 %.
_ENOUGH = 16
# Chance at which vacuum would be taken for something else.
_FALSE_ALARM = 1e-3
# Steps of the dose, and how many: matter takes a tenth of the electrons away, seldom more.
_STEP, _MOST_TRIED = 1.025, 8
# Logarithm of the likelihood by which a dose has to be better than the first.
_BETTER = 3.0
# A part of a large image says it as well.
_PART_PX = 800


@dataclass(frozen=True, kw_only=True)
class Vacuum:
    """Counts in vacuum as an image shows them.

    Attributes
    ----------
    e_per_px : float
        The estimate.
    taken : str
        What of the image that is.
    doubt : str or None
        Why it may not be vacuum that was seen; None where it looks like it.
    """

    e_per_px: float
    taken: str = "its brightest part"
    doubt: str | None


def find_vacuum(counts: np.ndarray) -> Vacuum:
    """Estimate the counts per pixel in vacuum of a noisy image.

    Parameters
    ----------
    counts : numpy.ndarray
        (y, x), at a sampling fine enough to show atoms.

    Returns
    -------
    Vacuum
        Mean of the brighter half of those squares of 128 px in which nothing but shot noise is
        seen: vacuum is flat, and over a square brighter than matter, which scatters electrons out
        of the aperture. The mean of the image where there are fewer than four squares.

    Notes
    -----
    Some squares are the flattest of any image. Those of vacuum are white: their variance is their
    mean, and no wave stands out of their spectrum, summed over them. Where that is not so, the
    brightest matter was taken for vacuum, which is too low. Matter of less contrast than the shot
    noise hides goes unnoticed; it is next to as bright as vacuum.
    """
    bins = bin_counts(counts, _BIN)
    rows, columns = bins.shape[0] // _BLOCK, bins.shape[1] // _BLOCK
    if rows * columns < 4:
        return Vacuum(
            e_per_px=float(counts.mean(dtype=np.float64)),
            doubt="it is too small to look for vacuum in it",
            taken="its mean",
        )
    squares = _squares(bins, rows, columns, _BLOCK)
    means = squares.mean(axis=1, dtype=np.float64)
    spread = squares.var(axis=1, ddof=1, dtype=np.float64) / np.maximum(means, 1e-12)
    usual = float(np.quantile(spread, 0.1))
    # Against the flattest of them, for not all detectors count as Poisson says.
    flat = spread < usual * (1 + 3 * np.sqrt(2 / _BLOCK**2))
    if not flat.any():
        flat[:] = True
    bright = flat & (means >= np.median(means[flat]))
    halves = _squares(bin_counts(counts, _BIN // 2), rows, columns, 2 * _BLOCK)
    white = _is_white(halves[bright])
    doubt = None
    if not white:
        doubt = "no vacuum is seen in it"
    elif rows * columns < _ENOUGH:
        doubt = "it is too small to tell vacuum from thin matter"
    return Vacuum(e_per_px=float(means[bright].mean()) / _BIN**2, doubt=doubt)


def _squares(bins: np.ndarray, rows: int, columns: int, block: int) -> np.ndarray:
    """Cut bins into squares, (squares, bins in each)."""
    tiles = bins[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return tiles.swapaxes(1, 2).reshape(rows * columns, block**2)


def _is_white(squares: np.ndarray) -> bool:
    """Whether neither a wave nor the whole of them stands out of the spectrum of shot noise."""
    side = math.isqrt(squares.shape[1])
    means = np.maximum(squares.mean(axis=1, dtype=np.float64), 1e-12)
    waves = np.fft.rfft2(squares.reshape(-1, side, side).astype(np.float64))[:, :, 1 : side // 2]
    per_mean = np.abs(waves) ** 2 / (means * side**2)[:, None, None]
    y = np.minimum(np.arange(side), side - np.arange(side))[:, None]
    x = np.arange(1, side // 2)
    band = (y**2 + x**2 >= _LEAST_WAVES**2) & (y**2 + x**2 < (side // 2) ** 2)
    summed = per_mean.sum(axis=0)[band]
    # Each is a sum of exponentials of mean 1.
    highest = stats.gamma.sf(summed.max(), len(squares)) * len(summed)
    total = stats.gamma.sf(summed.sum(), len(squares) * len(summed))
    return bool(min(highest, total) > _FALSE_ALARM)


def likeliest_dose(denoiser: Denoiser, image: NoisyImage) -> float | None:
    """Return the dose at which a network's image explains the counts best.

    Parameters
    ----------
    denoiser : Denoiser
        A trained network, or anything else, which is not asked.
    image : NoisyImage
        Whole counts, at a dose that may be too low.

    Returns
    -------
    float or None
        None where no other dose is clearly better, or nobody can be asked.
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
    """Return the Poisson log-likelihood of the counts, but for a constant."""
    dose = image.dose_e_per_px * factor
    expected = denoiser.denoise(replace(image, dose_e_per_px=dose)).astype(np.float64)
    expected = np.maximum(expected, 1e-3 * dose)
    return float(np.sum(image.counts * np.log(expected) - expected))


def _vertex(values: list[float]) -> float:
    """Return where the parabola through the greatest value and its neighbours has its vertex."""
    place = int(np.argmax(values))
    if not 0 < place < len(values) - 1:
        return place
    before, at, after = values[place - 1 : place + 2]
    return place + 0.5 * (before - after) / (before - 2 * at + after)
