"""Values of a drawn recipe by dotted path: those of a specimen, and those of an image."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

from tembench.recipe.draws.component_fields import component_values
from tembench.recipe.draws.distributions import Grid, Value

if TYPE_CHECKING:
    from tembench.recipe.draws.drawn_recipe import Camera, DrawnRecipe

Tables: TypeAlias = dict[str, dict[str, dict[str, Value]]]
"""Values by dotted path, in named tables; of each group of tables one is drawn."""

SPECIMEN_OPTICS = ("energy_keV", "aperture_per_A")
"""Values of the optics that are a specimen's; all others are an image's."""


def specimen_tables(recipe: DrawnRecipe) -> Tables:
    """Values of a specimen: of its components, its microscope and its frame."""
    kinds = {
        name: {
            f"{own}.{key}": value
            for own, component in kind.components.items()
            for key, value in component_values(component).items()
        }
        for name, kind in recipe.kinds.items()
    }
    microscopes = {
        name: {key: getattr(optics, key) for key in SPECIMEN_OPTICS}
        for name, (_, optics) in recipe.microscopes.items()
    }
    frame = {"frame.pixel_size_A": recipe.frame.pixel_size_A}
    return {
        "specimens": _under("specimens", kinds),
        "microscopes": _under("microscopes", microscopes),
        "frame": {"frame": frame},
    }


def image_tables(recipe: DrawnRecipe, part: str) -> Tables:
    """Values of a part's image: of its microscope's optics, its exposure and its camera."""
    microscopes = {
        name: {key: value for key, value in _by_field(one).items() if key not in SPECIMEN_OPTICS}
        for name, (_, one) in recipe.microscopes.items()
    }
    chosen = recipe.exposure_of(part)
    group = "exposure" if chosen is recipe.exposure else "movie"
    exposure = {f"{group}.{key}": value for key, value in _by_field(chosen).items()}
    detectors = {
        name: camera_values(recipe.detectors[name])
        for name in recipe.detector_names
        if name in recipe.detectors
    }
    return {
        "microscopes": _under("microscopes", microscopes),
        "exposure": {"exposure": exposure},
        "detectors": _under("detectors", detectors),
    }


def camera_values(camera: Camera[Any]) -> dict[str, Value]:
    """Values of a camera by key, those of its MTF as ``mtf[0]`` to ``mtf[3]``; not its kind."""
    values = _by_field(camera)
    mtf = {f"mtf[{i}]": value for i, value in enumerate(values.pop("mtf"))}
    del values["kind"]
    return values | mtf


def combinations(groups: Tables) -> int:
    """Number of combinations of the grids of all groups.

    A valid recipe has equally many in all tables of a group.
    """
    return math.prod(
        max((grid_points(table.values()) for table in tables.values()), default=1)
        for tables in groups.values()
    )


def grid_points(values: Iterable[Value]) -> int:
    """Number of combinations of the grids among values; 1 without any."""
    return math.prod(len(value.values) for value in values if isinstance(value, Grid))


def _by_field(instance: Any) -> dict[str, Any]:
    return {field.name: getattr(instance, field.name) for field in fields(instance)}


def _under(group: str, tables: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
    return {
        name: {f"{group}.{name}.{key}": value for key, value in table.items()}
        for name, table in tables.items()
    }
