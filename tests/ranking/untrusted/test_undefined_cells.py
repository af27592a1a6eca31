"""Empty cells: what a draw decides, what a closed recipe never lacks, and what rows must share."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_recipes import drawn_recipe
from synthetic import drawn_scores, scores_of, submission_of

from tembench.core.errors import OutputError, TableError
from tembench.dataset import contents_of
from tembench.metrics import METRICS, versions
from tembench.ranking.table import table_of_submissions
from tembench.ranking.untrusted import expected_images, undefined_cells
from tembench.ranking.untrusted.expected_images import check_expected_images
from tembench.ranking.untrusted.run_info import DataInfo
from tembench.ranking.untrusted.scores_csv import read_rows
from tembench.ranking.untrusted.undefined_cells import check_undefined_cells, is_drawn
from tembench.recipe import DrawnRecipe, draw_specimen, recipe_id, specimen_seed

PATH = Path("scores.csv")
OF = {
    what: [name for name, metric in METRICS.items() if metric.needs == what]
    for what in ("columns", "particle", "vacuum")
}


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DrawnRecipe:
    """The tiny drawn recipe, as if it came with tembench."""
    known = drawn_recipe(tmp_path)
    for module in (expected_images, undefined_cells):
        monkeypatch.setattr(module, "released_recipes", lambda: {recipe_id(known): known})
    expected_images._models.cache_clear()
    return known


def info(recipe: DrawnRecipe, part: str = "test", images: int = 8) -> DataInfo:
    return DataInfo(
        recipe=recipe.name, version=recipe.version, recipe_id=recipe_id(recipe), split="model",
        part=part, images=images,
    )  # fmt: skip


def right_scores(recipe: DrawnRecipe, part: str = "test") -> pd.DataFrame:
    """Scores of a part with the cells empty that its draw decides."""
    table = contents_of(recipe).table()
    of_part = table[table["split_model"] == part]
    scores = drawn_scores(len(of_part), 1).assign(
        image=of_part.index, model=of_part["model"].values
    )
    for row, model in enumerate(scores["model"]):
        kind = draw_specimen(recipe, *specimen_seed(recipe, part, int(model[-5:]))).kind
        lacking = {"upright": [], "tilted": ["particle"], "amorphous": ["particle", "columns"]}
        for what in lacking[kind]:
            scores.loc[row, OF[what]] = np.nan
    return scores


@pytest.mark.slow
def test_images_of_a_drawn_part_follow_from_the_recipe(recipe: DrawnRecipe) -> None:
    for part in ("test", "dev"):
        scores = right_scores(recipe, part)
        check_expected_images(scores, info(recipe, part), PATH)
        with pytest.raises(OutputError, match=f"not the images of the {part} part"):
            check_expected_images(scores[1:], info(recipe, part), PATH)
    with pytest.raises(OutputError, match="not the images of the dev part"):
        check_expected_images(right_scores(recipe), info(recipe, "dev"), PATH)
    renamed = right_scores(recipe).assign(model="test-00001")
    with pytest.raises(OutputError, match="expected image 14 of test-00000, got image 14 of"):
        check_expected_images(renamed, info(recipe), PATH)


def test_what_a_kind_lacks_is_empty_and_nothing_else_is_asked(recipe: DrawnRecipe) -> None:
    scores = right_scores(recipe)
    check_undefined_cells(scores, info(recipe), PATH)
    # Whether an upright specimen's particle is in the frame is for the atoms to say.
    scores.loc[:, OF["vacuum"]] = np.nan
    scores.loc[scores["particle_skill"].notna(), OF["particle"]] = np.nan
    check_undefined_cells(scores, info(recipe), PATH)


def test_scores_of_what_a_kind_lacks_are_refused(recipe: DrawnRecipe) -> None:
    scores = right_scores(recipe)
    film = scores.index[scores["column_f1"].isna()][0]
    scores.loc[film, OF["columns"]] = 0.5
    image = scores["image"][film]
    with pytest.raises(OutputError, match=f"of image {image} is not empty.*has no columns"):
        check_undefined_cells(scores, info(recipe), PATH)


def test_an_image_of_vacuum_has_vacuum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = drawn_recipe(tmp_path, {"specimens.empty.share": 1e6})
    monkeypatch.setattr(undefined_cells, "released_recipes", lambda: {recipe_id(known): known})
    scores = drawn_scores(4, 1)
    scores.loc[:, OF["particle"] + OF["columns"]] = np.nan
    check_undefined_cells(scores, info(known), PATH)
    scores.loc[2, OF["vacuum"]] = np.nan
    with pytest.raises(OutputError, match=r"image 102 is empty; expected a score: .* has vacuum"):
        check_undefined_cells(scores, info(known), PATH)


@pytest.mark.parametrize("what", OF)
def test_a_closed_recipe_lacks_nothing(what: str) -> None:
    data = info_of_closed()
    scores = scores_of()
    check_undefined_cells(scores, data, PATH)
    scores.loc[3, OF[what]] = np.nan
    with pytest.raises(OutputError, match=f"image 103 is empty.*delta has {what}"):
        check_undefined_cells(scores, data, PATH)


def info_of_closed() -> DataInfo:
    return DataInfo(
        recipe="own", version="1.0.0", recipe_id="0" * 64, split="model", part="test", images=12
    )


def as_csv(scores: pd.DataFrame) -> bytes:
    return scores.to_csv(index=False).encode()


def consistent(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores that contradict neither each other nor their ranges."""
    shares = ("column", "surface", "released")
    values: dict[str, Any] = {f"{kind}_{name}": 1.0 for kind in shares
                              for name in ("precision", "recall", "f1", "jaccard")}  # fmt: skip
    names = ("columns_invented", "columns_missed", "vacuum_false_per_nm2", "llr_invented")
    return scores.assign(
        **values,
        **dict.fromkeys(names, 0.0),
        mse=1e-4,
        skill=0.5,
        psnr_db=41.0,
        frc_resolution_A=1.0,
    )


