"""Stored images: what a file says of an image or a stack, and a way to read one frame of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.core import ImageError

_ELECTRONS = {"e", "e-", "e⁻", "electron", "electrons"}
_VERTICAL, _HORIZONTAL = {"y", "height", "row", "rows"}, {"x", "width", "column", "columns", "col"}
# More values than this along a last axis are columns of an image.
MOST_CHANNELS = 4


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis of an array.

    Attributes
    ----------
    name : str
        As the file has it; empty where it has none.
    size : int
        Values along it.
    scale : float or None
        Step from one value to the next, in `units`.
    units : str
        Empty where the file has none.
    """

    name: str = ""
    size: int
    scale: float | None = None
    units: str = ""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The straight line from stored numbers to values, as a file states it.

    Attributes
    ----------
    slope, offset : float
        A value is ``slope * stored + offset``.
    unit : str
        Of the values; empty where the file has none.
    source : str
        Where the file states it.
    """

    slope: float = 1.0
    offset: float = 0.0
    unit: str = ""
    source: str

    @property
    def in_electrons(self) -> bool:
        """Whether the file says that the values are electrons."""
        return self.unit.strip().lower() in _ELECTRONS

    def apply(self, stored: np.ndarray, *, keep_slope: bool = True) -> np.ndarray:
        """Return the values of stored numbers; without the slope, those less their zero."""
        slope = self.slope if keep_slope else 1.0
        offset = self.offset if keep_slope else self.offset / self.slope
        if slope == 1 and float(offset).is_integer() and stored.dtype.kind in "uib":
            return stored.astype(np.int64) + int(offset)
        return stored.astype(np.float64) * slope + offset

    def note(self, *, keep_slope: bool = True) -> str:
        """Return one line about what was done."""
        unit = f" {self.unit}" if self.unit else ""
        if not keep_slope:
            return (
                f"{self.source} states {self.slope:g}{unit} per stored unit: --gain is taken "
                f"instead, of stored numbers{_plus(self.offset / self.slope)}"
            )
        times = "" if self.slope == 1 else f" times {self.slope:g}"
        return (
            f"values are the stored numbers{times}{_plus(self.offset)}{unit}, as {self.source} "
            "states"
        )


def _plus(offset: float) -> str:
    return "" if not offset else f" {'plus' if offset > 0 else 'less'} {abs(offset):g}"


def calibration(
    slope: Any, offset: Any, source: str, unit: object = "", *, origin: Any = None
) -> Calibration | None:
    """Return a calibration; None where it is none, or changes nothing.

    Parameters
    ----------
    slope, offset : float or text
        As stated; an absent or unusable one changes nothing.
    source : str
        Where.
    unit : object
        As stated.
    origin : float, optional
        Instead of an offset: the stored number whose value is zero.
    """
    factor = _number(slope, 1.0) or 1.0
    shift = _number(offset, 0.0) if origin is None else -_number(origin, 0.0) * factor
    told = unit.strip() if isinstance(unit, str) else ""
    found = Calibration(slope=factor, offset=shift + 0.0, unit=told, source=source)
    return found if (factor, shift) != (1.0, 0.0) or found.in_electrons else None


def _number(value: Any, default: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """An image or a stack of them in a file, not yet read.

    Attributes
    ----------
    y, x : Axis
        Down and across.
    frames : tuple of Axis
        The other axes, slowest first; those of one value are left out.
    dtype : numpy.dtype
        Of the stored numbers.
    read : callable
        From one index for each of `frames` to the stored (y, x) array.
    title : str
        As the file has it.
    calibration : Calibration or None
        From stored numbers to values.
    notes : tuple of str
        What a user should know of how the file was understood, a line each.
    refusal : ImageError or None
        Why it cannot be used, raised when it is chosen.
    minor : str
        What it is if it only accompanies another image, such as a thumbnail.
    """

    y: Axis
    x: Axis
    frames: tuple[Axis, ...] = ()
    dtype: np.dtype
    read: Callable[[tuple[int, ...]], np.ndarray]
    title: str = ""
    calibration: Calibration | None = None
    notes: tuple[str, ...] = ()
    refusal: ImageError | None = None
    minor: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of all axes, frames first."""
        return (*(axis.size for axis in self.frames), self.y.size, self.x.size)


def arranged(array: Any, axes: Sequence[Axis], **details: Any) -> StoredImage:
    """Describe an array whose axes decide which of them are those of the image.

    Parameters
    ----------
    array : array-like
        At least two-dimensional, indexed as NumPy's are; read only when a frame is asked for.
    axes : sequence of Axis
        In the array's order. The image's are those named y and x; without such names, the last
        two as they stand. Axes of one value are no axes where others are left.
    **details
        Other attributes of `StoredImage`.
    """
    kept = _without_ones(axes)
    down, across = _image_axes([axes[i] for i in kept])
    y, x = kept[down], kept[across]
    frames = [i for i in kept if i not in (y, x)]

    def read(index: tuple[int, ...]) -> np.ndarray:
        where: list[Any] = [0] * len(axes)
        for i, value in zip(frames, index, strict=True):
            where[i] = value
        where[y] = where[x] = slice(None)
        plane = np.asarray(array[tuple(where)])
        return plane if y < x else plane.T

    return StoredImage(
        y=axes[y],
        x=axes[x],
        frames=tuple(axes[i] for i in frames),
        dtype=np.dtype(array.dtype),
        read=read,
        **details,
    )


def _without_ones(axes: Sequence[Axis]) -> list[int]:
    """Positions of the axes that are left without those of one value, two at least."""
    kept = list(range(len(axes)))
    for i, axis in enumerate(axes):
        if axis.size == 1 and len(kept) > 2 and not _direction(axis):
            kept.remove(i)
    return kept


def _image_axes(axes: Sequence[Axis]) -> tuple[int, int]:
    """Positions of y and x."""
    directions = [_direction(axis) for axis in axes]
    if directions.count("y") == 1 and directions.count("x") == 1:
        return directions.index("y"), directions.index("x")
    return len(axes) - 2, len(axes) - 1


def _direction(axis: Axis) -> str:
    """Return "y" or "x" if the axis is named so, as in ``R_y`` or ``x axis``."""
    words = re.split(r"[\W_]+", axis.name.lower())
    for direction, names in (("y", _VERTICAL), ("x", _HORIZONTAL)):
        if names & set(words) or axis.name in (f"R{direction}", f"Q{direction}"):
            return direction
    return ""


def colour_image() -> ImageError:
    """The refusal of a picture in colour."""
    return ImageError(
        "is a colour image",
        expected="one count per pixel",
        remedy="Take the file that the camera wrote; a picture of it has lost the counts",
    )
