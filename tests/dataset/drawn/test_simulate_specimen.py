"""Draws of specimens: what is impossible is drawn again and counted, or the recipe is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_recipes import drawn_recipe

from tembench.core.errors import RecipeError
from tembench.dataset.drawn.drawn_contents import DrawnContents, Place
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.dataset.drawn.recipe_cell import (
    motion_reach_A,
    needed_padding_A,
    recipe_padding_A,
    stored_spectrum_shape,
)
from tembench.dataset.drawn.simulate_specimen import built_specimen
from tembench.dataset.reports.describe import describe_store
from tembench.recipe import DrawnRecipe, draw_specimen

CROWDED = {"specimens.upright.particle.count": 20}


def test_impossible_draws_are_repeated_and_counted(
    drawn: DrawnRecipe, drawn_store: DrawnStore
) -> None:
    attempts = drawn_store.table.drop_duplicates("model").set_index("model")["attempt"]
    assert attempts.to_dict() == {
        **dict.fromkeys(attempts.index, 0),
        "train-00002": 1,
        "dev-00000": 1,
    }
    found = describe_store(drawn_store)["drawn"]
    assert (found["redrawn_specimens"], found["redraws"]) == (2, 2)
    built = built_specimen(drawn, Place("dev", 0, 0))
    assert built.seed.attempt == 1
    assert draw_specimen(drawn, built.seed).components.keys() == built.drawn.components.keys()


@pytest.mark.slow
def test_a_recipe_without_possible_draws_is_refused(tmp_path: Path) -> None:
    recipe = drawn_recipe(tmp_path, CROWDED)
    number = next(n for n in range(5) if draw_kind(recipe, n) == "upright")
    with pytest.raises(RecipeError, match="none of 20 attempts is possible") as caught:
        built_specimen(recipe, Place("train", number, 0))
    line = str(caught.value)
    assert f"tiny-drawn: specimen train-0000{number} cannot be drawn" in line
    assert "Narrow the distributions" in line
    assert "\n" not in line


def draw_kind(recipe: DrawnRecipe, number: int) -> str:
    from tembench.recipe import specimen_seed

    return draw_specimen(recipe, *specimen_seed(recipe, "train", number)).kind


def test_padding_allows_for_motion(tmp_path: Path) -> None:
    still = drawn_recipe(
        tmp_path, {"exposure.frames": 1, "exposure.drift_A": 0, "exposure.jitter_A": 0}
    )
    moving = drawn_recipe(tmp_path)
    assert motion_reach_A(still) == 0
    # Half of two frames' drift of 0.8 A, and four deviations of 0.3 A.
    assert motion_reach_A(moving) == pytest.approx(2.0)
    assert recipe_padding_A(moving) == recipe_padding_A(still) + motion_reach_A(moving)
    own = drawn_recipe(tmp_path, {"physics.padding_A": 20})
    assert recipe_padding_A(own) == 20
    assert needed_padding_A(own) == recipe_padding_A(moving)


@pytest.mark.slow
def test_every_wave_fits_into_the_store(tmp_path: Path) -> None:
    from dataclasses import replace

    from tembench.simulation import plan_cell

    recipe = drawn_recipe(tmp_path, {"frame.pixel_size_A": {"uniform": [0.05, 0.2]}})
    largest = np.array(stored_spectrum_shape(recipe))
    shapes = [
        plan_cell(
            replace(recipe.frame, pixel_size_A=pixel), recipe.physics, recipe_padding_A(recipe), 1.2
        ).spectrum_shape
        for pixel in np.linspace(0.05, 0.2, 3001)
    ]
    assert (np.array(shapes) <= largest).all()
    assert (largest <= np.max(shapes, axis=0) + 2).all()
    # That of the largest pixel would not do.
    assert (np.max(shapes, axis=0) > shapes[-1]).any() or (np.array(shapes[-1]) == largest).all()


def test_few_specimens_make_several_windows(tmp_path: Path) -> None:
    for train, windows in ((1, 7), (5, 6), (40, 8)):
        contents = DrawnContents(drawn_recipe(tmp_path, {"draws.train": train}))
        assert contents.n_tasks == windows
    large = {"frame.width_px": 1024, "frame.height_px": 1024}
    contents = DrawnContents(drawn_recipe(tmp_path, {**large, "draws.train": 40}))
    assert contents.specimens_per_window == 1


def test_places_and_numbers(drawn: DrawnRecipe) -> None:
    contents = DrawnContents(drawn)
    places = [contents.place_of(number) for number in range(contents.n_specimens)]
    assert [contents.number_of(place) for place in places] == [*range(11)]
    assert [place.name for place in places][4:8] == [
        "train-00004",
        "validation-00000",
        "dev-00000",
        "test-00000",
    ]
    assert contents.task_name(5) == "test-00003"
    assert contents.task_name(2) == "train-00004 to validation-00000"
    with pytest.raises(IndexError):
        contents.place_of(11)
    shards = [contents.shards_of(task) for task in range(contents.n_tasks)]
    assert [(s.start, s.stop) for s in shards] == [(n, n + 1) for n in range(6)]
    assert contents.component_number("upright", "particle-2") == contents.component_number(
        "upright", "particle"
    )
    assert contents.component_number("upright", "table") == -1
