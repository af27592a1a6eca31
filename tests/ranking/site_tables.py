"""Two synthetic tables, a drawn one and a closed one, with methods in both."""

from __future__ import annotations

import pandas as pd
from synthetic import drawn_scores, scores_of, submission_of

from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

METHODS = {"bm3d-open": 0.0, "unet-open": 1.5, "gated-open": 1.4, "median": -2.0, "unet": -6.0}


def _with_psnr(scores: pd.DataFrame, level: float, quality: float) -> pd.DataFrame:
    """Scores whose PSNR is higher by a method's quality, alike on the same images."""
    shared = 3.0 * (scores["image"] % 7) / 7
    # The error of a constant image is the same in all rows, as it is that of the clean image.
    skill = 1.0 - scores["mse"]
    return scores.assign(psnr_db=level + quality + shared + 0.5 * scores["ssim"], skill=skill)


def drawn_submissions() -> list[Submission]:
    found = [
        submission_of(
            name,
            _with_psnr(drawn_scores(40, 2, seed=number), 30.0, quality),
            kind="learned" if "unet" in name or "gated" in name else "classical",
            recipe="toy-draws",
        )
        for number, (name, quality) in enumerate(METHODS.items())
    ]
    scores = _with_psnr(drawn_scores(40, 2, seed=9), 10.0, 0.0)
    return [*found, submission_of("noisy", scores, kind="control", recipe="toy-draws")]


def closed_submissions() -> list[Submission]:
    return [
        submission_of(
            name,
            _with_psnr(scores_of(24, seed=number), 36.0, -quality),
            kind="learned" if "unet" in name else "classical",
            recipe="toy-models",
        )
        for number, (name, quality) in enumerate(METHODS.items())
    ]


def site_tables() -> list[Table]:
    return [
        table_of_submissions(drawn_submissions()),
        table_of_submissions(closed_submissions()),
    ]
