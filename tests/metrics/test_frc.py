"""Fourier ring correlation: known cut-offs, scales, and images without structure."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tembench.metrics import frc
from tembench.metrics.frc import COARSEST_A, FINEST_A, resolution_A

PIXEL_A = 0.125
ROWS, COLUMNS = 240, 200


def scene(seed: int = 0) -> np.ndarray:
    """Detail of equal strength at every frequency: where it is spoilt, one can see."""
    return 0.45 + 0.05 * np.random.default_rng(seed).normal(size=(ROWS, COLUMNS))


def lattice(pixel_A: float = PIXEL_A, shape: tuple[int, int] = (ROWS, COLUMNS)) -> np.ndarray:
    """Columns 3.125 A apart below a vacuum: sharp enough for reflections up to 1 1/A."""
    y, x = np.mgrid[: shape[0], : shape[1]] * (2 * np.pi * pixel_A / 3.125)
    peaks = np.exp(3 * (np.cos(x) + np.cos(y) - 2))
    return 0.45 + 0.2 * peaks * (np.arange(shape[0]) > shape[0] / 3)[:, np.newaxis]


def frequency_per_A(shape: tuple[int, int] = (ROWS, COLUMNS)) -> np.ndarray:
    ky, kx = (np.fft.fftfreq(n, PIXEL_A) for n in shape)
    return np.hypot(ky[:, np.newaxis], kx)


def low_pass(image: np.ndarray, cut_off_per_A: float) -> np.ndarray:
    keep = frequency_per_A(image.shape) < cut_off_per_A
    return np.fft.ifft2(np.fft.fft2(image) * keep).real


def resolution(clean: np.ndarray, denoised: np.ndarray) -> float:
    return resolution_A(clean, denoised, pixel_size_A=PIXEL_A)


@pytest.mark.parametrize("clean", [scene(), lattice()])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_identical_images_are_ideal(clean: np.ndarray, dtype: str) -> None:
    clean = clean.astype(dtype)
    frequency, correlation = frc.fourier_ring_correlation(clean, clean, pixel_size_A=PIXEL_A)
    assert frequency == pytest.approx(np.arange(0.3, 1.401, 0.02))
    assert correlation == pytest.approx(1.0)
    assert resolution(clean, clean) == FINEST_A


@pytest.mark.parametrize("cut_off_per_A", [0.5, 0.8, 1.1])
def test_noise_beyond_a_cut_off_ends_the_resolution_there(cut_off_per_A: float) -> None:
    clean = scene()
    beyond = scene(seed=1) - low_pass(scene(seed=1), cut_off_per_A)
    denoised = low_pass(clean, cut_off_per_A) + beyond
    # Half a ring of leeway; the taper blurs the edge by less.
    assert 1 / resolution(clean, denoised) == pytest.approx(cut_off_per_A, abs=0.1)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-3, 1e3), offset=st.floats(-10, 10))
def test_scale_and_offset_change_nothing(scale: float, offset: float) -> None:
    clean = lattice()
    denoised = clean + 0.5 * (scene(seed=2) - 0.45)
    expected = resolution(clean, denoised)
    assert FINEST_A < expected < COARSEST_A
    assert resolution(clean, scale * denoised + offset) == pytest.approx(expected, rel=1e-6)


def test_an_image_turned_to_its_negative_has_no_resolution() -> None:
    assert resolution(lattice(), 1 - lattice()) == COARSEST_A


@pytest.mark.parametrize("level", [0.0, 0.1, 0.45, -3.0])
def test_a_constant_is_worst_whichever_image_it_is(level: float) -> None:
    flat = np.full((ROWS, COLUMNS), level)
    _, correlation = frc.fourier_ring_correlation(lattice(), flat, pixel_size_A=PIXEL_A)
    assert not correlation.any()
    assert resolution(lattice(), flat) == COARSEST_A
    assert resolution(flat, lattice()) == COARSEST_A
    assert resolution(flat, flat) == COARSEST_A


def test_more_noise_is_worse() -> None:
    clean, noise = lattice(), np.random.default_rng(3).normal(size=(ROWS, COLUMNS))
    errors = (0, 0.02, 0.03, 0.06, 0.1, 0.2, 1)
    values = [resolution(clean, clean + error * noise) for error in errors]
    assert values == sorted(values)
    assert values[0] == FINEST_A
    assert values[-1] == COARSEST_A
    assert len(set(values)) == len(values)


def test_invented_detail_between_the_reflections_counts() -> None:
    clean = lattice()
    x = np.arange(COLUMNS) * PIXEL_A
    invented = clean + 0.2 * np.cos(2 * np.pi * x * 0.48)  # 12 periods in the box
    assert resolution(clean, invented) > 2


def test_the_step_from_support_to_vacuum_is_no_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images of noise that share nothing but a step of 0.02 e/px at the edges."""
    ramp = 0.01 * np.cos(np.pi * np.arange(ROWS) / ROWS)[:, np.newaxis]
    first, second = (0.1 * (scene(seed) - 0.45) + ramp for seed in (4, 5))
    _, correlation = frc.fourier_ring_correlation(first, second, pixel_size_A=PIXEL_A)
    assert np.abs(correlation).max() < frc.THRESHOLD
    assert np.abs(correlation[1:]).max() < 0.15
    # What the taper is for.
    monkeypatch.setattr(frc, "_taper", lambda rows, pixel_size_A: np.ones(rows))
    frc._grid.cache_clear()
    _, hard = frc.fourier_ring_correlation(first, second, pixel_size_A=PIXEL_A)
    frc._grid.cache_clear()
    assert hard[0] > 0.9


