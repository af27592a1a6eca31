"""Parts of a drawn recipe that a store is complete with.

The test of a large recipe is a tenth of its images; whoever scores outputs needs no more of it. A
store of some parts has the arrays, numbers and digests of the whole one, of which the others' are
not written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tembench.core import StoreError, locked
from tembench.dataset.storage import STORED_PARTS, consolidate, open_files
from tembench.recipe import DRAWN_PARTS, AnyRecipe, Recipe


def refuse_parts(recipe: AnyRecipe, parts: Sequence[str]) -> None:
    """Raise StoreError for parts that a recipe does not have."""
    own = [] if isinstance(recipe, Recipe) else [p for p in DRAWN_PARTS if recipe.specimens[p]]
    unknown = [part for part in parts if part not in own]
    if unknown:
        raise StoreError(
            "no such part to generate",
            where=f"{recipe.name} {recipe.version}",
            expected=", ".join(own) or "no --parts: the models of a closed recipe are in all",
            got=", ".join(unknown),
        )


def choose_parts(path: Path, recipe: AnyRecipe, parts: Sequence[str], *, created: bool) -> None:
    """Record which parts a store is complete with: those it has, and those that are added."""
    refuse_parts(recipe, parts)
    before = open_files(path).parts
    # A store without the attribute has all parts, unless it was made just now.
    chosen = [p for p in DRAWN_PARTS if p in {*before, *parts}] if before or created else []
    if not parts:
        chosen = []
    if tuple(chosen) != before:
        with locked(path, StoreError):
            group = open_files(path, writable=True).group
            if chosen:
                group.attrs[STORED_PARTS] = chosen
            else:
                group.attrs.pop(STORED_PARTS, None)
            consolidate(path)
