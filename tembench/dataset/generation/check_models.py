"""Checks that a recipe's models can be built: atoms in the box, particles in one piece, no twins.

A recipe without a syntax error may still describe atoms that the simulation would silently fold
back through its periodic box or leave out. That shows only when the atoms are built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tembench.core import RecipeError, together
from tembench.dataset.drawn import check_drawn_recipe
from tembench.dataset.image_table import check_tracks
from tembench.recipe import (
    BLANK,
    AnyRecipe,
    Model,
    Recipe,
    load_recipe,
    read_seal_file,
    sealed_recipe,
)
from tembench.simulation import (
    CERIUM_SPACING_A,
    Structure,
    build_structure,
    platinum_spacing_A,
)

# Pt on ceria: 2.4 A above the top Ce row and at most half a column spacing (1.7 A) to its side.
_FARTHEST_FROM_SUPPORT_A = 4.0
# The released box is 0.4 A wider than its columns. More at the box's edge would be a crack, less
# would make columns overlap: the support has the lattice of ceria, whatever the box.
_LARGEST_SEAM_A = 0.6
_MOST_REPORTED = 20


def load_checked_recipe(source: str | Path, *, seal: Path | None = None) -> AnyRecipe:
    """Read a recipe and check that its models can be built; `load_recipe` checks the text only.

    Parameters
    ----------
    source : str or Path
        Name or file of the recipe.
    seal : Path, optional
        Seed file of a sealed test: the recipe is then of that test alone, with its secret.

    Raises
    ------
    RecipeError
        If the recipe has mistakes, or `check_specimens` or `check_tracks` finds any; or if it
        cannot be sealed with that seed.
    """
    recipe = load_recipe(source)
    if seal is not None:
        recipe = sealed_recipe(recipe, read_seal_file(seal))
    if not isinstance(recipe, Recipe):
        check_drawn_recipe(recipe, str(source))
        return recipe
    check_specimens(recipe, str(source))
    check_tracks(recipe, str(source))
    return recipe


def check_specimens(recipe: Recipe, where: str) -> None:
    """Build the atoms of every model and refuse models that are impossible.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    where : str
        Its file or name, for the message.

    Raises
    ------
    RecipeError
        All mistakes in one line: particles that are empty, in pieces, wider than the box, out of
        the image, longer than the specimen is thick or above a hole of the support; supports that
        do not fit the box; two models of the same atoms, which could be on both sides of a
        split.
    """
    problems = list(_support_problems(recipe)) or list(_model_problems(recipe))
    if problems:
        remedy = "Fix the recipe and run 'tembench recipe validate'"
        raise RecipeError(together(problems, _MOST_REPORTED), where=where, remedy=remedy)


def _support_problems(recipe: Recipe) -> Iterator[str]:
    for name, support in recipe.supports.items():
        if name == BLANK:
            continue
        count = len(support.layers)
        width = count * CERIUM_SPACING_A
        if abs(recipe.box.width_A - width) > _LARGEST_SEAM_A:
            yield (
                f"box.width_A: expected {width:.1f} A for the {count} columns of the support "
                f"'{name}', to {_LARGEST_SEAM_A} A, got {recipe.box.width_A:g}"
            )


def _model_problems(recipe: Recipe) -> Iterator[str]:
    """List each problem once, with the models that have it."""
    models: dict[str, list[str]] = {}
    seen: dict[bytes, str] = {}
    for model in recipe.models:
        structure = build_structure(recipe, model)
        for problem in () if model.is_blank else _problems(recipe, model, structure):
            models.setdefault(problem, []).append(model.name)
        twin = seen.setdefault(_fingerprint(structure), model.name)
        if twin != model.name:
            models.setdefault(f"the same atoms as {twin}", []).append(model.name)
    for problem, names in models.items():
        others = f" and {len(names) - 1} more models" if len(names) > 1 else ""
        yield f"{names[0]}{others}: {problem}"


def _problems(recipe: Recipe, model: Model, structure: Structure) -> Iterator[str]:
    pt = structure.in_particle
    if not pt.any():
        yield "the particle has no atoms"
        return
    y, z = structure.positions_A[:, 1], structure.positions_A[:, 2]
    height = recipe.box.image_height_A
    if y[pt].min() < 0 or y[pt].max() >= height:
        yield (
            f"the particle reaches from {y[pt].min():.1f} to {y[pt].max():.1f} A; "
            f"expected it inside the image, 0 to {height:g} A from its top"
        )
    if y.max() >= recipe.box.cell_height_A:
        yield (
            f"the support reaches {y.max():.1f} A down; expected less than cell_height_A, "
            f"{recipe.box.cell_height_A:g} A"
        )
    depth = structure.cell_A[2]
    if z[pt].min() < 0 or z[pt].max() >= depth:
        yield (
            f"Pt columns reach from {z[pt].min():.1f} to {z[pt].max():.1f} A along the beam; "
            f"expected them inside the specimen, 0 to {depth:.1f} A"
        )
    yield from _shape_problems(recipe, model, structure)
    gap = _smallest_gap_A(recipe, structure)
    if gap > _FARTHEST_FROM_SUPPORT_A:
        yield f"the particle is {gap:.1f} A away from the support"


def _shape_problems(recipe: Recipe, model: Model, structure: Structure) -> Iterator[str]:
    """Report a particle in pieces, or one that overlaps with itself through the periodic box."""
    rows, indices = np.unique(structure.site[structure.in_particle], axis=0).T
    starts = np.array([row.start for row in recipe.particles[model.particle].rows])
    # Along x in column spacings, before the box folds it; each row is moved by a third.
    along = rows / 3 + starts[rows] + indices
    spacing = platinum_spacing_A(recipe.particles[model.particle])
    if (np.ptp(along) + 1) * spacing > recipe.box.width_A:
        width = np.ptp(along) * spacing
        yield (
            f"the particle is {width:.0f} A wide; expected less than the box, "
            f"{recipe.box.width_A:g} A"
        )
    steps = np.abs(along[:, None] - along)
    apart = np.abs(rows[:, None] - rows)
    touching = ((apart == 0) & (steps < 1.1)) | ((apart == 1) & (steps < 0.9))
    piece = touching[0]
    while (wider := touching[piece].any(axis=0)).sum() > piece.sum():
        piece = wider
    if not piece.all():
        separate = int((~piece).sum())
        yield f"the particle is in pieces: {separate} of {len(rows)} columns are separate"


def _smallest_gap_A(recipe: Recipe, structure: Structure) -> float:
    pt = np.unique(structure.positions_A[structure.in_particle, :2], axis=0)
    cerium = np.unique(structure.positions_A[structure.symbols == "Ce", :2], axis=0)
    across = np.abs(pt[:, None, 0] - cerium[:, 0])
    across = np.minimum(across, recipe.box.width_A - across)
    return float(np.hypot(across, pt[:, None, 1] - cerium[:, 1]).min())


def _fingerprint(structure: Structure) -> bytes:
    order = np.lexsort(structure.positions_A.T)
    content = hashlib.sha256(np.round(structure.positions_A[order], 3).tobytes())
    content.update(" ".join(structure.symbols[order]).encode())
    return content.digest()
