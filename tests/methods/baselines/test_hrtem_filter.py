"""HRTEM filter: the background of rings, both filters, and edges without a cross."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy import fft

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.method_code import import_method
from tembench.methods.protocol import NoisyImage

PACKAGE = import_method(load_method("hrtem-filter").folder).__package__
BACKGROUND = importlib.import_module(f"{PACKAGE}.background")


def lattice(shape=(128, 160), per_px=0.125):
    y, x = np.mgrid[: shape[0], : shape[1]]
    return 20 + 4 * np.cos(2 * np.pi * per_px * (x + 0.5 * y))


def test_the_background_does_not_see_reflections():
    draw = np.random.default_rng(1)
    noise = draw.normal(0, 3, (128, 160))
    backgrounds = [
        BACKGROUND.ring_background(np.abs(fft.rfft2(values)), 5.0)
        for values in (noise, noise + lattice())
    ]
    outside = np.abs(fft.rfft2(noise)).mean()
    # The rings next to the direct beam hold a few coefficients each.
    ratio = backgrounds[1][10:60, 10:60] / backgrounds[0][10:60, 10:60]
    np.testing.assert_allclose(ratio, 1, atol=0.2)
    # Lowered again and again, the mean ends below that of the noise.
    assert 0.4 * outside < backgrounds[1][10:60, 10:60].mean() < 0.8 * outside


def test_the_background_is_constant_in_rings():
    amplitude = np.abs(fft.rfft2(np.random.default_rng(2).normal(size=(64, 64))))
    background = BACKGROUND.ring_background(amplitude, 5.0)
    assert background[20, 0] == background[0, 20] == background[-20, 0] == background[12, 16]


@pytest.mark.parametrize(("kind", "expected"), [("wiener", 0.75), ("absf", 0.5)])
def test_gains_are_those_of_the_papers(kind, expected):
    gain = BACKGROUND.filter_gain(np.array([2.0, 0.5, 0.0]), np.ones(3), kind)
    np.testing.assert_allclose(gain, [expected, 0, 0])


def test_the_low_pass_halves_at_its_frequency():
    gain = BACKGROUND.low_pass((100, 100), 0.1, 1.0, 3)
    assert gain[0, 0] == 1
    assert gain[10, 0] == pytest.approx(0.5)
    assert gain[0, 20] == pytest.approx(1 / 65)


@pytest.mark.parametrize("shape", [(128, 96), (31, 50), (3, 7)])
def test_the_image_stands_inside_the_extended_one(shape):
    values = np.random.default_rng(3).poisson(5, shape).astype(float)
    wide = BACKGROUND.extended(values)
    top, left = BACKGROUND.margins(shape)
    np.testing.assert_allclose(wide[top : top + shape[0], left : left + shape[1]], values)


def test_a_ramp_leaves_no_cross():
    values = np.broadcast_to(np.arange(128.0), (128, 128))
    cross = [
        np.abs(fft.rfft2(image - image.mean()))[0, 30:].mean() / np.sqrt(image.size)
        for image in (values, BACKGROUND.extended(values))
    ]
    assert cross[1] < cross[0] / 10


@pytest.mark.parametrize("kind", ["wiener", "absf"])
def test_a_lattice_comes_out_of_the_noise(kind):
    clean = lattice()
    counts = np.random.default_rng(4).poisson(clean).astype(np.uint8)
    image = NoisyImage(counts=counts, pixel_size_A=0.1, dose_e_per_px=20.0)
    method = load_method("hrtem-filter").build(filter=kind, strength=2.0, lowpass_per_A=2.5)
    error = np.mean((method.denoise(image) - clean) ** 2)
    assert error < 0.15 * np.mean((counts - clean) ** 2)


def test_other_filters_are_refused():
    with pytest.raises(MethodError, match=r"unknown filter.*wiener or absf.*'median'"):
        load_method("hrtem-filter").build(filter="median")
