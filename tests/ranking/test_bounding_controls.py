"""Controls that bound a table: the oracle is ideal, and no row is better."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import perfect, scores_of, submission_of

from tembench.core.errors import TableError
from tembench.metrics import METRICS
from tembench.ranking.render.captions import controls_note
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions


def rows(**scores: float) -> list[Submission]:
    """The oracle and two rows of the same images, one of which has other scores."""
    given = scores_of(40).assign(mse=0.004, skill=0.6)
    jitter = np.random.default_rng(0).normal(0, 0.01, 40)
    other = given.assign(**{name: value + jitter for name, value in scores.items()})
    oracle = submission_of("clean", given, kind="control")
    return [oracle, submission_of("honest", given), submission_of("forged", other)]


@pytest.mark.parametrize("name", ["umse", "umse_product", "umse_paired"])
def test_a_row_with_less_error_than_the_clean_image_is_refused(name: str) -> None:
    message = f"'forged' is better than the clean image by {name}: -3.*, 'clean' has (0|-1);"
    with pytest.raises(TableError, match=message) as caught:
        table_of_submissions(rows(**{name: -3.0}))
    assert "honest" not in str(caught.value)
    assert caught.value.exit_code == 7


def test_all_such_rows_are_named_at_once() -> None:
    with pytest.raises(TableError, match=r"2 mistakes: .* by llr_columns.*; .* by llr_pixels"):
        table_of_submissions(rows(llr_columns=2.0, llr_pixels=2.0))


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.clean_is_ideal])
def test_an_oracle_that_is_not_ideal_is_refused(name: str) -> None:
    oracle, *others = rows()
    assert table_of_submissions([oracle, *others])
    oracle.scores.loc[7, name] = 40.0 if name == "psnr_db" else 0.5
    with pytest.raises(TableError, match=rf"{name} of the clean image itself .* image 107"):
        table_of_submissions([oracle, *others])


def test_the_psnr_of_a_blank_image_has_a_ceiling() -> None:
    oracle, *others = rows()
    oracle.scores.loc[3, "psnr_db"] = 60.0
    assert table_of_submissions([oracle, *others])


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if not m.clean_is_best])
def test_what_does_not_bound_a_metric_refuses_nothing(name: str) -> None:
    oracle, honest, other = rows(**{name: METRICS[name].ideal})
    worst = -2.0 if METRICS[name].direction == "higher" else 2.0
    if not METRICS[name].clean_is_ideal:
        oracle.scores[name] = worst
    assert len(table_of_submissions([oracle, honest, other]).rows) == 3


def test_a_row_that_is_better_by_chance_is_not_refused() -> None:
    oracle, honest, other = rows()
    noise = np.random.default_rng(1).normal(0, 1, 40)
    oracle.scores["umse"], honest.scores["umse"] = noise, np.random.default_rng(2).normal(0, 1, 40)
    other.scores["umse"] = noise - 0.3 + np.random.default_rng(3).normal(0, 2, 40)
    assert table_of_submissions([oracle, honest, other])


def test_every_metric_is_declared_as_the_clean_image_is() -> None:
    free = {n for n, m in METRICS.items() if not (m.clean_is_ideal or m.clean_is_best)}
    assert free == {
        "occupancy_correlation", "occupancy_error_atoms", "site_accuracy", "llr_called",
        "released_precision", "released_recall", "released_f1", "released_jaccard",
    }  # fmt: skip
    for metric in METRICS.values():
        if metric.clean_is_ideal and metric.clean_is_best:
            # Nothing can be beyond it, so that a table needs to look at the clean image alone.
            assert metric.ideal == metric.range[metric.direction == "higher"], metric.name


def test_the_caption_says_which_controls_are_missing() -> None:
    oracle, honest, _ = rows()
    assert controls_note(table_of_submissions([honest])) == "No control bounds this table."
    some = table_of_submissions([oracle, honest])
    assert controls_note(some).endswith("not ranked; vacuum and noisy are missing.")
    named = submission_of("noisy", oracle.scores.assign(psnr_db=10.0), kind="control")
    some = table_of_submissions([oracle, honest, named])
    assert controls_note(some).endswith("not ranked; vacuum is missing.")
    assert perfect(honest.scores)["ssim"].eq(1.0).all()
