"""Figure of the closed track against the open one: each method a point, with the diagonal.

A method on the diagonal scores as high on specimens that it never saw as on those whose siblings it
was trained on. One far below it knows the closed track's scene.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import INK, MUTED, TableError, figure_of, save_figure
from tembench.ranking.number_format import value_text
from tembench.ranking.render.captions import metric_heading
from tembench.ranking.statistics import Interval
from tembench.ranking.table_rows import Table, TableRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KIND_COLOURS = {"control": "#9aa3af", "classical": "#2f6f8f", "learned": "#b4531f"}
_RULE = "#d7dbe0"
_POINTS = 7.5
# Distances of a label from its point, in typographic points, the nearest first.
_DISTANCES = (6, 11, 17, 24, 32, 42, 54)
_DIRECTIONS = 16
_LEADER_FROM = 15
# In a line as wide as the axes.
_FOOT_LETTERS = 108


@dataclass(frozen=True, kw_only=True)
class _Method:
    name: str
    kind: str
    closed: Interval
    open: Interval


def closed_against_open(tables: Sequence[Table], path: Path) -> Path:
    """Draw the means of the methods that are in a closed and in a drawn table.

    Parameters
    ----------
    tables : sequence of Table
        Tables in the order of `build_tables`, ranked by one metric: the first of a drawn recipe's
        test and the first of a closed recipe's are drawn.
    path : Path
        PNG to write.

    Raises
    ------
    TableError
        If there is no such pair, or fewer than two methods are in both.
    """
    closed = _first(tables, drawn=False)
    opened = _first(tables, drawn=True)
    methods = _near(_in_both(closed, opened))
    figure = figure_of(7.0, 7.3)
    axes = figure.add_axes((0.1, 0.13, 0.87, 0.84))
    values = [getattr(v, end) for m in methods for v in (m.closed, m.open) for end in _ENDS]
    known = [value for value in values if math.isfinite(value)]
    margin = 0.06 * (max(known) - min(known)) or 1.0
    ends = min(known) - margin, max(known) + margin
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    axes.plot(ends, ends, color=MUTED, lw=0.8, ls=(0, (4, 3)), zorder=1)
    heading = metric_heading(closed.ranked_by)
    for which, table, label in (("x", closed, "closed"), ("y", opened, "open")):
        text = f"{heading}, {label}: {table.data.recipe} {table.data.version}"
        axes.set(**{f"{which}label": text})
    axes.tick_params(colors=MUTED, labelsize=8)
    for side in axes.spines.values():
        side.set_color(_RULE)
    for method in methods:
        _draw_point(axes, method)
    _place_names(axes, methods)
    _draw_foot(axes, closed, opened, methods)
    return save_figure(figure, path, _record(closed, opened, methods))


_ENDS = ("mean", "low", "high")


def _first(tables: Sequence[Table], *, drawn: bool) -> Table:
    found = [t for t in tables if t.drawn == drawn and t.data.part == "test"]
    if not found:
        raise TableError(
            f"no table of a {'drawn' if drawn else 'closed'} recipe's test",
            expected="submissions of both tracks in one folder",
            got=", ".join(f"{t.data.recipe}, {t.data.part} part" for t in tables),
            remedy="submit the same methods on both",
        )
    return found[0]


def _in_both(closed: Table, opened: Table) -> list[_Method]:
    """Methods with finite means in both tables, in the order of the open one."""
    metric = closed.ranked_by.name
    others = {row.submission.name: row for row in closed.rows}
    pairs = [
        (row, others[row.submission.name]) for row in opened.rows if row.submission.name in others
    ]
    methods = [
        _Method(
            name=one.submission.name,
            kind=one.submission.description.method.kind,
            closed=other.values[metric],
            open=one.values[metric],
        )
        for one, other in pairs
        if _is_finite(one, metric) and _is_finite(other, metric)
    ]
    if len(methods) < 2:
        raise TableError(
            "fewer than two methods are in both tables",
            expected="submissions of one name in both",
            got=", ".join(method.name for method in methods) or "none",
            remedy="submit the same methods on both tracks, under the same names",
        )
    return methods


def _near(methods: Sequence[_Method]) -> list[_Method]:
    """Methods without controls that are far from all others, which would compress the figure."""
    competing = [m for m in methods if m.kind != "control"] or methods
    means = [v.mean for m in competing for v in (m.closed, m.open)]
    margin = 0.3 * (max(means) - min(means))
    low, high = min(means) - margin, max(means) + 2 * margin
    return [
        m
        for m in methods
        if m.kind != "control" or all(low <= v.mean <= high for v in (m.closed, m.open))
    ]


def _is_finite(row: TableRow, metric: str) -> bool:
    return metric in row.values and math.isfinite(row.values[metric].mean)


def _draw_point(axes: Axes, method: _Method) -> None:
    colour = _KIND_COLOURS[method.kind]
    x, y = method.closed, method.open
    bar: dict[str, Any] = {"color": colour, "lw": 1.6, "alpha": 0.45, "solid_capstyle": "butt"}
    for ends in _bars(method):
        axes.plot(*zip(*ends, strict=True), **bar)
    axes.plot([x.mean], [y.mean], "o", ms=5, color=colour, zorder=3)


def _place_names(axes: Axes, methods: Sequence[_Method]) -> None:
    """Write each name at the nearest free place; one that is far from its point gets a line."""
    from matplotlib.transforms import Bbox

    figure = axes.figure
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    scale = figure.dpi / 72
    inside = axes.get_window_extent(renderer)
    centres = [axes.transData.transform((m.closed.mean, m.open.mean)) for m in methods]
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in centres]
    taken += [Bbox(axes.transData.transform(ends)) for m in methods for ends in _bars(m)]
    # Points in a crowd have the fewest free places, and come first.
    crowds = [sum(math.dist(one, other) < 60 * scale for other in centres) for one in centres]
    for number in sorted(range(len(methods)), key=lambda i: -crowds[i]):
        text = axes.annotate(
            methods[number].name,
            (methods[number].closed.mean, methods[number].open.mean),
            (0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=_POINTS,
            color=MUTED if methods[number].kind == "control" else INK,
            parse_math=False,
        )
        own = text.get_window_extent(renderer)
        best: tuple[float, float, float, Bbox] | None = None
        for x, y, distance in _offsets(own.width / scale, own.height / scale):
            box = own.translated(x * scale, y * scale)
            crossed = sum(box.overlaps(other) for other in taken)
            outside = not (inside.x0 < box.x0 and box.x1 < inside.x1)
            outside |= not (inside.y0 < box.y0 and box.y1 < inside.y1)
            cost = 1000.0 * crossed + 5000.0 * outside + distance
            if best is None or cost < best[0]:
                best = cost, x, y, box
        assert best is not None
        _, x, y, box = best
        text.set_position((x, y))
        taken.append(box)
        if math.hypot(x, y) > _LEADER_FROM + own.width / scale / 2:
            axes.annotate(
                "",
                (methods[number].closed.mean, methods[number].open.mean),
                (x, y),
                textcoords="offset points",
                arrowprops={"arrowstyle": "-", "color": _RULE, "lw": 0.7, "shrinkA": 5},
                zorder=0,
            )


def _bars(method: _Method) -> list[list[tuple[float, float]]]:
    """Ends of the intervals of a point, along x and along y; none of infinite ones."""
    x, y = method.closed, method.open
    bars = [[(x.low, y.mean), (x.high, y.mean)], [(x.mean, y.low), (x.mean, y.high)]]
    return [bar for bar in bars if all(math.isfinite(value) for end in bar for value in end)]


def _offsets(width: float, height: float) -> list[tuple[float, float, float]]:
    """Centres of a label around its point, and their distances, in typographic points."""
    found = []
    for distance in _DISTANCES:
        for turn in range(_DIRECTIONS):
            angle = 2 * math.pi * turn / _DIRECTIONS
            x = math.cos(angle) * (distance + width / 2)
            y = math.sin(angle) * (distance + height / 2)
            found.append((x, y, distance + 0.1 * turn))
    return found


def _draw_foot(axes: Axes, closed: Table, opened: Table, methods: Sequence[_Method]) -> None:
    shown = {method.name for method in methods}
    rows = [(table, row.submission.name) for table in (closed, opened) for row in table.rows]
    alone = sorted({name for _, name in rows} - shown)
    figure = axes.figure
    text = (
        "Bars: 95 % intervals over models (closed) and specimens (open). Below the dashed diagonal "
        "a method is better where it may know the scene."
    )
    if alone:
        text += f" {len(alone)} others are in one table only, or beyond the axes."
    for number, line in enumerate(textwrap.wrap(text, _FOOT_LETTERS)):
        figure.text(0.1, 0.052 - 0.018 * number, line, fontsize=7, color=MUTED, parse_math=False)
    for number, (kind, colour) in enumerate(_KIND_COLOURS.items()):
        x = 0.03 + 0.13 * number
        axes.plot([x], [0.97], "o", ms=5, color=colour, transform=axes.transAxes)
        axes.text(
            x + 0.015, 0.97, kind, transform=axes.transAxes, fontsize=7.5, color=MUTED, va="center"
        )


def _record(closed: Table, opened: Table, methods: Sequence[_Method]) -> dict[str, Any]:
    metric = closed.ranked_by
    return {
        "closed": closed.data.recipe,
        "open": opened.data.recipe,
        "metric": metric.name,
        "methods": {
            method.name: [value_text(metric, value.mean) for value in (method.closed, method.open)]
            for method in methods
        },
    }
