"""Held-out electrons: parts of an image, and its electrons split into those kept and those apart.

Poisson counts split at random are independent: what was denoised without some electrons can be
judged by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tembench.core import seed_sequence, thin
from tembench.methods import NoisyImage, bin_counts

_BLOCK_PX = 8


def folds(
    image: NoisyImage, share: float, most: int, *number: int
) -> Iterator[tuple[NoisyImage, np.ndarray]]:
    """Yield the image without some of its electrons, and those electrons.

    Each electron is held out at most once, so that few folds tell much.

    Parameters
    ----------
    image : NoisyImage
        Counts (y, x) of integers.
    share : float
        Share of the electrons that is held out each time.
    most : int
        Number of folds; ``most * share`` is at most 1.
    *number : int
        Number of the image, for draws of its own.
    """
    generator = np.random.default_rng(seed_sequence(0, "held-out electrons", *number))
    for rest in disjoint_parts(image.counts, share, most, generator):
        kept = (image.counts - rest).astype(image.counts.dtype)
        yield replace(image, counts=kept, dose_e_per_px=image.dose_e_per_px * (1 - share)), rest


def disjoint_parts(
    counts: np.ndarray, share: float, most: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield parts of the electrons (y, x), each electron in at most one of them.

    Parameters
    ----------
    counts : numpy.ndarray
        Counts (y, x) of integers.
    share : float
        Share of the electrons in each part.
    most : int
        Number of parts; ``most * share`` is at most 1.
    generator : numpy.random.Generator
        Source of the draws.
    """
    left = counts
    for number in range(most):
        of_left = share / (1 - share * number)
        if of_left < 1 - 1e-9:
            left, part = thin(left, 1 - of_left, generator)
        else:
            part = left
        yield part


def log_likelihood(expected: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Poisson log-likelihood of each pixel's counts, without terms of the counts alone.

    Parameters
    ----------
    expected, counts : numpy.ndarray
        Expected counts, double precision, and held-out ones, of one shape.
    """
    # A floor of a thousandth of the mean: one electron where none is expected proves nothing.
    expected = np.maximum(expected, 1e-3 * counts.mean())
    return np.asarray(counts * np.log(expected) - expected)


def parts_of(counts: np.ndarray, side_px: int, *ranks: float) -> list[np.ndarray]:
    """Return parts of an image, by how much structure they have.

    Parameters
    ----------
    counts : numpy.ndarray
        Counts (y, x).
    side_px : int
        Most pixels of a part along each axis.
    *ranks : float
        Rank of each part among all of this size: 1 for that with the most structure, 0 for the
        plainest.

    Returns
    -------
    list of numpy.ndarray
        Copies; parts that coincide are given once. The image itself if it is not larger.
    """
    if max(counts.shape) <= side_px:
        return [counts]
    bins = bin_counts(counts, _BLOCK_PX).astype(np.float64)
    sums = np.pad(((bins - bins.mean()) ** 2).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    tall, wide = (min(side_px // _BLOCK_PX, side) for side in bins.shape)
    within = sums[tall:, wide:] - sums[:-tall, wide:] - sums[tall:, :-wide] + sums[:-tall, :-wide]
    order = np.argsort(within.ravel(), kind="stable")
    corners = []
    for rank in ranks:
        corner = np.unravel_index(order[round(rank * (len(order) - 1))], within.shape)
        if corner not in corners:
            corners.append(corner)
    parts = []
    for corner in corners:
        top, left = (int(bin_) * _BLOCK_PX for bin_ in corner)
        part = counts[top : top + side_px, left : left + side_px]
        parts.append(np.ascontiguousarray(part))
    return parts
