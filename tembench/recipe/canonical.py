"""Canonical form of a recipe: its text, the identity derived from it, and its parser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from tembench.core import RecipeError
from tembench.recipe.draws.drawn_canonical import drawn_table
from tembench.recipe.draws.drawn_recipe import DrawnRecipe
from tembench.recipe.draws.parsing import files_of_store
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn
from tembench.recipe.load import AnyRecipe
from tembench.recipe.parse_closed import parse_recipe

# A recipe in TOML has lists where the canonical form has one value per model, one table of the
# factors of all models, ...
_LIST_KEYS = {
    "particle": "particles",
    "defect": "defects",
    "support": "supports",
    "thickness_A": "thickness_A",
}
_SHARED_FACTORS = ("tilts_deg", "defocus_nm")
# ... and tracks named by their factor.
_TRACK_KEYS = {"thickness": "thickness_A", "tilt": "tilts_deg", "defocus": "defocus_nm"}


def canonical_form(recipe: AnyRecipe) -> str:
    """Canonical text of a recipe: sorted keys, no blanks, shortest floats.

    A drawn recipe's names files of atoms by the SHA-256 of their content; see `recipe_files`.
    """
    table = drawn_table(recipe) if isinstance(recipe, DrawnRecipe) else asdict(recipe)
    return json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def recipe_id(recipe: AnyRecipe) -> str:
    """Identity of a recipe: the SHA-256 of its canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_form(recipe).encode()).hexdigest()


def from_canonical_form(
    text: str,
    where: str = "canonical form",
    files: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> AnyRecipe:
    """The recipe whose canonical form is `text`.

    Parameters
    ----------
    text : str
        Text returned by `canonical_form`, perhaps read from an untrusted store.
    where : str
        The source of the text, for an error.
    files : mapping of str to (str, str)
        Name and text of each file of atoms by its SHA-256, as they came with the text. No file is
        opened, since neither is trusted.

    Raises
    ------
    RecipeError
        If the text is not the canonical form of a recipe that could be read from TOML: its values
        are checked by the same rules, and the errors name the same dotted paths.
    """
    try:
        table = json.loads(text)
        if not isinstance(table, dict):
            raise ValueError("not a table")
        recipe: AnyRecipe
        if "draws" in table:
            recipe = parse_drawn(table, where, files_of_store(files))
        else:
            recipe = parse_recipe(_as_toml(table), where)
        again = canonical_form(recipe)
    except (ValueError, RecursionError) as problem:
        # Untrusted JSON may also be nested deeper than Python's recursion limit.
        raise RecipeError(
            "not a recipe in its canonical form",
            where=where,
            got=f"{type(problem).__name__}: {problem}",
        ) from None
    if again != text:
        raise RecipeError(
            "not a recipe in its canonical form",
            where=where,
            got=_difference(table, json.loads(again)),
        )
    return recipe


def _as_toml(table: dict[str, Any]) -> dict[str, Any]:
    """The same recipe in the form of a TOML file; unknown keys stay as they are."""
    toml = {key: value for key, value in table.items() if value is not None}
    toml["conditions"] = _each(table.get("conditions"), _condition)
    toml["splits"] = _without_none(table.get("splits"))
    toml["tracks"] = _renamed(table.get("tracks"), _TRACK_KEYS)
    if isinstance(table.get("models"), list):
        toml["models"] = [_model(model) for model in table["models"]]
        # Each model lists its own factors, so the shared ones are never used.
        if table["models"]:
            toml["factors"] = {
                key: value
                for key, value in _first(toml["models"]).items()
                if key in _SHARED_FACTORS
            }
    return toml


def _first(models: list[Any]) -> Mapping[str, Any]:
    return models[0] if isinstance(models[0], Mapping) else {}


def _condition(table: Any) -> Any:
    """A condition, with the keys of its detector beside its own."""
    if not isinstance(table, Mapping):
        return table
    detector = table.get("detector")
    rest = {key: value for key, value in table.items() if key != "detector"}
    if detector is None:
        return rest
    return {**detector, **rest} if isinstance(detector, Mapping) else dict(table)


def _model(table: Any) -> Any:
    if not isinstance(table, Mapping):
        return table
    return {
        _LIST_KEYS.get(key, key): [value] if key in _LIST_KEYS else value
        for key, value in table.items()
    }


def _each(table: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(table, Mapping):
        return table
    return {key: change(value) for key, value in table.items()}


def _without_none(table: Any) -> Any:
    if not isinstance(table, Mapping):
        return table
    return {key: value for key, value in table.items() if value is not None}


def _renamed(table: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(table, Mapping):
        return table
    return {names.get(key, key): value for key, value in table.items()}


def _difference(given: Any, canonical: Any, path: str = "") -> str:
    """Dotted path of the first value that differs, or a note that only the notation differs."""
    if isinstance(given, dict) and isinstance(canonical, dict):
        for key in sorted({*given, *canonical}):
            if json.dumps(given.get(key)) != json.dumps(canonical.get(key)):
                inner = f"{path}.{key}" if path else key
                return _difference(given.get(key), canonical.get(key), inner)
        return "other blanks, order or digits than canonical"
    shown = json.dumps(given)
    return f"{path}: {shown if len(shown) <= 60 else shown[:57] + '...'}"
