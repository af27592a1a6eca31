"""Cell of a drawn recipe's specimens: its padding, and the largest that may occur."""

from __future__ import annotations

import functools
from dataclasses import replace

from tembench.recipe import DrawnRecipe, limits_of
from tembench.simulate import PaddedCell, plan_cell

_LEAST_PADDING_A = 7.5


@functools.lru_cache(maxsize=16)
def recipe_padding_A(recipe: DrawnRecipe) -> float:
    """Distance from the frame to the cell's edge, of all specimens of a recipe."""
    return recipe.physics.padding_A or _LEAST_PADDING_A


@functools.lru_cache(maxsize=16)
def largest_cell(recipe: DrawnRecipe) -> PaddedCell:
    """The cell of the largest pixel that can be drawn, at the largest aperture."""
    frame = replace(recipe.frame, pixel_size_A=limits_of(recipe.frame.pixel_size_A)[1])
    aperture = max(limits_of(o.aperture_per_A)[1] for _, o in recipe.microscopes.values())
    return plan_cell(frame, recipe.physics, recipe_padding_A(recipe), aperture)
