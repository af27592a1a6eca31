"""Rows scored on the fixed subset of a test: their order, their marks, and refusals."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import scores_of, submission_of

from tembench.core.errors import OutputError, TableError
from tembench.dataset.image_table import image_table
from tembench.dataset.splits import part_images
from tembench.ranking.render.captions import notes
from tembench.ranking.render.table_figure import table_image
from tembench.ranking.render.table_formats import render_table
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table
from tembench.ranking.untrusted.expected_images import check_expected_images
from tembench.ranking.untrusted.run_info import DataInfo
from tembench.recipe import load_recipe, recipe_id

IMAGES = 40
# The subset's images are easier than the others, so that means over it mislead.
EASY = np.arange(0, IMAGES, 4) + np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1])


def whole(name: str, psnr_db: float, seed: int = 0, **how: str) -> Submission:
    scores = scores_of(IMAGES).assign(mse=0.004, skill=0.6)
    scores["psnr_db"] = psnr_db + np.random.default_rng(seed).normal(0, 0.05, IMAGES)
    scores.loc[EASY, "psnr_db"] += 5.0
    return submission_of(name, scores, **how)


def subset(name: str, psnr_db: float, seed: int = 1, **how: str) -> Submission:
    """As `whole`, of the easy images alone."""
    scores = whole(name, psnr_db, seed).scores.loc[EASY].reset_index(drop=True)
    return submission_of(name, scores, part="test-subset", **how)


@pytest.fixture
def table() -> Table:
    return table_of_submissions(
        [whole("best", 33.0), whole("worst", 30.0, 2), subset("slow", 31.0)]
    )


def test_a_row_is_placed_on_the_images_in_common(table: Table) -> None:
    assert [row.submission.name for row in table.rows] == ["best", "slow", "worst"]
    assert [row.rank for row in table.rows] == [1, 2, 3]
    assert [row.on_subset for row in table.rows] == [False, True, False]
    best, slow, _ = table.rows
    # Over all images `best` has less than `slow` over the easy ones.
    of_models = slow.submission.scores.groupby("model")["psnr_db"].mean()
    assert slow.values["psnr_db"].mean == pytest.approx(np.mean(of_models))
    assert slow.values["psnr_db"].mean > best.values["psnr_db"].mean
    assert (table.data.part, table.data.images, table.subset_images) == ("test", IMAGES, 10)


def test_a_difference_is_that_of_the_images_in_common() -> None:
    """Worse on the subset, better on all else: equal where it counts, so of one rank."""
    first = whole("first", 31.0)
    first.scores.loc[EASY, "psnr_db"] = subset("", 31.0).scores["psnr_db"].to_numpy()
    table = table_of_submissions([first, subset("slow", 31.0)])
    assert [row.rank for row in table.rows] == [1, 1]


def test_an_oracle_and_an_infinite_row_are_above() -> None:
    oracle = whole("clean", 30.0, kind="control")
    oracle.scores["psnr_db"] = np.inf
    perfect = subset("perfect", 30.0)
    perfect.scores["psnr_db"] = np.inf
    table = table_of_submissions([whole("good", 32.0), oracle, subset("slow", 40.0), perfect])
    assert [row.submission.name for row in table.rows] == ["perfect", "clean", "slow", "good"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_order_among_rows_of_the_same_images(seed: int) -> None:
    draw = np.random.default_rng(seed).normal(31, 1, 12)
    rows = [whole(f"w{i}", x, i) for i, x in enumerate(draw[:6])]
    rows += [subset(f"s{i}", x, 20 + i) for i, x in enumerate(draw[6:])]
    table = table_of_submissions(rows)
    for on_subset in (False, True):
        same = [row for row in table.rows if row.on_subset is on_subset]
        means = [row.values["psnr_db"].mean for row in same]
        assert means == sorted(means, reverse=True)
    places = {row.submission.name: place for place, row in enumerate(table.rows)}
    for row in table.rows:
        if not row.on_subset:
            continue
        mine = row.values["psnr_db"].mean
        whole_rows = [other for other in table.rows if not other.on_subset]
        better = sum(np.mean(o.submission.scores["psnr_db"][EASY]) > mine for o in whole_rows)
        above = sum(places[o.submission.name] < places[row.submission.name] for o in whole_rows)
        assert above == better


def test_the_subset_alone_is_a_table_without_marks() -> None:
    table = table_of_submissions([subset("slow", 31.0), subset("slower", 30.0, 3)])
    assert (table.data.part, table.data.images, table.subset_images) == ("test-subset", 10, 0)
    assert not notes(table)
    assert "†" not in render_table(table, "markdown")


def test_a_subset_that_is_the_whole_test_is_not_marked() -> None:
    everything = submission_of("all", whole("", 31.0).scores, part="test-subset")
    table = table_of_submissions([whole("good", 32.0), everything])
    assert [row.on_subset for row in table.rows] == [False, False]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_the_mark_and_its_meaning_are_shown(table: Table, form: str) -> None:
    text = " ".join(render_table(table, form, width=100).split())
    assert "† Scored on a fixed subset of 10 of the 40 images" in text
    # Once in the note, and beside the title: of the costs too, and on the card of the page.
    assert text.count("†") == {"terminal": 2, "markdown": 3, "html": 4}[form]
    if form == "terminal":
        assert "Slow†" in text


def test_a_mark_survives_a_title_that_is_cut() -> None:
    long = subset("s" * 40, 31.0)
    method = replace(long.description.method, title="A title of many words, all of them important")
    long = replace(long, description=replace(long.description, method=method))
    table = table_of_submissions([whole("best", 33.0), long])
    for width in (50, 60, 80, 104, 120):
        lines = render_table(table, "terminal", width=width).splitlines()
        assert max(map(len, lines)) <= width
        assert sum(bool(re.search(r"\S†", line)) for line in lines) == 1


def test_files_give_the_number_of_images_of_each_row(table: Table) -> None:
    rows = list(csv.DictReader(io.StringIO(render_table(table, "csv"))))
    parts = [("test", "40"), ("test-subset", "10"), ("test", "40")]
    assert [(row["part"], row["images"]) for row in rows] == parts
    found = json.loads(render_table(table, "json"))
    assert [row["on_subset"] for row in found["rows"]] == [False, True, False]
    assert [row["images"] for row in found["rows"]] == [40, 10, 40]


@pytest.mark.slow
def test_the_picture_has_room_for_the_note(table: Table, tmp_path: Path) -> None:
    from PIL import Image

    plain = table_of_submissions([row.submission for row in table.rows if not row.on_subset] * 2)
    sizes = []
    for name, drawn in (("plain", replace(plain, rows=plain.rows[:3])), ("marked", table)):
        with Image.open(table_image(drawn, tmp_path / f"{name}.png")) as picture:
            sizes.append(picture.size)
    assert sizes[0][0] == sizes[1][0]
    assert sizes[0][1] < sizes[1][1]


@pytest.mark.slow
def test_series_are_marked_too() -> None:
    table = table_of_submissions([whole("best", 33.0), whole("series", 34.0, given="series")])
    for form in ("terminal", "markdown", "html"):
        text = " ".join(render_table(table, form, width=100).split())
        assert "‡ Sees the whole series" in text
        assert "†" not in text
    assert json.loads(render_table(table, "json"))["rows"][0]["input"] == "series"


def other_subset() -> Submission:
    scores = whole("", 31.0).scores.loc[EASY[::-1] // 2 + 1].drop_duplicates()
    return submission_of("other", scores.sort_values("image"), part="test-subset")


def strange_image() -> Submission:
    found = subset("other", 31.0)
    found.scores.loc[9, "image"] = 999
    return found


def other_truth() -> Submission:
    found = subset("other", 31.0)
    found.scores["skill"] = 0.7
    return found


def other_model() -> Submission:
    found = subset("other", 31.0)
    found.scores.loc[0, "model"] = "omega"
    return found


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (other_subset, "images of 'slow' and 'other' differ; expected 10 images"),
        (strange_image, "images of 'other' are not all among those of 'best'.*got image 999"),
        (other_truth, "'best' and 'other' were scored against different clean images"),
        (other_model, "image 100 has two models"),
        (lambda: submission_of("other", scores_of(IMAGES), part="test-full"), "parts of .* differ"),
    ],
    ids=["another draw", "strange image", "truth", "model", "test-full"],
)
def test_what_is_not_that_subset_is_refused(other, message: str) -> None:
    with pytest.raises(TableError, match=message):
        table_of_submissions([subset("slow", 31.0), whole("best", 33.0), other()])


def test_the_rest_of_a_test_does_not_mix_with_its_subset() -> None:
    rest = submission_of("rest", scores_of(IMAGES), part="test-full")
    with pytest.raises(TableError, match=r"expected test-full .*got test-subset"):
        table_of_submissions([subset("slow", 31.0), rest])


@pytest.fixture(scope="module")
def benchmark_scores() -> tuple[DataInfo, pd.DataFrame]:
    """Scores that a submission on the benchmark's subset must have, and the images of its test."""
    recipe = load_recipe("ptceo2-18k")
    data = DataInfo(
        recipe=recipe.name,
        version=recipe.version,
        recipe_id=recipe_id(recipe),
        split="model",
        part="test-subset",
        images=100,
    )
    table = image_table(recipe)
    images = part_images(table, "model", "test-subset", recipe.seed)
    return data, pd.DataFrame({"image": images, "model": table["model"].iloc[images].to_numpy()})


@pytest.mark.slow
def test_the_images_of_a_released_recipe_are_known(benchmark_scores) -> None:
    data, scores = benchmark_scores
    path = Path("scores.csv")
    check_expected_images(scores, data, path)
    easier = scores.assign(image=scores["image"].replace(int(scores["image"][3]), 0))
    with pytest.raises(OutputError, match=r"not the images of the test-subset part.*image 0"):
        check_expected_images(easier, data, path)
    with pytest.raises(OutputError, match="not the images"):
        check_expected_images(scores.iloc[1:], data, path)
    with pytest.raises(OutputError, match=f"of {scores['model'][0]}, got image .* of other"):
        check_expected_images(scores.assign(model=["other", *scores["model"][1:]]), data, path)
    with pytest.raises(OutputError, match="not the images of the test part"):
        check_expected_images(scores, replace(data, part="test"), path)
    more = pd.concat([scores, scores.assign(image=scores["image"] + 1)])
    with pytest.raises(OutputError, match="too many images"):
        check_expected_images(more, replace(data, recipe_id="0" * 64), path)
    check_expected_images(scores.iloc[1:], replace(data, recipe_id="0" * 64), path)
