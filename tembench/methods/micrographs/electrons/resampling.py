"""Images on pixels of another size.

Counts and smooth images go different ways. An electron was counted once, somewhere within its
pixel: on other pixels it is counted once again, at a place drawn within the old one. Independent
Poisson counts, divided at random, are independent Poisson counts; interpolated or shared out by
area they would be neither Poisson nor independent, with too little noise, and a method trained on
shot noise would be shown another one. Sharing out by area has less noise for the very reason, which
methods on bins can turn to account; it is not right for those that split counts or look at pixels.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tembench.methods.micrographs.electrons.electron_counts import in_type_for
from tembench.methods.micrographs.electrons.redistribute import (
    few_electrons,
    place_one_by_one,
    split_among_pixels,
)


def shape_at(shape: tuple[int, ...], ratio: float) -> tuple[int, int]:
    """Return (y, x) of the new pixels, `ratio` to an old one, that lie within an image whole."""
    height, width = (max(1, int(side * ratio + 1e-6)) for side in shape)
    return height, width


def place_electrons(counts: np.ndarray, ratio: float, generator: np.random.Generator) -> np.ndarray:
    """Count electrons again on pixels of another size.

    Parameters
    ----------
    counts : numpy.ndarray
        (y, x), whole numbers.
    ratio : float
        Size of an old pixel in new ones.
    generator : numpy.random.Generator
        Of the places within the old pixels.

    Returns
    -------
    numpy.ndarray
        `shape_at`, uint16 or as wide as the counts need; electrons beyond its edge are left out.
    """
    shape = shape_at(counts.shape, ratio)
    if few_electrons(counts):
        return in_type_for(place_one_by_one(counts, ratio, shape, generator), np.uint16)
    return in_type_for(split_among_pixels(counts, ratio, shape, generator), np.uint16)


def share_out(values: np.ndarray, ratio: float) -> np.ndarray:
    """Share values out among pixels of another size by the area they have in common.

    Parameters
    ----------
    values : numpy.ndarray
        (y, x): what is not whole numbers of electrons, such as counts of a detector with gain.
    ratio : float
        Size of an old pixel in new ones.

    Returns
    -------
    numpy.ndarray
        float32, `shape_at`; their sum is kept, but for what lies beyond the edge.
    """
    for axis, side in enumerate(shape_at(values.shape, ratio)):
        values = _integrals(values, np.arange(side + 1) / ratio, axis)
    return values.astype(np.float32)


def resample(image: np.ndarray, ratio: float, shape: tuple[int, int]) -> np.ndarray:
    """Return a smooth image on pixels of another size, in the same units.

    Parameters
    ----------
    image : numpy.ndarray
        (y, x), without noise.
    ratio : float
        Size of an old pixel in new ones.
    shape : tuple of int
        (y, x) of the new image, which begins at the same edge; beyond the old one the last values
        go on.

    Returns
    -------
    numpy.ndarray
        float32, `shape`: averages over larger pixels, a cubic spline's values at the centres of
        smaller ones.
    """
    if ratio < 1:
        values = image
        for axis, side in enumerate(shape):
            edges = np.minimum(np.arange(side + 1) / ratio, image.shape[axis])
            widths = np.maximum(np.diff(edges), 1e-12)
            widths = widths[:, None] if axis == 0 else widths
            values = _integrals(values, edges, axis) / widths
        return values.astype(np.float32)
    resampled = ndimage.affine_transform(
        image.astype(np.float64),
        (1 / ratio, 1 / ratio),
        offset=0.5 / ratio - 0.5,
        output_shape=shape,
        order=3,
        mode="nearest",
    )
    return resampled.astype(np.float32)


def _integrals(values: np.ndarray, edges: np.ndarray, axis: int) -> np.ndarray:
    """Integrate pixels as constants between successive edges, given in pixels, along an axis."""
    values = np.moveaxis(values, axis, 0)
    running = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, dtype=np.float64, out=running[1:])
    whole = np.minimum(edges.astype(int), len(values) - 1)
    part = (edges - whole)[:, None]
    at_edges = running[whole] + part * values[whole]
    return np.moveaxis(np.diff(at_edges, axis=0), 0, axis)
