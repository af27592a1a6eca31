"""Scenes of a closed store's images: their models embedded in the frame, to be turned and moved."""

from __future__ import annotations

import math

from tembench.core import StoreError, list_recipes
from tembench.dataset import image_sites
from tembench.recipe import (
    Condition,
    DrawSeed,
    Frame,
    Microscope,
    Model,
    Optics,
    Physics,
    PtCeO2,
    Recipe,
    Scored,
    load_recipe,
    recipe_id,
)
from tembench.simulation import (
    PARTICLE_X_A,
    TOP_CERIUM_Y_A,
    build_specimen,
    build_structure,
    find_columns,
    padding_rule_A,
)
from tembench.study.audit import Scene, needed_margin_A


def closed_scene(
    recipe: Recipe,
    model: Model,
    *,
    tilt_deg: tuple[float, float],
    defocus_nm: float,
    condition: Condition,
) -> Scene:
    """Scene of an image of a closed recipe.

    Parameters
    ----------
    recipe : Recipe
        One that comes with tembench.
    model : Model
        A model with atoms.
    tilt_deg : tuple of float
        Tilt about x and about y.
    defocus_nm : float
        Defocus, positive for overfocus.
    condition : Condition
        Its drift is applied.

    Returns
    -------
    Scene
        The particle where the recipe has it; the support continues beyond the frame, where the
        recipe's own cell closes with a seam. Tilts turn the atoms.

    Raises
    ------
    StoreError
        If the recipe does not come with tembench.
    """
    refuse_unknown_models(recipe)
    box = recipe.box
    height, width = box.shape
    frame = Frame(width_px=width, height_px=height, pixel_size_A=box.pixel_size_A)
    simulation, seed = recipe.simulation, DrawSeed(seed=recipe.seed, part="audit", specimen=0)
    optics = _optics(recipe.microscope, simulation.aperture_per_A, defocus_nm)
    padding = padding_rule_A(optics)
    specimen = build_specimen(
        {"model": _embedded(recipe, model, tilt_deg)},
        frame,
        needed_margin_A(frame, padding),
        seed,
        simulation.displacement_A,
    )
    return Scene(
        specimen=specimen,
        frame=frame,
        physics=Physics(
            wave_sampling_A=box.width_A / simulation.wave_grid[0],
            slice_thickness_A=simulation.slice_thickness_A,
            parametrization=simulation.parametrization,
            thermal_scattering=simulation.thermal_scattering,
            displacement_A=simulation.displacement_A,
            frozen_phonons=0,
            padding_A=None,
        ),
        padding_A=padding,
        optics=optics,
        motion_A=condition.drift_A,
        seed=seed,
        scored=Scored(elements=(), components=()),
        sites=image_sites(recipe, model, find_columns(build_structure(recipe, model)), tilt_deg),
    )


def refuse_unknown_models(recipe: Recipe) -> None:
    """Raise StoreError for a closed recipe that does not come with tembench."""
    name = recipe.name
    if name not in list_recipes() or recipe_id(load_recipe(name)) != recipe_id(recipe):
        raise StoreError(
            "its models cannot be turned",
            where=f"recipe {name} {recipe.version}",
            expected="a drawn recipe, or a closed one that comes with this tembench",
            remedy="Audit the method on a store of such a recipe",
        )


def _embedded(recipe: Recipe, model: Model, tilt_deg: tuple[float, float]) -> PtCeO2[float]:
    about_x, about_y = (math.tan(math.radians(angle)) for angle in tilt_deg)
    gap = recipe.particles[model.particle].gap_A
    return PtCeO2(
        recipe=recipe.name,
        model=model.name,
        x=PARTICLE_X_A / recipe.box.width_A,
        y=(TOP_CERIUM_Y_A - gap) / recipe.box.image_height_A,
        rotation_deg=0.0,
        mistilt_deg=math.degrees(math.atan(math.hypot(about_x, about_y))),
        # `projected`: the exit end of a column is displaced by minus the slopes.
        mistilt_azimuth_deg=math.degrees(math.atan2(-about_x, -about_y)),
    )


def _optics(microscope: Microscope, aperture_per_A: float, defocus_nm: float) -> Optics[float]:
    absent = dict.fromkeys(
        ("C12_nm", "phi12_deg", "C21_nm", "phi21_deg", "C23_nm", "phi23_deg", "C32_um",
         "phi32_deg", "C34_um", "phi34_deg"),
        0.0,
    )  # fmt: skip
    return Optics(
        energy_keV=microscope.energy_keV,
        aperture_per_A=aperture_per_A,
        C10_nm=defocus_nm,
        C30_um=microscope.c3_um,
        C50_mm=microscope.c5_mm,
        focal_spread_nm=microscope.focal_spread_nm,
        convergence_mrad=microscope.convergence_mrad,
        image_spread_A=microscope.image_spread_A,
        **absent,
    )
