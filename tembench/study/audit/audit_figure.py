"""Losses of an audit as a figure: one row for each case, one mark for each method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure, shortened
from tembench.leaderboard import AUDIT_CASES, AuditScores, case_losses

_COLOURS = ("#2f6fde", "#d9480f", "#2b8a3e", "#9c36b5", "#c2255c", "#0b7285", "#e67700", "#495057")


def draw_audit(audits: Sequence[AuditScores], path: Path) -> Path:
    """Draw what each method loses in each case, with its interval.

    Parameters
    ----------
    audits : sequence of AuditScores
        On the same specimens.
    path : Path
        PNG to write.
    """
    losses = [case_losses(audit) for audit in audits]
    figure = figure_of(9.5, 1.4 + 0.42 * len(AUDIT_CASES))
    panels = figure.subplots(1, 2, sharey=True)
    rows = np.arange(len(AUDIT_CASES))
    offsets = (np.arange(len(audits)) - (len(audits) - 1) / 2) * 0.7 / max(len(audits), 4)
    for axes, name, title in (
        (panels[0], "psnr_loss_db", "PSNR lost, dB"),
        (panels[1], "f1_loss", "column F1 lost"),
    ):
        axes.axvline(0, color=MUTED, lw=0.8)
        for number, (audit, own) in enumerate(zip(audits, losses, strict=True)):
            found = [getattr(own[case], name) for case in AUDIT_CASES]
            mean, low, high = (np.array([getattr(f, end) for f in found]) for end in
                               ("mean", "low", "high"))  # fmt: skip
            axes.errorbar(
                mean,
                rows + offsets[number],
                xerr=np.where(np.isfinite([mean - low, high - mean]), [mean - low, high - mean], 0),
                fmt="o",
                ms=4,
                lw=1.2,
                color=_COLOURS[number % len(_COLOURS)],
                label=shortened(audit.method, 24),
            )
        axes.set_xlabel(title, color=INK)
        axes.grid(axis="x", color="#e3e6ea", lw=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(axis="y", length=0)
    for row, case in enumerate(AUDIT_CASES.values()):
        if case.dose_loss_db:
            panels[0].plot(
                [case.dose_loss_db] * 2, [row - 0.4, row + 0.4], color=INK, lw=1.2, ls=":",
                label="the dose's own" if case.dose_loss_db > 0 else None,
            )  # fmt: skip
    panels[0].set_yticks(rows, [case.title for case in AUDIT_CASES.values()])
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.subplots_adjust(left=0.16, right=0.98, top=0.9, bottom=0.11, wspace=0.06)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=min(len(labels), 6), frameon=False)
    return save_figure(figure, path)
