"""Checks of a drawn recipe that need its atoms or its optics: files, padding and coherence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from tembench.core import RecipeError, notice, together
from tembench.dataset.drawn import Place, built_specimen, motion_reach_A, needed_padding_A
from tembench.recipe import DRAWN_PARTS, Crystal, DrawnRecipe, Slab
from tembench.simulation import (
    check_coherence,
    check_crystal,
    check_padding,
    check_pixel,
    largest_displacement_A,
)

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
    _refuse([*_crystal_problems(recipe), *_optics_problems(recipe)], where)
    for text in _doubts(recipe):
        notice(f"{where}: {text}")


def check_draws(recipe: DrawnRecipe, where: str) -> None:
    """Build the atoms of one specimen of each kind; refuse kinds of which none can be drawn.

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
    part = next(part for part in DRAWN_PARTS if recipe.specimens[part])
    problems = []
    for name, kind in recipe.kinds.items():
        try:
            built_specimen(replace(recipe, kinds={name: kind}), Place(part, 0, 0))
        except RecipeError as problem:
            problems.append(_text(problem, f"specimens.{name}"))
    _refuse(problems, where)


def _doubts(recipe: DrawnRecipe) -> Iterator[str]:
    """What is simulated, but not within the usual 60 dB; see `padding_rule_A`."""
    slabs = any(
        isinstance(c, Slab) for kind in recipe.kinds.values() for c in kind.components.values()
    )
    padding = needed_padding_A(recipe)
    for name, (_, optics) in recipe.microscopes.items():
        displaced = largest_displacement_A(optics)
        if slabs and 0.6 * displaced > padding * 1.01:
            yield (
                f"microscopes.{name}: beams that a crystal diffracts are displaced by up to "
                f"{displaced:.0f} A, farther than the padding of {padding:.0f} A; what wraps round "
                "changes images of slabs by up to 1 % of vacuum"
            )


def _text(problem: RecipeError, kind: str) -> str:
    """An error's line without its remedy, and with the kind of specimen as its place."""
    where = problem.where if str(problem.where).startswith(kind) else kind
    return str(RecipeError(problem.what, where=where, expected=problem.expected, got=problem.got))


def _refuse(problems: list[str], where: str) -> None:
    if problems:
        raise RecipeError(
            together(problems, _MOST_REPORTED),
            where=where,
            remedy="Fix the recipe and run 'tembench recipe validate'",
        )


def _optics_problems(recipe: DrawnRecipe) -> Iterator[str]:
    problems = []
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
                problems.append(str(problem))
    yield from problems
    own, needed = recipe.physics.padding_A, needed_padding_A(recipe)
    if own is not None and own < needed and not problems:
        yield (
            f"physics.padding_A: expected at least {needed:.1f} A, {motion_reach_A(recipe):.1f} of "
            f"them for drift and jitter, got {own:g}"
        )


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
