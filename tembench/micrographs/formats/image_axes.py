"""Axes of an array in a file: names, steps and units, directions in the image, times in seconds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

_VERTICAL, _HORIZONTAL = {"y", "height", "row", "rows"}, {"x", "width", "column", "columns", "col"}
_SECONDS = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3,
    "us": 1e-6, "µs": 1e-6, "microsecond": 1e-6, "ns": 1e-9, "nanosecond": 1e-9,
    "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0,
}  # fmt: skip
# Names that formats give to an axis of frames for want of a better one.
_UNNAMED = {"", "x", "y", "z", "none", "<undefined>", "unknown dimension"}


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis of an array.

    Attributes
    ----------
    name : str
        Name in the file; empty if it has none.
    size : int
        Number of values.
    scale : float or None
        Step between values, in `units`.
    units : str
        Unit in the file; empty if it has none.
    offset : float
        Coordinate of the first value, in `units`.
    """

    name: str = ""
    size: int
    scale: float | None = None
    units: str = ""
    offset: float = 0.0


def even_steps(coordinates: Any) -> tuple[float, float] | None:
    """Return the step between coordinates and the first of them; None if they are not even.

    Parameters
    ----------
    coordinates : array-like
        Coordinates along one axis, in memory or in a file.
    """
    # The type first: to load objects may run code.
    if getattr(coordinates, "dtype", np.dtype(float)).kind not in "iuf":
        return None
    values = np.asarray(coordinates[:])
    if values.ndim != 1 or len(values) < 2:
        return None
    steps = np.diff(values.astype(np.float64))
    step = float(steps.mean())
    # Coordinates in single precision are uneven by their rounding.
    rounding = 4 * np.finfo(np.float32).eps * float(np.abs(values).max())
    if not math.isfinite(step) or np.abs(steps - step).max() > 0.01 * abs(step) + rounding:
        return None
    return step, float(values[0])


def in_seconds(axis: Axis) -> Axis:
    """Return an axis of frames: one of time in seconds, and without a scale that is no number."""
    scale = axis.scale if axis.scale and math.isfinite(axis.scale) else None
    text = re.sub(r"[\[\]()_\s]", "", axis.units).replace("\u03bc", "µ").lower()
    seconds = _SECONDS.get(text) or _SECONDS.get(text.removesuffix("s"))
    if seconds is None:
        return replace(axis, scale=scale)
    return replace(
        axis,
        name="time" if axis.name.strip().lower() in _UNNAMED else axis.name,
        scale=None if scale is None else scale * seconds,
        offset=axis.offset * seconds,
        units="s",
    )


def direction_of(axis: Axis) -> str:
    """Return "y" or "x" if the axis has such a name, as in ``R_y`` or ``x axis``; else empty."""
    words = re.split(r"[\W_]+", axis.name.lower())
    for direction, names in (("y", _VERTICAL), ("x", _HORIZONTAL)):
        if names & set(words) or axis.name in (f"R{direction}", f"Q{direction}"):
            return direction
    return ""
