"""Numbers as a table shows them, the same in every format."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tembench.leaderboard.statistics import Interval
from tembench.metrics import Metric

UNKNOWN = "–"


def value_text(metric: Metric, value: float) -> str:
    """A value with the metric's digits; ∞ for infinity."""
    return number_text(value, metric.decimals)


def plain(value: float | None) -> float | str | None:
    """A JSON value: JSON knows neither infinity nor NaN."""
    if value is None or math.isnan(value):
        return None
    return ("inf" if value > 0 else "-inf") if math.isinf(value) else value


def number_text(value: float, decimals: int) -> str:
    """A number with a true minus sign; far from one, decimals say nothing."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1e5:
        text = f"{value:.1e}"
    else:
        text = f"{value:.{decimals if abs(value) < 100 else 0}f}"
    if float(text) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def interval_text(metric: Metric, interval: Interval) -> str:
    """Bounds as ``low to high``; a dash where there is no interval (one model, or infinite)."""
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return UNKNOWN
    low, high = value_text(metric, interval.low), value_text(metric, interval.high)
    return f"{low} to {high}"


def seconds_text(seconds: float | None) -> str:
    """Seconds to two figures, from 0.001 up."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 0.0005:
        return "<0.001"
    if seconds >= 9.95:
        return f"{seconds:.0f}"
    decimals = 1 - math.floor(math.log10(seconds))
    return f"{seconds:.{min(decimals, 3)}f}"


def duration_text(seconds: float | None) -> str:
    """Seconds, minutes, hours or days, to two or three figures."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.{0 if seconds >= 9.95 * length else 1}f} {name}"
    return f"{seconds:.0f} s"


class Axis:
    """A common axis for the means and intervals of a table's rows.

    It spans the rows that compete, and the controls near them: neither a hopeless control nor the
    wide interval of a few models may squeeze all else together. What lies outside is marked so.

    Parameters
    ----------
    competing, controls : iterable of Interval
        Infinite means are left out.
    digit : float
        What the last digit shown is worth; ten of it make the shortest axis.

    Attributes
    ----------
    low, high : float
        Ends, in the metric's unit.
    ticks : list of float
        Round values between them.
    """

    def __init__(
        self, competing: Iterable[Interval], controls: Iterable[Interval], *, digit: float
    ) -> None:
        inside = [i for i in competing if math.isfinite(i.mean)]
        bounds = [i for i in controls if math.isfinite(i.mean)]
        inside = inside or bounds
        means = [i.mean for i in inside] or [0.0]
        # Of absurdly large means the last digits shown are lost in rounding.
        digit = max(digit, 1e-9 * max(map(abs, means)))
        margin = max((max(means) - min(means)) / 2, 50 * digit)
        low, high = min(means) - margin, max(means) + margin
        values = [v for i in inside + bounds for v in (i.low, i.mean, i.high) if low <= v <= high]
        low, high = min(means + values), max(means + values)
        space = max(0.04 * (high - low), 5 * digit)
        self.low, self.high = low - space, high + space
        step = _nice_step((self.high - self.low) / 4)
        first = math.ceil(self.low / step)
        self.ticks = [step * n for n in range(first, math.floor(self.high / step) + 1)]

    def place(self, value: float) -> float:
        """Position along the axis, 0 to 1; values beyond an end are put at it."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def holds(self, value: float) -> bool:
        """Whether the value lies on the axis."""
        return self.low <= value <= self.high


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
