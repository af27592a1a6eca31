"""From pixels to bins and back: sums of counts, and the two splines that undo them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def bin_counts(counts: np.ndarray, binning: int) -> np.ndarray:
    """Sum counts over blocks of `binning` x `binning` pixels.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (y, x).
    binning : int
        Block size, px. Where it does not divide the image, the image is first continued by its
        mirror image at the lower and right edge.

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
    blocks = padded.reshape(
        padded.shape[0] // binning, binning, padded.shape[1] // binning, binning
    )
    return blocks.sum(axis=(1, 3), dtype=np.float32)


def unbin(sums: np.ndarray, binning: int, shape: tuple[int, int]) -> np.ndarray:
    """Return the smooth image of which `sums` are the block sums.

    Parameters
    ----------
    sums : numpy.ndarray
        What `bin_counts` returns, denoised.
    binning : int
        Block size, px.
    shape : tuple of int
        (y, x) of the image wanted; the continuation that `bin_counts` added is cut off.

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
        (rows, columns); entry i lies at pixel (i + 0.5) binning - 0.5.
    binning : int
        Block size, px.
    shape : tuple of int
        (y, x) of the image wanted, at most `binning` times that of `values`.

    Returns
    -------
    numpy.ndarray
        float32, `shape`: the interpolating cubic spline, mirrored at the edges.
    """
    return _spline(values.astype(np.float64), binning, shape, prefilter=3)


def _spline(
    values: np.ndarray, binning: int, shape: tuple[int, int], *, prefilter: int
) -> np.ndarray:
    """Sample at the pixels the cubic spline with the coefficients that `prefilter` gives."""
    if binning > 1:
        coefficients = ndimage.spline_filter(values, order=prefilter, mode="reflect")
        values = ndimage.zoom(
            coefficients, binning, order=3, mode="reflect", prefilter=False, grid_mode=True
        )
    return values[: shape[0], : shape[1]].astype(np.float32)
