"""Electron counts: their step and type; the noise of counts; the vacuum level."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.micrographs.electrons.clean_image import vacuum_of_clean
from tembench.micrographs.electrons.electron_counts import narrow_counts, value_step
from tembench.micrographs.electrons.noise_level import noise_over_mean
from tembench.micrographs.electrons.vacuum import find_vacuum

DRAW = np.random.default_rng(7)


def image(shape: tuple[int, int] = (300, 320), dose: float = 0.45) -> np.ndarray:
    """Vacuum above; below, columns 2.4 Å apart and 4 % fewer electrons in the mean."""
    y, x = np.mgrid[: shape[0], : shape[1]] * (2 * np.pi * 0.0625 / 2.4)
    matter = np.arange(shape[0])[:, None] > 0.55 * shape[0]
    return dose * (1 + matter * (0.2 * np.cos(x) * np.cos(y) - 0.04))


def counted(dose: float = 0.45, **more: tuple[int, int]) -> np.ndarray:
    return DRAW.poisson(image(dose=dose, **more))


@pytest.mark.parametrize("dose", [0.05, 0.45, 5.0, 300.0])
def test_the_noise_of_counts_has_the_variance_of_their_mean(dose: float) -> None:
    assert noise_over_mean(counted(dose)) == pytest.approx(1, abs=0.05)


def test_counts_come_back_in_the_narrowest_type() -> None:
    for kind in (np.uint8, np.int32, np.float64, ">f4"):
        assert narrow_counts(counted().astype(kind), divided=False).dtype == np.uint8
    assert narrow_counts(counted(400.0), divided=False).dtype == np.uint16
    assert narrow_counts(counted() - 1, divided=False).dtype == np.float32


def test_counts_that_were_divided_may_be_rounded() -> None:
    near = counted() + 0.05
    assert narrow_counts(near, divided=True).dtype == np.uint8
    assert narrow_counts(near, divided=False).dtype == np.float32


def test_numbers_that_are_not_multiples_have_no_step() -> None:
    assert value_step(counted()) is None
    assert value_step(image()) is None
    assert value_step(3 * counted()) == pytest.approx(3)


@pytest.mark.slow
@pytest.mark.parametrize("dose", [0.1, 0.45, 5.0])
def test_vacuum_is_found_in_noisy_and_in_clean_images(dose: float) -> None:
    clean = image((800, 800), dose)
    assert vacuum_of_clean(clean) == pytest.approx(dose, rel=1e-3)
    found = [find_vacuum(np.random.default_rng(i).poisson(clean)).e_per_px for i in range(5)]
    assert np.mean(found) == pytest.approx(dose, rel=0.015)
    # The mean alone would not do.
    assert clean.mean() < 0.985 * dose


def test_vacuum_of_an_image_too_small_for_squares_is_its_mean() -> None:
    counts = counted(shape=(60, 70))
    assert find_vacuum(counts).e_per_px == pytest.approx(counts.mean())


def test_counts_in_half_precision_are_integers() -> None:
    counts = np.random.default_rng(4).poisson(3.0, (64, 64))
    found = narrow_counts(counts.astype(np.float16), divided=False)
    np.testing.assert_array_equal(found, counts)
    assert found.dtype == np.uint8
