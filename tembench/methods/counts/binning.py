"""Binning of counts, and the two splines that bring binned images back to the pixels."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tembench.core import MethodError


def bin_counts(counts: np.ndarray, binning: int) -> np.ndarray:
    """Sum counts over blocks of `binning` x `binning` pixels.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (y, x).
    binning : int
        Block size, px. If it does not divide the image, the image is first padded with its mirror
        image at the lower and right edge.

    Returns
    -------
    numpy.ndarray
        Sums, float32, shape (ceil(y / binning), ceil(x / binning)). Block i is centred at pixel
        (i + 0.5) binning - 0.5.
    """
    if binning == 1:
        return counts.astype(np.float32)
    rows, columns = (-size % binning for size in counts.shape)
    padded = (
        np.pad(counts, ((0, rows), (0, columns)), mode="symmetric") if rows or columns else counts
    )
    height, width = (side // binning for side in padded.shape)
    # Rows first, which are contiguous in memory: several times faster than both axes at once.
    rows_summed = padded.reshape(height, binning, -1).sum(axis=1, dtype=np.float32)
    return rows_summed.reshape(height, width, binning).sum(axis=2)


def refuse_less_than_a_bin(shape: tuple[int, ...], binning: int) -> None:
    """Raise MethodError if images of shape (y, x) are smaller than one bin of `binning` px."""
    if min(shape) < binning:
        raise MethodError(
            "the images are smaller than one bin",
            expected=f"a side of at least {binning} px",
            got=f"{shape[0]} x {shape[1]} px",
        )


def unbin(sums: np.ndarray, binning: int, shape: tuple[int, int]) -> np.ndarray:
    """Return the smooth image of which `sums` are the block sums.

    Parameters
    ----------
    sums : numpy.ndarray
        What `bin_counts` returns, denoised.
    binning : int
        Block size, px.
    shape : tuple of int
        (y, x) of the result; the padding that `bin_counts` added is cut off.

    Returns
    -------
    numpy.ndarray
        Per pixel, float32, `shape`.

    Notes
    -----
    A cubic spline whose *averages* over the blocks, not its values at their centres, equal
    the blocks' means: the average of a cubic B-spline over a unit block is the quartic B-spline at
    its centre, so the coefficients come from the quartic's prefilter. An interpolating spline
    would leave the image blurred by the block, which costs contrast at the column spacing.
    """
    return _spline(np.asarray(sums, dtype=np.float64) / binning**2, binning, shape, prefilter=4)


def upsample_centres(values: np.ndarray, binning: int, shape: tuple[int, int]) -> np.ndarray:
    """Return the smooth image that has `values` at the centres of the blocks.

    Parameters
    ----------
    values : numpy.ndarray
        (rows, columns); entry i is at pixel (i + 0.5) binning - 0.5.
    binning : int
        Block size, px.
    shape : tuple of int
        (y, x) of the result, at most `binning` times that of `values`.

    Returns
    -------
    numpy.ndarray
        float32, `shape`: the interpolating cubic spline, mirrored at the edges.
    """
    return _spline(values.astype(np.float64), binning, shape, prefilter=3)


def _spline(
    values: np.ndarray, binning: int, shape: tuple[int, int], *, prefilter: int
) -> np.ndarray:
    """Sample the cubic spline of prefiltered coefficients at the pixels."""
    if binning == 1:
        return values[: shape[0], : shape[1]].astype(np.float32)
    coefficients = ndimage.spline_filter(values, order=prefilter, mode="reflect")
    along_y = _sample(coefficients.T, binning)[:, : shape[0]]
    return _sample(along_y.T.astype(np.float32), binning)[:, : shape[1]]


def _sample(coefficients: np.ndarray, binning: int) -> np.ndarray:
    """Sample cubic splines along the last axis at the pixels, `binning` for each coefficient.

    The pixels of every block have the same offsets from its centre, so five weights for each of
    them suffice: a product with a small matrix, many times cheaper than general interpolation.
    """
    offsets = (np.arange(binning) + 0.5) / binning - 0.5
    weights = _cubic_b_spline(np.arange(-2, 3)[:, None] - offsets).astype(coefficients.dtype)
    padded = np.pad(coefficients, ((0, 0), (2, 2)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=1)
    return (windows @ weights).reshape(len(coefficients), -1)


def _cubic_b_spline(x: np.ndarray) -> np.ndarray:
    distance = np.abs(x)
    near = 2 / 3 - distance**2 * (1 - distance / 2)
    return np.where(distance < 1, near, np.clip(2 - distance, 0, None) ** 3 / 6)


def bin_side(bin_A: float, pixel_size_A: float) -> int:
    """Return the side of a bin in whole pixels, at least 1.

    Examples
    --------
    >>> bin_side(0.4, 0.0625), bin_side(0.4, 0.2), bin_side(0.4, 0.5)
    (6, 2, 1)
    """
    return max(1, round(bin_A / pixel_size_A))