def test_rows_with_factors_and_empty_cells_are_read() -> None:
    scores = consistent(drawn_scores(4))
    scores.loc[2, OF["columns"]] = np.nan
    scores.loc[1, "material"] = ""
    scores.loc[3, "C10_nm"] = np.nan
    found = read_rows(as_csv(scores), PATH, versions(), 8)
    pd.testing.assert_frame_equal(found, scores, check_dtype=False)
    assert is_drawn(found)
    assert not is_drawn(scores_of())


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("column_f1", "", "column_f1: empty for image 101.*that it has columns"),
        ("psnr_db", "", "psnr_db: expected a number"),
        ("mse", "nan", "mse: expected a number"),
        ("column_f1", "nan", "column_f1: expected a number"),
        ("material", "Pt\x07", "material: expected at most 60 printable"),
        ("material", "x" * 61, "material: expected at most 60 printable"),
        ("material", "\u0663", "material: expected at most 60 printable"),
        ("C10_nm", "inf", "C10_nm: expected a number"),
        ("dose_e_per_A2", "many", "dose_e_per_A2: expected a number"),
    ],
)
def test_a_cell_alone_is_not_empty(column: str, text: str, message: str) -> None:
    scores = consistent(drawn_scores(4)).astype(object)
    scores.loc[1, column] = text
    with pytest.raises(OutputError, match=message):
        read_rows(as_csv(scores), PATH, versions(), 8)


def test_factors_have_their_order() -> None:
    scores = consistent(drawn_scores(4))
    columns = ["image", "model", "orientation", "material", *scores.columns[4:]]
    with pytest.raises(OutputError, match="wrong columns; expected image, model, material"):
        read_rows(as_csv(scores[columns]), PATH, versions(), 8)


@pytest.mark.slow
def test_rows_of_a_table_leave_out_the_same_images() -> None:
    first, second = drawn_scores(), drawn_scores(seed=1)
    for scores in (first, second):
        scores.loc[4, OF["columns"]] = np.nan
    table_of_submissions([submission_of("one", first), submission_of("two", second)])
    second.loc[9, OF["columns"]] = np.nan
    with pytest.raises(TableError, match="'one' has scores of image 109 that 'two' leaves empty"):
        table_of_submissions([submission_of("one", first), submission_of("two", second)])


def test_rows_of_a_table_agree_on_what_images_show() -> None:
    first, second = submission_of("one", drawn_scores()), submission_of("two", drawn_scores(seed=1))
    dose = second.scores.assign(dose_e_per_A2=second.scores["dose_e_per_A2"] * 1.01)
    with pytest.raises(TableError, match="image 100 has two values of dose_e_per_A2"):
        table_of_submissions([first, dataclasses.replace(second, scores=dose)])
    fewer = dataclasses.replace(second, scores=second.scores.drop(columns="material"))
    with pytest.raises(TableError, match="scores of 'two' have no column material"):
        table_of_submissions([first, fewer])
