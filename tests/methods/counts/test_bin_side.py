from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tembench.methods.counts.bin_side import BinSide, bins_of
from tembench.methods.protocol import NoisyImage


def image(pixel_size_A: float, dose_e_per_A2: float) -> NoisyImage:
    return NoisyImage(
        counts=np.zeros((8, 8), np.uint8),
        pixel_size_A=pixel_size_A,
        dose_e_per_px=dose_e_per_A2 * pixel_size_A**2,
    )


def test_the_side_is_that_of_the_parameter_at_100_electrons():
    assert BinSide(0.6, 0.3).pixels(image(0.1, 100)) == 6
    assert BinSide(0.6, 0.3).pixels(image(0.05, 100)) == 12


def test_it_grows_as_the_dose_falls():
    side = BinSide(0.6, 0.25)
    assert side.pixels(image(0.05, 1600)) == 6
    assert side.pixels(image(0.05, 100 / 16)) == 24
    assert replace(side, growth=0).pixels(image(0.05, 1600)) == 12


def test_a_bin_is_at_least_a_pixel():
    assert BinSide(0.1, 0.2).pixels(image(0.4, 1000)) == 1


@pytest.mark.parametrize(
    ("parameters", "bins"),
    [({"binning": 8}, 8), ({"bin_A": 0.6, "bin_growth": 0.2}, BinSide(0.6, 0.2))],
)
def test_parameters_name_pixels_or_angstrom(parameters, bins):
    assert bins_of({**parameters, "strength": 1.0}) == (bins, {"strength": 1.0})
