"""Drawn recipes that cannot be: each mistake is named by its path, what was expected and found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tembench.core import RecipeError
from tembench.recipe import DrawnRecipe, load_recipe

Parse = Callable[[dict[str, Any]], DrawnRecipe]
SLAB, PARTICLE = "specimens.profile.crystal", "specimens.profile.particle"


def changed(table: dict[str, Any], dotted: str, value: Any) -> None:
    *groups, key = dotted.split(".")
    for group in groups:
        table = table.setdefault(group, {})
    if value is None:
        del table[key]
    else:
        table[key] = value


BROKEN: list[tuple[str, Any, list[str]]] = [
    # Numbers, their units and their bounds
    (f"{SLAB}.thickness", 40, ["no unit", "'thickness_A'"]),
    (f"{SLAB}.thickness_nm", 4, ["another unit", "'thickness_A'"]),
    (f"{SLAB}.thickness_A", 0.5, [f"{SLAB}.thickness_A: expected at least 1, got 0.5"]),
    (f"{SLAB}.thickness_A", 501, ["at most 500", "501"]),
    (f"{SLAB}.thickness_A", "40", ["expected a number, got '40'"]),
    (f"{SLAB}.thickness_A", None, [f"{SLAB}.thickness_A: missing"]),
    (f"{SLAB}.thickness_A", float("nan"), ["finite"]),
    ("frame.pixel_size_A", 0.02, ["frame.pixel_size_A", "at least 0.03", "0.02"]),
    ("frame.pixel_size_A", 0.4, ["frame.pixel_size_A", "at most 0.3", "0.4"]),
    ("frame.width_px", 8193, ["frame.width_px", "at most 8192", "8193"]),
    ("frame.width_px", 6000, ["frame.width_px", "at most 500 A", "6000 pixels of up to 0.12 A"]),
    ("exposure.dose_e_per_A2", 0, ["exposure.dose_e_per_A2", "at least 0.1", "0"]),
    ("exposure.dose", 100, ["exposure.dose", "no unit"]),
    ("exposure.frames", 0, ["exposure.frames", "at least 1", "0"]),
    ("microscopes.plain.C10", 5, ["microscopes.plain.C10", "no unit", "C10_nm"]),
    ("microscopes.plain.C99_nm", 5, ["microscopes.plain.C99_nm", "unknown key"]),
    ("microscopes.plain.defocus_nm", 5, ["microscopes.plain.defocus_nm: expected 'C10_nm'"]),
    ("specimens.above.film.density", 2, ["no unit", "'density_g_cm3'"]),
    ("microscopes.plain.energy_keV", None, ["microscopes.plain.energy_keV: missing"]),
    ("microscopes.plain.share", -1, ["microscopes.plain.share", "at least 0", "-1"]),
    ("microscopes.plain.aperture_per_A", 3.8, ["aperture_per_A", "wave_sampling_A 0.09", "3.8"]),
    ("seed", -1, ["seed", "at least 0"]),
    # Distributions
    (f"{SLAB}.thickness_A", {"uniform": [80, 20]}, ["thickness_A.uniform", "[80, 20]", "swap"]),
    (f"{SLAB}.thickness_A", {"uniform": [20, 20]}, ["write the number alone"]),
    (f"{SLAB}.thickness_A", {"uniform": [20]}, ["thickness_A.uniform", "2 values"]),
    (
        f"{SLAB}.thickness_A",
        {"uniform": [0.5, 20]},
        ["leaves the possible range", "at least 1", "got 0.5 to 20"],
    ),
    (f"{SLAB}.thickness_A", {"normal": [40, 20]}, ["leaves the possible range", "say 'within'"]),
    (f"{SLAB}.thickness_A", {"normal": [40, -1]}, ["deviation > 0"]),
    (f"{SLAB}.thickness_A", {"unifrom": [20, 80]}, ["did you mean 'uniform'?"]),
    (f"{SLAB}.thickness_A", {"uniform": [20, 80], "choice": [1]}, ["a table with one of uniform"]),
    (f"{SLAB}.thickness_A", {"uniform": [20, 80], "within": [1, 2]}, ["unknown key", "uniform"]),
    (f"{SLAB}.thickness_A", {"grid": []}, ["thickness_A.grid", "at least one value"]),
    (f"{SLAB}.thickness_A", {"choice": []}, ["thickness_A.choice", "at least one value"]),
    (f"{SLAB}.thickness_A", {"grid": [20, 20]}, ["thickness_A.grid", "distinct"]),
    (
        f"{SLAB}.thickness_A",
        {"choice": [20, 900]},
        ["thickness_A.choice[1]", "at most 500", "900"],
    ),
    (
        f"{SLAB}.thickness_A",
        {"choice": [20, 30], "shares": [1]},
        ["thickness_A.shares", "2 values", "got 1"],
    ),
    (f"{SLAB}.thickness_A", {"choice": [20], "shares": [-1]}, ["shares[0]", "at least 0", "-1"]),
    (f"{SLAB}.thickness_A", {"choice": [20, {"grid": [30]}]}, ["choice[1]", "grid"]),
    (f"{SLAB}.thickness_A", {"choice": [{"choice": [30]}]}, ["choice[0]", "uniform"]),
    (f"{SLAB}.zone", {"choice": [{"choice": [[1, 0, 0]]}]}, ["zone.choice[0]", "[u, v, w]"]),
    (f"{SLAB}.steps", {"uniform": [0, 2]}, ["steps", "whole numbers", "integers"]),
    (f"{SLAB}.steps", 1.5, ["steps", "whole number", "1.5"]),
    ("exposure.dose_e_per_A2", {"log_uniform": [0, 5]}, ["at least 0.1 and more than 0"]),
    # Names
    (f"{SLAB}.kind", "crystal", [f"{SLAB}.kind", "slab, particle, film, ptceo2", "'crystal'"]),
    (f"{SLAB}.kind", None, [f"{SLAB}.kind: missing"]),
    (f"{PARTICLE}.on", "film", [f"{PARTICLE}.on", "expected crystal", "'film'"]),
    (f"{PARTICLE}.on", "particle", [f"{PARTICLE}.on", "expected crystal", "'particle'"]),
    ("specimens.above.particle.side", "top", ["side", "a slab with a 'surface'", "is a film"]),
    (f"{SLAB}.surface", None, [f"{SLAB}.steps", "surface", f"{PARTICLE}.side", "without one"]),
    ("exposure.detector", "counterr", ["exposure.detector", "'counterr'", "mean 'counter'?"]),
    ("exposure.detector", None, ["exposure.detector: missing"]),
    ("detectors.ideal.dqe", 0.5, ["detectors.ideal.dqe", "counting"]),
    ("detectors.counter.mtf", [1, 0], ["detectors.counter.mtf", "4 values", "2"]),
    ("microscopes.corrected.preset", "300kV", ["preset", "300kV-corrected", "'300kV'"]),
    ("truth.components", ["support"], ["truth.components", "crystal, film, particle", "support"]),
    ("truth.elements", ["Xx"], ["truth.elements", "'Xx'"]),
    ("specimens.above.my film", {}, ["letters, digits", "my film"]),
    ("specimens", {}, ["specimens", "at least one table"]),
    ("specimens.profile", {"share": 0, "crystal": 3}, ["specimens.profile.crystal", "a table"]),
    ("microscopes", None, ["microscopes: missing"]),
    ("colour", "blue", ["colour", "unknown key"]),
    # Crystals and directions
    (f"{SLAB}.zone", [0, 0, 0], [f"{SLAB}.zone", "not all of it 0"]),
    (f"{SLAB}.zone", [1, 1], [f"{SLAB}.zone", "[u, v, w]", "[1, 1]"]),
    (f"{SLAB}.zone", "any", [f"{SLAB}.zone", "random", "'any'"]),
    (f"{SLAB}.up", [-2, -2, 0], [f"{SLAB}.up", "not along the zone axis [1, 1, 0]", "[-2, -2, 0]"]),
    (f"{SLAB}.zone", {"choice": [[1, 1, 0], [0, 0, 1]]}, [f"{SLAB}.up", "[0, 0, 1]"]),
    (f"{SLAB}.structure", "perovskite", [f"{SLAB}.structure", "fcc", "'perovskite'"]),
    (f"{SLAB}.elements", ["Mg"], [f"{SLAB}.elements", "expected 2 for rocksalt, got 1"]),
    (f"{SLAB}.elements", ["Mg", "Ox"], [f"{SLAB}.elements", "no such element: 'Ox'"]),
    (f"{SLAB}.lattice_A", [4, 5], [f"{SLAB}.lattice_A", "[a] for rocksalt"]),
    (f"{SLAB}.file", "Au.cif", [f"{SLAB}.file", "either", "both"]),
    (
        "specimens.above.particle.file",
        None,
        ["specimens.above.particle.file: missing", "structure"],
    ),
    ("specimens.above.particle.file", "Ag.cif", ["particle.file", "no such file", "'Ag.cif'"]),
    ("specimens.above.particle.file", "folder.cif", ["not a folder", "'folder.cif'"]),
    ("specimens.above.particle.file", "empty.cif", ["not an empty one", "'empty.cif'"]),
    ("specimens.above.particle.file", "latin.cif", ["UTF-8", "'latin.cif'"]),
    ("specimens.above.particle.file", "a\0b", ["particle.file", "control characters"]),
    ("specimens.above.particle.facets", {}, ["facets", "at least one family"]),
    ("specimens.above.particle.facets", {"abc": 1}, ["facets.abc", "Miller indices"]),
    ("specimens.above.film.composition", {"Si": 3, "N": 4}, ["density_g_cm3", "bond_A", "missing"]),
    ("specimens.above.film.composition", {"Qq": 1}, ["composition.Qq", "no such element"]),
    ("physics.displacement_A", {"Qq": 0.1}, ["physics.displacement_A.Qq", "no such element"]),
    ("specimens.pt.model", {"kind": "ptceo2", "recipe": "srtio3"}, ["recipe", "no closed recipe"]),
    (
        "specimens.pt.model",
        {"kind": "ptceo2", "model": "PtNp1-D0_flat_50"},
        ["specimens.pt.model.model", "100 names", "mean 'PtNp1-D0_flat_50A'?"],
    ),
    # Numbers of specimens and images
    ("draws.train", 1.5, ["draws.train", "a whole number", "1.5"]),
    ("draws", {"images_each": 2}, ["draws", "at least one specimen"]),
    ("draws.images_each", 0, ["draws.images_each", "at least 1"]),
    ("draws.images_each", {"train": 0}, ["draws.images_each.train", "at least 1"]),
    ("draws.images_each", {"trai": 2}, ["draws.images_each.trai", "did you mean 'train'?"]),
    ("movie", {"dose_e_per_A2": 9}, ["movie", "draws.movie = 60"]),
    ("movie", {"frames": 16}, ["movie.dose_e_per_A2", "missing"]),
    ("grouping", {"microscope": "srtio3"}, ["grouping.microscope", "no closed recipe"]),
    ("draws.tests", 3, ["draws.tests", "did you mean 'test'?"]),
    ("draws.train", 999_999, ["draws", "at most 1000000 images", "got 2000006"]),
    (f"{SLAB}.strain_xx", {"grid": [0, 0.01]}, ["specimens", "1 in above, 2 in profile"]),
]


@pytest.mark.parametrize(("dotted", "value", "message"), BROKEN)
def test_a_mistake_is_one_clear_line(
    drawn_table: dict[str, Any], parse: Parse, dotted: str, value: Any, message: list[str]
) -> None:
    changed(drawn_table, dotted, value)
    with pytest.raises(RecipeError) as caught:
        parse(drawn_table)
    line = str(caught.value)
    assert line.startswith("my.toml: ")
    assert "\n" not in line
    assert len(line) < 500
    for part in message:
        assert part in line


def test_all_mistakes_are_reported_together(drawn_table: dict[str, Any], parse: Parse) -> None:
    changed(drawn_table, f"{SLAB}.thickness_A", {"uniform": [80, 20]})
    changed(drawn_table, "exposure.frames", 0)
    changed(drawn_table, "specimens.above.particle.file", "Ag.cif")
    changed(drawn_table, f"{PARTICLE}.on", "film")
    with pytest.raises(RecipeError, match="4 mistakes"):
        parse(drawn_table)


def test_dose_of_a_pixel_needs_its_size(drawn_table: dict[str, Any], parse: Parse) -> None:
    changed(drawn_table, "exposure.dose_e_per_A2", None)
    changed(drawn_table, "exposure.dose_e_per_px", {"uniform": [0.5, 1]})
    with pytest.raises(RecipeError, match=r"the pixel size is drawn.*dose_pixel_size_A"):
        parse(drawn_table)
    changed(drawn_table, "exposure.dose_pixel_size_A", 0.1)
    assert parse(drawn_table).doses_e_per_A2 == pytest.approx((50, 100))
    changed(drawn_table, "exposure.dose_pixel_size_A", None)
    changed(drawn_table, "frame.pixel_size_A", 0.05)
    assert parse(drawn_table).doses_e_per_A2 == pytest.approx((200, 400))
    changed(drawn_table, "exposure.dose_e_per_A2", 3)
    with pytest.raises(RecipeError, match="got both"):
        parse(drawn_table)


def test_little_is_needed(parse: Parse) -> None:
    recipe = parse(
        {
            "name": "short",
            "version": "1.0.0",
            "description": "carbon",
            "licence": "CC0-1.0",
            "seed": 1,
            "draws": {"train": 3},
            "frame": {"width_px": 64, "height_px": 64, "pixel_size_A": 0.1},
            "microscopes": {"mine": {"preset": "80kV-corrected"}},
            "exposure": {"dose_e_per_px": 1},
            "specimens": {"film": {"film": {"kind": "film", "thickness_A": 30}}, "vacuum": {}},
        }
    )
    assert recipe.doses_e_per_A2 == pytest.approx((100, 100))
    assert recipe.detectors["ideal"].kind == "ideal"
    assert not recipe.has_camera


def test_presets_give_what_is_not_said(drawn_table: dict[str, Any], parse: Parse) -> None:
    _, optics = parse(drawn_table).microscopes["corrected"]
    assert (optics.energy_keV, optics.C30_um, optics.C50_mm) == (300, -13, 5)


def test_sizes(recipe_folder: Path) -> None:
    recipe = load_recipe(recipe_folder / "small.toml")
    assert isinstance(recipe, DrawnRecipe)
    assert recipe.shape == (48, 64)
    assert recipe.n_specimens("train") == 4
    assert recipe.n_images == 16
    assert recipe.pixel_size_A == pytest.approx((0.08 * 0.12) ** 0.5)
    assert recipe.doses_e_per_A2 == (50, 500)
    assert recipe.has_camera
    assert repr(recipe).startswith("DrawnRecipe('small', 1.0.0): 16 images of 8 specimens")


JUNK = [
    None,
    True,
    -1,
    1e300,
    float("inf"),
    10**400,
    "x",
    "",
    [],
    [[]],
    {},
    {"uniform": "x"},
    {"": 1},
]


def leaves(table: dict[str, Any], path: str = "") -> list[str]:
    found = []
    for key, value in table.items():
        inner = f"{path}.{key}" if path else key
        found += [inner, *(leaves(value, inner) if isinstance(value, dict) else [])]
    return found


@pytest.mark.slow
def test_junk_anywhere_is_a_recipe_error_or_nothing(
    drawn_table: dict[str, Any], parse: Parse
) -> None:
    refused = 0
    for dotted in leaves(drawn_table):
        for junk in JUNK:
            table = copy.deepcopy(drawn_table)
            changed(table, dotted, junk)
            try:
                parse(table)
            except RecipeError as error:
                refused += str(error).count("my.toml")
    assert refused > 800
