"""Resampling of images to pixels of another size.

Counts and smooth images are treated differently. An electron was counted once, somewhere within its
pixel; on other pixels it is counted once too, at a position drawn at random within the old pixel.
Independent Poisson counts divided at random are independent Poisson counts. Interpolated or divided
by area they would be neither Poisson nor independent and have too little noise, unlike the shot
noise that methods are trained on. Methods that bin counts could benefit from the lower noise of a
division by area, but it is wrong for methods that split counts or use single pixels.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tembench.micrographs.electrons.electron_counts import in_type_for
from tembench.micrographs.electrons.redistribute import (
    along_y_and_x,
    few_electrons,
    place_one_by_one,
    split_among_pixels,
)

Ratio = float | tuple[float, float]
"""Size of an old pixel in new ones; a pair (y, x) where one of the two is not square."""


def shape_at(shape: tuple[int, ...], ratio: Ratio) -> tuple[int, int]:
    """Return the shape (y, x) of the new pixels, `ratio` per old one, entirely inside an image."""
    height, width = (
        max(1, int(side * one + 1e-6))
        for side, one in zip(shape, along_y_and_x(ratio), strict=True)
    )
    return height, width


def place_electrons(counts: np.ndarray, ratio: Ratio, generator: np.random.Generator) -> np.ndarray:
    """Redistribute electrons to pixels of another size, each to a random position in its old pixel.

    Parameters
    ----------
    counts : numpy.ndarray
        Integer counts (y, x).
    ratio : float or tuple of float
        Size of an old pixel in new ones, or that along y and x.
    generator : numpy.random.Generator
        Generator of the positions within the old pixels.

    Returns
    -------
    numpy.ndarray
        Counts of `shape_at`, uint16 or wider if they need it; electrons beyond its edge are
        dropped.
    """
    shape = shape_at(counts.shape, ratio)
    if few_electrons(counts):
        return in_type_for(place_one_by_one(counts, ratio, shape, generator), np.uint16)
    return in_type_for(split_among_pixels(counts, ratio, shape, generator), np.uint16)


def share_out(values: np.ndarray, ratio: Ratio) -> np.ndarray:
    """Divide values among pixels of another size in proportion to the overlapping area.

    Parameters
    ----------
    values : numpy.ndarray
        Image (y, x) of values that are not integer electrons, such as those of a detector with
        gain.
    ratio : float or tuple of float
        Size of an old pixel in new ones, or that along y and x.

    Returns
    -------
    numpy.ndarray
        float32 of `shape_at`; the sum is preserved except beyond the edge.
    """
    sides = zip(shape_at(values.shape, ratio), along_y_and_x(ratio), strict=True)
    for axis, (side, one) in enumerate(sides):
        values = _integrals(values, np.arange(side + 1) / one, axis)
    return values.astype(np.float32)


def resample(image: np.ndarray, ratio: Ratio, shape: tuple[int, int]) -> np.ndarray:
    """Resample a smooth image to pixels of another size, in the same units.

    Parameters
    ----------
    image : numpy.ndarray
        Image (y, x) without noise.
    ratio : float or tuple of float
        Size of an old pixel in new ones, or that along y and x.
    shape : tuple of int
        Shape (y, x) of the new image, which starts at the same edge; beyond the old image its edge
        values are repeated.

    Returns
    -------
    numpy.ndarray
        float32 of `shape`: averages over larger pixels, or a cubic spline at the centres of smaller
        ones.
    """
    ratios = along_y_and_x(ratio)
    values = image.astype(np.float64)
    for axis, (side, one) in enumerate(zip(shape, ratios, strict=True)):
        if one < 1:
            edges = np.minimum(np.arange(side + 1) / one, image.shape[axis])
            widths = np.maximum(np.diff(edges), 1e-12)
            values = _integrals(values, edges, axis) / (widths[:, None] if axis == 0 else widths)
    if max(ratios) >= 1:
        steps = [1.0 if one < 1 else 1 / one for one in ratios]
        values = ndimage.affine_transform(
            values,
            steps,
            offset=[0.5 * step - 0.5 for step in steps],
            output_shape=shape,
            order=3,
            mode="nearest",
        )
    return values.astype(np.float32)


def _integrals(values: np.ndarray, edges: np.ndarray, axis: int) -> np.ndarray:
    """Integrate piecewise-constant pixels between successive edges, in pixels, along an axis."""
    values = np.moveaxis(values, axis, 0)
    running = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, dtype=np.float64, out=running[1:])
    whole = np.minimum(edges.astype(int), len(values) - 1)
    part = (edges - whole)[:, None]
    at_edges = running[whole] + part * values[whole]
    return np.moveaxis(np.diff(at_edges, axis=0), 0, axis)
