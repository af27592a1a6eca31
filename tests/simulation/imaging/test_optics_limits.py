"""Padding and coherence of the worst optics, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tembench.core import RecipeError
from tembench.recipe import Frame, Optics, Physics
from tembench.recipe.draws.distributions import Uniform
from tembench.simulation import (
    aberration_gradient,
    check_coherence,
    check_padding,
    check_pixel,
    form_image,
    largest_displacement_A,
    padding_rule_A,
    plan_cell,
    specimen_wave,
)
from tembench.simulation.atoms.specimen import Specimen
from tembench.simulation.scattering import wavelength_A

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


def film(margin_A: float, width_A: float) -> Specimen:
    """A thin amorphous film that runs beyond a square frame; the same atoms within any margin."""
    most = 45.0
    rng = np.random.default_rng(6)
    extent = width_A + 2 * most
    positions = rng.uniform(0, [extent, extent, 6.0], (int(0.5 * extent**2), 3)) - [most, most, 0]
    inside = np.all(np.abs(positions[:, :2] - width_A / 2) < width_A / 2 + margin_A, axis=1)
    count = int(inside.sum())
    return Specimen(
        symbols=np.full(count, "C"),
        positions_A=positions[inside],
        component=np.zeros(count, dtype=int),
        names=("film",),
        kinds=("film",),
        zone_axes=(None,),
        displacement_A=np.full(count, 0.08),
        frame_A=(width_A, width_A),
        depth_A=6.0,
    )


@pytest.mark.parametrize(
    "values",
    [
        CORRECTED | {"C10_nm": 20.0, "C12_nm": 4.0, "C21_nm": 100.0},
        {"C30_um": 600.0, "C10_nm": -60.0, "convergence_mrad": 0.5, "image_spread_A": 0.5},
        {"C30_um": 1200.0, "C10_nm": -30.0, "convergence_mrad": 0.4, "image_spread_A": 0.5},
    ],
)
def test_what_wraps_round_stays_below_60_dB(
    values: dict[str, float], microscope: Make, physics: Physics
) -> None:
    optics = microscope(**values, focal_spread_nm=4.0)
    frame = Frame(width_px=160, height_px=160, pixel_size_A=0.125)
    images = []
    for padding in (45.0, padding_rule_A(optics), 1.0):
        cell = plan_cell(frame, physics, padding, 1.6)
        wave = specimen_wave(film(padding, 20.0), cell, physics, 300.0, 1.6)
        images.append(form_image(wave, cell, optics))
    ruled, narrow = (
        20 * np.log10(np.ptp(images[0]) / np.sqrt(np.mean((image - images[0]) ** 2)))
        for image in images[1:]
    )
    assert ruled > 60
    assert narrow < 50
