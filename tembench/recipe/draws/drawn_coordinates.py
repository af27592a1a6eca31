"""Coordinates of a drawn data set: a flat name, a unit and a value for everything that varies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tembench.recipe.draws.component_fields import NEVER_DRAWN, component_values
from tembench.recipe.draws.components import Particle
from tembench.recipe.draws.distributions import Distribution, Grid, Value, limits_of, plain_values
from tembench.recipe.draws.drawn_recipe import DRAWN_PARTS, MOVIE, DrawnRecipe
from tembench.recipe.draws.image_draws import DrawnImage
from tembench.recipe.draws.specimen_draws import DrawnSpecimen
from tembench.recipe.draws.value_tables import SPECIMEN_OPTICS, camera_values, image_tables

_UNITS = {
    "_e_per_A2": "electron / angstrom^2",
    "_per_nm": "1 / nm",
    "_per_A": "1 / angstrom",
    "_g_cm3": "g / cm^3",
    "_keV": "keV",
    "_mrad": "mrad",
    "_deg": "degree",
    "_mm": "mm",
    "_um": "um",
    "_nm": "nm",
    "_A": "angstrom",
}
# What every data set has, whether it varies or not.
_ALWAYS = frozenset(("kind", "microscope", "pixel_size_A", "energy_keV", "C10_nm", "dose_e_per_A2"))


@dataclass(frozen=True, kw_only=True)
class ValueName:
    """Name of a coordinate of a drawn data set.

    Attributes
    ----------
    name : str
        Flat name, such as ``"film_thickness_A"`` or ``"C10_nm"``.
    unit : str
        Its unit as the store's coordinates write it; empty for text and shares.
    is_text : bool
        Whether its values are texts: names and directions.
    of_image : bool
        Whether it is an image's value, not a specimen's.
    """

    name: str
    unit: str
    is_text: bool
    of_image: bool


@lru_cache(maxsize=16)
def value_names(recipe: DrawnRecipe) -> tuple[ValueName, ...]:
    """Names of all coordinates of a recipe, in a stable order: the specimen's, then the image's.

    Kind, microscope, pixel size, energy, defocus and dose are always among them, other values where
    they vary from specimen to specimen or from image to image. Each particle of a count has names
    of its own.
    """
    names = [
        ValueName(
            name=name,
            unit=_unit(name),
            is_text=all(isinstance(one, str | tuple | None) for one in plain),
            of_image=of_image,
        )
        for of_image, table in ((False, _specimen(recipe)), (True, _image(recipe)))
        for name, values in table.items()
        if (plain := [one for value in values for one in plain_values(value)])
        and (name in _ALWAYS or _varies(values))
    ]
    return tuple(names)


def drawn_values(
    recipe: DrawnRecipe, specimen: DrawnSpecimen, image: DrawnImage
) -> dict[str, float | str]:
    """Values of an image's coordinates, by those of `value_names` that its specimen has.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    specimen : DrawnSpecimen
        The specimen.
    image : DrawnImage
        One of its images.

    Returns
    -------
    dict of str to (float or str)
        Directions are texts such as ``"[1 1 0]"``. A name that the specimen lacks, since it is of
        another kind or has fewer particles, is absent.
    """
    found: dict[str, Any] = {"kind": specimen.kind, "microscope": specimen.microscope}
    found["pixel_size_A"] = specimen.frame.pixel_size_A
    for name, component in specimen.components.items():
        found |= _component(name, component_values(component))
    found |= vars(image.optics) | vars(image.exposure) | {"frame": image.frame}
    found |= {_camera_key(key): value for key, value in camera_values(image.camera).items()}
    return {
        one.name: _plain(found[one.name])
        for one in value_names(recipe)
        if found.get(one.name) is not None
    }


def _specimen(recipe: DrawnRecipe) -> dict[str, list[Value]]:
    """Every value that a coordinate of a specimen may have, by the coordinate's name."""
    table: dict[str, list[Value]] = {"kind": list(recipe.kinds)}
    for kind in recipe.kinds.values():
        for name, component in kind.components.items():
            many = round(limits_of(component.count)[1]) if isinstance(component, Particle) else 1
            for own in [name, *(f"{name}-{i}" for i in range(2, many + 1))]:
                for key, value in _component(own, component_values(component)).items():
                    table.setdefault(key, []).append(value)
    optics = [one for _, one in recipe.microscopes.values()]
    return {
        **table,
        "pixel_size_A": [recipe.frame.pixel_size_A],
        "microscope": list(recipe.microscopes),
        **{key: [getattr(one, key) for one in optics] for key in SPECIMEN_OPTICS},
    }


def _image(recipe: DrawnRecipe) -> dict[str, list[Value]]:
    """Every value that a coordinate of an image may have, by the coordinate's name."""
    merged = dict[str, list[Value]]()
    for part in (DRAWN_PARTS[0], MOVIE) if recipe.movie is not None else DRAWN_PARTS[:1]:
        for group, named in image_tables(recipe, part).items():
            for table in named.values():
                for path, value in table.items():
                    key = path.rpartition(".")[2]
                    name = _camera_key(key) if group == "detectors" else key
                    merged.setdefault(name, []).append(value)
    frames = max(merged.pop("frames"))
    return {**merged, "frame": [0, frames - 1]}


def _component(name: str, values: dict[str, Value]) -> dict[str, Value]:
    return {
        f"{name}_{re.sub('[. ]', '_', key)}": value
        for key, value in values.items()
        if key not in NEVER_DRAWN and key != "count"
    }


def _camera_key(key: str) -> str:
    return "detector_" + re.sub(r"\[(\d)\]", r"_\1", key)


def _varies(values: list[Value]) -> bool:
    return any(isinstance(one, Distribution | Grid) for one in values) or len(set(values)) > 1


def _plain(value: Any) -> float | str:
    if isinstance(value, tuple):
        return f"[{' '.join(map(str, value))}]"
    return value if isinstance(value, str) else float(value)


def _unit(name: str) -> str:
    return next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
