"""Columns of a denoised image as points of napari, coloured by what its electrons say of them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from tembench.core import MethodError
from tembench.metrics import DISC_A
from tembench.napari.layer_images import LayerData, LayerImages

COLOURS = {"supported": "#00b4d8", "undecided": "#9a9a9a", "contradicted": "#ff7f0e"}
"""Colour of a column's circle; the three differ for colour-blind readers too."""


def column_points(
    images: LayerImages,
    index: tuple[int, ...],
    *,
    xy_px: np.ndarray,
    verdicts: np.ndarray,
    features: dict[str, np.ndarray],
) -> LayerData:
    """Return the columns of an image as a layer of points.

    Parameters
    ----------
    images : LayerImages
        The layer that they belong to.
    index : tuple of int
        Index of the image in its stack.
    xy_px : numpy.ndarray
        Centres x and y (columns, 2), in pixels of the layer.
    verdicts : numpy.ndarray
        1 for a column that the electrons support, 0 for one that they leave undecided, -1 for one
        that they contradict, (columns,).
    features : dict of str to numpy.ndarray
        More about each column, shown where the pointer is, (columns,) each.

    Returns
    -------
    data, attributes, type
        A layer of napari: circles of a column's size at the place of the image.
    """
    names = np.array(["undecided", "supported", "contradicted"])[verdicts]
    places = np.column_stack([np.full((len(xy_px), len(index)), index), xy_px[:, ::-1]])
    sizes = images.frames.pixel_sizes_A
    size_px = 2 * DISC_A / min(sizes) if sizes else 10.0
    attributes: dict[str, Any] = {
        "name": f"{images.name} columns",
        **images.placed,
        "features": {"verdict": names, **features},
        "face_color": "transparent",
        "border_color": "verdict",
        "border_color_cycle": COLOURS,
        "border_width": 0.12,
        "size": size_px,
    }
    return places, attributes, "points"


def judged_columns(images: LayerImages, index: tuple[int, ...]) -> Generator[int, None, LayerData]:
    """Denoise one image and judge the columns that it then shows.

    Parameters
    ----------
    images : LayerImages
        The layer.
    index : tuple of int
        Index of the image in its stack.
    """
    raise MethodError("columns are not judged yet", where=images.name)
    yield 0
