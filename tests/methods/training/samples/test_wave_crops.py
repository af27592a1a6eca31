"""Training crops formed from exit waves, compared with the store's images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tembench.dataset import open_store
from tembench.methods.protocol import TrainingData
from tembench.methods.runs.training_data import training_data
from tembench.methods.training.samples.batches import bin_clean
from tembench.methods.training.samples.wave_crops import CropOptics, WaveCrops, crop_spectrum

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tiny_store_path: Path) -> TrainingData:
    return training_data(open_store(tiny_store_path))


def crops(data: TrainingData, crop: int, **optics: object) -> WaveCrops:
    return WaveCrops(data.waves, CropOptics(**optics), binning=4, crop=crop, device=CPU)


def decibels(difference: torch.Tensor, dose: float) -> float:
    return -10 * float(torch.log10((dose * difference).square().mean()))


@pytest.mark.slow
def test_crops_equal_those_of_the_stored_images(data: TrainingData) -> None:
    """The image of each wave and defocus, in bins, equals the stored one."""
    source = crops(data, crop=10**6)
    for number in range(0, len(data.train), 3):
        spectra = source.image_spectra(
            data.waves.wave_of[[number]],
            data.waves.defocus_nm[[number]],
            np.array([data.waves.microscope.focal_spread_nm]),
        )
        piece = source._evaluate(spectra, np.array([[0, 0]]), source._side, 4)[0]
        side = source._side * 4
        stored = torch.from_numpy(data.train[number][None, :side, :side]) / data.dose_e_per_px
        mean, _ = bin_clean(stored, 4)
        assert decibels(piece[0] - mean[0], data.dose_e_per_px) > 60


@pytest.mark.slow
def test_a_crop_has_any_position(data: TrainingData) -> None:
    source = crops(data, crop=5)
    spectra = source.image_spectra(np.array([0]), np.array([3.0]), np.array([4.0]))
    whole = crops(data, crop=10**6)._evaluate(spectra, np.array([[0, 0]]), 12, 4)[0]
    piece = source._evaluate(spectra, np.array([[8, 16]]), 5, 4)[0]
    assert torch.allclose(piece, whole[:, 2:7, 4:9], atol=1e-5)


@pytest.mark.slow
def test_crops_reach_beyond_the_image_where_allowed(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = crops(data, crop=10**6, overhang_px=4)
    taken: list[np.ndarray] = []
    evaluate = WaveCrops._evaluate

    def note(self: WaveCrops, spectra: torch.Tensor, origins: np.ndarray, *rest: float):
        taken.append(origins)
        return evaluate(self, spectra, origins, *rest)

    monkeypatch.setattr(WaveCrops, "_evaluate", note)
    for seed in range(20):
        source.random_crops(np.random.default_rng(seed), 8)
    origins = np.concatenate(taken)
    for axis, room in enumerate(source._room_px):
        assert (origins[:, axis].min(), origins[:, axis].max()) == (-4, room + 4)


def test_crops_do_not_contain_both_ends_of_the_cell(data: TrainingData) -> None:
    box = data.waves.box
    beyond_px = (box.cell_height_A - box.image_height_A) / box.pixel_size_A
    assert crops(data, crop=8, overhang_px=10**4)._overhang_px == beyond_px // 2


def test_waves_are_periodic_along_x(data: TrainingData) -> None:
    source = crops(data, crop=5)
    spectra = source.image_spectra(np.array([0]), np.array([3.0]), np.array([4.0]))
    left = source._evaluate(spectra, np.array([[8, -12]]), 5, 4)
    right = source._evaluate(spectra, np.array([[8, data.waves.box.shape[1] - 12]]), 5, 4)
    assert torch.allclose(left, right, atol=1e-4)


def test_batches_follow_from_their_random_numbers(data: TrainingData) -> None:
    source = crops(data, crop=8, defocus_jitter_nm=0.5, spread_range=(0.8, 1.2))
    first = source.random_crops(np.random.default_rng(1), 3)
    assert torch.equal(first, source.random_crops(np.random.default_rng(1), 3))
    assert not torch.equal(first, source.random_crops(np.random.default_rng(2), 3))


@pytest.mark.slow
def test_jitter_of_the_defocus_stays_within_its_bounds(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = crops(data, crop=8, defocus_jitter_nm=0.5)
    taken: list[np.ndarray] = []
    form = WaveCrops.image_spectra

    def note(self: WaveCrops, wave: np.ndarray, focus: np.ndarray, spread: np.ndarray):
        taken.append(focus)
        return form(self, wave, focus, spread)

    monkeypatch.setattr(WaveCrops, "image_spectra", note)
    for seed in range(8):
        source.random_crops(np.random.default_rng(seed), 8)
    foci = np.concatenate(taken)
    known = np.unique(data.waves.defocus_nm)
    away = np.abs(foci[:, None] - known).min(axis=1)
    assert away.max() <= 0.5
    assert len(np.unique(foci)) > len(known)


def test_a_rotation_by_zero_changes_nothing(data: TrainingData) -> None:
    source = crops(data, crop=9)
    spectra = source.image_spectra(np.array([0, 1]), np.array([3.0, 5.0]), np.array([4.0, 4.0]))
    origins = np.array([[20, 24], [16, 20]])
    straight = source._evaluate(spectra, origins, 9, 4)
    assert torch.allclose(source._rotated(spectra, origins, np.zeros(2)), straight, atol=1e-4)


def test_a_quarter_turn_is_a_transposition_and_a_mirror(data: TrainingData) -> None:
    source = crops(data, crop=9)
    spectra = source.image_spectra(np.array([0]), np.array([3.0]), np.array([4.0]))
    origins = np.array([[20, 24]])
    straight = source._evaluate(spectra, origins, 9, 4)
    turned = source._rotated(spectra, origins, np.array([90.0]))
    assert torch.allclose(turned, torch.rot90(straight, -1, (-2, -1)), atol=1e-3) or (
        torch.allclose(turned, torch.rot90(straight, 1, (-2, -1)), atol=1e-3)
    )


def test_spectra_are_cropped_without_a_shift() -> None:
    y, x = np.mgrid[:24, :20]
    wave = np.exp(2j * np.pi * (3 * y / 24 - 2 * x / 20)) + 0.5
    cropped = crop_spectrum((np.fft.fft2(wave) / wave.size).astype(np.complex64), (16, 12))
    y, x = np.mgrid[:16, :12]
    expected = np.exp(2j * np.pi * (3 * y / 16 - 2 * x / 12)) + 0.5
    assert np.allclose(np.fft.ifft2(cropped) * cropped.size, expected, atol=1e-5)
