"""BM3D: block matching and 3-D collaborative filtering, for noise of known standard deviation.

Written from the paper: K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image denoising by sparse
3-D transform-domain collaborative filtering", IEEE Trans. Image Process. 16, 2080-2095 (2007).
Both steps: hard thresholding of groups matched in the noisy image, then an empirical Wiener filter
of groups matched in the first step's estimate.

Differences from the paper: patches are compared without prior thresholding, whatever the noise
level; a group holds the nearest patches without a limit on their distance; and groups are
transformed with the Walsh-Hadamard transform in both steps, instead of Haar's.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from tembench.core import compiled

_PATCH = 8
_KAISER = np.kaiser(_PATCH, 2.0)


def bm3d(
    image: np.ndarray,
    sigma: float,
    *,
    threshold: float = 2.7,
    matches: tuple[int, int] = (32, 32),
    window: int = 65,
    stride: int = 1,
    power: np.ndarray | None = None,
    guide: np.ndarray | None = None,
) -> np.ndarray:
    """Denoise an image with additive Gaussian noise.

    Parameters
    ----------
    image : numpy.ndarray
        Shape (y, x); sides below 8 px are padded by reflection.
    sigma : float
        Standard deviation of the noise.
    threshold : float
        Hard threshold of the first step, in units of `sigma`.
    matches : tuple of int
        Greatest number of patches in a group, in the first and the second step; powers of two.
    window : int
        Side of the search window, px.
    stride : int
        Distance between reference patches, px.
    power : numpy.ndarray, optional
        Power of correlated noise, (n, n) at ``scipy.fft.fftfreq(n)`` cycles per pixel, of mean 1.
    guide : numpy.ndarray, optional
        Another method's estimate, (y, x), in place of the first step's.

    Returns
    -------
    numpy.ndarray
        The estimate, float32 (y, x).
    """
    rows, columns = image.shape
    extra = [(0, max(0, _PATCH - size)) for size in image.shape]
    noisy = np.ascontiguousarray(np.pad(image, extra, mode="symmetric"), dtype=np.float32)
    kaiser = np.outer(_KAISER, _KAISER).astype(np.float32)
    grids = [_grid(size, stride) for size in noisy.shape]

    half = window // 2
    if guide is None:
        forward, inverse = biorthogonal_matrices()
        thresholds = sigma * threshold * np.sqrt(coefficient_variances(forward, power))
        basic = _hard_step(noisy, *grids, half, matches[0], thresholds, forward, inverse, kaiser)
    else:
        basic = np.ascontiguousarray(np.pad(guide, extra, mode="symmetric"), dtype=np.float32)
    forward, inverse = cosine_matrices()
    variances = (sigma**2 * coefficient_variances(forward, power)).astype(np.float32)
    final = _wiener_step(
        noisy, basic, *grids, half, matches[1], variances, forward, inverse, kaiser
    )
    return final[:rows, :columns]


def _grid(size: int, stride: int) -> np.ndarray:
    """Return the first pixels of the reference patches; the last patch touches the edge."""
    last = size - _PATCH
    return np.unique(np.append(np.arange(0, last + 1, stride), last))


def coefficient_variances(forward: np.ndarray, power: np.ndarray | None) -> np.ndarray:
    """Return the variance of each coefficient of a patch, (8, 8), for noise of variance 1.

    Parameters
    ----------
    forward : numpy.ndarray
        Transform of a patch's side, rows of unit norm.
    power : numpy.ndarray or None
        As for `bm3d`; None for white noise, whose coefficients all have the variance 1.
    """
    if power is None:
        return np.ones((_PATCH, _PATCH))
    transfer = np.abs(fft.fft(forward.astype(np.float64), n=len(power), axis=1)) ** 2
    return transfer @ power @ transfer.T / power.size


def cosine_matrices() -> tuple[np.ndarray, np.ndarray]:
    """Return the orthonormal DCT-II of a patch's side and its inverse, float32."""
    forward = fft.dct(np.eye(_PATCH), axis=0, norm="ortho").astype(np.float32)
    return forward, np.ascontiguousarray(forward.T)


def biorthogonal_matrices() -> tuple[np.ndarray, np.ndarray]:
    """Return the full periodic bior1.5 decomposition of a patch's side and its inverse.

    The rows have unit norm, so that every coefficient carries noise of the same size.
    """
    import pywt

    coarse = np.eye(_PATCH)
    levels: list[np.ndarray] = []
    while len(coarse) > 1:
        coarse, detail = pywt.dwt(coarse, "bior1.5", mode="periodization", axis=0)
        levels.insert(0, detail)
    forward = np.concatenate([coarse, *levels])
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    return forward.astype(np.float32), np.linalg.inv(forward).astype(np.float32)


@compiled
def _match_row(guide, y, grid_x, half, most):  # type: ignore[no-untyped-def]
    """Find the patches most similar to each reference patch of one row.

    Returns the positions (reference, match, 2), the reference itself first and then by distance,
    and the number of matches of each.
    """
    height, width = guide.shape
    references = len(grid_x)
    distance = np.full((references, most), np.float32(np.inf))
    position = np.zeros((references, most, 2), np.int32)
    found = np.ones(references, np.int32)
    for r in range(references):
        distance[r, 0] = -1.0
        position[r, 0, 0] = y
        position[r, 0, 1] = grid_x[r]
    column = np.empty(width, np.float32)
    for other in range(max(0, y - half), min(height - _PATCH, y + half) + 1):
        for shift in range(-half, half + 1):
            if other == y and shift == 0:
                continue
            first, last = max(0, -shift), width - max(0, shift)
            for x in range(first, last):
                column[x] = 0
            for i in range(_PATCH):
                for x in range(first, last):
                    difference = guide[y + i, x] - guide[other + i, x + shift]
                    column[x] += difference * difference
            for r in range(references):
                x = grid_x[r]
                if x < first or x + _PATCH > last:
                    continue
                d = column[x]
                for i in range(1, _PATCH):
                    d += column[x + i]
                if d >= distance[r, most - 1]:
                    continue
                k = min(found[r], most - 1)
                while distance[r, k - 1] > d:
                    distance[r, k] = distance[r, k - 1]
                    position[r, k, 0] = position[r, k - 1, 0]
                    position[r, k, 1] = position[r, k - 1, 1]
                    k -= 1
                distance[r, k] = d
                position[r, k, 0] = other
                position[r, k, 1] = x + shift
                found[r] = min(found[r] + 1, most)
    return position, found


