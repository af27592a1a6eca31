"""Zarr v3 arrays of images: an array by itself, or ``denoised`` in a group, with ``image``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from tembench.ranking.untrusted import PlainArray, plain_array, read_array, refuse_links
from tembench.ranking.untrusted_images.image_stack import (
    ImageStack,
    as_float32,
    check_count,
    check_shape,
)

_WHOLE_NUMBERS = ("int64", "int32", "int16", "uint64", "uint32", "uint16")
_NUMBERS = (*_WHOLE_NUMBERS, "int8", "uint8", "float16", "float32", "float64")
# Bytes of decoded chunks that are kept, where a chunk has several images.
_KEPT = 1 << 29


def zarr_images(path: Path, shape: tuple[int, int], most: int) -> ImageStack:
    """Images of an array; parameters as of `open_images`."""
    refuse_links(path)
    is_group = (path / "denoised").is_dir()
    array = plain_array(path / "denoised" if is_group else path, *_NUMBERS)
    check_shape(array.shape[1:], shape, array.path)
    check_count(array.shape[0], most, array.path)
    array.refuse_bombs()
    numbers = None
    if is_group and (path / "image").is_dir():
        labels = plain_array(path / "image", *_WHOLE_NUMBERS)
        check_shape(labels.shape, array.shape[:1], labels.path)
        labels.refuse_bombs()
        numbers = tuple(int(number) for number in labels.read())
    images, y, x = array.shape
    reader = _Blocks(array)
    return ImageStack(
        path=path, kind="a Zarr array", shape=(images, y, x), read=reader.read, numbers=numbers
    )


class _Blocks:
    """Images read by the chunks that they are in, each decoded once where they are read in turn."""

    def __init__(self, array: PlainArray) -> None:
        self._array, self._opened = array, array.open()
        self._missing = frozenset(array.missing())
        count = array.chunk_shape[0]
        whole = count * math.prod(array.shape[1:]) * np.dtype(array.data_type).itemsize
        self._count = count if whole <= _KEPT else 1
        self._first, self._block = -1, np.zeros(0)

    def read(self, position: int) -> np.ndarray:
        if position in self._missing:
            # Zarr would fill it with a value of the writer's choice.
            return np.full(self._array.shape[1:], np.nan, dtype=np.float32)
        first = position - position % self._count
        if first != self._first:
            selection: Any = slice(first, first + self._count)
            self._block = read_array(self._opened, selection, self._array.path)
            self._first = first
        return as_float32(self._block[position - first])
