from __future__ import annotations

import pytest
from gold_recipes import tiny_drawn

from tembench.methods.method import load_method
from tembench.methods.runs.drawn_parameters import suited, training_notice
from tembench.recipe import load_recipe, recipe_id


def test_closed_recipes_change_nothing() -> None:
    unet = load_method("unet")
    assert suited(unet, load_recipe("ptceo2-18k")) is unet


def test_a_network_is_trained_on_crops_at_all_doses_in_all_orientations() -> None:
    parameters = suited(load_method("unet"), tiny_drawn()).parameters
    assert parameters["samples"] == "images"
    assert parameters["overhang_px"] == 0
    assert parameters["binning"] == 6
    assert parameters["symmetries"] == "all"
    assert parameters["spectral"] is True
    # 100 to 1000 e/A^2 about their geometric mean.
    assert parameters["dose_range"] == pytest.approx([10**-0.5, 10**0.5])


def test_what_the_user_set_stays() -> None:
    given = load_method("unet").with_parameters(binning=3, symmetries="none")
    parameters = suited(given, tiny_drawn()).parameters
    assert (parameters["binning"], parameters["symmetries"]) == (3, "none")
    assert parameters["samples"] == "images"


def test_doses_per_pixel_follow_the_area_of_drawn_pixels() -> None:
    recipe = tiny_drawn(pixel_size_A="{ uniform = [0.08, 0.16] }")
    low, high = suited(load_method("unet"), recipe).parameters["dose_range"]
    # A hundredfold range of areas and doses: 10 of doses, 4 of areas.
    assert high / low == pytest.approx(40)


def test_a_fixed_orientation_keeps_the_symmetries_of_the_method() -> None:
    recipe = tiny_drawn(rotation_deg="{ uniform = [0, 90] }")
    assert suited(load_method("unet"), recipe).parameters["symmetries"] == "mirror"


def test_filters_keep_their_size_in_angstrom() -> None:
    bm3d = suited(load_method("bm3d"), tiny_drawn())
    assert bm3d.parameters["binning"] == 6
    assert bm3d.search["binning"] == [2, 3, 4, 5, 6, 8]
    assert bm3d.search["strength"] == load_method("bm3d").search["strength"]
    assert suited(load_method("bm3d-native"), tiny_drawn()).parameters["binning"] == 1
    gaussian = suited(load_method("gaussian"), tiny_drawn())
    assert gaussian.parameters["sigma_px"] == pytest.approx(7 * 0.625)
    assert suited(load_method("gaussian"), tiny_drawn(pixel_size_A="0.05")).search["sigma_px"] == [
        1.2,
        2.0,
        3.0,
        4.0,
        6.0,
        8.0,
        10.0,
    ]


def test_parameters_tuned_on_the_recipe_stay() -> None:
    from dataclasses import replace

    bm3d = replace(load_method("bm3d"), tuned={"recipe_id": recipe_id(tiny_drawn())})
    assert suited(bm3d, tiny_drawn()) is bm3d


def test_the_notice_names_what_differs() -> None:
    unet, recipe = load_method("unet"), tiny_drawn(cameras=True)
    text = training_notice(unet, suited(unet, recipe), recipe)
    assert "binning = 6" in text
    assert "samples = images" in text
    assert "cameras" in text
    assert "\n" not in text
    drawn_size = tiny_drawn(pixel_size_A="{ uniform = [0.08, 0.12] }")
    assert "0.08 to 0.12 A/px" in training_notice(unet, suited(unet, drawn_size), drawn_size)