@compiled
def _transform(patch, matrix, scratch):  # type: ignore[no-untyped-def]
    """Replace a patch P by M P M^T."""
    for i in range(_PATCH):
        for j in range(_PATCH):
            scratch[i, j] = 0
        for k in range(_PATCH):
            for j in range(_PATCH):
                scratch[i, j] += matrix[i, k] * patch[k, j]
    for i in range(_PATCH):
        for j in range(_PATCH):
            total = np.float32(0)
            for k in range(_PATCH):
                total += scratch[i, k] * matrix[j, k]
            patch[i, j] = total


@compiled
def _load(image, position, count, matrix, group, scratch):  # type: ignore[no-untyped-def]
    """Gather a group's patches, transform each, then transform along the group."""
    for k in range(count):
        y, x = position[k, 0], position[k, 1]
        for i in range(_PATCH):
            for j in range(_PATCH):
                group[k, i, j] = image[y + i, x + j]
        _transform(group[k], matrix, scratch)
    _hadamard(group, count)


@compiled
def _hadamard(group, count):  # type: ignore[no-untyped-def]
    """Apply the orthonormal Walsh-Hadamard transform, its own inverse, along the group."""
    step = 1
    while step < count:
        for start in range(0, count, 2 * step):
            for k in range(start, start + step):
                for i in range(_PATCH):
                    for j in range(_PATCH):
                        a, b = group[k, i, j], group[k + step, i, j]
                        group[k, i, j] = a + b
                        group[k + step, i, j] = a - b
        step *= 2
    scale = np.float32(1 / np.sqrt(count))
    for k in range(count):
        for i in range(_PATCH):
            for j in range(_PATCH):
                group[k, i, j] *= scale


@compiled
def _store(group, position, count, matrix, kaiser, weight, total, weights, scratch):  # type: ignore[no-untyped-def]
    """Transform a filtered group back and add its patches to the weighted sum."""
    _hadamard(group, count)
    for k in range(count):
        _transform(group[k], matrix, scratch)
        y, x = position[k, 0], position[k, 1]
        for i in range(_PATCH):
            for j in range(_PATCH):
                total[y + i, x + j] += weight * kaiser[i, j] * group[k, i, j]
                weights[y + i, x + j] += weight * kaiser[i, j]


@compiled
def _power_of_two(count):  # type: ignore[no-untyped-def]
    power = 1
    while 2 * power <= count:
        power *= 2
    return power


@compiled
def _hard_step(  # type: ignore[no-untyped-def]
    noisy, grid_y, grid_x, half, most, thresholds, forward, inverse, kaiser
):
    """First step: coefficients below their thresholds are set to zero."""
    total = np.zeros(noisy.shape, np.float32)
    weights = np.zeros(noisy.shape, np.float32)
    group = np.empty((most, _PATCH, _PATCH), np.float32)
    scratch = np.empty((_PATCH, _PATCH), np.float32)
    for y in grid_y:
        position, found = _match_row(noisy, y, grid_x, half, most)
        for r in range(len(grid_x)):
            count = _power_of_two(found[r])
            _load(noisy, position[r], count, forward, group, scratch)
            kept = 0
            for k in range(count):
                for i in range(_PATCH):
                    for j in range(_PATCH):
                        if abs(group[k, i, j]) < thresholds[i, j]:
                            group[k, i, j] = 0
                        else:
                            kept += 1
            weight = np.float32(1.0 / max(1, kept))
            _store(group, position[r], count, inverse, kaiser, weight, total, weights, scratch)
    return total / weights


@compiled
def _wiener_step(  # type: ignore[no-untyped-def]
    noisy, basic, grid_y, grid_x, half, most, variances, forward, inverse, kaiser
):
    """Second step: Wiener filter of groups matched in `basic`, with the spectrum of `basic`."""
    total = np.zeros(noisy.shape, np.float32)
    weights = np.zeros(noisy.shape, np.float32)
    group = np.empty((most, _PATCH, _PATCH), np.float32)
    model = np.empty((most, _PATCH, _PATCH), np.float32)
    scratch = np.empty((_PATCH, _PATCH), np.float32)
    for y in grid_y:
        position, found = _match_row(basic, y, grid_x, half, most)
        for r in range(len(grid_x)):
            count = _power_of_two(found[r])
            _load(noisy, position[r], count, forward, group, scratch)
            _load(basic, position[r], count, forward, model, scratch)
            norm = np.float32(0)
            for k in range(count):
                for i in range(_PATCH):
                    for j in range(_PATCH):
                        power = model[k, i, j] * model[k, i, j]
                        gain = power / (power + variances[i, j])
                        norm += gain * gain
                        group[k, i, j] *= gain
            weight = np.float32(1.0) / max(norm, np.float32(1e-6))
            _store(group, position[r], count, inverse, kaiser, weight, total, weights, scratch)
    return total / weights
