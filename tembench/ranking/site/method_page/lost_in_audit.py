"""Losses of a method in its audit, as text and as numbers for its page."""

from __future__ import annotations

import math
from typing import Any

from tembench.ranking.number_format import json_number, number_text
from tembench.ranking.statistics import Interval, case_losses
from tembench.ranking.table_rows import TableRow

_DECIMALS = 2
_ENDS = ("mean", "low", "high")


def audit_lines(row: TableRow) -> list[dict[str, Any]]:
    """Losses in each case of a row's audit; nothing without one.

    Parameters
    ----------
    row : TableRow
        The method's row.
    """
    if row.submission.audit is None:
        return []
    _base, *cases = case_losses(row.submission.audit).values()
    return [
        {
            "case": loss.title,
            "lost": _with_bounds(loss.psnr_loss_db),
            "excused": number_text(loss.excused_db, _DECIMALS),
            "beyond": _with_bounds(loss.beyond_db),
            "f1": _with_bounds(loss.f1_loss),
            "loss": [json_number(getattr(loss.beyond_db, end)) for end in _ENDS],
        }
        for loss in cases
    ]


def _with_bounds(value: Interval) -> str:
    mean, low, high = (number_text(getattr(value, end), _DECIMALS) for end in _ENDS)
    known = math.isfinite(value.low) and math.isfinite(value.high)
    return f"{mean} ({low} to {high})" if known else mean
