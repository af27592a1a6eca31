"""Components as flat tables: the keys of a recipe's file and their values, and back.

A component nests its orientation, strain, defects and crystal; a recipe's file, its identity, its
draws and the coordinates of a data set all see one flat table of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from tembench.recipe.draws.components import (
    Component,
    Crystal,
    Defects,
    Film,
    Orientation,
    Particle,
    PtCeO2,
    Slab,
    Strain,
)
from tembench.recipe.draws.distributions import Value

COMPONENT_KINDS: dict[str, Any] = {
    "slab": Slab,
    "particle": Particle,
    "film": Film,
    "ptceo2": PtCeO2,
}
"""Class of each kind of component, by the name that recipes use."""

# The nested parts of a component, and the prefix of their keys in its table.
_PARTS: dict[str, tuple[Any, str]] = {
    "crystal": (Crystal, ""),
    "orientation": (Orientation, ""),
    "strain": (Strain, "strain_"),
    "defects": (Defects, ""),
}
_FACETS = "facets"
NEVER_DRAWN = frozenset(
    (*(field.name for field in fields(Crystal)), "shape", "on", "side", "composition", "recipe")
)
"""Keys whose values are names or lists of a component, the same in every draw."""


def component_kind(component: Component[Any]) -> str:
    """Name of a component's kind: ``"slab"``, ``"particle"``, ``"film"`` or ``"ptceo2"``."""
    return next(name for name, kind in COMPONENT_KINDS.items() if type(component) is kind)


def component_values(component: Component[Any]) -> dict[str, Value]:
    """Values of a component by the keys of its table in a recipe's file, without its kind."""
    values: dict[str, Value] = {}
    for field in fields(component):
        value = getattr(component, field.name)
        if field.name in _PARTS:
            prefix = _PARTS[field.name][1]
            values |= {f"{prefix}{f.name}": getattr(value, f.name) for f in fields(value)}
        elif field.name == _FACETS:
            values |= {f"{_FACETS}.{plane}": distance for plane, distance in value.items()}
        else:
            values[field.name] = value
    return values


def component_of(kind: str, values: Mapping[str, Value]) -> Component[Any]:
    """Component of a kind from values by key: the inverse of `component_values`."""
    made: Any = COMPONENT_KINDS[kind]
    arguments = {}
    for field in fields(made):
        if field.name in _PARTS:
            part, prefix = _PARTS[field.name]
            inner = {f.name: values[f"{prefix}{f.name}"] for f in fields(part)}
            arguments[field.name] = part(**inner)
        elif field.name == _FACETS:
            arguments[field.name] = {
                key.partition(".")[2]: value
                for key, value in values.items()
                if key.startswith(f"{_FACETS}.")
            }
        else:
            arguments[field.name] = values[field.name]
    component: Component[Any] = made(**arguments)
    return component
