"""FigureAxis of the intervals in a table, shared by the page and the figure."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tembench.ranking.statistics import Interval
from tembench.ranking.table_rows import Table


class FigureAxis:
    """A common axis for the means and intervals of a table's rows.

    It spans the competing rows and the controls near them: neither a very poor control nor the wide
    interval of a few models may compress all other rows. Values outside the axis are marked.

    Parameters
    ----------
    competing, controls : iterable of Interval
        Values of the rows; infinite means are ignored.
    digit : float
        Value of one unit in the last digit shown; the shortest axis spans ten of them.

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
        # The last digits of absurdly large means are lost in rounding.
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

    def position(self, value: float) -> float:
        """Position along the axis, 0 to 1; values beyond an end are placed there."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def includes(self, value: float) -> bool:
        """Whether the value is on the axis."""
        return self.low <= value <= self.high


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def interval_axis(table: Table) -> FigureAxis:
    """FigureAxis of the intervals of a table."""
    main = table.ranked_by
    values = [(row.is_control, row.values[main.name]) for row in table.rows]
    return FigureAxis(
        [value for control, value in values if not control],
        [value for control, value in values if control],
        digit=10.0**-main.decimals,
    )
