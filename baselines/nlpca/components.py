"""Non-local principal components: patches of the whole image, sorted into groups that are alike.

A crystal's patches differ little but in where its columns lie in them, so a few components hold
them all, wherever in the image they are. Each group's components above the edge of the noise are
shrunk by the factor that is best for the squared error, the others dropped. Few groups average
over more patches, many follow the image more closely: results of several numbers are averaged, and
with them the estimate that patches are sorted by.

References
----------
J. Salmon, Z. Harmany, C.-A. Deledalle, R. Willett, J. Math. Imaging Vis. 48, 279-294 (2014),
doi 10.1007/s10851-013-0435-6: groups of patches of the whole image and their components. There
single pixels with a Poisson likelihood, here bins with enough electrons for Gaussian noise.
M. Gavish, D. L. Donoho, IEEE Trans. Inf. Theory 63, 2137-2152 (2017),
doi 10.1109/TIT.2017.2653801: the shrinkage.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Patches are sorted by so many components of the estimate.
_FEATURES = 12
_ROUNDS = 15
# A smaller group has no spectrum to tell from that of noise: its mean is taken.
_SMALLEST = 4
_MOST_PATCHES = 10000


def nonlocal_components(
    noisy: np.ndarray, estimate: np.ndarray, side: int, groups: Sequence[int], strength: float
) -> np.ndarray:
    """Denoise an image with white noise.

    Parameters
    ----------
    noisy : numpy.ndarray
        Shape (y, x), with noise of standard deviation `strength`.
    estimate : numpy.ndarray
        Another method's estimate, (y, x), by which patches are sorted.
    side : int
        Side of the patches, px, at most that of the image.
    groups : sequence of int
        Numbers of groups, whose results are averaged.
    strength : float
        Standard deviation of the noise.

    Returns
    -------
    numpy.ndarray
        The mean of `estimate` and of the result for each number of groups, float32 (y, x).
    """
    stride = max(1, min(side // 2, int(np.ceil(np.sqrt(noisy.size / _MOST_PATCHES)))))
    grid = np.ix_(*(_positions(length, side, stride) for length in noisy.shape))
    patches = _patches(noisy, side, grid)
    features = _features(_patches(estimate, side, grid))
    total = estimate.astype(np.float64)
    for number in groups:
        labels = sort_into_groups(features, number)
        denoised, weights = np.empty_like(patches), np.empty(len(patches), np.float32)
        for label in range(number):
            members = np.flatnonzero(labels == label)
            if members.size:
                denoised[members], kept = _denoise_group(patches[members], strength)
                weights[members] = 1 / (1 + kept)
        total += _assemble(denoised, weights, noisy.shape, side, grid)
    return (total / (1 + len(groups))).astype(np.float32)


def shrink_components(matrix: np.ndarray, sigma: float) -> tuple[np.ndarray, int]:
    """Return the low-rank estimate of a matrix with white noise, and its rank.

    Parameters
    ----------
    matrix : numpy.ndarray
        Shape (m, n).
    sigma : float
        Standard deviation of the noise.

    Returns
    -------
    numpy.ndarray
        Singular values beyond those of noise alone are shrunk, the others set to 0.
    int
        Number of singular values kept.
    """
    if matrix.shape[0] < matrix.shape[1]:
        estimate, kept = shrink_components(matrix.T, sigma)
        return estimate.T, kept
    rows, columns = matrix.shape
    squares, components = np.linalg.eigh(matrix.T @ matrix)
    ratio = columns / rows
    square = np.maximum(squares, 0) / (rows * sigma**2)
    signal = square > (1 + np.sqrt(ratio)) ** 2
    above = np.maximum((square - ratio - 1) ** 2 - 4 * ratio, 0)
    factor = np.where(signal, np.sqrt(above) / np.maximum(square, 1), 0)
    projection = (components * factor.astype(components.dtype)) @ components.T
    return matrix @ projection, int(signal.sum())


def sort_into_groups(features: np.ndarray, number: int) -> np.ndarray:
    """Return the group of each row of (n, k), 0 to `number` - 1, by k-means from fixed seeds."""
    if number == 1:
        return np.zeros(len(features), int)
    draw = np.random.default_rng(0)
    centres = features[draw.integers(len(features), size=1)]
    while len(centres) < number:
        distances = _distances(features, centres).min(axis=1)
        cumulated = np.cumsum(distances, dtype=np.float64)
        chosen = np.searchsorted(cumulated, draw.random() * cumulated[-1])
        centres = np.append(centres, features[[min(chosen, len(features) - 1)]], axis=0)
    for _ in range(_ROUNDS):
        labels = _distances(features, centres).argmin(axis=1)
        for label in np.unique(labels):
            centres[label] = features[labels == label].mean(axis=0)
    return _distances(features, centres).argmin(axis=1)


def _denoise_group(patches: np.ndarray, sigma: float) -> tuple[np.ndarray, int]:
    mean = patches.mean(axis=0)
    if len(patches) < _SMALLEST:
        return np.broadcast_to(mean, patches.shape), 0
    shrunk, kept = shrink_components(patches - mean, sigma)
    return shrunk + mean, kept


def _positions(length: int, side: int, stride: int) -> np.ndarray:
    """Return the first pixels of the patches along an axis; the last patch touches the edge."""
    return np.unique(np.append(np.arange(0, length - side + 1, stride), length - side))


def _patches(image: np.ndarray, side: int, grid: tuple[np.ndarray, ...]) -> np.ndarray:
    return sliding_window_view(image.astype(np.float32), (side, side))[grid].reshape(-1, side**2)


def _features(patches: np.ndarray) -> np.ndarray:
    centred = patches - patches.mean(axis=0)
    components = np.linalg.eigh(centred.T @ centred)[1][:, -_FEATURES:]
    return centred @ components


def _distances(features: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the squared distances of rows from centres, up to rounding, 0 or more."""
    squares = (features**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)
    return np.maximum(squares - 2 * features @ centres.T, 0)


def _assemble(
    patches: np.ndarray,
    weights: np.ndarray,
    shape: tuple[int, ...],
    side: int,
    grid: tuple[np.ndarray, ...],
) -> np.ndarray:
    """Return the weighted mean of the patches that contain each pixel."""
    counts = tuple(axis.size for axis in grid)
    weight = weights.reshape(counts)
    placed = patches.reshape(*counts, side, side)
    total, norm = np.zeros((2, *shape))
    for i in range(side):
        for j in range(side):
            area = (grid[0] + i, grid[1] + j)
            total[area] += weight * placed[..., i, j]
            norm[area] += weight
    return total / norm
