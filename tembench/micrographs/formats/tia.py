"""Series of FEI's TIA (.ser), each frame read from its place; the mode from the .emi beside it.

The format: C. B. Boothroyd, "Description of .ser files", and RosettaSciIO's reader, which reads
the whole file at once.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import StoredImage, arranged

_BYTE_ORDER, _SERIES = 0x4949, 0x0197
# From this version on, places in the file have 8 bytes.
_LONG_OFFSETS = 0x0220
_SPECTRA, _IMAGES = 0x4120, 0x4122
_TYPES = ("", "u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8", "c8", "c16")
# Calibrations of x and y (offset, step, index), type, sizes along x and y.
_FRAME = struct.Struct("<ddiddihii")
_TAG_TIME_AT = 4
# Times of frames are in whole seconds: over less, their mean step is too uncertain.
_LEAST_S = 20


@dataclass(frozen=True, kw_only=True)
class _Header:
    kind: int
    places: np.ndarray
    tags: np.ndarray
    axes: list[Axis]


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield the image or the series of a file."""
    header = _header(path)
    if header.kind == _SPECTRA:
        raise ImageError("is a set of spectra", expected="an image", got="spectra of TIA")
    frames = _Frames(path, header.places)
    leading = header.axes
    count = len(header.places)
    if int(np.prod([axis.size for axis in leading], dtype=object)) != count:
        # An acquisition that was stopped has fewer frames than it was started for.
        leading = [Axis(name=leading[0].name if len(leading) == 1 else "", size=count)]
    if len(leading) == 1:
        leading = [_with_time(path, header, leading[0])]
    frames.leading = tuple(axis.size for axis in leading)
    yield [arranged(frames, [*leading, *frames.plane(_unit(path))])]


def _header(path: Path) -> _Header:
    with open(path, "rb") as file:
        order, series, version = _unpacked(file, "<3H")
        if (order, series) != (_BYTE_ORDER, _SERIES):
            raise ImageError(
                "is not a series of TIA", remedy="Open it in the program that wrote it"
            )
        kind, _, total, valid = _unpacked(file, "<4I")
        (places_at,) = _unpacked(file, "<Q" if version >= _LONG_OFFSETS else "<I")
        (dimensions,) = _unpacked(file, "<I")
        # The first dimension varies fastest.
        axes = [_dimension(file) for _ in range(min(dimensions, 8))][::-1]
        if not 0 < valid <= total:
            raise ImageError("contains no image", got=f"{valid} valid frames of {total}")
        if kind not in (_SPECTRA, _IMAGES):
            raise ImageError("contains no image", got=f"data of an unknown kind, {kind:#x}")
        file.seek(places_at)
        size = 8 if version >= _LONG_OFFSETS else 4
        stored = file.read(2 * total * size)
    if len(stored) < 2 * total * size:
        raise _truncated(places_at + 2 * total * size, path.stat().st_size)
    table = np.frombuffer(stored, dtype=f"<u{size}").astype(np.int64)
    return _Header(kind=kind, places=table[:valid], tags=table[total : total + valid], axes=axes)


def _unpacked(file: BinaryIO, form: str) -> tuple[Any, ...]:
    size = struct.calcsize(form)
    raw = file.read(size)
    if len(raw) < size:
        raise _truncated(file.tell() + size - len(raw), file.tell())
    return struct.unpack(form, raw)


def _truncated(expected: int, got: int) -> ImageError:
    return ImageError(
        "is truncated",
        expected=f"{expected} bytes, as stated in its header",
        got=str(got),
        remedy="Copy it again",
    )


def _dimension(file: BinaryIO) -> Axis:
    size, offset, step, _ = _unpacked(file, "<Iddi")
    name, units = (
        file.read(min(_unpacked(file, "<I")[0], 1 << 16)).decode("utf-8", errors="replace")
        for _ in range(2)
    )
    return Axis(
        name=name.strip("\0 "), size=size, scale=step, units=units.strip("\0 "), offset=offset
    )


