"""What every format says in words about a table."""

from __future__ import annotations

from tembench.leaderboard.table import RANKED_BY, Row, Table
from tembench.leaderboard.wording import UNKNOWN, Axis
from tembench.metrics import Metric

RANKS = "Rank: 1 + the number of methods with a better PSNR, by more than the paired interval."
_SHOWN = ("psnr_db", "ssim", "skill", "particle_skill")


def caption(table: Table) -> str:
    """One sentence that says what the rows were scored on."""
    data = table.data
    return (
        f"{data.recipe} {data.version}, {data.part} part of split {data.split}: "
        f"{_count(data.images, 'image')} of {_count(table.models, 'model')}"
    )


def reading(table: Table) -> str:
    """How to read intervals and ranks, in a sentence or two."""
    text = (
        f"Intervals: {table.confidence:.0%}, bootstrap over atomic models. {RANKS} "
        "Controls bound the table and are not ranked."
    )
    if table.models == 1:
        text += " One model gives no interval, so all methods share a rank."
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown_columns(table: Table) -> list[Metric]:
    """The metrics that a reader sees; CSV and JSON hold all of them."""
    return [metric for metric in table.metrics if metric.name in _SHOWN]


def axis(table: Table) -> Axis:
    """The axis on which the intervals of a table are drawn."""
    values = [(row.is_control, row.values[RANKED_BY]) for row in table.rows]
    return Axis(
        [value for control, value in values if not control],
        [value for control, value in values if control],
    )


def rank_text(row: Row) -> str:
    """The rank; a dash for a control."""
    return UNKNOWN if row.rank is None else str(row.rank)
