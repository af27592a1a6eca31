"""Changed scores of an entry are named: images, metrics, the largest change, its reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tembench.ranking.changed_scores import changed_scores
from tembench.ranking.submission import Submission, check_submission

DIGESTS = {"outputs_sha256": "ab" * 32, "scored_with": "0.1.0"}


@pytest.fixture(scope="module")
def old(submitted: Path) -> Submission:
    return replace(check_submission(submitted / "good"), **DIGESTS)


def with_scores(old: Submission, change: Any, **fields: Any) -> Submission:
    scores = old.scores.copy()
    changed = change(scores)
    return replace(old, scores=scores if changed is None else changed, **fields)


def set_value(image: int, metric: str, value: float) -> Any:
    def change(scores: pd.DataFrame) -> None:
        scores.loc[scores["image"] == image, metric] = value

    return change


def test_equal_scores_have_not_changed(old: Submission) -> None:
    assert changed_scores(old, old) == []
    rounded = with_scores(old, set_value(3, "ssim", float(old.scores["ssim"][1]) * (1 + 1e-12)))
    assert changed_scores(old, rounded) == []
    shuffled = with_scores(old, lambda scores: scores[::-1])
    assert changed_scores(old, shuffled) == []


def test_a_new_metric_and_a_cost_are_no_change(old: Submission) -> None:
    fewer = {name: version for name, version in old.metrics.items() if name != "dof"}
    before = with_scores(old, lambda scores: scores.drop(columns="dof"), metrics=fewer)
    assert changed_scores(before, old) == []
    assert changed_scores(old, before)[0] == "no longer scored: dof"
    assert changed_scores(old, with_scores(old, set_value(3, "seconds", 9.0))) == []


def test_the_largest_change_of_a_metric_is_named(old: Submission) -> None:
    def change(scores: pd.DataFrame) -> None:
        scores["psnr_db"] += np.where(scores["image"] == 7, 2.0, 0.5)
        scores.loc[scores["image"] == 3, "mse"] = np.nan

    found = changed_scores(old, with_scores(old, change))
    before = float(old.scores.set_index("image")["psnr_db"][7])
    assert found[0] == (
        f"psnr_db changed in 10 images of 10, most in image 7: {before:.10g} dB -> "
        f"{before + 2:.10g} dB"
    )
    assert found[1].startswith("mse changed in 1 image of 10, most in image 3: ")
    assert found[1].endswith("-> undefined")
    assert found[2:] == ["the outputs are the same"]


def test_infinite_scores_are_compared(submitted: Path) -> None:
    clean = check_submission(submitted / "clean")
    assert changed_scores(clean, clean) == []
    found = changed_scores(clean, with_scores(clean, set_value(4, "psnr_db", 40.0)))
    assert found[0] == "psnr_db changed in 1 image of 10, most in image 4: inf dB -> 40 dB"


def test_what_explains_a_change_is_named(old: Submission) -> None:
    new = with_scores(
        old,
        set_value(3, "psnr_db", 50.0),
        metrics={**old.metrics, "ssim": 2},
        outputs_sha256="cd" * 32,
        scored_with="0.2.0",
    )
    assert changed_scores(old, new)[1:] == [
        "version of ssim: 1 -> 2",
        "tembench that scored: 0.1.0 -> 0.2.0",
        "the outputs differ: sha256 abababababab -> cdcdcdcdcdcd",
    ]
    unknown = changed_scores(replace(old, **dict.fromkeys(DIGESTS, "")), new)
    assert "tembench that scored: unknown -> 0.2.0" in unknown
    assert "unknown" in unknown[-1]


def test_other_outputs_are_named_though_no_score_changed(old: Submission) -> None:
    found = changed_scores(old, replace(old, outputs_sha256="cd" * 32))
    assert found == ["the outputs differ: sha256 abababababab -> cdcdcdcdcdcd"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda scores: scores[1:], "1 image left out, the first is 2"),
        (lambda scores: scores.assign(image=scores["image"] + 5), "5 images added, the first is"),
        (lambda scores: scores.assign(model="other"), "10 images of another specimen, the first"),
    ],
)
def test_other_images_are_named(old: Submission, change: Any, text: str) -> None:
    found = changed_scores(old, with_scores(old, change))
    assert any(text in one for one in found), found


def test_more_missing_images_are_named(old: Submission) -> None:
    found = changed_scores(old, replace(old, missing=2))
    assert found[0] == "images that are missing and count as the worst: 0 -> 2"
