"""Formatting of numbers in tables, the same in every format."""

from __future__ import annotations

import math
from typing import Any

from tembench.metrics import Metric
from tembench.ranking.statistics import Interval

UNKNOWN = "–"
# Far more than a page shows.
_DIGITS = 8


def value_text(metric: Metric, value: float) -> str:
    """A value with the metric's digits; ∞ for infinity."""
    return number_text(value, metric.decimals)


def json_number(value: float | None) -> float | str | None:
    """A number for JSON, which has neither infinity nor NaN."""
    if value is None or math.isnan(value):
        return None
    return ("inf" if value > 0 else "-inf") if math.isinf(value) else value


def interval_summary(value: Interval | None) -> dict[str, Any] | None:
    """Mean, bounds and number of specimens as plain values for JSON."""
    if value is None:
        return None
    ends = {end: json_number(getattr(value, end)) for end in ("mean", "low", "high")}
    return {**ends, "models": value.models}


def short_number(value: float) -> float | str | None:
    """A number for JSON to eight digits; infinities are text, NaN is None."""
    return json_number(float(f"{value:.{_DIGITS}g}"))


def interval_list(value: Interval | None) -> list[Any] | None:
    """Mean, low, high and number of specimens for JSON; None where there is no mean."""
    if value is None or math.isnan(value.mean):
        return None
    return [*(short_number(end) for end in (value.mean, value.low, value.high)), value.models]


def number_text(value: float, decimals: int) -> str:
    """A number with a true minus sign; large numbers have no decimals."""
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
