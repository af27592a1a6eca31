"""The canonical form of a recipe, what identifies it, and the way back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tembench.recipe.model import (
    Box,
    Condition,
    Detector,
    Microscope,
    Model,
    Particle,
    Recipe,
    Row,
    Simulation,
    Splits,
    Support,
    Vacancy,
)


def canonical_form(recipe: Recipe) -> str:
    """Canonical text of a recipe: sorted keys, no blanks, shortest floats."""
    return json.dumps(asdict(recipe), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def recipe_id(recipe: Recipe) -> str:
    """Identity of a recipe: the SHA-256 of its canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_form(recipe).encode()).hexdigest()


def from_canonical_form(text: str) -> Recipe:
    """The recipe whose canonical form is `text`.

    Raises
    ------
    ValueError
        If `text` is no such form.
    """
    try:
        table = json.loads(text)
        simulation = {
            **table["simulation"],
            "wave_grid": tuple(table["simulation"]["wave_grid"]),
            "detector_grid": tuple(table["simulation"]["detector_grid"]),
        }
        return Recipe(
            **{
                **table,
                "box": Box(**table["box"]),
                "simulation": Simulation(**simulation),
                "microscope": Microscope(**table["microscope"]),
                "conditions": {name: _condition(c) for name, c in table["conditions"].items()},
                "particles": {name: _particle(p) for name, p in table["particles"].items()},
                "supports": {name: _support(s) for name, s in table["supports"].items()},
                "models": tuple(_model(model) for model in table["models"]),
                "splits": Splits(**{k: _tuples(v) for k, v in table["splits"].items()}),
                "tracks": {name: _tuples(values) for name, values in table["tracks"].items()},
            }
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"no canonical recipe: {problem!r}") from problem


def _condition(table: Mapping[str, Any]) -> Condition:
    detector = table["detector"] and Detector(**table["detector"])
    return Condition(**{**table, "drift_A": tuple(table["drift_A"]), "detector": detector})


def _particle(table: Mapping[str, Any]) -> Particle:
    return Particle(
        rows=tuple(Row(start=row["start"], atoms=tuple(row["atoms"])) for row in table["rows"]),
        sites={name: (place[0], place[1]) for name, place in table["sites"].items()},
        lattice_A=table["lattice_A"],
        gap_A=table["gap_A"],
    )


def _support(table: Mapping[str, Any]) -> Support:
    return Support(
        layers=tuple(table["layers"]),
        vacancies=tuple(Vacancy(**vacancy) for vacancy in table["vacancies"]),
    )


def _model(table: Mapping[str, Any]) -> Model:
    return Model(**{key: _tuples(value) for key, value in table.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value
