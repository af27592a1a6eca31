"""Trainings with other seeds: one row of means, and refusals of other networks."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from synthetic import drawn_scores, submission_of

from tembench.core.errors import TableError
from tembench.ranking.render.captions import reading_guide
from tembench.ranking.render.text_columns import worst_columns
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions


def training(name: str, psnr_db: float, seed_of: str = "", **how: object) -> Submission:
    scores = drawn_scores()
    scores["psnr_db"] = psnr_db + np.random.default_rng(len(name)).normal(0, 0.1, len(scores))
    return submission_of(name, scores, method="net", seed_of=seed_of, **how)  # type: ignore[arg-type]


@pytest.mark.slow
def test_trainings_share_a_row_of_their_means() -> None:
    trainings = [
        training("net", 33.0),
        training("net-seed2", 34.0, "net", parameters={"seed": 2}),
        training("net-seed30", 32.5, "net"),
    ]
    other = training("other", 30.0)
    table = table_of_submissions([*trainings, other])
    assert [row.submission.name for row in table.rows] == ["net", "other"]
    row = table.rows[0]
    of_each = [one.scores["psnr_db"].mean() for one in trainings]
    assert row.seed_means == pytest.approx(of_each)
    assert row.values["psnr_db"].mean == pytest.approx(np.mean(of_each))
    assert table.rows[1].seed_means == ()
    column = worst_columns(table)[-1]
    low, high = f"{min(of_each):.2f}", f"{max(of_each):.2f}"
    assert column.cells == [f"3: {low} to {high}", "–"]
    assert "one row, of mean scores" in reading_guide(table)


@pytest.mark.slow
def test_the_order_of_trainings_does_not_matter() -> None:
    some = [training("net", 33.0), training("net-seed2", 34.0, "net")]
    first, second = (table_of_submissions(one).rows[0] for one in (some, some[::-1]))
    assert first.values == second.values
    assert first.seed_means == second.seed_means


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed_of": "nobody"}, "further training of 'nobody', which is not here"),
        ({"parameters": {"channels": 3}}, "which has other parameters"),
        ({"method": "else"}, "which is a submission of net"),
    ],
)
def test_another_network_is_refused(change: dict[str, object], message: str) -> None:
    how = {"seed_of": "net", "method": "net"} | change
    other = submission_of("net-seed2", drawn_scores(), **how)  # type: ignore[arg-type]
    with pytest.raises(TableError, match=message):
        table_of_submissions([training("net", 33.0), other])


def test_other_metrics_are_refused() -> None:
    fewer = dataclasses.replace(training("net-seed2", 33.0, "net"), metrics={"psnr_db": 1})
    with pytest.raises(TableError, match="which has other metrics"):
        table_of_submissions([training("net", 33.0), fewer])
