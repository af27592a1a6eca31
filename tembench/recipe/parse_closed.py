"""Parser of closed recipes, whose images are the product of models and factors."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cache
from typing import Any

from tembench.core import Reader, RecipeError, list_recipes, quoted, read_toml, recipes_folder
from tembench.recipe.checks import LARGEST_IMAGE_PX, check_whole
from tembench.recipe.model import (
    ELEMENTS,
    Box,
    Model,
    Recipe,
    Simulation,
)
from tembench.recipe.parse_factors import defoci, tilts
from tembench.recipe.parse_microscope import condition_names, conditions, microscope
from tembench.recipe.parse_specimen import NAME_PATTERN, defect, named, particle, support
from tembench.recipe.parse_splits import splits, tracks

# Atoms that move by a tenth of the distance to their neighbours melt (Lindemann): 0.28 A in all for
# platinum, 0.16 A along an axis; half as much again for the oxygen of a hot oxide.
_LARGEST_DISPLACEMENT_A = 0.25


@cache
def closed_models(name: str) -> tuple[str, ...]:
    """Names of the models of a closed recipe that comes with tembench, without blank ones.

    Empty if there is no such recipe; never the name of another file.
    """
    if name not in list_recipes():
        return ()
    path = recipes_folder() / f"{name}.toml"
    table = read_toml(path, RecipeError)
    if "draws" in table:
        return ()
    return tuple(m.name for m in parse_recipe(table, str(path)).models if not m.is_blank)


def parse_recipe(table: Mapping[str, Any], where: str) -> Recipe:
    """Make a `Recipe` from a table as `tomllib` returns it; see `load_recipe`."""
    top = Reader(table)
    fields: dict[str, Any] = {
        "name": top.text("name", pattern=NAME_PATTERN),
        "version": top.text("version", pattern=r"\d+\.\d+\.\d+"),
        "description": top.text("description"),
        "licence": top.text("licence"),
        "seed": top.integer("seed", at_least=0),
        "box": _box(top.table("box")),
        "simulation": _simulation(top.table("simulation")),
        "microscope": microscope(top.table("microscope")),
        "particles": {name: particle(name, r) for name, r in named(top.table("particles"))},
        "defects": {name: defect(r) for name, r in named(top.table("defects"))},
        "supports": {name: support(name, r) for name, r in named(top.table("supports"))},
        "models": (),
        "splits": splits(top.table("splits")),
        "tracks": tracks(top.table("tracks", default={})),
    }
    fields["conditions"] = conditions(top, fields["microscope"])
    blocks = top.tables("models")
    factors = top.table("factors")
    shared = {
        "conditions": condition_names(factors, tuple(fields["conditions"]), None),
        "tilts_deg": tilts(factors, None),
        "defocus_nm": defoci(factors, None),
    }
    factors.finish()
    if not top.problems:
        fields["models"] = tuple(
            model for block in blocks for model in _models(block, fields, shared)
        )
    top.finish()
    recipe = Recipe(**fields)
    if not top.problems:
        check_whole(recipe, top)
    top.raise_problems(RecipeError, where, "Fix the recipe and run 'tembench recipe validate'")
    return recipe


def _box(reader: Reader) -> Box:
    box = Box(
        width_A=reader.number("width_A", above=0, at_most=500),
        image_height_A=reader.number("image_height_A", above=0, at_most=500),
        cell_height_A=reader.number("cell_height_A", above=0, at_most=500),
        image_width_px=reader.integer("image_width_px", at_least=16, at_most=LARGEST_IMAGE_PX),
    )
    reader.finish()
    return box


def _simulation(reader: Reader) -> Simulation:
    displacement = reader.table("displacement_A")
    simulation = Simulation(
        wave_grid=_grid(reader, "wave_grid"),
        detector_grid=_grid(reader, "detector_grid"),
        slice_thickness_A=reader.number("slice_thickness_A", at_least=0.1, at_most=10),
        aperture_per_A=reader.number("aperture_per_A", at_least=0.1, at_most=20),
        parametrization=reader.text("parametrization", choices=("lobato", "kirkland")),
        thermal_scattering=reader.text("thermal_scattering", choices=("absorbed", "ignored")),
        displacement_A={
            element: displacement.number(element, at_least=0, at_most=_LARGEST_DISPLACEMENT_A)
            for element in ELEMENTS
        },
    )
    for other in sorted(set(displacement.keys()) - {*ELEMENTS}):
        displacement.problem(
            quoted(other), f"only {', '.join(ELEMENTS)} can be simulated, no other element"
        )
    reader.finish()
    return simulation


def _grid(reader: Reader, key: str) -> tuple[int, int]:
    values = reader.integers(key, length=2, at_least=16, at_most=4096)
    return (values[0], values[1]) if len(values) == 2 else (16, 16)


def _models(block: Reader, fields: dict[str, Any], shared: dict[str, Any]) -> list[Model]:
    names = {key: tuple(fields[key]) for key in ("particles", "defects", "supports")}
    particles, defects, supports = (block.texts(key, choices=names[key]) for key in names)
    thicknesses = block.numbers("thickness_A", at_least=1, at_most=200)
    for key in (*names, "thickness_A"):
        if block.is_empty(key):
            block.problem(key, "expected at least one value")
    taken = condition_names(block, tuple(fields["conditions"]), shared["conditions"])
    tilts_deg = tilts(block, shared["tilts_deg"])
    defocus_nm = defoci(block, shared["defocus_nm"])
    block.finish()
    return [
        Model(
            particle=particle,
            defect=defect,
            support=support,
            thickness_A=thickness,
            conditions=taken,
            tilts_deg=tilts_deg,
            defocus_nm=defocus_nm,
        )
        for particle, defect, support, thickness in itertools.product(
            particles, defects, supports, thicknesses
        )
    ]
