"""Splits and tracks: no model on both sides, and a test that is balanced over the factors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tembench.core.errors import RecipeError, StoreError
from tembench.dataset import open_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.image_table import check_tracks, defocus_series, image_table, with_contrast
from tembench.dataset.splits import (
    SUBSET_IMAGES,
    UNUSED,
    balanced_draw,
    images_under_test,
    part_images,
)
from tembench.recipe import PARTS, TEST_PARTS, Recipe, load_recipe, parse_recipe


@pytest.fixture(scope="module")
def benchmark() -> Recipe:
    return load_recipe("ptceo2-18k")


@pytest.fixture(scope="module")
def table(benchmark: Recipe) -> pd.DataFrame:
    return image_table(benchmark)


@pytest.mark.slow
def test_parts_of_the_model_split_share_no_model(table: pd.DataFrame) -> None:
    sides = [{"train"}, {"validation"}, set(TEST_PARTS)]
    models = [set(table.loc[table["split_model"].isin(side), "model"]) for side in sides]
    assert not models[0] & models[1]
    assert not models[0] & models[2]
    assert not models[1] & models[2]


def test_the_test_is_balanced(table: pd.DataFrame) -> None:
    test = table[table["split_model"] == "test"]
    assert len(test) == 500
    per_model = test["model"].value_counts()
    # The two surface variants have nine images, and give them all.
    assert sorted(per_model)[:2] == [9, 9]
    assert set(sorted(per_model)[2:]) <= {40, 41}
    whole = test[~test["model"].isin(per_model.index[per_model == 9])]
    tilt = whole["tilt_x_deg"].astype(str) + " " + whole["tilt_y_deg"].astype(str)
    for factor in (whole["defocus_nm"], tilt):
        assert np.ptp(factor.value_counts()) <= 1
        assert np.ptp(pd.crosstab(whole["model"], factor)) <= 1


def test_the_subset_represents_the_test(table: pd.DataFrame, benchmark: Recipe) -> None:
    test = part_images(table, "model", "test", benchmark.seed)
    subset = part_images(table, "model", "test-subset", benchmark.seed)
    assert len(subset) == SUBSET_IMAGES
    assert set(subset) < set(test)
    np.testing.assert_array_equal(
        subset, part_images(table, "model", "test-subset", benchmark.seed)
    )
    for factor in ("model", "particle", "defect", "thickness_A", "defocus_nm", "tilt_x_deg"):
        shares = [table.loc[part, factor].value_counts(normalize=True) for part in (test, subset)]
        # An image and a half: no share of 100 images comes nearer to every share of 500.
        assert (shares[0] - shares[1]).abs().max() <= 1.5 / SUBSET_IMAGES


def test_a_small_test_is_its_own_subset(table: pd.DataFrame, benchmark: Recipe) -> None:
    for track in ("structure", "defect", "defocus"):
        test = part_images(table, track, "test", benchmark.seed)
        assert len(test) <= SUBSET_IMAGES
        np.testing.assert_array_equal(
            part_images(table, track, "test-subset", benchmark.seed), test
        )
    nothing = table.assign(split_model="train")
    assert len(part_images(nothing, "model", "test-subset", benchmark.seed)) == 0


@pytest.mark.slow
def test_the_draw_depends_on_the_seed_alone(table: pd.DataFrame) -> None:
    held_out = table[table["split_model"].isin(TEST_PARTS)]
    first = balanced_draw(held_out, 100, seed=1)
    assert len(set(first)) == 100
    np.testing.assert_array_equal(first, balanced_draw(held_out, 100, seed=1))
    assert set(first) != set(balanced_draw(held_out, 100, seed=2))
    for proportional in (False, True):
        everything = balanced_draw(held_out, 10**6, seed=1, proportional=proportional)
        assert len(everything) == len(held_out)


@pytest.mark.parametrize(
    ("track", "factor", "values"),
    [
        ("structure", "particle", {"PtNp4"}),
        ("defect", "defect", {"Ds"}),
        ("thickness", "thickness_A", {60.0}),
        ("defocus", "defocus_nm", {17.0, 18.0, 19.0, 20.0}),
    ],
)
def test_a_track_trains_without_its_values_and_tests_with_them(
    table: pd.DataFrame, track: str, factor: str, values: set[Any]
) -> None:
    parts = {part: table[table[f"split_{track}"] == part] for part in (*PARTS, UNUSED)}
    for part in ("train", "validation"):
        assert len(parts[part]) > 0
        assert not set(parts[part][factor]) & values
    for part in TEST_PARTS:
        assert set(parts[part][factor]) == values
    # Within the model split: no model on both sides, no further image under test.
    for part in PARTS:
        assert set(parts[part]["split_model"]) == {part}


def test_the_track_of_tilt_holds_out_pairs(table: pd.DataFrame) -> None:
    tilts = table.groupby("split_tilt")[["tilt_x_deg", "tilt_y_deg"]]
    found = {part: set(map(tuple, pairs.to_numpy().tolist())) for part, pairs in tilts}
    assert found["test"] == {(4.0, 0.0), (0.0, 4.0)}
    assert len(found["train"]) == 7


def test_the_track_of_contrast_waits_for_the_images(benchmark: Recipe, table: pd.DataFrame) -> None:
    assert "split_contrast" not in table
    contrast = np.where(table["defocus_nm"] < 2, "black", "white")
    known = with_contrast(table, contrast, benchmark)
    by_part = known.groupby("split_contrast")["contrast"].unique().map(list)
    assert by_part["test"] == by_part["test-full"] == ["black"]
    assert by_part["train"] == by_part["validation"] == ["white"]


def test_tracks_need_no_further_noisy_image(table: pd.DataFrame) -> None:
    tested = images_under_test(table)
    model, paper = table["split_model"].isin(TEST_PARTS), table["split_paper"] == "test"
    np.testing.assert_array_equal(tested, np.flatnonzero(model | paper))


def test_a_series_differs_in_defocus_alone(table: pd.DataFrame, benchmark: Recipe) -> None:
    image = int(part_images(table, "model", "test-subset", benchmark.seed)[7])
    series = table.loc[defocus_series(table, image)]
    assert image in series.index
    assert series["defocus_nm"].tolist() == list(range(21))
    for factor in ("model", "condition", "tilt_x_deg", "tilt_y_deg"):
        assert set(series[factor]) == {table.loc[image, factor]}
    # A surface variant was taken at one defocus.
    alone = table.groupby("model").filter(lambda images: len(images) == 9).index[0]
    assert defocus_series(table, int(alone)) == [alone]


@pytest.mark.parametrize(
    ("tracks", "message"),
    [
        ({"defect": ["D1"]}, "no image in the test part of the track 'defect'"),
        ({"defocus_nm": [4, 10]}, "no image in the train part of the track 'defocus'"),
        (
            {"structure": ["Small"], "defect": ["D0"]},
            "3 mistakes: tracks: no image in the train part of the track 'structure'; "
            "tracks: no image in the train part of the track 'defect'; "
            "tracks: no image in the test part of the track 'defect'",
        ),
    ],
)
def test_a_track_without_a_side_is_refused(
    tiny_table: dict[str, Any], tracks: dict[str, Any], message: str
) -> None:
    tiny_table["tracks"] = tracks
    with pytest.raises(RecipeError) as caught:
        check_tracks(parse_recipe(tiny_table, "my.toml"), "my.toml")
    assert message in str(caught.value)


@pytest.mark.slow
def test_a_store_with_a_test_drawn_and_tracks(tiny_table: dict[str, Any], tmp_path: Path) -> None:
    tiny_table["splits"]["test_images"] = 2
    tiny_table["tracks"] = {"contrast": ["black"], "tilts_deg": [[0, 2]]}
    recipe = parse_recipe(tiny_table, "tiny")
    generate(recipe, tmp_path / "s.zarr", workers=0)
    store = open_store(tmp_path / "s.zarr")
    test, rest = store.images("model", "test"), store.images("model", "test-full")
    assert len(test) == len(rest) == 2
    assert not set(test) & set(rest)
    for image in (*test, *rest):
        series = store.series(image)
        assert image in series
        assert set(series) <= {*test, *rest}
        assert len(series) == len(set(store.table.loc[series, "defocus_nm"]))
        assert store.noisy_copy(image, 3).shape == store.shape
    tilted = store.images("tilt", "train")
    assert len(tilted) == 2
    assert (store.table.loc[tilted, "tilt_y_deg"] == 0).all()
    assert set(store.table["split_contrast"]) <= {*PARTS, UNUSED}
    with pytest.raises(StoreError, match="a split of model, paper, contrast, tilt and a part of"):
        store.images("defect")
    if not (store.table["contrast"] == "black").any():
        with pytest.raises(StoreError, match="no image in the test part of split contrast"):
            store.images("contrast")
