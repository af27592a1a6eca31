"""Padding and coherence of the worst optics, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tembench.core import RecipeError
from tembench.recipe import Optics
from tembench.recipe.draws.distributions import Uniform
from tembench.simulate import (
    aberration_gradient,
    check_coherence,
    check_padding,
    check_pixel,
    largest_displacement_A,
    padding_rule_A,
)
from tembench.simulate.scattering import wavelength_A

# Wavelengths come from abTEM, whose import takes seconds.
pytestmark = pytest.mark.slow

Make = Callable[..., Optics[float]]
CORRECTED = {"C30_um": -13.0, "C50_mm": 5.0, "convergence_mrad": 0.2, "image_spread_A": 0.5}


def test_the_largest_displacement_bounds_every_draw(microscope: Make) -> None:
    limits = {"C10_nm": (-10, 25), "C12_nm": (0, 5), "C21_nm": (0, 200), "C30_um": (-20, 20)}
    ranges = {name: Uniform(low=a, high=b) for name, (a, b) in limits.items()}
    bound = largest_displacement_A(microscope(**ranges))
    angles = np.linspace(0, 2 * np.pi, 73)[:, None]
    k = np.linspace(0, 1.6, 33)
    largest = 0.0
    for number in range(40):
        rng = np.random.default_rng(number)
        drawn = {name: rng.choice(pair) for name, pair in limits.items()}
        azimuths = {"phi12_deg": rng.uniform(0, 360), "phi21_deg": rng.uniform(0, 360)}
        optics = microscope(**drawn, **azimuths)
        gradient = aberration_gradient(k * np.sin(angles), k * np.cos(angles), optics)
        largest = max(largest, np.abs(gradient).max() * wavelength_A(300.0) / (2 * np.pi))
    assert 0.8 * bound < largest <= bound * (1 + 1e-9)


def test_a_corrected_microscope_needs_the_least_padding(microscope: Make) -> None:
    focus = Uniform(low=-10.0, high=25.0)
    assert padding_rule_A(microscope(**CORRECTED, C10_nm=focus)) == 7.5


@pytest.mark.parametrize(("C30_um", "mrad", "padding"), [(600, 0.5, 15), (1200, 0.3, 25)])
def test_coherence_bounds_the_padding_without_corrector(
    C30_um: float, mrad: float, padding: float, microscope: Make
) -> None:
    optics = microscope(C30_um=C30_um, C10_nm=-60.0, convergence_mrad=mrad)
    assert padding_rule_A(optics) == pytest.approx(padding, abs=0.2)
    check_padding(optics, "microscopes.a")


def test_too_much_padding_is_refused_with_what_is_needed(microscope: Make) -> None:
    optics = microscope(C30_um=1200.0, C10_nm=-60.0, convergence_mrad=0.05)
    with pytest.raises(RecipeError, match=r"microscopes\.a: .*at most 30 A.*150\.4 A needed"):
        check_padding(optics, "microscopes.a")
    check_padding(optics, "microscopes.a", padding_A=151.0)
    with pytest.raises(RecipeError, match=r"physics\.padding_A"):
        check_padding(optics, "microscopes.a", padding_A=100.0)


def test_too_much_convergence_is_refused_with_what_is_possible(microscope: Make) -> None:
    optics = microscope(C30_um=1200.0, convergence_mrad=Uniform(low=0.1, high=1.0))
    with pytest.raises(RecipeError, match=r"convergence_mrad at most 0\.5") as caught:
        check_coherence(optics, "microscopes.a")
    most = float(str(caught.value.expected).rsplit(" ", 1)[1])
    check_coherence(microscope(C30_um=1200.0, convergence_mrad=0.98 * most), "microscopes.a")
    check_coherence(microscope(**CORRECTED, focal_spread_nm=4.0), "microscopes.a")


def test_coarse_pixels_need_a_blur_or_a_small_aperture(microscope: Make) -> None:
    sharp = microscope(image_spread_A=0.1)
    check_pixel(sharp, 0.2, "frame.pixel_size_A")
    # The pixel's largest frequency, 1.67 1/A, lies just beyond the aperture.
    with pytest.raises(RecipeError, match=r"image_spread_A of at least 0\.2, .* at most 1\.11"):
        check_pixel(sharp, Uniform(low=0.1, high=0.3), "frame.pixel_size_A")
    check_pixel(microscope(image_spread_A=0.21), 0.3, "frame.pixel_size_A")
    wide = microscope(image_spread_A=0.21, aperture_per_A=2.0)
    with pytest.raises(RecipeError, match=r"image_spread_A of at least 0\.35"):
        check_pixel(wide, 0.3, "frame.pixel_size_A")
