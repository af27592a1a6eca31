"""MRC files: the header of MRC2014, with the extensions of IMOD and FEI.

The format: A. Cheng et al., J. Struct. Biol. 192, 146-150 (2015), doi 10.1016/j.jsb.2015.04.002,
and IMOD's documentation of its extensions.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import (
    Calibration,
    StoredImage,
    arranged,
    colour_image,
)

_HEADER_BYTES = 1024
_MODES = {0: "i1", 1: "i2", 2: "f4", 4: "c8", 6: "u2", 7: "i4", 12: "f2"}
_COMPLEX_INT16, _COLOUR, _FOUR_BITS = 3, 16, 101
_IMOD_STAMP, _IMOD_SIGNED = 1146047817, 1
# FEI's software before 2016 wrote 1024 descriptions of 128 bytes, with the pixel size in metres.
_FEI_BYTES, _FEI_PIXEL_SIZE_AT = 131072, 44


@dataclass(frozen=True, kw_only=True)
class _Header:
    order: str
    sizes: tuple[int, int, int]
    mode: int
    intervals: tuple[int, int, int]
    cell_A: tuple[float, float, float]
    along: tuple[int, int, int]
    extended_bytes: int
    extended_type: bytes
    imod_flags: int | None


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield the image or stack of an MRC file; its values stay on disk."""
    header = _header(path)
    if header.mode in (_COLOUR, _COMPLEX_INT16):
        dtype, row_bytes = np.dtype("V3" if header.mode == _COLOUR else "V4"), None
    elif header.mode == _FOUR_BITS:
        dtype, row_bytes = np.dtype("u1"), -(-header.sizes[0] // 2)
    else:
        dtype, row_bytes = np.dtype(header.order + _MODES[header.mode]), None
    columns, rows, sections = header.sizes
    stored_shape = (sections, rows, row_bytes or columns)
    start = _HEADER_BYTES + header.extended_bytes
    _check_length(path, start + int(np.prod(stored_shape, dtype=object)) * dtype.itemsize)
    notes: list[str] = []
    calibration = None
    unsigned = header.imod_flags is not None and not header.imod_flags & _IMOD_SIGNED
    if header.mode == 0 and unsigned:
        dtype = np.dtype("u1")
    data: Any = np.memmap(path, dtype=dtype, mode="r", offset=start, shape=stored_shape)
    if header.mode == 0 and not unsigned:
        calibration = _signed_bytes(data, header, notes)
    if row_bytes:
        data = _FourBits(data, columns)
    axes = _axes(path, header, notes)
    refusal = colour_image() if header.mode == _COLOUR else None
    if header.mode in (_COMPLEX_INT16, 4):
        refusal = ImageError("is a Fourier transform", expected="an image", got="complex numbers")
    yield [arranged(data, axes, calibration=calibration, notes=tuple(notes), refusal=refusal)]


def _header(path: Path) -> _Header:
    with open(path, "rb") as file:
        raw = file.read(_HEADER_BYTES)
    order = _byte_order(raw)
    if order is None:
        raise ImageError("is not an MRC file", remedy="Open it in the program that wrote it")

    def integers(at: int, count: int) -> tuple[int, ...]:
        return struct.unpack_from(f"{order}{count}i", raw, at)

    stamp, flags = integers(152, 2)
    along = integers(64, 3)
    return _Header(
        order=order,
        sizes=integers(0, 3),  # type: ignore[arg-type]
        mode=integers(12, 1)[0],
        intervals=integers(28, 3),  # type: ignore[arg-type]
        cell_A=struct.unpack_from(f"{order}3f", raw, 40),
        # Software older than MRC2014 leaves them zero.
        along=along if sorted(along) == [1, 2, 3] else (1, 2, 3),  # type: ignore[arg-type]
        extended_bytes=max(0, integers(92, 1)[0]),
        extended_type=raw[104:108],
        imod_flags=flags if stamp == _IMOD_STAMP else None,
    )


def _byte_order(raw: bytes) -> str | None:
    """Return the byte order in which sizes and mode are valid, that of the stamp first."""
    if len(raw) < _HEADER_BYTES:
        return None
    for order in "><" if raw[212:213] == b"\x11" else "<>":
        *sizes, mode = struct.unpack_from(f"{order}4i", raw)
        known = mode in _MODES or mode in (_COMPLEX_INT16, _COLOUR, _FOUR_BITS)
        if known and min(sizes) > 0 and max(sizes) < 2**24:
            return order
    return None


def _check_length(path: Path, expected: int) -> None:
    got = path.stat().st_size
    if got < expected:
        raise ImageError(
            "is truncated",
            expected=f"{expected} bytes, as stated in its header",
            got=f"{got}",
            remedy="Copy it again",
        )


def _signed_bytes(data: np.ndarray, header: _Header, notes: list[str]) -> Calibration | None:
    """Interpret bytes above 127; IMOD stores bytes from 0 to 255 minus 128."""
    if not _has_negative(data):
        return None
    if header.imod_flags is not None:
        return Calibration(offset=128.0, source="IMOD's header (signed bytes, stored minus 128)")
    notes.append(
        "its bytes are read as signed, from -128 to 127, as defined by MRC2014; if older software "
        "wrote 0 to 255, save it there with 16 bits"
    )
    return None


def _has_negative(data: np.ndarray) -> bool:
    """Check only the first and last of possibly many sections, which are alike."""
    return any(bool((section < 0).any()) for section in (data[0], data[-1]))


def _axes(path: Path, header: _Header, notes: list[str]) -> list[Axis]:
    """Return the axes of the array (section, row, column), each of which may be x, y or z."""
    steps_A = [
        abs(length) / count if count > 0 else 0.0
        for length, count in zip(header.cell_A, header.intervals, strict=True)
    ]
    fei_nm = _fei_pixel_size_nm(path, header)
    if fei_nm:
        steps_A[:2] = [fei_nm * 10] * 2
    if header.along != (1, 2, 3):
        names = ", ".join("xyz"[i - 1] for i in header.along)
        notes.append(f"its columns, rows and sections are {names} by its header: transposed")
    found = []
    for size, along in zip(reversed(header.sizes), reversed(header.along), strict=True):
        # In nm, for the same rounding in all formats.
        scale = steps_A[along - 1] / 10 or None
        found.append(Axis(name="xyz"[along - 1], size=size, scale=scale, units="nm"))
    return found


def _fei_pixel_size_nm(path: Path, header: _Header) -> float | None:
    if header.extended_bytes != _FEI_BYTES or header.extended_type[:3] in (b"FEI", b"SER", b"AGA"):
        return None
    with open(path, "rb") as file:
        file.seek(_HEADER_BYTES + _FEI_PIXEL_SIZE_AT)
        (size_m,) = struct.unpack(f"{header.order}f", file.read(4))
    return float(np.float32(size_m)) * 10**9 if 0 < size_m < 1e-3 else None


class _FourBits:
    """Sections with two values per byte, the first in the lower half; rows fill whole bytes."""

    dtype = np.dtype("u1")

    def __init__(self, packed: np.ndarray, columns: int) -> None:
        self._packed, self._columns = packed, columns

    def __getitem__(self, where: tuple[Any, ...]) -> np.ndarray:
        section, *plane = where
        packed = np.asarray(self._packed[section])
        values = np.stack([packed & 15, packed >> 4], axis=-1)
        values = values.reshape(*packed.shape[:-1], -1)[..., : self._columns]
        return values[(..., *plane)] if isinstance(section, int) else values[(slice(None), *plane)]
