"""Noise level: the variance of an image's noise over its mean, 1 for counted electrons."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

_TILE = 32
# Single precision represents sums of sixteen such counts exactly.
_EXACT = 2.0**20


def noise_over_mean(values: np.ndarray) -> float:
    """Return the variance of the noise over the mean of an image (y, x).

    Notes
    -----
    From second differences along both axes, in which slow changes, as in any finely sampled image,
    cancel (J. Immerkaer, Comput. Vis. Image Underst. 64, 300-302 (1996),
    doi 10.1006/cviu.1996.0060).
    """
    if min(values.shape) < 3:
        return 1.0
    inside = _differences(values)
    return float(np.mean(inside * inside, dtype=np.float64) / 36 / values.mean(dtype=np.float64))


def usual_noise_over_mean(values: np.ndarray) -> float:
    """Return the median of `noise_over_mean` over squares of 32 px, robust to bad pixels."""
    if min(values.shape) < _TILE + 2:
        return noise_over_mean(values)
    squares = _tile_means(_differences(values).astype(np.float64) ** 2)
    means = _tile_means(values[1:-1, 1:-1].astype(np.float64))
    ratios = squares[means > 0] / 36 / means[means > 0]
    return float(np.median(ratios)) if ratios.size else 1.0


def _differences(values: np.ndarray) -> np.ndarray:
    exact = max(abs(float(values.min())), abs(float(values.max()))) < _EXACT
    differences = values.astype(np.float32 if exact else np.float64)
    for axis in (0, 1):
        differences = ndimage.correlate1d(differences, np.array([1.0, -2.0, 1.0]), axis=axis)
    return differences[1:-1, 1:-1]


def _tile_means(values: np.ndarray) -> np.ndarray:
    rows, columns = (side // _TILE for side in values.shape)
    tiles = values[: rows * _TILE, : columns * _TILE].reshape(rows, _TILE, columns, _TILE)
    return np.asarray(tiles.mean(axis=(1, 3)))
