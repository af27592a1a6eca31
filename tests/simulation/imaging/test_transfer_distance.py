"""Contrast transfer functions against formed images, and the properties of their distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tembench.recipe import Frame, Optics, Physics
from tembench.simulation import (
    SpecimenWave,
    contrast_transfer,
    plan_cell,
    transfer_distance,
)
from tembench.simulation.imaging.image_formation import intensity_spectrum

# Wavelengths come from abTEM, whose import takes seconds.
pytestmark = pytest.mark.slow

Make = Callable[..., Optics[float]]


@pytest.mark.parametrize(
    "changes",
    [
        {"C10_nm": 8.0, "C30_um": -13.0, "C50_mm": 5.0, "focal_spread_nm": 4.0},
        {"C10_nm": -5.0, "C12_nm": 4.0, "phi12_deg": 30.0, "convergence_mrad": 0.2},
        {"C10_nm": 4.0, "C21_nm": 150.0, "phi21_deg": 50.0, "C23_nm": 150.0, "phi23_deg": 10.0},
    ],
)
def test_a_weak_grating_appears_as_the_transfer_says(
    frame: Frame[float], physics: Physics, microscope: Make, changes: dict[str, float]
) -> None:
    optics = microscope(image_spread_A=0.0, **changes)
    cell = plan_cell(frame, physics, 3.0, 1.6)
    ky, kx = cell.frequencies(cell.spectrum_shape)
    amplitude = 1e-3
    for row, column in ((0, 5), (3, 4), (7, 2)):
        spectra = np.zeros((1, *cell.spectrum_shape), np.complex64)
        spectra[0, 0, 0] = 1
        # A potential that is real has i times the same amplitude at k and -k.
        spectra[0, row, column] = spectra[0, -row, -column] = 1j * amplitude
        half = intensity_spectrum(SpecimenWave(spectra=spectra, background=0.0), cell, optics)
        expected = contrast_transfer(ky[row], kx[column : column + 1], optics)[0]
        assert half[row, column] / (2 * amplitude) == pytest.approx(expected, abs=0.01)


def test_image_spread_and_aperture_damp(microscope: Make) -> None:
    k, zero = np.array([0.5, 1.5]), np.zeros(2)
    sharp = contrast_transfer(zero, k, microscope(C10_nm=5.0, image_spread_A=0.0))
    blurred = contrast_transfer(
        zero, k, microscope(C10_nm=5.0, image_spread_A=0.5, aperture_per_A=1.2)
    )
    assert blurred[0] / sharp[0] == pytest.approx(np.exp(-2 * np.pi**2 * 0.25 * 0.25))
    assert sharp[1] != 0
    assert blurred[1] == 0


def test_distance_is_zero_for_the_same_and_root_two_for_the_opposite(microscope: Make) -> None:
    one = microscope(C10_nm=6.0, C30_um=-13.0)
    assert transfer_distance(one, (one,)) == 0
    opposite = replace(one, C10_nm=-6.0, C30_um=13.0)
    assert transfer_distance(opposite, (one,)) == pytest.approx(np.sqrt(2))
    assert transfer_distance(opposite, (one, opposite)) == 0


def test_distance_is_symmetric_and_grows_with_defocus(microscope: Make) -> None:
    one = microscope(C10_nm=5.0, image_spread_A=0.5)
    others = [replace(one, C10_nm=5.0 + step) for step in (0.5, 1.0, 2.0, 4.0)]
    distances = [transfer_distance(other, (one,)) for other in others]
    assert distances == sorted(distances)
    assert distances[0] > 0
    for other, distance in zip(others, distances, strict=True):
        assert transfer_distance(one, (other,)) == pytest.approx(distance)


def test_distance_does_not_see_where_azimuths_begin(microscope: Make) -> None:
    round_ = microscope(C10_nm=5.0)
    distances = [
        transfer_distance(replace(round_, C12_nm=3.0, phi12_deg=turn), (round_,))
        for turn in (0.0, 30.0, 77.0)
    ]
    assert distances[0] > 0.1
    assert distances == pytest.approx([distances[0]] * 3, rel=1e-3)


def test_distance_of_nothing_from_nothing_is_zero(microscope: Make) -> None:
    nothing = microscope()
    assert transfer_distance(nothing, (nothing,)) == 0