def test_spectra_can_be_kept() -> None:
    clean, denoised = lattice(), lattice() + 0.2 * (scene() - 0.45)
    kept = frc.spectrum(clean, pixel_size_A=PIXEL_A)
    other = frc.spectrum(denoised, pixel_size_A=PIXEL_A)
    found = frc.ring_correlation(kept, other)
    direct = frc.fourier_ring_correlation(clean, denoised, pixel_size_A=PIXEL_A)
    assert np.array_equal(found, direct)
    assert frc.crossing_A(*found) == resolution(clean, denoised)


def test_agrees_with_the_whole_plane() -> None:
    """The half plane with its weights gives the sums over the whole plane."""
    for shape in ((ROWS, COLUMNS), (31, 41), (40, 22)):
        rng = np.random.default_rng(6)
        a, b = rng.normal(size=(2, *shape))
        frequency, found = frc.fourier_ring_correlation(a, b, pixel_size_A=PIXEL_A)
        edge_A = (np.minimum(np.arange(shape[0]), np.arange(shape[0])[::-1]) + 0.5) * PIXEL_A
        taper = np.sin(np.pi / 2 * np.minimum(edge_A / min(5, shape[0] * PIXEL_A / 2), 1)) ** 2
        spectra = []
        for image in (a, b):
            mean = np.average(image, axis=0, weights=taper).mean()
            spectra.append(np.fft.fft2((image - mean) * taper[:, np.newaxis]))
        p, q = spectra
        for k, value in zip(frequency, found, strict=True):
            ring = np.floor((frequency_per_A(shape) - (k - 0.1)) / 0.2 + 1e-7) == 0
            common = (p[ring] * q[ring].conj()).sum().real
            powers = (np.abs(p[ring]) ** 2).sum() * (np.abs(q[ring]) ** 2).sum()
            assert value == pytest.approx(common / np.sqrt(powers), abs=1e-9)


@pytest.mark.parametrize("shape", [(20, 20), (3, 50), (1, 1), (7, 2)])
@pytest.mark.parametrize("pixel_A", [0.4, 0.0625, 5.0])
def test_small_images_and_coarse_pixels_give_a_value(
    shape: tuple[int, int], pixel_A: float
) -> None:
    clean = np.random.default_rng(7).normal(size=shape)
    other = np.random.default_rng(8).normal(size=shape)
    for denoised in (clean, other, -clean):
        assert FINEST_A <= resolution_A(clean, denoised, pixel_size_A=pixel_A) <= COARSEST_A


def test_a_small_image_with_itself_is_ideal() -> None:
    clean = lattice(0.4, (20, 20))
    assert resolution_A(clean, clean, pixel_size_A=0.4) == FINEST_A


def test_crossing_is_linear_between_rings_and_the_first_from_the_coarse_side() -> None:
    frequency = np.array([0.4, 0.6, 0.8, 1.0])
    assert frc.crossing_A(frequency, np.array([0.9, 0.7, 0.3, 0.9])) == pytest.approx(1 / 0.7)
    assert frc.crossing_A(frequency, np.array([0.9, 0.9, 0.9, 0.5])) == FINEST_A
    assert frc.crossing_A(frequency, np.array([0.4, 0.9, 0.9, 0.9])) == COARSEST_A
    assert frc.crossing_A(frequency, np.full(4, np.nan)) == COARSEST_A
    assert frc.crossing_A(frequency[:0], frequency[:0]) == COARSEST_A


def test_only_two_like_images_can_be_compared() -> None:
    image = lattice()
    with pytest.raises(ValueError, match="one shape"):
        resolution(image, image[:-1])
    with pytest.raises(ValueError, match="pixel size"):
        frc.ring_correlation(
            frc.spectrum(image, pixel_size_A=0.1), frc.spectrum(image, pixel_size_A=0.2)
        )
    with pytest.raises(ValueError, match=r"image \(y, x\)"):
        frc.spectrum(image[0], pixel_size_A=PIXEL_A)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(frc).failed == 0
