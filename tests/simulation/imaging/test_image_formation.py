"""Images of waves against closed forms and fine averages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tembench.recipe import Frame, Optics, Physics
from tembench.simulation import (
    PaddedCell,
    SpecimenWave,
    aberration_gradient,
    aberration_phase,
    form_image,
    plan_cell,
)
from tembench.simulation.imaging.image_formation import intensity_spectrum

# Wavelengths come from abTEM, whose import takes seconds.
pytestmark = pytest.mark.slow

Make = Callable[..., Optics[float]]


@pytest.fixture
def cell(frame: Frame[float], physics: Physics) -> PaddedCell:
    return plan_cell(frame, physics, 3.0, 1.6)


def beams(cell: PaddedCell, *given: tuple[int, int, complex]) -> SpecimenWave:
    """The undisturbed wave and beams: order along y, order along x, amplitude."""
    spectra = np.zeros((1, *cell.spectrum_shape), np.complex64)
    spectra[0, 0, 0] = 1
    for row, column, amplitude in given:
        spectra[0, row, column] = amplitude
    return SpecimenWave(spectra=spectra, background=0.0)


def crystal(cell: PaddedCell, seed: int = 1, aperture: float = 1.6) -> SpecimenWave:
    """Many beams that hold a third of the intensity, stronger at low frequencies."""
    share, rng = 0.35, np.random.default_rng(seed)
    ky, kx = cell.frequencies(cell.spectrum_shape)
    k = np.hypot(ky, kx)
    spectra = rng.standard_normal((2, *k.shape))
    spectrum = (spectra[0] + 1j * spectra[1]) * np.exp(-1.5 * k) * (k <= aperture)
    spectrum[0, 0] = 0
    spectrum *= np.sqrt(share / np.sum(np.abs(spectrum) ** 2))
    spectrum[0, 0] = np.sqrt(1 - share)
    return SpecimenWave(spectra=spectrum[None].astype(np.complex64), background=0.0)


def places(cell: PaddedCell) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the frame's pixels from the cell's corner, in A."""
    (top, left), (height, width) = cell.offset_px, cell.frame_px
    pixel = cell.pixel_size_A
    return (top + np.arange(height))[:, None] * pixel, (left + np.arange(width)) * pixel


def test_vacuum_is_one_under_any_optics(cell: PaddedCell, microscope: Make) -> None:
    optics = microscope(
        C10_nm=20.0, C12_nm=4.0, C30_um=600.0, convergence_mrad=0.5, focal_spread_nm=4.0
    )
    image = form_image(beams(cell), cell, optics, shift_A=(1.0, 2.0), motion_A=(0.5, 0.5))
    assert image.shape == (48, 64)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, 1, atol=1e-5)


def test_a_background_is_added_evenly(cell: PaddedCell, microscope: Make) -> None:
    wave = crystal(cell)
    with_it = form_image(replace(wave, background=0.02), cell, microscope())
    np.testing.assert_allclose(with_it - form_image(wave, cell, microscope()), 0.02, atol=1e-5)


def test_a_weak_beam_is_a_cosine_moved_by_the_shift(cell: PaddedCell, microscope: Make) -> None:
    width, height = cell.extent_A
    wave = beams(cell, (2, 3, 0.01))
    optics = microscope(C10_nm=8.0, C21_nm=100.0, phi21_deg=30.0, image_spread_A=0.3)
    k = np.array([3 / width, 2 / height])
    chi = float(aberration_phase(np.array(k[1]), np.array(k[0]), optics))
    for shift, motion in (
        ((0.0, 0.0), (0.0, 0.0)),
        ((0.7, -0.4), (0.0, 0.0)),
        ((0.3, 0), (1.2, 0.8)),
    ):
        y, x = places(cell)
        phase = 2 * np.pi * (k[0] * (x - shift[0]) + k[1] * (y - shift[1])) - chi
        blur = np.exp(-2 * (np.pi * 0.3) ** 2 * (k @ k)) * np.sinc(k @ np.array(motion))
        image = form_image(wave, cell, optics, shift_A=shift, motion_A=motion)
        np.testing.assert_allclose(image, 1 + 1e-4 + 0.02 * blur * np.cos(phase), atol=3e-6)


def test_configurations_are_averaged_incoherently(cell: PaddedCell, microscope: Make) -> None:
    one, other = crystal(cell, 1), crystal(cell, 2)
    both = SpecimenWave(spectra=np.concatenate([one.spectra, other.spectra]), background=0.0)
    optics = microscope(C10_nm=5.0, focal_spread_nm=3.0, convergence_mrad=0.3)
    mean = (form_image(one, cell, optics) + form_image(other, cell, optics)) / 2
    np.testing.assert_allclose(form_image(both, cell, optics), mean, atol=2e-5)


