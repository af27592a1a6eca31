"""Cell of a drawn recipe's specimens: its padding, and the largest that may occur."""

from __future__ import annotations

import functools
from dataclasses import replace

from tembench.recipe import DrawnRecipe, limits_of
from tembench.simulate import PaddedCell, padding_rule_A, plan_cell


@functools.lru_cache(maxsize=16)
def recipe_padding_A(recipe: DrawnRecipe) -> float:
    """Distance from the frame to the cell's edge, of all specimens of a recipe.

    It is the recipe's own, or else the largest that the rule asks for any of its microscopes, so
    that atoms do not depend on the microscope that is drawn.
    """
    if recipe.physics.padding_A is not None:
        return recipe.physics.padding_A
    return max(padding_rule_A(optics) for _, optics in recipe.microscopes.values())


@functools.lru_cache(maxsize=16)
def largest_cell(recipe: DrawnRecipe) -> PaddedCell:
    """The cell of the largest pixel that can be drawn, at the largest aperture."""
    frame = replace(recipe.frame, pixel_size_A=limits_of(recipe.frame.pixel_size_A)[1])
    aperture = max(limits_of(o.aperture_per_A)[1] for _, o in recipe.microscopes.values())
    return plan_cell(frame, recipe.physics, recipe_padding_A(recipe), aperture)
