"""Sums over the pixels of images, a strip of rows at a time.

What is worked out in between then stays in the processor's cache; whole images of it would be
written to memory and read again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_PIXELS = 1 << 15


def sums(values: Callable[..., np.ndarray], *images: np.ndarray) -> tuple[float, float]:
    """Sum of what a function makes of the pixels of images, and sum of its squares.

    Parameters
    ----------
    values : callable
        From a strip of each image to an array of float64 of that shape, its own.
    *images : array (y, x)
        Of one shape.
    """
    height = max(1, _PIXELS // max(images[0].shape[1], 1))
    total = squares = 0.0
    for top in range(0, images[0].shape[0], height):
        flat = values(*(image[top : top + height] for image in images)).ravel()
        total += float(flat.sum())
        # einsum, not dot: BLAS would start threads and sum in an order of its own.
        squares += float(np.einsum("i,i->", flat, flat))
    return total, squares


def mean(values: Callable[..., np.ndarray], *images: np.ndarray) -> float:
    """Mean over the pixels of what a function makes of them; see `sums`."""
    return sums(values, *images)[0] / images[0].size


def mean_square(values: Callable[..., np.ndarray], *images: np.ndarray) -> float:
    """Mean square over the pixels of what a function makes of them; see `sums`."""
    return sums(values, *images)[1] / images[0].size
