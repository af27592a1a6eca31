"""Look-up among known images: finds the image it knows, weighs those between, and no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tembench.core.errors import MethodError
from tembench.methods import LookUp, NoisyImage, bin_counts, write_dictionary

DOSE = 0.45
KNOWN = 6


@pytest.fixture
def known(lattice) -> list[np.ndarray]:
    return [lattice((96, 128), phase) for phase in np.linspace(0, 5, KNOWN)]


@pytest.fixture
def look_up(known: list[np.ndarray], tmp_path: Path) -> LookUp:
    write_dictionary([known[:4], known[4:]], DOSE, tmp_path, binning=4)
    return LookUp(tmp_path, 4)


def error(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


@pytest.mark.parametrize("number", range(KNOWN))
@pytest.mark.parametrize("dose", [DOSE, 10 * DOSE])
def test_a_known_image_comes_back_clean(
    look_up: LookUp, known: list[np.ndarray], noisy_image, number: int, dose: float
) -> None:
    clean = known[number] * (dose / DOSE)
    image = replace(noisy_image(clean), dose_e_per_px=dose)
    assert error(look_up.denoise(image), clean) < 0.02 * dose


def test_equally_likely_images_have_the_same_weight(
    look_up: LookUp, known: list[np.ndarray]
) -> None:
    # Without counts only the sums count: an image of a few electrons decides nothing.
    dose = 1e-6
    counts = np.zeros((96, 128), dtype=np.uint8)
    mean = look_up.denoise(NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=dose))
    expected = np.mean(known, axis=0) * dose / DOSE
    assert error(mean, expected) < 0.02 * dose


def test_weights_are_those_of_poisson_counts(tmp_path: Path) -> None:
    # Two constant images, and blocks whose total count the sum of Poisson variables has.
    levels = (0.025, 0.0275)
    write_dictionary([[np.full((64, 64), level) for level in levels]], DOSE, tmp_path, binning=8)
    counts = np.zeros((64, 64), dtype=np.uint8)
    counts.flat[:110] = 1
    image = NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=DOSE)
    logs = [110 * np.log(level) - 4096 * level for level in levels]
    weight = 1 / (1 + np.exp(logs[0] - logs[1]))
    expected = levels[0] * (1 - weight) + levels[1] * weight
    np.testing.assert_allclose(LookUp(tmp_path, 8).denoise(image), expected, rtol=1e-5)


def test_a_new_image_is_not_found(
    look_up: LookUp, known: list[np.ndarray], lattice, noisy_image
) -> None:
    turned = lattice((128, 96), 2.0).T.copy()
    found = look_up.denoise(noisy_image(turned))
    assert error(found, turned) > 0.1 * DOSE
    # It returns what it knows.
    assert min(error(found, one) for one in known) < 0.03 * DOSE


@pytest.mark.parametrize("shape", [(40, 50), (96, 128), (130, 60), (200, 300), (1, 1)])
def test_images_of_other_shapes_are_compared_where_they_overlap(
    look_up: LookUp, known: list[np.ndarray], shape: tuple[int, int]
) -> None:
    rows, columns = min(96, shape[0]), min(128, shape[1])
    counts = np.zeros(shape, dtype=np.uint16)
    counts[:rows, :columns] = np.round(2000 * known[3][:rows, :columns])
    image = NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=2000 * DOSE)
    found = look_up.denoise(image) / 2000
    assert found.shape == shape
    if min(shape) > 1:
        assert error(found[:rows, :columns], known[3][:rows, :columns]) < 0.03 * DOSE
    outside = np.ones(shape, dtype=bool)
    outside[:rows, :columns] = False
    np.testing.assert_allclose(found[outside], DOSE, rtol=1e-6)


def test_the_files_have_what_the_docstring_says(known: list[np.ndarray], tmp_path: Path) -> None:
    write_dictionary([known], DOSE, tmp_path, binning=8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log_rates.npy", "sums.npy"]
    ratio = bin_counts(known[2], 8) / (64 * DOSE)
    np.testing.assert_allclose(np.load(tmp_path / "log_rates.npy")[2], np.log(ratio), rtol=1e-4)
    assert np.load(tmp_path / "sums.npy")[2] == pytest.approx(ratio.sum())


def test_a_folder_without_a_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="no dictionary of images"):
        LookUp(tmp_path, 8)
    (tmp_path / "log_rates.npy").write_bytes(b"not an array")
    with pytest.raises(MethodError, match="no dictionary of images"):
        LookUp(tmp_path, 8)
