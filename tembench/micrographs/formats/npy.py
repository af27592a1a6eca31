"""NumPy arrays (.npy) and archives of them (.npz), without any metadata."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import MOST_CHANNELS, StoredImage, arranged


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield the array as an image or a stack, or all those of an archive; values stay on disk."""
    if path.suffix.lower() == ".npz":
        with ExitStack() as open_files:
            archive = open_files.enter_context(zipfile.ZipFile(path))
            members = [name for name in archive.namelist() if name.endswith(".npy")]
            arrays = [
                _Member(open_files.enter_context(archive.open(name)), archive.getinfo(name))
                for name in members
            ]
            found = [_image(one, one.title) for one in arrays if len(one.shape) >= 2]
            if not found and any(one.dtype.hasobject for one in arrays):
                raise _objects()
            yield found
        return
    try:
        data = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as problem:
        if "Python objects" in str(problem):
            raise _objects() from problem
        if "greater than file size" in str(problem):
            raise ImageError(
                "is truncated", got=f"{path.stat().st_size} bytes", remedy="Copy it again"
            ) from problem
        raise
    yield [_image(data, "")] if data.ndim >= 2 else []


def _image(data: Any, title: str) -> StoredImage:
    axes = [Axis(size=size) for size in data.shape]
    refusal = _objects() if data.dtype.hasobject else _frames_or_channels_last(data.shape)
    return arranged(data, axes, title=title, refusal=refusal)


def _objects() -> ImageError:
    return ImageError(
        "contains Python objects, which may run code and are not loaded",
        expected="an array of numbers",
        remedy="Save one image as numbers: numpy.save(file, array.astype(float))",
    )


class _Member:
    """An array in an archive, compressed or not; read one frame at a time.

    Arrays in Fortran's order are read at once.
    """

    def __init__(self, stream: IO[bytes], entry: zipfile.ZipInfo) -> None:
        self.title = entry.filename.removesuffix(".npy")
        self._stream = stream
        version = np.lib.format.read_magic(self._stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0}.get(
            version, np.lib.format.read_array_header_2_0
        )
        self.shape, self._fortran, self.dtype = read(self._stream)
        self._start = self._stream.tell()
        expected = self._start + self.dtype.itemsize * int(np.prod(self.shape, dtype=object))
        if entry.file_size < expected:
            raise ImageError(
                "is truncated",
                expected=f"{expected} bytes of {entry.filename}",
                got=f"{entry.file_size}",
                remedy="Copy it again",
            )

    def __getitem__(self, where: tuple[Any, ...]) -> np.ndarray:
        leading = 0 if self._fortran else max(len(self.shape) - 2, 0)
        index, within = where[:leading], where[leading:]
        if not all(isinstance(i, int) for i in index):
            index, within, leading = (), where, 0
        shape = self.shape[leading:]
        size = self.dtype.itemsize * int(np.prod(shape, dtype=object))
        number = int(np.ravel_multi_index(index, self.shape[:leading])) if leading else 0
        # Backwards, the archive is unpacked again from the array's start.
        self._stream.seek(self._start + number * size)
        values = np.frombuffer(self._stream.read(size), dtype=self.dtype)
        values = values.reshape(shape, order="F" if self._fortran else "C")
        return np.asarray(values[within])


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
