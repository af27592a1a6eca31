"""Losses of an audit as a figure: one row for each case, one mark for each method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure, shortened
from tembench.ranking import AUDIT_CASES, AuditScores, Interval, case_losses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#2f6fde", "#d9480f", "#2b8a3e", "#9c36b5", "#c2255c", "#0b7285", "#e67700", "#495057")


def draw_audit(audits: Sequence[AuditScores], path: Path) -> Path:
    """Draw what each method loses in each case, with its interval.

    Parameters
    ----------
    audits : sequence of AuditScores
        On the same specimens.
    path : Path
        PNG to write.

    Notes
    -----
    The axes are as long as the mean losses need; wider intervals are cut. A loss that is infinite
    or not defined has no mark.
    """
    losses = [case_losses(audit) for audit in audits]
    names = [shortened(audit.method, 24) for audit in audits]
    figure = figure_of(9.5, 1.4 + 0.42 * len(AUDIT_CASES))
    left, right = figure.subplots(1, 2, sharey=True)
    doses = [case.dose_loss_db for case in AUDIT_CASES.values()]
    psnr_losses = [[o[case].psnr_loss_db for case in AUDIT_CASES] for o in losses]
    _panel(left, names, psnr_losses, 0.5, doses)
    _panel(right, names, [[o[case].f1_loss for case in AUDIT_CASES] for o in losses], 0.02)
    left.set_xlabel("PSNR lost, dB", color=INK)
    right.set_xlabel("column F1 lost", color=INK)
    for row, case in enumerate(AUDIT_CASES.values()):
        if case.dose_loss_db:
            label = "the dose's own" if case.dose_loss_db > 0 else None
            ends = [row - 0.4, row + 0.4]
            left.plot([case.dose_loss_db] * 2, ends, color=INK, lw=1.2, ls=":", label=label)
    left.set_yticks(range(len(AUDIT_CASES)), [case.title for case in AUDIT_CASES.values()])
    left.set_ylim(len(AUDIT_CASES) - 0.5, -0.5)
    figure.subplots_adjust(left=0.16, right=0.98, top=0.9, bottom=0.11, wspace=0.06)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=min(len(labels), 6), frameon=False)
    return save_figure(figure, path)


def _panel(
    axes: Axes,
    names: Sequence[str],
    losses: Sequence[Sequence[Interval]],
    least: float,
    others: Sequence[float] = (),
) -> None:
    """Draw one mark for each method and case; `least` is the room beside these and `others`."""
    axes.axvline(0, color=MUTED, lw=0.8)
    rows = np.arange(len(AUDIT_CASES))
    shown: list[float] = [0.0, *others]
    for number, (name, own) in enumerate(zip(names, losses, strict=True)):
        offset = (number - (len(names) - 1) / 2) * 0.7 / max(len(names), 4)
        mean, low, high = (_finite(own, end) for end in ("mean", "low", "high"))
        # An interval without bounds, of a single specimen, is not drawn.
        errors = np.nan_to_num([mean - low, high - mean])
        axes.errorbar(
            mean, rows + offset, xerr=errors, fmt="o", ms=4, lw=1.2,
            color=_COLOURS[number % len(_COLOURS)], label=name,
        )  # fmt: skip
        shown += mean[np.isfinite(mean)].tolist()
    room = max(least, 0.15 * (max(shown) - min(shown)))
    axes.set_xlim(min(shown) - room, max(shown) + room)
    axes.grid(axis="x", color="#e3e6ea", lw=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _finite(intervals: Sequence[Interval], end: str) -> np.ndarray:
    values = np.array([getattr(interval, end) for interval in intervals], dtype=float)
    return np.where(np.isfinite(values), values, np.nan)
