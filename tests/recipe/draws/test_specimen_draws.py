"""Draws of specimens and images: each value depends on its own path, specimen and image alone."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tembench.recipe import (
    DrawnRecipe,
    DrawSeed,
    draw_images,
    draw_specimen,
    drawn_kind,
    drawn_values,
    specimen_seed,
)

Parse = Callable[[dict[str, Any]], DrawnRecipe]


def all_values(recipe: DrawnRecipe, part: str = "train", number: int = 15) -> list[Any]:
    """Some specimens as they are drawn, each with its images."""
    found = []
    for index in range(number):
        seed, variant = specimen_seed(recipe, part, index)
        specimen = draw_specimen(recipe, seed, variant)
        found.append((specimen, draw_images(recipe, specimen)))
    return found


def test_order_of_tables_and_number_of_specimens_change_nothing(
    drawn_table: dict[str, Any], parse: Parse
) -> None:
    def reversed_table(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: reversed_table(value[key]) for key in reversed(value)}

    before = all_values(parse(drawn_table))
    drawn_table["draws"]["train"] = 40
    drawn_table["draws"]["test"] = 30
    assert all_values(parse(reversed_table(drawn_table))) == before


def test_a_kind_is_drawn_without_the_values(drawn_table: dict[str, Any], parse: Parse) -> None:
    recipe = parse(drawn_table)
    specimens = [specimen for specimen, _ in all_values(recipe)]
    assert len({specimen.kind for specimen in specimens}) > 1
    for specimen in specimens:
        assert drawn_kind(recipe, specimen.seed) == specimen.kind
        assert drawn_kind(recipe, replace(specimen.seed, attempt=3)) == specimen.kind


def test_another_drawn_value_moves_no_other(drawn_table: dict[str, Any], parse: Parse) -> None:
    recipe = parse(drawn_table)
    before = [values_of(recipe, *one) for one in all_values(recipe)]
    drawn_table["specimens"]["profile"]["crystal"]["rotation_deg"] = {"uniform": [0, 360]}
    drawn_table["microscopes"]["corrected"]["C12_nm"] = {"uniform": [0, 5]}
    drawn_table["exposure"]["jitter_A"] = {"uniform": [0, 1]}
    recipe = parse(drawn_table)
    after = [values_of(recipe, *one) for one in all_values(recipe)]
    new = {"crystal_rotation_deg", "C12_nm", "jitter_A"}
    assert [
        [{k: v for k, v in image.items() if k not in new} for image in images] for images in after
    ] == [[{k: v for k, v in image.items() if k not in new} for image in i] for i in before]
    assert any("crystal_rotation_deg" in image for images in after for image in images)


def values_of(recipe: DrawnRecipe, specimen: Any, images: list[Any]) -> list[dict[str, Any]]:
    return [drawn_values(recipe, specimen, image) for image in images]


def test_more_images_leave_the_first_as_they_are(drawn_table: dict[str, Any], parse: Parse) -> None:
    few = all_values(parse(drawn_table))
    drawn_table["draws"]["images_each"] = 5
    many = all_values(parse(drawn_table))
    assert [images[:2] for _, images in many] == [images for _, images in few]


def test_another_kind_swaps_no_specimens(drawn_table: dict[str, Any], parse: Parse) -> None:
    before = kinds_of(parse(drawn_table), 60)
    drawn_table["specimens"]["none"] = {"share": 1.0}
    after = kinds_of(parse(drawn_table), 60)
    assert {new for old, new in zip(before, after, strict=True) if new != old} == {"none"}


def test_specimens_parts_and_attempts_differ(drawn_table: dict[str, Any], parse: Parse) -> None:
    recipe = parse(drawn_table)
    seeds = [
        DrawSeed(seed=7, part=part, specimen=specimen, attempt=attempt)
        for part in ("train", "test")
        for specimen in (0, 1)
        for attempt in (0, 1)
    ]
    found = [draw_specimen(recipe, seed).frame.pixel_size_A for seed in seeds]
    assert len(set(found)) == len(seeds)


def test_shares_are_met(drawn_table: dict[str, Any], parse: Parse) -> None:
    for kind in ("profile", "above"):
        drawn_table["specimens"][kind] = {"share": drawn_table["specimens"][kind].get("share", 1)}
    del drawn_table["truth"]
    # A binomial count of 400 of 600 has a standard deviation of 12.
    assert Counter(kinds_of(parse(drawn_table), 600))["above"] == pytest.approx(400, abs=48)


def kinds_of(recipe: DrawnRecipe, number: int) -> list[str]:
    seeds = [specimen_seed(recipe, "train", index) for index in range(number)]
    return [draw_specimen(recipe, *seed).kind for seed in seeds]


def test_values_are_within_their_limits(drawn_table: dict[str, Any], parse: Parse) -> None:
    for specimen, images in all_values(parse(drawn_table), number=40):
        assert 0.08 <= specimen.frame.pixel_size_A <= 0.12
        if specimen.kind == "profile":
            assert 20 <= specimen.components["crystal"].thickness_A <= 60
        for image in images:
            assert 50 <= image.exposure.dose_e_per_A2 <= 500
            assert image.camera.kind == image.exposure.detector.replace("counter", "counting")
            assert image.optics.energy_keV == specimen.energy_keV


def test_particles_of_a_count_are_drawn_each_on_its_own(
    drawn_table: dict[str, Any], parse: Parse
) -> None:
    numbers = set()
    del drawn_table["specimens"]["above"]
    for specimen, _ in all_values(parse(drawn_table), number=30):
        if specimen.kind == "profile":
            particles = {k: v for k, v in specimen.components.items() if k != "crystal"}
            assert list(particles) == ["particle", "particle-2", "particle-3"][: len(particles)]
            assert all(one.count == 1 for one in particles.values())
            sizes = {one.diameter_A for one in particles.values()} - {15.0}
            assert len(sizes) == sum(one.diameter_A != 15 for one in particles.values())
            numbers.add(len(particles))
    assert numbers == {0, 1, 2, 3}


def test_grids_multiply_specimens_and_images(drawn_table: dict[str, Any], parse: Parse) -> None:
    plain = all_values(parse(copy.deepcopy(drawn_table)), number=4)
    drawn_table["frame"]["pixel_size_A"] = {"grid": [0.08, 0.1, 0.12]}
    for scope in drawn_table["microscopes"].values():
        scope["C10_nm"] = {"grid": [0, 5]}
    drawn_table["exposure"]["detector"] = {"grid": ["ideal", "counter"]}
    drawn_table["exposure"]["frames"] = 2
    recipe = parse(drawn_table)
    assert recipe.n_specimens("train") == 12
    assert recipe.images_per_specimen("train") == 2 * 2 * 2 * 2
    assert recipe.n_images == 24 * 16
    found = all_values(recipe, number=12)
    assert [s.frame.pixel_size_A for s, _ in found] == [0.08, 0.1, 0.12] * 4
    for specimen, images in found:
        drawn, _ = plain[specimen.seed.specimen]
        assert specimen.components == drawn.components
        assert len(images) == 16
        points = [(i.draw, i.optics.C10_nm, i.exposure.detector, i.frame) for i in images]
        assert len(set(points)) == 16
        # Doses are drawn once for each of the two draws.
        assert len({image.exposure.dose_e_per_A2 for image in images}) == 2
        assert [image.frame for image in images] == [0, 1] * 8


def test_a_grid_of_a_particles_value_holds_for_all_of_its_count(
    drawn_table: dict[str, Any], parse: Parse
) -> None:
    del drawn_table["specimens"]["above"]
    drawn_table["specimens"]["profile"]["particle"]["diameter_A"] = {"grid": [15, 20]}
    drawn_table["specimens"]["profile"]["particle"]["count"] = 2
    found = all_values(parse(drawn_table), number=2)
    sizes = [[s.components[n].diameter_A for n in ("particle", "particle-2")] for s, _ in found]
    assert sizes == [[15, 15], [20, 20]]
    turns = [replace(s.components["particle"], diameter_A=0.0) for s, _ in found]
    assert turns[0] == turns[1]