@pytest.mark.parametrize("pixel", [0.05, 0.1, 0.2])
def test_interpolation_to_pixels_is_exact(pixel: float, physics: Physics, microscope: Make) -> None:
    frame = Frame(width_px=40, height_px=30, pixel_size_A=pixel)
    cell = plan_cell(frame, physics, 3.0, 1.2)
    wave = crystal(cell, aperture=1.2)
    ky, kx = cell.frequencies(cell.spectrum_shape)
    y, x = places(cell)
    along_y, along_x = np.exp(2j * np.pi * ky[:, 0] * y), np.exp(2j * np.pi * kx[:, None] * x)
    exact = np.abs(along_y @ wave.spectra[0] @ along_x) ** 2
    image = form_image(wave, cell, microscope(aperture_per_A=1.2))
    np.testing.assert_allclose(image, exact, atol=2e-5)


def fine_average(wave: SpecimenWave, cell: PaddedCell, optics: Optics[float]) -> np.ndarray:
    """Intensity over the cell: 41 foci, and 441 angles of illumination."""
    ky, kx = cell.frequencies(cell.spectrum_shape)
    t = np.linspace(-2.6, 2.6, 41)
    order = [n // 2 for n in cell.spectrum_shape]
    theta = optics.convergence_mrad * 1e-3
    inside = kx**2 + ky**2 <= optics.aperture_per_A**2
    total: np.ndarray = np.zeros(cell.image_shape)
    angles = np.linspace(-2.4, 2.4, 13) if theta else np.zeros(1)
    foci = t * optics.focal_spread_nm if optics.focal_spread_nm else np.zeros(1)
    weights = [np.exp(-(v**2)) / np.exp(-(v**2)).sum() for v in (t, angles)]
    for focus, share in zip(foci, weights[0] if len(foci) > 1 else [1.0], strict=True):
        defocused = replace(optics, C10_nm=optics.C10_nm + focus)
        focused = wave.spectra[0] * np.exp(-1j * aberration_phase(ky, kx, defocused)) * inside
        slope = theta * aberration_gradient(ky, kx, defocused)
        for a, along_x in zip(angles, weights[1], strict=True):
            for b, along_y in zip(angles, weights[1], strict=True):
                padded = np.zeros(cell.image_shape, complex)
                rows, columns = (np.arange(-n, n + 1) for n in order)
                turned = focused * np.exp(1j * (a * slope.real + b * slope.imag))
                padded[rows[:, None], columns] = turned[rows[:, None], columns]
                intensity = np.abs(np.fft.ifft2(padded, norm="forward")) ** 2
                total += share * along_x * along_y * intensity
    return total


def averaged(wave: SpecimenWave, cell: PaddedCell, optics: Optics[float]) -> np.ndarray:
    half = intensity_spectrum(wave, cell, optics)
    return np.fft.irfft2(half * np.prod(cell.image_shape), s=cell.image_shape)


@pytest.mark.parametrize(("C10_nm", "spread_nm"), [(0.0, 2.0), (8.0, 4.0), (-20.0, 6.0)])
def test_the_focal_average_is_that_of_fine_steps(
    C10_nm: float, spread_nm: float, cell: PaddedCell, microscope: Make
) -> None:
    optics = microscope(C10_nm=C10_nm, C30_um=-13.0, C50_mm=5.0, focal_spread_nm=spread_nm)
    wave = crystal(cell)
    fine = fine_average(wave, cell, optics)
    error = averaged(wave, cell, optics) - fine
    # 60 dB of the image's range.
    assert np.sqrt(np.mean(error**2)) < 1e-3 * np.ptp(fine)


@pytest.mark.parametrize(
    ("values", "bound"),
    [
        ({"C10_nm": 8.0, "C30_um": -13.0, "C50_mm": 5.0, "convergence_mrad": 0.2}, 0.003),
        ({"C10_nm": 8.0, "C30_um": -13.0, "C50_mm": 5.0, "convergence_mrad": 1.0}, 0.003),
        ({"C10_nm": 25.0, "C12_nm": 5.0, "C21_nm": 200.0, "convergence_mrad": 0.5}, 0.003),
        ({"C10_nm": 25.0, "convergence_mrad": 1.0}, 0.01),
    ],
)
def test_angular_coherence_is_that_of_a_fine_average(
    values: dict[str, float], bound: float, cell: PaddedCell, microscope: Make
) -> None:
    optics, wave = microscope(**values), crystal(cell)
    fine = fine_average(wave, cell, optics)
    error = averaged(wave, cell, optics) - fine
    assert np.std(error) < bound * np.std(fine)
    assert abs(error.mean()) < 1e-5
    # The envelope alone is further away.
    only = replace(optics, convergence_mrad=0.0)
    assert np.std(averaged(wave, cell, only) - fine) > 2 * np.std(error)
