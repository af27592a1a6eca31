"""Which images a study uses: none on both sides, all values tested if any split can do so."""

from __future__ import annotations

import pytest
from study_fakes import FakeStore

from tembench.core.errors import StoreError
from tembench.study.plan import STUDY_FACTORS, make_plan

COLUMNS = {"contrast": "contrast", "structure": "particle", "defect": "defect"}


@pytest.mark.parametrize("factor", STUDY_FACTORS)
@pytest.mark.parametrize("split", ["model", "paper"])
def test_no_image_is_on_two_sides(store: FakeStore, factor: str, split: str) -> None:
    plan = make_plan(store, factor, images=5, split=split)
    parts = store.table[f"split_{split}"]
    for images, part in ((plan.train, "train"), (plan.validation, "validation")):
        for value, numbers in images.items():
            assert set(store.table.loc[list(numbers), COLUMNS[factor]]) == {value}
            assert set(parts[list(numbers)]) == {part}
    assert list(plan.test) == sorted(plan.test)
    for value, numbers in plan.test.items():
        assert set(store.table.loc[list(numbers), COLUMNS[factor]]) == {value}
        assert set(parts[list(numbers)]) == {"test"}
        assert len(numbers) == 5


def test_models_under_test_are_drawn_evenly_from_both_parts(store: FakeStore) -> None:
    table = store.table
    table.loc[
        table.index[(table["split_model"] == "test") & (table["defocus_nm"] > 2)], "split_model"
    ] = "test-full"
    plan = make_plan(store, "contrast", images=6)
    drawn = table.loc[list(plan.test["white"])]
    assert sorted(drawn["model"].value_counts()) == [1] * 6
    assert set(drawn["split_model"]) == {"test", "test-full"}


def test_the_split_is_the_first_that_tests_all_values(store: FakeStore) -> None:
    assert make_plan(store, "structure", images=4).split == "model"
    table = store.table
    table.loc[(table["particle"] == "P2") & (table["split_model"] == "test"), "split_model"] = (
        "train"
    )
    plan = make_plan(store, "structure", images=4)
    assert plan.split == "paper"
    assert all(plan.test.values())
    table.loc[(table["particle"] == "P2") & (table["split_paper"] == "test"), "split_paper"] = (
        "train"
    )
    plan = make_plan(store, "structure", images=4)
    assert plan.split == "model"
    assert plan.test["P2"] == ()
    assert plan.values == ("P1", "P2", "P3")


def test_rare_values_are_left_out_unless_named(store: FakeStore) -> None:
    store.table.loc[0, "defect"] = "add"
    assert make_plan(store, "defect", images=4).values == ("D0", "D1")
    named = make_plan(store, "defect", images=4, values=("add", "D1"))
    assert named.values == ("add", "D1")
    assert named.train["add"] == named.validation["add"] == (0,)


def test_training_images_stand_in_for_validation(store: FakeStore) -> None:
    table = store.table
    lacking = (table["defect"] == "D1") & (table["split_model"] == "validation")
    table.loc[lacking, "split_model"] = "unused"
    plan = make_plan(store, "defect", images=4)
    whole = set(table.index[(table["defect"] == "D1") & (table["split_model"] == "train")])
    assert set(plan.train["D1"]) | set(plan.validation["D1"]) == whole
    assert not set(plan.train["D1"]) & set(plan.validation["D1"])
    assert len(plan.validation["D1"]) == len(whole) // 10 + 1


def test_wrong_values_are_refused(store: FakeStore) -> None:
    with pytest.raises(StoreError, match="no image of contrast blue; expected values of black"):
        make_plan(store, "contrast", images=4, values=("blue", "white"))
    with pytest.raises(StoreError, match="too few values of contrast"):
        make_plan(store, "contrast", images=4, values=("white",))
    store.table.loc[store.table["split_model"] == "test", "split_model"] = "unused"
    with pytest.raises(StoreError, match="no image of D0, D1 is under test"):
        make_plan(store, "defect", images=4, split="model")
