"""Cell of a drawn recipe's specimens: padding, motion, and the largest grid of stored waves."""

from __future__ import annotations

import functools
from math import ceil, floor

from tembench.recipe import DRAWN_PARTS, MOVIE, DrawnRecipe, limits_of
from tembench.simulation import padded_pixels, padding_rule_A

_JITTER_DEVIATIONS = 4.0
"""Jitter beyond so many standard deviations is left out of the padding: one frame in 16,000."""


@functools.lru_cache(maxsize=16)
def recipe_padding_A(recipe: DrawnRecipe, part: str = DRAWN_PARTS[0]) -> float:
    """Distance from the frame to the cell's edge, of all specimens of a part.

    It is the recipe's own, or else the largest that the rule asks for any of its microscopes and
    for the motion during its exposures, so that atoms do not depend on the microscope that is
    drawn. The part `movie` has that of the others, and room for its own motion.
    """
    own = recipe.physics.padding_A
    padding = needed_padding_A(recipe) if own is None else own
    moves = part == MOVIE and recipe.movie is not None
    return padding + motion_reach_A(recipe, MOVIE) if moves else padding


def needed_padding_A(recipe: DrawnRecipe) -> float:
    """Padding that the rule asks for the recipe's microscopes and for motion."""
    rule = max(padding_rule_A(optics) for _, optics in recipe.microscopes.values())
    return rule + motion_reach_A(recipe)


def motion_reach_A(recipe: DrawnRecipe, part: str = DRAWN_PARTS[0]) -> float:
    """Farthest displacement of a part's specimen in its frame, from drift and jitter."""
    exposure = recipe.exposure_of(part)
    drift = limits_of(exposure.drift_A)[1] * exposure.frames / 2
    jitter = limits_of(exposure.jitter_A)[1] if exposure.frames > 1 else 0.0
    return drift + _JITTER_DEVIATIONS * jitter


@functools.lru_cache(maxsize=16)
def stored_spectrum_shape(recipe: DrawnRecipe) -> tuple[int, int]:
    """Shape (ky, kx) that holds every exit wave that is stored.

    Notes
    -----
    A smaller pixel may have the larger cell, since cells are whole numbers of pixels without a
    large prime factor: so every padding in pixels is looked at, with the largest pixel that has it.
    """
    least, largest = limits_of(recipe.frame.pixel_size_A)
    aperture = max(limits_of(o.aperture_per_A)[1] for _, o in recipe.microscopes.values())
    padding = recipe_padding_A(recipe)
    orders = [0, 0]
    # As in `plan_cell`.
    for margin in range(ceil(padding / largest - 1e-9), ceil(padding / least - 1e-9) + 1):
        pixel = min(largest, (padding + 1e-6) / (margin - 1)) if margin > 1 else largest
        for axis, size in enumerate(recipe.shape):
            extent = padded_pixels(size, margin) * pixel
            orders[axis] = max(orders[axis], floor(aperture * extent + 1e-9))
    return 2 * orders[0] + 1, 2 * orders[1] + 1
