from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tembench.core.errors import StoreError
from tembench.recipe import Recipe, load_closed_recipe
from tembench.simulation import build_structure, exit_waves, form_images
from tembench.study.audit import CHANGES, closed_scene, simulate_views

TILT, DEFOCUS_NM = (2.0, 0.0), 8.0


@pytest.mark.slow
def test_an_embedded_model_is_shown_as_the_recipe_shows_it() -> None:
    recipe = load_closed_recipe("quickstart")
    model, microscope = recipe.models[1], recipe.microscope
    waves = exit_waves(
        build_structure(recipe, model), (TILT,), recipe.simulation, microscope.energy_keV
    )
    image = form_images(waves, (DEFOCUS_NM,), microscope, recipe.box)[0, 0] / 0.45
    scene = closed_scene(
        recipe,
        model,
        tilt_deg=TILT,
        defocus_nm=DEFOCUS_NM,
        condition=recipe.conditions["standard"],
    )
    base, moved = simulate_views(scene, [CHANGES["base"], CHANGES["moved"]])
    rows, columns = np.indices(image.shape)
    x, y = base.centre_px
    disc = np.hypot(columns - x, rows - y) < base.radius_px
    # Tilted by turning its atoms, where the recipe shears them: 61 dB of peak 1 e/px.
    error = 0.45 * (base.clean - image)[disc]
    assert -10 * np.log10(np.mean(error**2)) > 58
    # A specimen that was not tilted, or tilted the other way, is far from that.
    assert -10 * np.log10(np.mean((0.45 * (image - 1))[disc] ** 2)) < 30
    assert base.columns_defined
    particle = base.sites.in_particle
    assert particle.sum() == moved.sites.in_particle.sum() > 20
    shift = (moved.sites.xy_A[moved.sites.in_particle] - base.sites.xy_A[particle]) / 0.0625
    assert shift == pytest.approx(np.broadcast_to([0.107 * 800, -0.063 * 800], shift.shape))


def test_a_recipe_of_ones_own_is_refused(tiny_recipe: Recipe) -> None:
    shipped = load_closed_recipe("quickstart")
    for recipe in (tiny_recipe, replace(shipped, seed=shipped.seed + 1)):
        with pytest.raises(StoreError, match="its models cannot be turned"):
            closed_scene(
                recipe,
                recipe.models[1],
                tilt_deg=(0, 0),
                defocus_nm=4,
                condition=recipe.conditions["standard"],
            )
