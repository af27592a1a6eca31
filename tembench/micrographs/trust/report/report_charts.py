"""Report charts: lines and intervals as SVG, in the colours of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 520, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 38


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a chart.

    Attributes
    ----------
    name : str
        Its name in the legend.
    style : str
        CSS class: ``first``, ``second`` or ``limit``.
    y : numpy.ndarray
        Values (points,); the line has a gap where one is NaN.
    """

    name: str
    style: str
    y: np.ndarray

    def d(self, chart: Chart) -> str:
        """Return the line as the path of an SVG."""
        parts, pen = [], "M"
        for x, y in zip(chart.x, self.y, strict=True):
            if not math.isfinite(y):
                pen = "M"
                continue
            parts.append(f"{pen}{chart.across(x):.1f} {chart.down(y):.1f}")
            pen = "L"
        return "".join(parts)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Lines over one axis.

    Attributes
    ----------
    x : numpy.ndarray
        Places of the points, (points,).
    lines : tuple of Line
        The lines.
    x_title, y_title : str
        Titles of the axes.
    y_range : tuple of float
        Range shown.
    """

    x: np.ndarray
    lines: tuple[Line, ...]
    x_title: str
    y_title: str
    y_range: tuple[float, float]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the plot."""
        return _LEFT, _TOP, WIDTH - _RIGHT, HEIGHT - _BOTTOM

    def across(self, x: float) -> float:
        """Return the place of a value along the horizontal axis."""
        low, high = float(self.x[0]), float(self.x[-1])
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (x - low) / max(high - low, 1e-12)

    def down(self, y: float) -> float:
        """Return the place of a value along the vertical axis."""
        low, high = self.y_range
        share = (min(max(y, low), high) - low) / (high - low)
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share

    @property
    def x_ticks(self) -> list[tuple[str, float]]:
        """Labels and places of the horizontal axis."""
        return [
            (f"{tick:g}", self.across(tick)) for tick in ticks(float(self.x[0]), float(self.x[-1]))
        ]

    @property
    def y_ticks(self) -> list[tuple[str, float]]:
        """Labels and places of the vertical axis."""
        return [(f"{tick:g}", self.down(tick)) for tick in ticks(*self.y_range)]


def ticks(low: float, high: float) -> Sequence[float]:
    """Return about five round numbers between two values."""
    if not high > low:
        return [low]
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = min((m * power for m in (1, 2, 2.5, 5, 10)), key=lambda one: abs(one - raw))
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]
