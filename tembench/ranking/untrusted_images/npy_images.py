"""NumPy's files of arrays: headers parsed within bounds, values read image by image.

The header is a Python literal. It is evaluated only if it is short, and describes nothing but plain
numbers; objects, which may run code, are never loaded.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from tembench.core import OutputError
from tembench.ranking.untrusted_images.image_stack import (
    ImageStack,
    as_float32,
    check_count,
    check_shape,
    plain_dtype,
    reading,
)

_MAGIC = b"\x93NUMPY"
# NumPy pads headers to 64 or 128 bytes.
_LONGEST_HEADER = 1 << 12
_MOST_AXES = 4


@dataclass(frozen=True, kw_only=True)
class NpyHeader:
    """Header of an array in NumPy's format.

    Attributes
    ----------
    shape : tuple of int
        Shape of the array.
    dtype : numpy.dtype
        Plain numbers.
    fortran : bool
        Whether the first axis varies fastest.
    start : int
        Bytes before the values.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool
    start: int

    @property
    def size(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: IO[bytes], where: object) -> NpyHeader:
    """Read the header of an array; OutputError unless it is one of plain numbers.

    Parameters
    ----------
    file : binary file
        At its start.
    where : object
        Named in messages.
    """
    start = file.read(len(_MAGIC) + 2)
    if start[:-2] != _MAGIC or start[-2] not in (1, 2, 3):
        raise _not_npy(where, "another beginning")
    length_bytes = 2 if start[-2] == 1 else 4
    length = int.from_bytes(file.read(length_bytes), "little")
    if length > _LONGEST_HEADER:
        raise _not_npy(where, f"a header of {length} bytes")
    text = file.read(length)
    try:
        header = ast.literal_eval(text.decode("latin-1").strip())
        shape, fortran, descr = header["shape"], header["fortran_order"], header["descr"]
        shape = tuple(shape)
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        raise _not_npy(where, "a header that is not one") from None
    plain = all(type(size) is int and 0 <= size < 1 << 40 for size in shape)
    if not plain or len(shape) > _MOST_AXES or type(fortran) is not bool or len(text) < length:
        raise _not_npy(where, "a header that is not one")
    return NpyHeader(
        shape=shape,
        dtype=plain_dtype(descr, where),
        fortran=fortran,
        start=len(start) + length_bytes + length,
    )


def npy_images(path: Path, shape: tuple[int, int], most: int) -> ImageStack:
    """A stack in a file, (images, y, x), or a single image; parameters as of `open_images`."""
    with path.open("rb") as file:
        header = read_header(file, path)
    check_shape(header.shape[-2:], shape, path)
    found = stack_shape(header, path)
    check_count(found[0], most, path)
    if path.stat().st_size < header.start + header.size:
        raise OutputError(
            "is truncated",
            where=str(path),
            expected=f"{header.start + header.size} bytes",
            got=str(path.stat().st_size),
            remedy="copy it again",
        )

    def read(position: int) -> np.ndarray:
        with reading(path):
            values: Any = np.memmap(
                path, header.dtype, "r", header.start, found, "F" if header.fortran else "C"
            )
            return as_float32(values[position])

    return ImageStack(path=path, kind="an array in a file", shape=found, read=read)


def stack_shape(header: NpyHeader, where: object) -> tuple[int, int, int]:
    """Shape of a stack, (images, y, x); OutputError for another number of axes."""
    if not 2 <= len(header.shape) <= 3 or 0 in header.shape:
        check_shape(header.shape, (0, 0), where)
    images, y, x = (1, 1, *header.shape)[-3:]
    return images, y, x


def _not_npy(where: object, got: str) -> OutputError:
    return OutputError(
        "not an array in NumPy's format",
        where=str(where),
        expected="what numpy.save writes",
        got=got,
        remedy="save it with: numpy.save(file, array)",
    )
