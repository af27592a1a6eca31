"""Our support against a released image, where the workplace has one beside the repository."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.feature import match_template

from tembench.recipe import load_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import build_structure

RELEASED = Path(__file__).parents[3] / "shared" / "reference" / "images" / "demo-3.tif"
pytestmark = pytest.mark.skipif(not RELEASED.exists(), reason="no released image here")


@pytest.mark.slow
def test_support_looks_like_the_released_one() -> None:
    # demo-3: 30 A, tilted by 2 degrees about x, 16 nm; 50 / 1024 A per pixel, cropped.
    with Image.open(RELEASED) as file:
        released = np.asarray(file, dtype=np.float32)[470:820, 40:600]
    recipe = load_recipe("quickstart")
    model = next(model for model in recipe.models if model.name == "PtNp1-D1_flat_30A")
    waves = exit_waves(
        build_structure(recipe, model), ((2.0, 0.0), (-2.0, 0.0)), recipe.simulation, 300.0
    )
    box = dataclasses.replace(recipe.box, image_width_px=1024)
    images = form_images(waves, (16.0,), recipe.microscope, box)[0]
    # Small enough that our strain of the support does not show.
    ours, other_tilt = images[:, 680:870, 400:600]
    same, mirrored, tilted_back = (
        float(match_template(released, patch).max()) for patch in (ours, ours[:, ::-1], other_tilt)
    )
    assert same > 0.997
    assert mirrored < 0.6
    assert tilted_back < 0.995
    contrast = ours.std() / released.std()
    assert 0.9 < contrast < 1.15
