"""Drawn recipe as the table of a TOML file with every value explicit, for its canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tembench.recipe.draws.component_fields import component_kind, component_values
from tembench.recipe.draws.components import AtomsFile, Component
from tembench.recipe.draws.distributions import Choice, Grid, Normal, Value
from tembench.recipe.draws.drawn_recipe import DRAWN_PARTS, MOVIE, Camera, DrawnRecipe
from tembench.recipe.draws.parsing import IDEAL, reference

_KIND = {"LogUniform": "log_uniform", "Uniform": "uniform", "Integers": "integers"}


def drawn_table(recipe: DrawnRecipe) -> dict[str, Any]:
    """The table that reads back as `recipe`: every key, and files of atoms by their content."""
    whole = {key: getattr(recipe, key) for key in ("name", "version", "description", "licence")}
    return {
        **whole,
        "seed": recipe.seed,
        "draws": _draws(recipe),
        "frame": _table(vars(recipe.frame)),
        "physics": _table(asdict(recipe.physics)),
        "microscopes": {
            name: {"share": share, **_table(vars(optics))}
            for name, (share, optics) in recipe.microscopes.items()
        },
        "detectors": {name: _camera(camera) for name, camera in recipe.detectors.items()},
        "exposure": _table(vars(recipe.exposure)),
        "specimens": {
            name: {
                "share": kind.share,
                **({"material": kind.material} if kind.material else {}),
                **{own: _component(one) for own, one in kind.components.items()},
            }
            for name, kind in recipe.kinds.items()
        },
        "truth": _table(vars(recipe.scored)),
        **({} if recipe.movie is None else {MOVIE: _table(vars(recipe.movie))}),
        **({"grouping": {"microscope": recipe.grouping}} if recipe.grouping else {}),
    }


def _draws(recipe: DrawnRecipe) -> dict[str, Any]:
    """Numbers of specimens and images; what is the same in all parts, or not drawn, as before."""
    # Recipes from before there was a part `movie` keep their identity.
    parts = [part for part in DRAWN_PARTS if part != MOVIE or recipe.specimens[part]]
    each = {part: recipe.images_each[part] for part in parts}
    same = len(set(each.values())) == 1
    return {
        **{part: recipe.specimens[part] for part in parts},
        "images_each": each[parts[0]] if same else each,
    }


def recipe_files(recipe: DrawnRecipe) -> tuple[AtomsFile, ...]:
    """The files of atoms that a recipe names, each content once, in the order of their digests."""
    found = {
        file.sha256: file
        for kind in recipe.kinds.values()
        for component in kind.components.values()
        if (file := component_values(component).get("file")) is not None
    }
    return tuple(found[digest] for digest in sorted(found))


def _component(component: Component[Any]) -> dict[str, Any]:
    return {"kind": component_kind(component), **_table(component_values(component))}


def _camera(camera: Camera[Value]) -> dict[str, Any]:
    return {"kind": IDEAL} if camera.kind == IDEAL else _table(vars(camera))


def _table(values: Mapping[str, Value]) -> dict[str, Any]:
    """A table of values by key; a key with a dot is one of a table inside."""
    table: dict[str, Any] = {}
    for key, value in values.items():
        if value is not None:
            outer, _, inner = key.rpartition(".")
            place = table.setdefault(outer, {}) if outer else table
            place[inner] = _plain(value)
    return table


def _plain(value: Value) -> Any:
    """A value as TOML has it."""
    if isinstance(value, AtomsFile):
        return reference(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Choice):
        return {"choice": [_plain(one) for one in value.values], "shares": list(value.shares)}
    if isinstance(value, Grid):
        return {"grid": [_plain(one) for one in value.values]}
    if isinstance(value, Normal):
        return {"normal": [value.mean, value.deviation], "within": [value.low, value.high]}
    kind = _KIND.get(type(value).__name__)
    return {kind: [value.low, value.high]} if kind else value
