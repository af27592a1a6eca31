"""The canonical form of a recipe, what identifies it, and the way back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from tembench.core import RecipeError
from tembench.recipe.load import parse_recipe
from tembench.recipe.model import Recipe

# Of a recipe in TOML, lists stand where the canonical form has one value a model, the factors of
# all models stand in one place, ...
_LISTS = {
    "particle": "particles",
    "defect": "defects",
    "support": "supports",
    "thickness_A": "thickness_A",
}
_FACTORS = ("tilts_deg", "defocus_nm")
# ... and tracks are named by their factor.
_TRACKS = {"thickness": "thickness_A", "tilt": "tilts_deg", "defocus": "defocus_nm"}


def canonical_form(recipe: Recipe) -> str:
    """Canonical text of a recipe: sorted keys, no blanks, shortest floats."""
    return json.dumps(asdict(recipe), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def recipe_id(recipe: Recipe) -> str:
    """Identity of a recipe: the SHA-256 of its canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_form(recipe).encode()).hexdigest()


def from_canonical_form(text: str, where: str = "canonical form") -> Recipe:
    """The recipe whose canonical form is `text`.

    Parameters
    ----------
    text : str
        What `canonical_form` returned, perhaps from an untrusted store.
    where : str
        Where it was found, for an error.

    Raises
    ------
    RecipeError
        If it is no such form of a recipe that could be read from TOML: its values are held to the
        same rules, and the errors name the same dotted paths.
    """
    try:
        table = json.loads(text)
        if not isinstance(table, dict):
            raise ValueError("no table")
        recipe = parse_recipe(_as_toml(table), where)
        again = canonical_form(recipe)
    except (ValueError, RecursionError) as problem:
        # Untrusted JSON may also be nested deeper than Python goes.
        raise RecipeError(
            "no recipe in its canonical form",
            where=where,
            got=f"{type(problem).__name__}: {problem}",
        ) from None
    if again != text:
        raise RecipeError(
            "no recipe in its canonical form",
            where=where,
            got=_difference(table, json.loads(again)),
        )
    return recipe


def _as_toml(table: dict[str, Any]) -> dict[str, Any]:
    """The same recipe in the form of a TOML file; what is no part of a recipe stays as it is."""
    found = {key: value for key, value in table.items() if value is not None}
    found["conditions"] = _each(table.get("conditions"), _condition)
    found["splits"] = _without_none(table.get("splits"))
    found["tracks"] = _renamed(table.get("tracks"), _TRACKS)
    if isinstance(table.get("models"), list):
        found["models"] = [_model(model) for model in table["models"]]
        # Each model names its own, so those of all of them are looked at by nobody.
        if table["models"]:
            found["factors"] = {
                key: value for key, value in _first(found["models"]).items() if key in _FACTORS
            }
    return found


def _first(models: list[Any]) -> Mapping[str, Any]:
    return models[0] if isinstance(models[0], Mapping) else {}


def _condition(table: Any) -> Any:
    """A condition, its detector's keys beside its own."""
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
        _LISTS.get(key, key): [value] if key in _LISTS else value for key, value in table.items()
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


def _difference(given: Any, wanted: Any, path: str = "") -> str:
    """Dotted path of the first place where two tables differ; or that their writing differs."""
    if isinstance(given, dict) and isinstance(wanted, dict):
        for key in sorted({*given, *wanted}):
            if json.dumps(given.get(key)) != json.dumps(wanted.get(key)):
                inner = f"{path}.{key}" if path else key
                return _difference(given.get(key), wanted.get(key), inner)
        return "other blanks, order or digits than canonical"
    shown = json.dumps(given)
    return f"{path}: {shown if len(shown) <= 60 else shown[:57] + '...'}"
