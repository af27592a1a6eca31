"""Images against closed forms and against abTEM's contrast transfer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tembench.recipe import Box, Microscope
from tembench.simulation.detector import draw_counts
from tembench.simulation.multislice import ExitWaves, frequencies, wavelength_A
from tembench.simulation.optics import focal_average, form_images

BOX = Box(width_A=50.0, image_height_A=50.0, cell_height_A=62.5, image_width_px=200)
IDEAL = Microscope(
    energy_keV=300.0,
    c3_um=0.0,
    c5_mm=0.0,
    convergence_mrad=0.0,
    focal_spread_nm=0.0,
    image_spread_A=0.0,
    dose_e_per_px=0.45,
)
EXTENT = (50.0, 62.5)


def waves(*beams: tuple[int, int, complex]) -> ExitWaves:
    """An undisturbed wave and beams (order along y, order along x, amplitude)."""
    spectra = np.zeros((1, 160, 128), dtype=np.complex64)
    spectra[0, 0, 0] = 1
    for row, place, amplitude in beams:
        spectra[0, row, place] = amplitude
    return ExitWaves(spectra=spectra, extent_A=EXTENT, energy_keV=300.0)


def test_vacuum_has_the_dose() -> None:
    images = form_images(waves(), (0.0, 10.0), IDEAL, BOX)
    assert images.shape == (2, 1, 200, 200)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, 0.45, rtol=1e-6)


def test_weak_phase_grating_at_a_defocus() -> None:
    # Psi = 1 + i e cos(2 pi k x): after exp(-i pi lambda k^2 C10) the image is
    # 1 + 2 e sin(pi lambda k^2 C10) cos(2 pi k x) to first order: white for overfocus.
    amplitude, order, defocus_nm = 1e-3, 10, 6.0
    k = order / 50.0
    images = form_images(
        waves((0, order, 0.5j * amplitude), (0, -order, 0.5j * amplitude)),
        (defocus_nm, -defocus_nm),
        IDEAL,
        BOX,
    )
    x = np.arange(200) * BOX.pixel_size_A
    transfer = np.sin(np.pi * wavelength_A(300.0) * k**2 * defocus_nm * 10)
    contrast = 2 * amplitude * transfer * np.cos(2 * np.pi * k * x)
    np.testing.assert_allclose(images[0, 0, 0] / 0.45 - 1, contrast, atol=3e-6)
    np.testing.assert_allclose(images[1, 0, 0] / 0.45 - 1, -contrast, atol=3e-6)


@pytest.mark.parametrize("order", [5, 20, 31])
def test_image_spread_damps_as_a_gaussian(order: int) -> None:
    beams = ((0, order, 0.01), (0, -order, 0.01))
    sharp = form_images(waves(*beams), (0.0,), IDEAL, BOX)[0, 0, 0]
    spread = dataclasses.replace(IDEAL, image_spread_A=0.5)
    blurred = form_images(waves(*beams), (0.0,), spread, BOX)[0, 0, 0]
    first = [np.fft.rfft(line)[order].real for line in (sharp, blurred)]
    expected = np.exp(-2 * np.pi**2 * 0.25 * (order / 50) ** 2)
    assert first[1] / first[0] == pytest.approx(expected, rel=1e-4)


def test_aberrations_are_abtems() -> None:
    from abtem.transfer import CTF

    microscope = dataclasses.replace(IDEAL, c3_um=-13.0, c5_mm=5.0)
    ctf = CTF(energy=300e3, C10=80.0, C30=-13e4, C50=5e7, semiangle_cutoff=100)
    rng = np.random.default_rng(1)
    spectra = np.zeros((1, 160, 128), dtype=np.complex64)
    low = rng.normal(size=(2, 21, 21)) * 0.01
    rows, places = np.arange(-10, 11), np.arange(-10, 11)
    spectra[0, rows[:, None], places] = low[0] + 1j * low[1]
    spectra[0, 0, 0] = 1
    ky, kx = frequencies((160, 128), EXTENT)
    alpha = wavelength_A(300.0) * np.sqrt(kx**2 + ky**2)
    phi = np.arctan2(ky, kx + 0 * ky)
    transfer = np.asarray(ctf._evaluate_from_angular_grid(alpha, phi))
    theirs = np.abs(np.fft.ifft2(spectra[0] * transfer, norm="forward")) ** 2
    box = dataclasses.replace(BOX, image_width_px=128)
    ours = form_images(
        ExitWaves(spectra=spectra, extent_A=EXTENT, energy_keV=300.0), (8.0,), microscope, box
    )[0, 0]
    np.testing.assert_allclose(ours / 0.45, theirs[:128], rtol=2e-4)


def test_interpolation_is_exact_for_a_band_limited_image() -> None:
    beams = ((7, 12, 0.02 - 0.01j), (150, 3, 0.01j), (0, -25, 0.015))
    coarse = dataclasses.replace(BOX, image_width_px=128)
    on_grid = form_images(waves(*beams), (5.0,), IDEAL, coarse)[0, 0]
    fine = dataclasses.replace(BOX, image_width_px=256)
    between = form_images(waves(*beams), (5.0,), IDEAL, fine)[0, 0]
    np.testing.assert_allclose(between[::2, ::2], on_grid, atol=2e-7)


def test_focal_average_weights() -> None:
    nodes, weights = focal_average((0.0, 1.0, 10.0), 4.0)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights @ nodes, [0, 10, 100], atol=1e-9)
    # Neighbours 1 nm apart share all nodes but one at each end.
    assert len(nodes) == 29
    # Second moment of exp(-(d / 40 A)^2), cut at 2.25 half-widths: a little under 40^2 / 2.
    spread = weights[0] @ nodes**2
    assert 0.96 * 800 < spread < 800


def test_no_focal_spread_is_one_node() -> None:
    nodes, weights = focal_average((3.0, 5.0), 0.0)
    np.testing.assert_array_equal(nodes, [30, 50])
    np.testing.assert_array_equal(weights, np.eye(2))


def test_convergence_damps_where_the_phase_is_steep() -> None:
    # The beam interferes with the undisturbed one: exp(-(theta / 2 * 2 pi C10 k)^2).
    order, c10_A, theta = 20, 200.0, 0.5e-3
    beams = ((0, order, 1e-3),)
    sharp, damped = (
        form_images(
            waves(*beams), (c10_A / 10,), dataclasses.replace(IDEAL, convergence_mrad=mrad), BOX
        )[0, 0, 0]
        for mrad in (0.0, theta * 1e3)
    )
    ratio = np.abs(np.fft.rfft(damped)[order]) / np.abs(np.fft.rfft(sharp)[order])
    assert ratio == pytest.approx(np.exp(-((theta * np.pi * c10_A * order / 50) ** 2)), rel=1e-3)


def test_noise_depends_on_its_numbers_only() -> None:
    expected = np.full((64, 64), 0.45)
    first = draw_counts(expected, seed=1, image=3)
    np.testing.assert_array_equal(first, draw_counts(expected, seed=1, image=3))
    others = [
        draw_counts(expected, seed=2, image=3),
        draw_counts(expected, seed=1, image=4),
        draw_counts(expected, seed=1, image=3, copy=1),
    ]
    for other in others:
        assert np.mean(first != other) > 0.3
        assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.08


def test_noise_is_poisson() -> None:
    counts = draw_counts(np.full((500, 500), 0.45), seed=5, image=0)
    assert counts.dtype == np.uint8
    assert counts.mean() == pytest.approx(0.45, abs=4 * np.sqrt(0.45) / 500)
    assert counts.var() == pytest.approx(0.45, rel=0.02)
