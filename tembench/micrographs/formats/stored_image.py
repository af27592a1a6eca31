"""Stored images: the description of an image or stack in a file, and the reading of one frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis, direction_of, in_seconds

_ELECTRONS = {"e", "e-", "e⁻", "electron", "electrons"}
# A last axis of more values than this is an axis of the image, not of channels.
MOST_CHANNELS = 4


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Linear calibration from stored numbers to values, as stated in a file.

    Attributes
    ----------
    slope, offset : float
        A value is ``slope * stored + offset``.
    unit : str
        Unit of the values; empty if the file states none.
    source : str
        The part of the file that states it.
    """

    slope: float = 1.0
    offset: float = 0.0
    unit: str = ""
    source: str

    @property
    def in_electrons(self) -> bool:
        """True if the file states that the values are electrons."""
        return self.unit.strip().lower() in _ELECTRONS

    def apply(self, stored: np.ndarray, *, keep_slope: bool = True) -> np.ndarray:
        """Return the values of stored numbers; without the slope, subtract only their zero."""
        slope = self.slope if keep_slope else 1.0
        offset = self.offset if keep_slope else self.offset / self.slope
        if slope == 1 and float(offset).is_integer() and stored.dtype.kind in "uib":
            return stored.astype(np.int64) + int(offset)
        return stored.astype(np.float64) * slope + offset

    def note(self, *, keep_slope: bool = True) -> str:
        """Describe in one line how the calibration was applied."""
        unit = f" {self.unit}" if self.unit else ""
        if not keep_slope:
            return (
                f"{self.source} states {self.slope:g}{unit} per stored unit: --gain is used "
                f"instead, on the stored numbers{_plus(self.offset / self.slope)}"
            )
        times = "" if self.slope == 1 else f" times {self.slope:g}"
        return (
            f"the values are the stored numbers{times}{_plus(self.offset)}{unit}, as stated by "
            f"{self.source}"
        )


def _plus(offset: float) -> str:
    return "" if not offset else f" {'plus' if offset > 0 else 'minus'} {abs(offset):g}"


def calibration(
    slope: Any, offset: Any, source: str, unit: object = "", *, origin: Any = None
) -> Calibration | None:
    """Build a calibration from a file's statements; None if it would change nothing.

    Parameters
    ----------
    slope, offset : float or text
        As stated in the file; missing or unusable ones default to 1 and 0.
    source : str
        The part of the file that states them.
    unit : object
        Unit as stated in the file.
    origin : float, optional
        Instead of an offset: the stored number whose value is zero.
    """
    factor = _number(slope, 1.0) or 1.0
    shift = _number(offset, 0.0) if origin is None else -_number(origin, 0.0) * factor
    stated_unit = unit.strip() if isinstance(unit, str) else ""
    found = Calibration(slope=factor, offset=shift + 0.0, unit=stated_unit, source=source)
    return found if (factor, shift) != (1.0, 0.0) or found.in_electrons else None


def _number(value: Any, default: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """An image or a stack in a file, not read yet.

    Attributes
    ----------
    y, x : Axis
        The axes down and across the image.
    frames : tuple of Axis
        The other axes, slowest first, without those of a single value; axes of time are in
        seconds, ``units="s"``.
    dtype : numpy.dtype
        Type of the stored numbers.
    read : callable
        From one index for each of `frames` to the stored array (y, x).
    title : str
        Title in the file.
    calibration : Calibration or None
        Calibration from stored numbers to values.
    notes : tuple of str
        One line for each choice made in interpreting the file.
    refusal : ImageError or None
        Error raised if the image is chosen, for one that cannot be used.
    minor : str
        Kind of an image that only accompanies another, such as "thumbnail"; else empty.
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


def arranged(
    array: Any, axes: Sequence[Axis], *, plane: tuple[int, int] | None = None, **details: Any
) -> StoredImage:
    """Describe an array as an image or stack, with y, x and frames identified by its axes.

    Parameters
    ----------
    array : array-like
        At least two-dimensional, with NumPy's indexing; read only when a frame is asked for.
    axes : sequence of Axis
        Axes in the order of the array. Those of the image are named y and x; without such names
        they are the last two. Axes of a single value are dropped if two others remain.
    plane : tuple of int, optional
        Indices of the axes y and x, where the file states them otherwise than by names.
    **details
        Other attributes of `StoredImage`.
    """
    kept = _without_ones(axes, plane or ())
    if plane is None:
        down, across = _image_axes([axes[i] for i in kept])
        plane = kept[down], kept[across]
    y, x = plane
    frames = [i for i in kept if i not in (y, x)]

    def read(index: tuple[int, ...]) -> np.ndarray:
        where: list[Any] = [0] * len(axes)
        for i, value in zip(frames, index, strict=True):
            where[i] = value
        where[y] = where[x] = slice(None)
        values = np.asarray(array[tuple(where)])
        return values if y < x else values.T

    return StoredImage(
        y=axes[y],
        x=axes[x],
        frames=tuple(in_seconds(axes[i]) for i in frames),
        dtype=np.dtype(array.dtype),
        read=read,
        **details,
    )


def _without_ones(axes: Sequence[Axis], needed: Sequence[int]) -> list[int]:
    """Indices of the axes without those of a single value, at least two."""
    kept = list(range(len(axes)))
    for i, axis in enumerate(axes):
        if axis.size == 1 and len(kept) > 2 and i not in needed and not direction_of(axis):
            kept.remove(i)
    return kept


def _image_axes(axes: Sequence[Axis]) -> tuple[int, int]:
    """Indices of y and x."""
    directions = [direction_of(axis) for axis in axes]
    if directions.count("y") == 1 and directions.count("x") == 1:
        return directions.index("y"), directions.index("x")
    return len(axes) - 2, len(axes) - 1


def colour_image() -> ImageError:
    """Return the error for a colour picture."""
    return ImageError(
        "is a colour image",
        expected="one count per pixel",
        remedy="Use the file written by the camera; a picture of it does not contain the counts",
    )
