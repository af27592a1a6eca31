"""Columns that results are grouped by: orientations, and the benchmark's own optics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawn_recipes import drawn_recipe

from tembench.dataset.drawn.drawn_values import number_names, text_names
from tembench.dataset.drawn.group_columns import closed_optics, grouping_values, orientation_of
from tembench.recipe import DrawnSpecimen, DrawSeed, draw_images, draw_specimen
from tembench.simulation import transfer_distance


def specimen_of(folder: Path, changes: dict[str, Any], kind: str) -> DrawnSpecimen:
    recipe = drawn_recipe(folder, changes)
    recipe = replace(recipe, kinds={kind: recipe.kinds[kind]})
    return draw_specimen(recipe, DrawSeed(seed=1, part="test", specimen=0))


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("upright", {}, "[1 1 0]"),
        ("upright", {"specimens.upright.particle.zone": [1, -1, 2]}, "[2 1 1]"),
        ("upright", {"specimens.upright.particle.zone": "random"}, "off zone"),
        ("tilted", {}, "[1 0 0]"),
        ("amorphous", {}, "none"),
        ("vacuum", {"specimens.vacuum": {}}, "none"),
        ("model", {"specimens.model.pt": {"kind": "ptceo2"}}, "[1 1 0]"),
    ],
)
def test_orientation(tmp_path: Path, kind: str, changes: dict[str, Any], expected: str) -> None:
    assert orientation_of(specimen_of(tmp_path, changes, kind)) == expected


@pytest.mark.slow
def test_the_benchmark_is_at_no_distance_from_itself() -> None:
    optics = closed_optics("ptceo2-18k")
    assert [one.C10_nm for one in optics] == list(range(21))
    assert (optics[0].energy_keV, optics[0].C30_um, optics[0].aperture_per_A) == (300, -13, 1.6)
    assert transfer_distance(replace(optics[5], C10_nm=5.0), optics) == 0
    between = transfer_distance(replace(optics[5], C10_nm=5.5), optics)
    assert 0 < between < transfer_distance(replace(optics[5], C10_nm=-20.0), optics)


@pytest.mark.slow
def test_only_a_recipe_that_groups_has_them(tmp_path: Path) -> None:
    plain = drawn_recipe(tmp_path)
    specimen = draw_specimen(plain, DrawSeed(seed=1, part="test", specimen=0))
    image = draw_images(plain, specimen)[0]
    assert grouping_values(plain, specimen, image) == {}
    assert "ctf_distance" not in number_names(plain)
    grouped = drawn_recipe(tmp_path, {"grouping.microscope": "ptceo2-18k"})
    found = grouping_values(grouped, specimen, image)
    assert found["material"] == specimen.kind
    assert list(found) == [*text_names(grouped)[-2:], number_names(grouped)[-1]]
