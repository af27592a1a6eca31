"""Columns that results are grouped by: an image's material, orientation and transfer distance.

A recipe with a table ``[grouping]`` has them. Materials are named by its kinds of specimens.
"""

from __future__ import annotations

import functools
from dataclasses import fields

from tembench.recipe import (
    DrawnImage,
    DrawnRecipe,
    DrawnSpecimen,
    Film,
    Optics,
    Particle,
    load_closed_recipe,
)
from tembench.simulation import transfer_distance

GROUP_TEXTS = ("material", "orientation")
"""Texts of every image of a recipe that groups."""
GROUP_NUMBERS = ("ctf_distance",)
"""Numbers of every image of a recipe that groups."""
OFF_ZONE, NO_ZONE = "off zone", "none"
# Models of platinum on ceria are seen along this direction of both crystals.
_MODEL_ZONE = (1, 1, 0)


def grouping_values(
    recipe: DrawnRecipe, specimen: DrawnSpecimen, image: DrawnImage
) -> dict[str, str | float]:
    """Values of the columns that a recipe groups by; none if it does not.

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
    dict of str to (str or float)
        ``"material"``; ``"orientation"``, see `orientation_of`; and ``"ctf_distance"``, by
        `transfer_distance` from the microscope of the recipe's `grouping` at the nearest of its
        defoci: 0 to 1.41.
    """
    if not recipe.grouping:
        return {}
    return {
        "material": recipe.kinds[specimen.kind].material or specimen.kind,
        "orientation": orientation_of(specimen),
        "ctf_distance": transfer_distance(image.optics, closed_optics(recipe.grouping)),
    }


def orientation_of(specimen: DrawnSpecimen) -> str:
    """Zone axis of a specimen's first particle, or else of its crystal, by the kind of axis.

    Returns
    -------
    str
        Indices without signs, the largest first, such as ``"[1 1 0]"``: directions that a cubic
        crystal does not distinguish are one. ``"off zone"`` for a random orientation, ``"none"``
        without a crystal. A mistilt does not change it.
    """
    components = [one for one in specimen.components.values() if not isinstance(one, Film)]
    if not components:
        return NO_ZONE
    first = next((one for one in components if isinstance(one, Particle)), components[0])
    orientation = getattr(first, "orientation", None)
    zone = _MODEL_ZONE if orientation is None else orientation.zone
    if isinstance(zone, str):
        return OFF_ZONE
    return f"[{' '.join(str(index) for index in sorted(map(abs, zone), reverse=True))}]"


@functools.lru_cache(maxsize=4)
def closed_optics(name: str) -> tuple[Optics[float], ...]:
    """Optics of a closed recipe that comes with tembench, at each of its defoci."""
    recipe = load_closed_recipe(name)
    scope = recipe.microscope
    fixed = dict.fromkeys((field.name for field in fields(Optics)), 0.0) | {
        "energy_keV": scope.energy_keV,
        "aperture_per_A": recipe.simulation.aperture_per_A,
        "C30_um": scope.c3_um,
        "C50_mm": scope.c5_mm,
        "focal_spread_nm": scope.focal_spread_nm,
        "convergence_mrad": scope.convergence_mrad,
        "image_spread_A": scope.image_spread_A,
    }
    defoci = sorted({defocus for model in recipe.models for defocus in model.defocus_nm})
    return tuple(Optics(**(fixed | {"C10_nm": defocus})) for defocus in defoci)
