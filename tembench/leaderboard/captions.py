"""What every format says in words about a table."""

from __future__ import annotations

from tembench.leaderboard.table import Row, Table
from tembench.leaderboard.wording import UNKNOWN
from tembench.metrics import Metric

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
        f"Intervals: {table.confidence:.0%}, bootstrap over atomic models. Methods share a rank "
        "where the paired difference in PSNR leaves it open which is better. Controls bound the "
        "table and are not ranked."
    )
    if table.models == 1:
        text += " One model gives no interval, so all methods share a rank."
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown_columns(table: Table) -> list[Metric]:
    """The metrics that a reader sees; CSV and JSON hold all of them."""
    return [metric for metric in table.metrics if metric.name in _SHOWN]


def rank_text(row: Row) -> str:
    """The rank; a dash for a control."""
    return UNKNOWN if row.rank is None else str(row.rank)
