"""Archives of NumPy's arrays, unpacked image by image and to no more than their headers declare."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from tembench.core import OutputError
from tembench.ranking.untrusted_images.image_stack import (
    ImageStack,
    as_float32,
    check_count,
    check_shape,
    natural_key,
    numbers_of,
    reading,
)
from tembench.ranking.untrusted_images.npy_images import NpyHeader, read_header, stack_shape

_SUFFIX = ".npy"
# Bytes of the table of contents; an entry has about a hundred.
_MOST_AT_ONCE = 1 << 24
# Bytes of the end of an archive, which has a comment of 64 kB at most.
_LONGEST_END = 1 << 17
_PIECE = 1 << 20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def npz_images(path: Path, shape: tuple[int, int], most: int) -> ImageStack:
    """One stack in an archive, or one array for each image; parameters as of `open_images`."""
    with _opened(path) as archive:
        names = sorted(archive.namelist(), key=natural_key)
        check_count(len(names), most, path)
        headers = {name: _header(archive, name, path) for name in names}
    if not names:
        raise OutputError("an empty archive", where=str(path), expected="arrays of images")
    for name, header in headers.items():
        check_shape(header.shape[-2:], shape, f"{path}: {name}")
    if len(names) == 1 and len(headers[names[0]].shape) == 3:
        check_count(headers[names[0]].shape[0], most, path)
        return _of_one_stack(path, names[0], headers[names[0]])
    for name, header in headers.items():
        check_shape(header.shape, shape, f"{path}: {name}")

    def read(position: int) -> np.ndarray:
        name = names[position]
        with _opened(path) as archive, archive.open(name) as stream:
            _take(stream, headers[name].start)
            return _next_image(stream, headers[name])

    stems = [name.removesuffix(_SUFFIX) for name in names]
    # The names that NumPy gives to arrays without names are no numbers of images.
    unnamed = all(stem == f"arr_{i}" for i, stem in enumerate(stems))
    return ImageStack(
        path=path,
        kind="an archive of one array for each image",
        shape=(len(names), *shape),
        read=read,
        numbers=None if unnamed else numbers_of(stems),
    )


def _of_one_stack(path: Path, name: str, header: NpyHeader) -> ImageStack:
    if header.fortran:
        raise OutputError(
            "a stack in Fortran's order, which cannot be read image by image",
            where=f"{path}: {name}",
            remedy="save numpy.ascontiguousarray(array)",
        )
    shape = stack_shape(header, f"{path}: {name}")

    def images(start: int) -> Iterator[np.ndarray]:
        with _opened(path) as archive, archive.open(name) as stream:
            _take(stream, header.start)
            for position in range(shape[0]):
                image = _next_image(stream, header)
                if position >= start:
                    yield image

    return ImageStack(
        path=path,
        kind="a stack in an archive",
        shape=shape,
        read=lambda position: next(images(position)),
        stream=images,
    )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive; whatever is wrong with it is an OutputError."""
    with reading(path), path.open("rb") as raw, zipfile.ZipFile(_Bounded(raw)) as archive:
        yield archive


def _next_image(stream: IO[bytes], header: NpyHeader) -> np.ndarray:
    y, x = header.shape[-2:]
    values = np.frombuffer(_take(stream, y * x * header.dtype.itemsize), header.dtype)
    return as_float32(values.reshape((y, x), order="F" if header.fortran else "C"))


def _take(stream: IO[bytes], size: int) -> bytes:
    """Exactly so many bytes, unpacked in pieces."""
    parts, left = [], size
    while left:
        part = stream.read(min(left, _PIECE))
        if not part:
            raise ValueError("the archive ends too early")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _header(archive: zipfile.ZipFile, name: str, path: Path) -> NpyHeader:
    """Header of an array; OutputError unless the entry has exactly the size that it declares."""
    entry, where = archive.getinfo(name), f"{path}: {name[:80]}"
    if not name.endswith(_SUFFIX) or entry.compress_type not in _PACKINGS or entry.flag_bits & 1:
        raise OutputError(
            "not an array of an archive that NumPy wrote",
            where=where,
            expected="what numpy.savez or numpy.savez_compressed writes",
            remedy="save it with: numpy.savez(file, array)",
        )
    with archive.open(entry) as stream:
        header = read_header(stream, where)
    if entry.file_size != header.start + header.size:
        raise OutputError(
            "not of the size that its shape needs",
            where=where,
            expected=f"{header.start + header.size} bytes",
            got=str(entry.file_size),
            remedy="save it again",
        )
    return header


class _Bounded:
    """A file of which no read may ask for much at once, such as for a huge table of contents."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        limit = _MOST_AT_ONCE if size >= 0 else _LONGEST_END
        data = self._file.read(min(size, limit + 1) if size >= 0 else limit + 1)
        if len(data) > limit:
            raise ValueError(f"a table of contents of more than {limit} bytes")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
