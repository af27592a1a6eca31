"""Drawn table whose rows lack scores, are infinite, or on the subset; one of them is audited."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pandas as pd
from synthetic import drawn_scores, submission_of

from tembench.metrics import METRICS
from tembench.ranking import AUDIT_BASE, AUDIT_CASES, AuditScores
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

SPECIMENS, EACH = 30, 2
HOSTILE = "<script>alert(1)</script>"


def _scores(seed: int, level: float) -> pd.DataFrame:
    scores = drawn_scores(SPECIMENS, EACH, seed=seed)
    shared = 3.0 * (scores["image"] % 7) / 7
    return scores.assign(
        psnr_db=level + shared + 0.5 * scores["ssim"],
        skill=1.0 - scores["mse"],
        frc_resolution_A=1.0 + scores["frc_resolution_A"],
    )


def _panel() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    tiles = np.repeat(np.array([10, 90, 170, 250], dtype=np.uint8), 32)
    Image.fromarray(np.tile(tiles, (32, 1))).save(buffer, format="PNG")
    return buffer.getvalue()


def _audit() -> AuditScores:
    """Half the dose takes 4 dB, one more than its own; a specimen more loses more."""
    rows = [
        (f"test-{number:05}", number, case, 40.0 - lost * (1 + 0.1 * number), 0.9)
        for number in range(4)
        for case in (AUDIT_BASE, *AUDIT_CASES)
        for lost in [4.0 if case == "half-dose" else 0.25 if case == "moved" else 0.0]
    ]
    scores = pd.DataFrame(rows, columns=["specimen", "image", "case", "psnr_db", "column_f1"])
    return AuditScores(
        method="unet-open",
        recipe="toy-draws",
        version="1.0.0",
        recipe_id="ab" * 32,
        part="test",
        scores=scores,
    )


def _described(submission: Submission) -> Submission:
    """With a paper, an audit, a panel, and text that would be code if it were not escaped."""
    method = dataclasses.replace(
        submission.description.method,
        title=f"UNet {HOSTILE}",
        paper={
            "title": f"A paper {HOSTILE}",
            "doi": "10.1109/TCI.2022.3176536",
            "arxiv": "2010.12970",
            "url": "javascript:alert(1)",
        },
    )
    run = dataclasses.replace(
        submission.description.run, n_parameters=1_950_000, training_seconds=660.0
    )
    return dataclasses.replace(
        submission,
        description=dataclasses.replace(submission.description, method=method, run=run),
        audit=_audit(),
        panel=_panel(),
        scores_sha256="12" * 32,
    )


def uneven_table() -> Table:
    reference = submission_of("bm3d-open", _scores(0, 30.0), recipe="toy-draws")
    unet = submission_of("unet-open", _scores(1, 31.0), kind="learned", recipe="toy-draws")
    lacking = _scores(2, 30.5)
    lacking.loc[lacking["image"] % 3 == 0, "surface_f1"] = np.nan
    lacking.loc[lacking.index >= EACH, "column_f1"] = np.nan
    blank = submission_of("blank", lacking, recipe="toy-draws")
    perfect = _scores(3, 40.0)
    perfect.loc[perfect.index < 3, "psnr_db"] = np.inf
    exact = submission_of("exact", perfect, kind="learned", recipe="toy-draws")
    # Nothing is better than the clean image by any metric.
    ideal = {name: metric.ideal for name, metric in METRICS.items() if np.isfinite(metric.ideal)}
    clean = _scores(4, 50.0).assign(**ideal | {"psnr_db": np.inf})
    oracle = submission_of("clean", clean, kind="control", given="clean", recipe="toy-draws")
    subset = _scores(5, 30.2).iloc[::4].reset_index(drop=True)
    slow = submission_of("slow", subset, part="test-subset", recipe="toy-draws")
    return table_of_submissions([reference, _described(unet), blank, exact, oracle, slow])
