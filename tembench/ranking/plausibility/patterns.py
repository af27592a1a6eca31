"""Patterns of images: binned until columns are just resolved, standardised, and correlated."""

from __future__ import annotations

import numpy as np

SIDE_PX = 200
"""Patterns are binned to about this many pixels a side, at which columns are still resolved."""
_SIGMAS = 8.0


def bin_size(shape: tuple[int, ...], side: int = SIDE_PX) -> int:
    """Pixels of a bin that leaves about `side` bins along the shorter side."""
    return max(1, min(shape) // side)


def pattern(image: np.ndarray, size: int) -> np.ndarray:
    """Means of blocks of `size` px a side, with mean 0 and standard deviation 1.

    Incomplete blocks at the ends are left out; all zero where nothing varies.
    """
    rows, columns = image.shape[0] // size, image.shape[1] // size
    blocks = np.asarray(image, dtype=np.float64)[: rows * size, : columns * size]
    # Divided first, since the sum of absurdly large values overflows.
    blocks = blocks / max(float(np.abs(blocks).max()), 1e-300)
    binned = blocks.reshape(rows, size, columns, size).mean(axis=(1, 3))
    centred = binned - binned.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 1e-9 else np.zeros_like(centred)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Correlation of two patterns of one shape, from -1 to 1."""
    return float(np.mean(first * second))


def chance(pixels: int) -> float:
    """Correlation that patterns of so many pixels do not reach by chance."""
    return _SIGMAS / float(np.sqrt(pixels))
