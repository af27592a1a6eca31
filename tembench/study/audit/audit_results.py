"""Files of an audit, ``audit.toml`` and ``audit.csv``, and its tables for readers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench.core import csv_text, markdown_escaped, markdown_table, write_text, write_toml
from tembench.ranking import (
    AUDIT_BASE,
    AUDIT_CASES,
    AUDIT_COLUMNS,
    AUDIT_CSV,
    AUDIT_FORMAT,
    AUDIT_TOML,
    AuditScores,
    Interval,
    case_losses,
    read_audit,
    worst_case,
)
from tembench.study.audit import AuditViews


def write_audit(folder: Path, method: str, views: AuditViews, rows: Sequence[Any]) -> AuditScores:
    """Write the files that a submission carries, and read them back with every check.

    Parameters
    ----------
    folder : Path
        Gets ``audit.toml`` and ``audit.csv``.
    method : str
        Name of the method.
    views : AuditViews
        What it was scored on.
    rows : sequence of rows
        As `score_method` returns them.
    """
    text = csv_text([AUDIT_COLUMNS, *rows])
    recipe = views.store.recipe
    write_text(folder / AUDIT_CSV, text)
    write_toml(
        folder / AUDIT_TOML,
        {
            "format": AUDIT_FORMAT,
            "method": method,
            "data": {
                "recipe": recipe.name,
                "version": recipe.version,
                "recipe_id": views.store.recipe_id,
                "part": views.part,
            },
            "scores": {
                "specimens": len(set(views.images.values())),
                "images": len(views.images),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            },
        },
    )
    return read_audit(folder)


def audit_markdown(audits: Sequence[AuditScores]) -> str:
    """Losses of several methods as Markdown: PSNR, then column F1, then the worst cases.

    Parameters
    ----------
    audits : sequence of AuditScores
        On the same specimens.
    """
    losses = [case_losses(audit) for audit in audits]
    names = [markdown_escaped(audit.method) for audit in audits]
    psnr = [["PSNR lost, dB", "dose's own", *names]]
    psnr.append(["*base*", "", *(_value(own[AUDIT_BASE].psnr_db.mean, 1) for own in losses)])
    f1 = [["column F1 lost", *names]]
    f1.append(["*base*", *(_value(own[AUDIT_BASE].column_f1.mean, 3) for own in losses)])
    for case, declared in AUDIT_CASES.items():
        dose = _value(declared.dose_loss_db, 2) if declared.dose_loss_db else ""
        psnr.append([declared.title, dose, *(_span(own[case].psnr_loss_db, 2) for own in losses)])
        f1.append([declared.title, *(_span(own[case].f1_loss, 3) for own in losses)])
    worst = [["method", "worst case", "PSNR lost, dB"]]
    for name, audit in zip(names, audits, strict=True):
        most = worst_case(audit)
        worst.append([name, AUDIT_CASES[most.case].title, _span(most.beyond_db, 2)])
    return "\n".join(
        (
            markdown_table(psnr),
            markdown_table(f1),
            markdown_table(worst, (0, 1)),
            _note(audits[0]),
        )
    )


def losses_csv(audits: Sequence[AuditScores]) -> str:
    """Losses of several methods as CSV, one row for each method and case.

    Bounds are those of the 95 % intervals over specimens; what is not defined is empty.
    """
    rows: list[list[Any]] = [
        ["method", "case", "psnr_db", "psnr_loss_db", "psnr_loss_low", "psnr_loss_high",
         "dose_loss_db", "column_f1", "f1_loss", "f1_loss_low", "f1_loss_high"]
    ]  # fmt: skip
    for audit in audits:
        for case, one in case_losses(audit).items():
            own = AUDIT_CASES[case].dose_loss_db if case in AUDIT_CASES else 0.0
            loss, f1 = one.psnr_loss_db, one.f1_loss
            numbers = [
                one.psnr_db.mean, loss.mean, loss.low, loss.high, own,
                one.column_f1.mean, f1.mean, f1.low, f1.high,
            ]  # fmt: skip
            rows.append([audit.method, case, *(None if x != x else float(x) for x in numbers)])
    return csv_text(rows)


def _note(audit: AuditScores) -> str:
    specimens, images = (audit.scores[name].nunique() for name in ("specimen", "image"))
    return (
        f"{images} images of {specimens} specimens of {audit.recipe} {audit.version}, part "
        f"{audit.part}; paired image by image, 95 % intervals over specimens. The dose's own: what "
        "an efficient estimator loses or gains, its squared error being inversely proportional to "
        "the dose. The worst case leaves the dose's own loss out.\n"
    )


def _value(value: float, decimals: int) -> str:
    return "–" if value != value else f"{value:.{decimals}f}".replace("-", "−")


def _span(interval: Interval, decimals: int) -> str:
    """Mean and half the width of the interval, or its ends where it is lopsided."""
    if interval.mean != interval.mean:
        return "–"
    half = max(interval.high - interval.mean, interval.mean - interval.low)
    return f"{_value(interval.mean, decimals)} ± {_value(half, decimals)}"