class _Frames:
    """The frames of a file, each with a header of its own, read one at a time."""

    def __init__(self, path: Path, places: np.ndarray) -> None:
        self._path, self._places = path, places
        self.leading: tuple[int, ...] = (len(places),)
        size = path.stat().st_size
        with open(path, "rb") as file:
            *self._calibrations, kind, width, height = self._frame_header(file, places[0])
        if not 0 < kind < len(_TYPES) or min(width, height) < 1:
            raise ImageError("contains no image", got=f"values of type {kind}, {height} x {width}")
        self.dtype = np.dtype("<" + _TYPES[kind])
        self._form = kind, width, height
        self._bytes = width * height * self.dtype.itemsize
        end = int(places.max()) + _FRAME.size + self._bytes
        if end > size:
            raise _truncated(end, size)

    @staticmethod
    def _frame_header(file: BinaryIO, place: int) -> tuple[Any, ...]:
        file.seek(int(place))
        return _unpacked(file, _FRAME.format)

    def plane(self, unit: str) -> list[Axis]:
        """Return the axes y and x; their steps are in metres, or in 1/metres."""
        x_m, x_step_m, x_at, y_m, y_step_m, y_at = self._calibrations
        _, width, height = self._form
        # In nm, for the same rounding in all formats.
        factor = 1e9 if unit == "nm" else 1e-9
        return [
            Axis(name=name, size=size, scale=abs(step) * factor or None, units=unit,
                 offset=(start - at * step) * factor)
            for name, size, step, start, at in (
                ("y", height, y_step_m, y_m, y_at), ("x", width, x_step_m, x_m, x_at)
            )
        ]  # fmt: skip

    def __getitem__(self, where: tuple[Any, ...]) -> np.ndarray:
        *index, rows, columns = where
        number = int(np.ravel_multi_index(tuple(index), self.leading)) if index else 0
        with open(self._path, "rb") as file:
            form = self._frame_header(file, self._places[number])[-3:]
            if form != self._form:
                raise ImageError("has frames of several sizes or types", got=f"{form}")
            values = np.fromfile(file, dtype=self.dtype, count=form[1] * form[2])
        # TIA's rows are stored from the bottom to the top.
        return values.reshape(form[2], form[1])[::-1][rows, columns]


def _with_time(path: Path, header: _Header, axis: Axis) -> Axis:
    """Return the axis of a series: of time, by the times in the tags, unless it has a unit."""
    if axis.units or len(header.tags) < 2:
        return axis
    times = []
    with open(path, "rb") as file:
        for place in (header.tags[0], header.tags[-1]):
            file.seek(int(place) + _TAG_TIME_AT)
            raw = file.read(4)
            times.append(int.from_bytes(raw, "little") if len(raw) == 4 else 0)
    elapsed_s = times[1] - times[0]
    if not _LEAST_S <= elapsed_s < 1e6:
        return Axis(name=axis.name, size=axis.size)
    return Axis(name="time", size=axis.size, scale=elapsed_s / (axis.size - 1), units="s")


def _unit(path: Path) -> str:
    """Return the unit of the image's axes: reciprocal if the .emi says that it is a pattern."""
    base, _, number = path.stem.rpartition("_")
    beside = path.with_name(f"{base}.emi")
    if not number.isdigit() or not os.path.isfile(beside):
        return "nm"
    objects = re.findall(rb"<ObjectInfo>.*?</ObjectInfo>", beside.read_bytes(), re.DOTALL)
    if not 0 < int(number) <= len(objects):
        return "nm"
    text = objects[int(number) - 1].decode("utf-8", errors="replace")
    mode = re.search(r"<Label>Mode</Label>\s*<Value>([^<]*)", text)
    scanned_pattern = mode and "STEM" in mode[1] and "<CameraNamePath>" in text
    diffraction = mode and "Diffraction" in mode[1] and "STEM" not in mode[1]
    return "1/nm" if scanned_pattern or diffraction else "nm"
