"""An image smoothed by a Gaussian, and the Laplacian of that, as scipy computes them, but faster.

Kernels reach to four standard deviations, and images are continued by their mirror image: the
results are those of `scipy.ndimage.gaussian_filter` and `gaussian_laplace` in float64, to the last
bits.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.ndimage import gaussian_filter1d

from tembench.metrics.compiled import compiled

_TRUNCATE = 4.0


def smoothed(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Image smoothed by a Gaussian.

    Parameters
    ----------
    image : array (y, x)
        Any real type.
    sigma_px : float
        Standard deviation.

    Returns
    -------
    ndarray of float64, shape (y, x)
    """
    kernel = _kernel(sigma_px, 0)
    return _down_columns(_along_rows(image, kernel), kernel)


def blob_response(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """The negative Laplacian of the smoothed image, times sigma squared.

    Parameters
    ----------
    image : array (y, x)
        Bright blobs respond positively; one of radius sigma * sqrt(2) responds most.
    sigma_px : float
        Standard deviation of the Gaussian.

    Returns
    -------
    ndarray of float64, shape (y, x)
        In the image's unit.
    """
    smooth, curved = _kernel(sigma_px, 0), _kernel(sigma_px, 2)
    response = _down_columns(_along_rows(image, smooth), curved)
    response += _down_columns(_along_rows(image, curved), smooth)
    response *= -(sigma_px**2)
    return response


@functools.lru_cache(maxsize=8)
def _kernel(sigma_px: float, order: int) -> np.ndarray:
    """The right half of scipy's kernel, from the middle on, with zeros to a multiple of four."""
    reach = int(_TRUNCATE * sigma_px + 0.5)
    peak = np.zeros(2 * reach + 1)
    peak[reach] = 1.0
    kernel = gaussian_filter1d(peak, sigma_px, order=order, mode="constant", truncate=_TRUNCATE)
    return np.pad(kernel[reach:], (0, -reach % 4))


def _along_rows(image: np.ndarray, half: np.ndarray) -> np.ndarray:
    reach = len(half) - 1
    wide = np.pad(np.asarray(image, dtype=np.float64), ((0, 0), (reach, reach)), mode="symmetric")
    return _fold_rows(wide, half)


def _down_columns(image: np.ndarray, half: np.ndarray) -> np.ndarray:
    reach = len(half) - 1
    return _fold_columns(np.pad(image, ((reach, reach), (0, 0)), mode="symmetric"), half)


# Both loops add the neighbours at four distances at a time, and use slices, in which no index can
# be negative: so the compiler uses vectors, and what is summed is read and written less often.


@compiled
def _fold_rows(padded: np.ndarray, half: np.ndarray) -> np.ndarray:  # pragma: no cover
    reach = len(half) - 1
    rows, columns = padded.shape[0], padded.shape[1] - 2 * reach
    result = np.empty((rows, columns))
    for i in range(rows):
        line, out = padded[i], result[i]
        middle = line[reach:]
        for j in range(columns):
            out[j] = half[0] * middle[j]
        for k in range(1, reach + 1, 4):
            w, x, y, z = half[k : k + 4]
            l1, r1 = line[reach - k :], line[reach + k :]
            l2, r2 = line[reach - k - 1 :], line[reach + k + 1 :]
            l3, r3 = line[reach - k - 2 :], line[reach + k + 2 :]
            l4, r4 = line[reach - k - 3 :], line[reach + k + 3 :]
            for j in range(columns):
                out[j] += (w * (l1[j] + r1[j]) + x * (l2[j] + r2[j])) + (
                    y * (l3[j] + r3[j]) + z * (l4[j] + r4[j])
                )
    return result


@compiled
def _fold_columns(padded: np.ndarray, half: np.ndarray) -> np.ndarray:  # pragma: no cover
    reach = len(half) - 1
    rows, columns = padded.shape[0] - 2 * reach, padded.shape[1]
    result = np.empty((rows, columns))
    for i in range(rows):
        m = i + reach
        out, middle = result[i], padded[m]
        for j in range(columns):
            out[j] = half[0] * middle[j]
        for k in range(1, reach + 1, 4):
            w, x, y, z = half[k : k + 4]
            a1, b1 = padded[m - k], padded[m + k]
            a2, b2 = padded[m - k - 1], padded[m + k + 1]
            a3, b3 = padded[m - k - 2], padded[m + k + 2]
            a4, b4 = padded[m - k - 3], padded[m + k + 3]
            for j in range(columns):
                out[j] += (w * (a1[j] + b1[j]) + x * (a2[j] + b2[j])) + (
                    y * (a3[j] + b3[j]) + z * (a4[j] + b4[j])
                )
    return result
