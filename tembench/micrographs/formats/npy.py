"""NumPy's .npy files: an array without any metadata."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats.stored_image import (
    MOST_CHANNELS,
    Axis,
    StoredImage,
    arranged,
)


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield the array as an image or a stack; its values stay on disk."""
    try:
        data = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as problem:
        if "Python objects" not in str(problem):
            raise
        raise ImageError(
            "contains Python objects, which may run code and are not loaded",
            expected="an array of numbers",
            remedy="Save one image as numbers: numpy.save(file, array.astype(float))",
        ) from problem
    if data.ndim < 2:
        yield []
        return
    axes = [Axis(size=size) for size in data.shape]
    yield [arranged(data, axes, refusal=_frames_or_channels_last(data.shape))]


def _frames_or_channels_last(shape: tuple[int, ...]) -> ImageError | None:
    """Refuse an array whose last axis may be frames or colours, which nothing distinguishes."""
    sizes = [size for size in shape if size != 1]
    if len(sizes) < 3 or not sizes[-1] <= MOST_CHANNELS < min(sizes[:-1]):
        return None
    return ImageError(
        f"has a last axis of {sizes[-1]} values, which may be colours or frames",
        expected="(y, x), or frames first: (frame, y, x)",
        got=" x ".join(map(str, shape)),
        remedy="Save one of them, or if they are frames, numpy.moveaxis(array, -1, 0)",
    )
