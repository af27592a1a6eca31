"""Table of a drawn recipe: two ranks, series apart, differences to a reference, captions."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from synthetic import drawn_scores, scores_of, submission_of

from tembench.ranking import table as table_module
from tembench.ranking.render.captions import (
    caption,
    marks,
    rank_text,
    reading_guide,
    shown_columns,
    table_title,
    track_note,
)
from tembench.ranking.render.table_formats import render_table, render_tables, table_summary
from tembench.ranking.render.text_columns import worst_columns
from tembench.ranking.statistics import difference, resampling
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

SECOND = "site_accuracy"


def drawn(name: str, psnr_db: float, second: float, **how: str) -> Submission:
    scores = drawn_scores(40)
    rng = np.random.default_rng(len(name))
    scores["psnr_db"] = psnr_db + rng.normal(0, 0.1, len(scores))
    scores[SECOND] = second + rng.normal(0, 0.01, len(scores))
    return submission_of(name, scores, recipe="open-hrtem", **how)


@pytest.fixture
def rows() -> list[Submission]:
    return [
        drawn("sharp", 35.0, 0.3, trained_on="open-hrtem"),
        drawn("faithful", 33.0, 0.7, trained_on="ptceo2-18k"),
        drawn("bm3d", 31.0, 0.5),
        drawn("movie-net", 36.0, 0.6, given="series"),
        drawn("mean", 30.0, 0.2, given="series"),
        drawn("vacuum", 25.0, 0.5, kind="control"),
    ]


@pytest.fixture
def table(rows: list[Submission], monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(table_module, "ALSO_RANKED_BY", (SECOND,))
    return table_of_submissions(rows)


def by_name(table: Table) -> dict[str, str]:
    return {row.submission.name: rank_text(row) for row in table.rows}


@pytest.mark.slow
def test_each_question_has_a_rank_and_series_are_ranked_apart(table: Table) -> None:
    ranks = {"sharp": "1", "faithful": "2", "bm3d": "3", "movie-net": "‡1", "mean": "‡2"}
    assert by_name(table) == ranks | {"vacuum": "–"}
    (second,) = table.also_ranked_by
    found = {row.submission.name: rank_text(row, second) for row in table.rows}
    assert found == {
        "faithful": "1", "bm3d": "2", "sharp": "3", "movie-net": "‡1", "mean": "‡2", "vacuum": "–",
    }  # fmt: skip
    assert [metric.name for metric in shown_columns(table)][:2] == ["psnr_db", SECOND]
    csv_rows = list(csv.DictReader(io.StringIO(render_table(table, "csv"))))
    assert {row["name"]: row[f"rank_by_{SECOND}"] for row in csv_rows}["faithful"] == "1"
    assert "Rank by it" in render_table(table, "markdown")
    for width in (50, 80, 150):
        text = render_table(table, "terminal", width=width)
        assert max(map(len, text.splitlines())) <= width


@pytest.mark.slow
def test_rows_are_compared_with_the_reference(rows: list[Submission], table: Table) -> None:
    worst = {row.submission.name: row.worst for row in table.rows}
    draws = resampling(list(rows[0].scores["model"]))
    first, reference = (rows[i].scores["psnr_db"].to_numpy() for i in (0, 2))
    assert table.reference == "bm3d"
    assert worst["sharp"] is not None
    found, expected = worst["sharp"].difference, difference(first, reference, draws)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert worst["bm3d"] is not None
    assert worst["bm3d"].difference is None
    headings = [column.heading for column in worst_columns(table)]
    assert "PSNR minus bm3d, dB" in headings
    assert "PSNR minus bm3d, worst group, dB" in headings
    other = table_of_submissions(rows, reference="nothing")
    assert (other.reference, other.rows[0].worst and other.rows[0].worst.difference) == ("", None)
    assert not any("minus" in column.heading for column in worst_columns(other))


@pytest.mark.slow
def test_every_format_has_the_worst_cases(table: Table) -> None:
    group = next(row.worst.group for row in table.rows if row.worst)
    assert group is not None
    text = render_table(table, "terminal", width=250, show="worst")
    csv_rows = list(csv.DictReader(io.StringIO(render_table(table, "csv"))))
    assert group.name in text
    assert csv_rows[0]["worst_group_name"] == group.name
    assert float(csv_rows[0]["worst_group"]) == pytest.approx(group.value.mean)
    assert {len(row) for row in csv_rows} == {len(csv_rows[0])}
    summary = table_summary(table)
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["rows"][0]["worst"]["group"]["name"] == group.name
    assert "Where they are worst" in render_table(table, "html")


@pytest.mark.slow
def test_captions_say_which_track_it_is(table: Table) -> None:
    assert caption(table).startswith("Open track: open-hrtem 1.0.0, test part of split model: 80")
    assert caption(table).endswith("of 40 specimens")
    assert "Open seed" in reading_guide(table)
    guide = reading_guide(table)
    assert "Each rank answers a question of its own. PSNR: how near" in guide
    assert "◊ Trained on draws of this very recipe" in guide
    assert [marks(row) for row in table.rows if row.submission.name in ("sharp", "faithful")] == [
        "◊", "",
    ]  # fmt: skip
    closed = table_of_submissions([submission_of("unet", scores_of())])
    assert table_title(closed) == "Reproduction of 2020"
    assert "a look-up among the training images" in reading_guide(closed)
    assert (closed.also_ranked_by, worst_columns(closed)) == ((), [])
    page = render_tables([table, closed], "html")
    assert page.index("Open track") < page.index("Reproduction of 2020")
    assert page.count('id="method-') == 7
    assert 'id="method-unet-1"' in page


@pytest.mark.parametrize(
    ("recipe", "part", "expected"),
    [
        ("open-hrtem-sealed-0123abcd", "test", "Sealed: only the organiser has the seed"),
        ("open-hrtem", "dev", "The truth of this part is public"),
        ("open-hrtem", "test", "Open seed: the seed that it was drawn from is public"),
    ],
)
def test_a_note_says_who_knows_the_truth(recipe: str, part: str, expected: str) -> None:
    own = submission_of(
        "net", drawn_scores(12, part=part), recipe=recipe, part=part, trained_on="open-hrtem"
    )
    found = table_of_submissions([own])
    assert expected in track_note(found)
    assert ("dev" in table_title(found)) == (part == "dev")
    assert marks(found.rows[0]) == "◊"


@pytest.mark.slow
def test_a_test_that_memory_wins_ranks_nothing(rows: list[Submission]) -> None:
    poor = table_of_submissions([*rows, drawn("dictionary", 20.0, 0.1, kind="control")])
    assert poor.look_up_margin_db == pytest.approx(-11.0, abs=0.1)
    assert "is 11" in track_note(poor)
    assert "below bm3d" in track_note(poor)
    assert poor.rows[0].rank == 1
    won = table_of_submissions([*rows, drawn("dictionary", 50.0, 0.1, kind="control")])
    assert "memory wins this test, so nothing is ranked" in track_note(won)
    assert {row.rank for row in won.rows} == {None}
    assert table_of_submissions(rows).look_up_margin_db is None


@pytest.mark.slow
def test_columns_that_fewer_specimens_have_are_told(rows: list[Submission]) -> None:
    for one in rows:
        one.scores.loc[:9, "column_f1"] = np.nan
    found = table_of_submissions(rows)
    assert found.rows[0].values["column_f1"].models == 35
    assert "Defined for fewer of the 40 specimens: Column F1 35." in reading_guide(found)


@pytest.mark.slow
def test_a_row_from_before_a_metric_is_named() -> None:
    old = submission_of("old", drawn_scores(12, seed=1), lacking=("ssim",))
    found = table_of_submissions([old, submission_of("new", drawn_scores(12))])
    assert "– Scored before tembench had the metric (SSIM): old." in reading_guide(found)
    for form in ("terminal", "markdown", "latex", "html", "csv", "json"):
        assert render_table(found, form)
