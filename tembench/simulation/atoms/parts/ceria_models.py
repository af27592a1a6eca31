"""Models of platinum on ceria from closed recipes, embedded in a frame of any size."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Container
from dataclasses import replace

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import PtCeO2, Recipe, load_closed_recipe
from tembench.simulation.atoms.crystal import beam_turn
from tembench.simulation.atoms.parts.pieces import FrameBox, Piece
from tembench.simulation.structures import (
    CERIA_A,
    CERIUM_SPACING_A,
    PARTICLE_X_A,
    TOP_CERIUM_Y_A,
    Structure,
    build_structure,
)

_LAYER_A = CERIA_A / math.sqrt(3)
_COLUMNS_AT_ONCE = 12
_LAYERS_AT_ONCE = 6
"""Supports are extended by multiples of these, so that draws of one model share most of the work.

An even number of columns keeps their parity: neighbours are half a period apart along the beam.
"""


def embed_model(
    name: str, component: PtCeO2[float], box: FrameBox, taken: Container[str]
) -> list[Piece]:
    """Embed a model of platinum on ceria in the frame.

    Parameters
    ----------
    name : str
        Name of the component.
    component : PtCeO2
        Model, place and orientation.
    box : FrameBox
        The frame, beyond which the support runs by its margin.
    taken : container of str
        Names that other components have.

    Returns
    -------
    list of Piece
        ``"support"`` and ``"particle"``, each with the component's name before it where that name
        is taken; none for a model without atoms.

    Notes
    -----
    The support continues sideways as its outermost columns are, and downwards.

    Raises
    ------
    RecipeError
        If the recipe has no such model.
    """
    turn = beam_turn(component.rotation_deg, component.mistilt_deg, component.mistilt_azimuth_deg)
    place = np.array([component.x * box.width_A, component.y * box.height_A, 0.0])
    recipe = _recipe(component.recipe)
    model = next((model for model in recipe.models if model.name == component.model), None)
    if model is None:
        raise RecipeError(
            "no such model",
            where=f"{component.recipe}",
            expected=f"a name such as {recipe.models[0].name}",
            got=str(component.model),
        )
    if model.is_blank:
        return []
    thickness = model.thickness_A
    corners = itertools.product(*zip(box.low(-thickness), box.high(thickness), strict=True))
    upright = (np.array(list(corners)) - place) @ turn
    (left, top, _), (right, bottom, _) = upright.min(axis=0), upright.max(axis=0)
    del top
    structure, middle = _extended(
        component.recipe,
        component.model,
        _multiple(-left / CERIUM_SPACING_A, _COLUMNS_AT_ONCE),
        _multiple(right / CERIUM_SPACING_A, _COLUMNS_AT_ONCE),
        _multiple(bottom / _LAYER_A, _LAYERS_AT_ONCE),
    )
    positions = (structure.positions_A - middle) @ turn.T + place
    inside = ((positions >= box.low(-np.inf)) & (positions < box.high(np.inf))).all(axis=1)
    pieces = []
    for kind, own in (("support", ~structure.in_particle), ("particle", structure.in_particle)):
        kept = inside & own
        pieces.append(
            Piece(
                name=kind if kind not in taken else f"{name}-{kind}",
                kind=kind,
                symbols=structure.symbols[kept],
                positions_A=positions[kept],
                displacement_A=np.full(int(kept.sum()), np.nan),
                zone_axis=turn[:, 2],
            )
        )
    return [piece for piece in pieces if len(piece.symbols)]


def _multiple(number: float, of: int) -> int:
    return max(0, math.ceil(number / of)) * of


@functools.lru_cache(maxsize=4)
def _recipe(name: str) -> Recipe:
    return load_closed_recipe(name)


@functools.lru_cache(maxsize=8)
def _extended(
    recipe_name: str, model_name: str, left: int, right: int, layers: int
) -> tuple[Structure, np.ndarray]:
    """A model whose support has more columns and layers, and the middle of its lowest Pt row."""
    recipe = _recipe(recipe_name)
    model = next(model for model in recipe.models if model.name == model_name)
    support = recipe.supports[model.support]
    terraces = support.layers
    extended = replace(
        support,
        layers=tuple(
            layers + height for height in (terraces[0],) * left + terraces + (terraces[-1],) * right
        ),
        vacancies=tuple(replace(v, place=v.place + left) for v in support.vacancies),
    )
    wide = replace(
        recipe,
        box=replace(recipe.box, width_A=CERIUM_SPACING_A * len(extended.layers)),
        supports={**recipe.supports, model.support: extended},
    )
    structure = build_structure(wide, model)
    # The builder puts the particle where it is in the closed recipe; its place on the support is
    # to the right by as many columns as there are more on the left.
    structure.positions_A[structure.in_particle, 0] += left * CERIUM_SPACING_A
    gap = recipe.particles[model.particle].gap_A
    middle = [
        PARTICLE_X_A + left * CERIUM_SPACING_A, TOP_CERIUM_Y_A - gap, structure.cell_A[2] / 2
    ]  # fmt: skip
    return structure, np.array(middle)
