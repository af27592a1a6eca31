"""Redraws of a drawn recipe: its test from a secret seed, and fresh draws from open ones."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tembench.core import RecipeError
from tembench.recipe import (
    DRAWN_PARTS,
    MOVIE,
    AnyRecipe,
    DrawnRecipe,
    Redraw,
    SecretSeed,
    recipe_id,
)

OPEN_PARTS = ("train", "validation", "dev")
"""Parts whose truth is public; a sealed test leaves them out."""
# A tenth of a second: a seed that somebody typed is not found by trying a dictionary.
_ROUNDS = 200_000
_LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class RecipeName:
    """Name and version of a recipe, all that inputs contain of it.

    Attributes
    ----------
    name, version : str
        As the recipe has them.
    is_drawn : bool
        Whether it is a drawn recipe.
    pixel_size_A : float
        Nominal size of a pixel.
    ids : tuple of str
        Its id and that of the recipe that it redraws: parameters tuned on either suit it.
    """

    name: str
    version: str
    is_drawn: bool
    pixel_size_A: float
    ids: tuple[str, ...]


def sealed_recipe(recipe: AnyRecipe, secret: bytes) -> DrawnRecipe:
    """Recipe of a sealed test: the parts under test alone, drawn from a secret seed.

    Parameters
    ----------
    recipe : Recipe or DrawnRecipe
        The public recipe.
    secret : bytes
        The secret, as `read_seal_file` returns it.

    Returns
    -------
    DrawnRecipe
        With the secret in memory. Its name ends in the first digits of the public commitment, and
        its text and id contain all of it, but not the secret.

    Raises
    ------
    RecipeError
        If the recipe is not a drawn one with a test, or itself redraws another.

    Notes
    -----
    master = PBKDF2-HMAC-SHA256(secret, salt, 200,000 rounds), with the public recipe's id as salt;
    the commitment is SHA-256("commitment" + master), the root of all draws
    HMAC-SHA256(master, "draws"). Neither reveals the other, or the secret.
    """
    where = f"{recipe.name} {recipe.version}"
    if not isinstance(recipe, DrawnRecipe) or recipe.redraw:
        raise RecipeError(
            "cannot be sealed",
            where=where,
            expected="a recipe with a table [draws]",
            remedy="Name the public recipe of the drawn test",
        )
    kept = {part: recipe.specimens[part] * (part not in OPEN_PARTS) for part in DRAWN_PARTS}
    if not any(kept.values()):
        raise RecipeError("has no test to seal", where=where, remedy="Set draws.test in the recipe")
    of = recipe_id(recipe)
    root, commitment = _derived(of, secret)
    sealed = _redrawn(recipe, f"sealed-{commitment[:8]}", kept)
    return replace(sealed, redraw=Redraw(of=of, commitment=commitment), secret=root)


def unsealed(recipe: AnyRecipe, secret: bytes, where: str) -> DrawnRecipe:
    """The recipe of a sealed test, with its secret; RecipeError if that is another's.

    Parameters
    ----------
    recipe : Recipe or DrawnRecipe
        The recipe as a store keeps it.
    secret : bytes
        The secret that is claimed to open its commitment.
    where : str
        The store, for an error.
    """
    if not isinstance(recipe, DrawnRecipe) or not recipe.redraw or not recipe.redraw.commitment:
        raise RecipeError("not sealed: its seed is open", where=where, remedy="Leave --seal out")
    root, commitment = _derived(recipe.redraw.of, secret)
    if commitment != recipe.redraw.commitment:
        raise RecipeError(
            "sealed with another seed",
            where=where,
            expected=f"commitment {recipe.redraw.commitment}",
            got=commitment,
            remedy="Give the seed file that the test was drawn from",
        )
    return replace(recipe, secret=root)


def fresh_recipe(recipe: DrawnRecipe, number: int, specimens: int) -> DrawnRecipe:
    """Recipe of a fresh draw of some test specimens, from an open seed of its own.

    Parameters
    ----------
    recipe : DrawnRecipe
        The public recipe.
    number : int
        Number of the draw, from 1. Draw 0 keeps the public seed: the first specimens of the test.
    specimens : int
        Number of test specimens; other parts are left out.
    """
    kept = {part: specimens * (part == "test") for part in DRAWN_PARTS}
    of = recipe_id(recipe)
    digest = hashlib.sha256(f"fresh draw {number} of {of}".encode()).digest()
    # Between 2^48 and 2^49: JSON keeps whole numbers to 2^53, and no public seed is so large.
    seed = int.from_bytes(digest[:6]) + 2**48 if number else recipe.seed
    fresh = _redrawn(recipe, f"draw-{number}", kept)
    return replace(fresh, seed=seed, redraw=Redraw(of=of, commitment=""))


def public_ids(recipe: DrawnRecipe) -> tuple[str, ...]:
    """Ids of a recipe and of the one that it redraws: what is tuned on one suits the other."""
    return (recipe_id(recipe), *([recipe.redraw.of] if recipe.redraw else []))


def _derived(of: str, secret: bytes) -> tuple[SecretSeed, str]:
    salt = f"tembench sealed test {of}".encode()
    master = hashlib.pbkdf2_hmac("sha256", secret, salt, _ROUNDS)
    commitment = hashlib.sha256(b"commitment" + master).hexdigest()
    return SecretSeed(key=hmac.digest(master, b"draws", "sha256")), commitment


def _redrawn(recipe: DrawnRecipe, ending: str, specimens: Mapping[str, int]) -> DrawnRecipe:
    name = f"{recipe.name[:_LONGEST_NAME]}-{ending}"
    movie = recipe.movie if specimens[MOVIE] else None
    return replace(recipe, name=name, specimens=specimens, movie=movie)
