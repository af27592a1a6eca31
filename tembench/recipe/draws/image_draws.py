"""Draws of a specimen's images: optics, exposure and camera of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from tembench.recipe.draws.drawn_recipe import (
    Camera,
    DrawnRecipe,
    Exposure,
    Optics,
)
from tembench.recipe.draws.specimen_draws import DrawnSpecimen, drawn, grid_values, merged
from tembench.recipe.draws.value_tables import combinations, image_tables


@dataclass(frozen=True, kw_only=True)
class DrawnImage:
    """Everything that is drawn for an image.

    Attributes
    ----------
    draw : int
        Number of the draw of the specimen's images, which names its generators:
        ``seed.generator(path, draw)``.
    point : int
        Point of the grids of an image's values.
    frame : int
        Number of the frame, from 0; frames of one exposure share all other values.
    optics : Optics
        With the specimen's energy and aperture.
    exposure : Exposure
        Its detector is a name.
    camera : Camera
        The camera of that name.
    """

    draw: int
    point: int
    frame: int
    optics: Optics[float]
    exposure: Exposure[float]
    camera: Camera[float]


def draw_images(recipe: DrawnRecipe, specimen: DrawnSpecimen) -> list[DrawnImage]:
    """Draw the values of a specimen's images.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    specimen : DrawnSpecimen
        The specimen, whose seed is used.

    Returns
    -------
    list of DrawnImage
        As many images as ``recipe.images_per_specimen`` says of its part: for each draw every
        point of the grids, for each point every frame. A draw's values are the same at all points
        but for the grids'.
    """
    part = specimen.seed.part
    points = combinations(image_tables(recipe, part))
    return [
        image
        for draw in range(recipe.images_each[part])
        for point in range(points)
        for image in _frames(recipe, specimen, draw, point)
    ]


def _frames(
    recipe: DrawnRecipe, specimen: DrawnSpecimen, draw: int, point: int
) -> list[DrawnImage]:
    """The frames of one exposure."""
    part = specimen.seed.part
    tables = image_tables(recipe, part)
    sample = partial(_sampled, specimen=specimen, draw=draw)
    # The grids of the cameras, of which one is drawn, run fastest.
    outer, inner = divmod(point, combinations({"detectors": tables["detectors"]}))
    scope, setting = tables["microscopes"][specimen.microscope], tables["exposure"]["exposure"]
    fixed = grid_values(merged((scope, setting)), outer)
    exposure = sample(setting, fixed)
    optics = sample(scope, fixed) | {
        "energy_keV": specimen.energy_keV,
        "aperture_per_A": specimen.aperture_per_A,
    }
    detector = tables["detectors"][exposure["detector"]]
    camera = sample(detector, grid_values(detector, inner))
    mtf = tuple(camera.pop(f"mtf[{i}]") for i in range(4))
    kind = recipe.detectors[exposure["detector"]].kind
    return [
        DrawnImage(
            draw=draw,
            point=point,
            frame=frame,
            optics=Optics(**optics),
            exposure=Exposure(**exposure),
            camera=Camera(kind=kind, mtf=mtf, **camera),
        )
        for frame in range(recipe.exposure_of(part).frames)
    ]


def _sampled(
    table: Mapping[str, Any], fixed: Mapping[str, Any], specimen: DrawnSpecimen, draw: int
) -> dict[str, Any]:
    """Every value of a table, by the last part of its path."""
    return {
        path.rpartition(".")[2]: drawn(path, value, fixed, specimen.seed, draw)
        for path, value in table.items()
    }
