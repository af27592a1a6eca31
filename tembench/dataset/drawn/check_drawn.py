"""Checks of a drawn recipe that need its atoms or its optics: files, padding and coherence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tembench.core import RecipeError, together
from tembench.recipe import Crystal, DrawnRecipe
from tembench.simulate import check_coherence, check_crystal, check_padding, check_pixel

_MOST_REPORTED = 20


def check_drawn_recipe(recipe: DrawnRecipe, where: str) -> None:
    """Refuse a recipe whose crystals cannot be built, or whose optics cannot be simulated.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    where : str
        Its file or name, for the message.

    Raises
    ------
    RecipeError
        All mistakes in one line.
    """
    problems = [*_crystal_problems(recipe), *_optics_problems(recipe)]
    if problems:
        raise RecipeError(
            together(problems, _MOST_REPORTED),
            where=where,
            remedy="Fix the recipe and run 'tembench recipe validate'",
        )


def _optics_problems(recipe: DrawnRecipe) -> Iterator[str]:
    for name, (_, optics) in recipe.microscopes.items():
        place = f"microscopes.{name}"
        for check in (
            partial(check_padding, optics, place, recipe.physics.padding_A),
            partial(check_coherence, optics, place),
            partial(check_pixel, optics, recipe.frame.pixel_size_A, place),
        ):
            try:
                check()
            except RecipeError as problem:
                yield str(problem)


def _crystal_problems(recipe: DrawnRecipe) -> Iterator[str]:
    seen: set[str] = set()
    for kind, content in recipe.kinds.items():
        for name, component in content.components.items():
            crystal = getattr(component, "crystal", None)
            if isinstance(crystal, Crystal) and repr(crystal) not in seen:
                seen.add(repr(crystal))
                ready = getattr(component, "shape", "") == "file"
                try:
                    check_crystal(crystal, f"specimens.{kind}.{name}", needs_cell=not ready)
                except RecipeError as problem:
                    yield str(problem)
