"""Loader of recipes from TOML, which reports every mistake of the file together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tembench.core import RecipeError, known_name, list_recipes, read_toml, recipes_folder
from tembench.recipe.draws.drawn_recipe import DrawnRecipe
from tembench.recipe.draws.parsing import files_beside
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn
from tembench.recipe.model import Recipe
from tembench.recipe.parse_closed import parse_recipe

AnyRecipe: TypeAlias = Recipe | DrawnRecipe
"""A closed recipe, the product of models and factors, or a drawn one."""


def load_closed_recipe(source: str | Path) -> Recipe:
    """Read a closed recipe, for what has no meaning for drawn ones; see `load_recipe`.

    Raises
    ------
    RecipeError
        If it is a drawn recipe, too.
    """
    recipe = load_recipe(source)
    if not isinstance(recipe, Recipe):
        raise RecipeError(
            "a drawn recipe",
            where=str(source),
            expected="a closed recipe, of models and factors",
            remedy="Name a recipe without a table [draws]",
        )
    return recipe


def load_recipe(source: str | Path | Mapping[str, Any]) -> AnyRecipe:
    """Read a recipe, a drawn one if it has a table ``[draws]``.

    Parameters
    ----------
    source : str, Path or mapping
        A TOML file, the name of a recipe that comes with tembench, or the tables of one as nested
        dicts; files of atoms that these name are looked for in the current folder.

    Raises
    ------
    RecipeError
        If there is no such recipe, or it has mistakes: all of them in one line, each with its
        dotted path, the value expected and the value found.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.load_recipe("quickstart").n_images
    144
    """
    if isinstance(source, Mapping):
        return _parsed(dict(source), "recipe", Path.cwd())
    path = Path(source)
    alone = path.name == str(source)
    shipped = alone and path.name.removesuffix(".toml") in list_recipes()
    # A folder may have the name of a recipe, such as one for its results.
    if not path.exists() or (shipped and path.is_dir()):
        if not shipped:
            raise RecipeError(
                "no such recipe" if alone else "no such file",
                where=str(source),
                expected="a TOML file or one of " + ", ".join(list_recipes()),
                remedy=known_name(path, list_recipes(), "recipe"),
            )
        path = recipes_folder() / f"{path.stem}.toml"
    return _parsed(read_toml(path, RecipeError), str(path), path.parent)


def _parsed(table: dict[str, Any], where: str, folder: Path) -> AnyRecipe:
    if "draws" in table:
        return parse_drawn(table, where, files_beside(folder))
    return parse_recipe(table, where=where)
