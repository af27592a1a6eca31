"""Parser of drawn recipes, which have a table ``[draws]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.core import RecipeError, quoted
from tembench.recipe.draws.drawn_recipe import (
    DRAWN_PARTS,
    MOVIE,
    DrawnRecipe,
    Frame,
    Physics,
    Scored,
)
from tembench.recipe.draws.parsing.atoms_files import FileSource
from tembench.recipe.draws.parsing.drawn_checks import LARGEST_FRAME_PX, check_drawn
from tembench.recipe.draws.parsing.parse_components import (
    ELEMENT_SYMBOLS,
    named_tables,
    specimen_kind,
)
from tembench.recipe.draws.parsing.parse_instrument import (
    IDEAL,
    IDEAL_CAMERA,
    PIXEL_SIZE_BOUNDS,
    camera,
    exposure,
    optics,
)
from tembench.recipe.draws.parsing.value_reader import ValueReader
from tembench.recipe.parse_closed import closed_models

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"
_MOST_SPECIMENS = 1_000_000
_MOST_IMAGES_EACH = 1000


def parse_drawn(table: Mapping[str, Any], where: str, find: FileSource) -> DrawnRecipe:
    """Make a `DrawnRecipe` from a table as `tomllib` returns it.

    Parameters
    ----------
    table : mapping
        The table.
    where : str
        Its source, for an error.
    find : callable
        Finds the files of atoms that it names.

    Raises
    ------
    RecipeError
        With all mistakes in one line, each with its dotted path, what was expected and found.
    """
    top = ValueReader(table)
    draws = top.table("draws")
    frame = _frame(top.table("frame"))
    specimens = {
        part: draws.integer(part, default=0, at_least=0, at_most=_MOST_SPECIMENS)
        for part in DRAWN_PARTS
    }
    detectors = {
        name: camera(inner) for name, inner in named_tables(top.table("detectors", default={}))
    } or {IDEAL: IDEAL_CAMERA}
    recipe = DrawnRecipe(
        name=top.text("name", pattern=_NAME),
        version=top.text("version", pattern=r"\d+\.\d+\.\d+"),
        description=top.text("description"),
        licence=top.text("licence"),
        seed=top.integer("seed", at_least=0),
        specimens=specimens,
        images_each=_images_each(draws),
        frame=frame,
        physics=_physics(top.table("physics", default={})),
        microscopes={name: optics(inner) for name, inner in named_tables(top.table("microscopes"))},
        detectors=detectors,
        exposure=exposure(top.table("exposure"), tuple(detectors), frame.pixel_size_A),
        kinds={
            name: specimen_kind(inner, find) for name, inner in named_tables(top.table("specimens"))
        },
        scored=_scored(top.table("truth", default={})),
        movie=_movie(top, tuple(detectors), frame.pixel_size_A),
        grouping=_grouping(top),
    )
    draws.finish()
    top.finish()
    check_drawn(recipe, top)
    top.raise_problems(RecipeError, where, "Fix the recipe and run 'tembench recipe validate'")
    return recipe


def _images_each(draws: ValueReader) -> dict[str, int]:
    """Images of a specimen in each part: one number for all, or a table."""
    bounds: Any = {"default": 1, "at_least": 1, "at_most": _MOST_IMAGES_EACH}
    if draws.is_table("images_each"):
        inner = draws.table("images_each")
        each = {part: inner.integer(part, **bounds) for part in DRAWN_PARTS}
        inner.finish()
        return each
    return dict.fromkeys(DRAWN_PARTS, draws.integer("images_each", **bounds))


def _movie(top: ValueReader, detectors: tuple[str, ...], pixel_size_A: Any) -> Any:
    """Exposure of the part `movie`, where the recipe has one of its own."""
    if not top.has(MOVIE):
        return None
    return exposure(top.table(MOVIE), detectors, pixel_size_A)


def _grouping(top: ValueReader) -> str:
    if not top.has("grouping"):
        return ""
    reader = top.table("grouping")
    recipe = reader.text("microscope")
    if not closed_models(recipe):
        reader.problem("microscope", f"no closed recipe that comes with tembench, got '{recipe}'")
    reader.finish()
    return recipe


def _frame(reader: ValueReader) -> Frame[Any]:
    frame: Frame[Any] = Frame(
        width_px=reader.integer("width_px", at_least=16, at_most=LARGEST_FRAME_PX),
        height_px=reader.integer("height_px", at_least=16, at_most=LARGEST_FRAME_PX),
        pixel_size_A=reader.value("pixel_size_A", **PIXEL_SIZE_BOUNDS),
    )
    reader.finish()
    return frame


def _physics(reader: ValueReader) -> Physics:
    displacement = reader.table("displacement_A", default={})
    elements = sorted(displacement.keys())
    for element in elements:
        if element not in ELEMENT_SYMBOLS:
            displacement.problem(quoted(element), "no such element")
    padding = reader.number("padding_A", default=0.0, at_least=0, at_most=200)
    physics = Physics(
        wave_sampling_A=reader.number("wave_sampling_A", default=0.09, at_least=0.02, at_most=0.15),
        slice_thickness_A=reader.number("slice_thickness_A", default=1.0, at_least=0.1, at_most=10),
        parametrization=reader.text(
            "parametrization", default="lobato", choices=("lobato", "kirkland")
        ),
        thermal_scattering=reader.text(
            "thermal_scattering",
            default="absorbed",
            choices=("absorbed", "ignored", "background"),
        ),
        displacement_A={
            element: displacement.number(element, at_least=0, at_most=0.5) for element in elements
        },
        frozen_phonons=reader.integer("frozen_phonons", default=0, at_least=0, at_most=1000),
        padding_A=padding if reader.has("padding_A") else None,
    )
    reader.finish()
    return physics


def _scored(reader: ValueReader) -> Scored:
    elements = reader.texts("elements", default=())
    for element in elements:
        if element not in ELEMENT_SYMBOLS:
            reader.problem("elements", f"no such element: '{element}'")
    scored = Scored(elements=elements, components=reader.texts("components", default=()))
    reader.finish()
    return scored
