"""MP-PCA: principal components of a series above the Marchenko-Pastur edge of the noise.

In a window of the series every position of a block of bins gives a row: the block in all frames.
Noise of known variance in a matrix of m x p entries has no singular value above
sqrt(m) + sqrt(p) standard deviations (Marchenko and Pastur); larger ones are kept as the image,
the rest is dropped.

Differences from Veraart et al.: the variance of the noise is known, because counts are stabilised,
and a row may hold a block of bins instead of a single one.

References
----------
J. Veraart et al., NeuroImage 142, 394-406 (2016), doi 10.1016/j.neuroimage.2016.08.016.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def mppca(
    series: np.ndarray,
    frame: int,
    sigma: float,
    *,
    block: int = 1,
    window: int = 7,
    stride: int = 3,
) -> np.ndarray:
    """Denoise one frame of a series with additive white Gaussian noise.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (n, y, x).
    frame : int
        Index of the frame to return, 0 to n - 1.
    sigma : float
        Standard deviation of the noise.
    block : int
        Side of the block of bins in a row.
    window : int
        Positions of the block along either side of a window: window^2 rows.
    stride : int
        Distance between windows, at most their extent.

    Returns
    -------
    numpy.ndarray
        The estimate, float32 (y, x).
    """
    rows, columns = series.shape[1:]
    extent = window + block - 1
    extra = [(0, 0), *((0, max(0, extent - size)) for size in (rows, columns))]
    noisy = np.pad(series.astype(np.float32), extra, mode="symmetric")
    total, weights = np.zeros((2, *noisy.shape[1:]))
    windows = sliding_window_view(noisy, (extent, extent), axis=(1, 2)).transpose(1, 2, 0, 3, 4)
    lefts = _grid(noisy.shape[2], extent, stride)
    for top in _grid(noisy.shape[1], extent, stride):
        estimates, weight = _windows(windows[top, lefts], frame, sigma, block)
        for left, estimate, each in zip(lefts, estimates, weight, strict=True):
            area = np.s_[top : top + extent, left : left + extent]
            total[area] += each * estimate
            weights[area] += each
    return (total / weights)[:rows, :columns].astype(np.float32)


def edge(sigma: float, rows: int, columns: int) -> float:
    """Return the largest singular value of noise alone, after Marchenko and Pastur."""
    return sigma * float(np.sqrt(rows) + np.sqrt(columns))


def _windows(
    windows: np.ndarray, frame: int, sigma: float, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """Denoise one frame of windows (k, n, extent, extent).

    Returns
    -------
    estimates, weights : numpy.ndarray
        (k, extent, extent), and (k,): the fewer components a window keeps, the higher its weight.
    """
    count, frames, extent = windows.shape[:3]
    side = extent - block + 1
    means = windows.mean((2, 3), keepdims=True)
    blocks = sliding_window_view(windows - means, (block, block), axis=(2, 3))
    shape = (count, side**2, frames * block**2)
    matrices = blocks.transpose(0, 2, 3, 1, 4, 5).reshape(shape)
    squares, components = np.linalg.eigh(matrices.mT @ matrices)
    signal = squares > edge(sigma, *shape[1:]) ** 2
    in_frame = components[:, frame * block**2 : (frame + 1) * block**2]
    projection = components @ (signal[:, :, None] * in_frame.mT)
    kept = (matrices @ projection).reshape(count, side, side, block, block)
    estimates = np.zeros((count, extent, extent), np.float32)
    for i in range(block):
        for j in range(block):
            estimates[:, i : i + side, j : j + side] += kept[..., i, j]
    return estimates / _overlaps(extent, block) + means[:, frame], 1 / (1 + signal.sum(1))


def _overlaps(extent: int, block: int) -> np.ndarray:
    """Return the number of blocks that contain each bin of a window, (extent, extent)."""
    along_side = np.convolve(np.ones(extent - block + 1), np.ones(block))
    return np.outer(along_side, along_side).astype(np.float32)


def _grid(size: int, extent: int, stride: int) -> np.ndarray:
    """Return the first bins of the windows; the last window touches the edge."""
    last = size - extent
    return np.unique(np.append(np.arange(0, last + 1, stride), last))
