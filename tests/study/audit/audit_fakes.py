"""Audits without any image."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tembench.ranking import AUDIT_BASE, AUDIT_CASES, AUDIT_COLUMNS, AuditScores


def audit_of(
    psnr: Mapping[str, float],
    *,
    method: str = "mine",
    per_specimen: Mapping[str, int] | None = None,
    f1: float | None = 0.9,
) -> AuditScores:
    """Scores of 40 dB but for some cases; specimens differ by their number."""
    rows = []
    image = 100
    for number, (specimen, images) in enumerate((per_specimen or {"a": 1, "b": 1}).items()):
        for _ in range(images):
            for case in (AUDIT_BASE, *AUDIT_CASES):
                rows.append((specimen, image, case, psnr.get(case, 40.0) + number, f1))
            image += 1
    scores = pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))
    scores["column_f1"] = scores["column_f1"].astype(float)
    return AuditScores(
        method=method,
        recipe="fake",
        version="1.0.0",
        recipe_id="ab" * 32,
        part="test",
        scores=scores,
    )
