"""Electron counts: values accepted or refused by their noise; the vacuum level."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.core.errors import ImageError
from tembench.micrographs.electrons.clean_image import vacuum_of_clean
from tembench.micrographs.electrons.electron_counts import as_counts, value_step
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


def refusal(values: np.ndarray, **options: object) -> str:
    with pytest.raises(ImageError) as caught:
        as_counts(values, **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("dose", [0.05, 0.45, 5.0, 300.0])
def test_the_noise_of_counts_has_the_variance_of_their_mean(dose: float) -> None:
    assert noise_over_mean(counted(dose)) == pytest.approx(1, abs=0.05)


def test_counts_come_back_in_the_narrowest_type() -> None:
    for kind in (np.uint8, np.int32, np.float64, ">f4"):
        counts, warnings = as_counts(counted().astype(kind))
        assert counts.dtype == np.uint8
        assert warnings == []
    assert as_counts(counted(400.0))[0].dtype == np.uint16


def test_values_that_cannot_be_counts_are_refused() -> None:
    with_nan = counted().astype(np.float32)
    with_nan[17:20] = np.nan
    assert "NaN or infinite in 3 rows (from 17 to 19)" in refusal(with_nan)
    assert "negative values" in refusal(counted() - 1.0)
    assert "--allow-negative" in refusal(counted() - 1.0)
    assert "contains no counts" in refusal(np.zeros((30, 30)))
    assert "--add-noise" in refusal(image())


def test_a_scaled_image_is_refused_and_its_gain_named() -> None:
    counts = counted()
    top = counts.max()
    eight_bit = np.rint(counts * (255 / top)).astype(np.uint8)
    assert f"--gain {255 / top:.4g}"[:9] in refusal(eight_bit)
    assert f"--gain {1 / top:.6g}" in refusal(counts / top)
    assert "--gain" in refusal(
        counted(60.0) * 12.7 + DRAW.normal(0, 3, (300, 320)), allow_negative=True
    )
    for scaled, gain in ((eight_bit, 255 / top), (counts / top, 1 / top)):
        np.testing.assert_array_equal(as_counts(scaled, gain=gain)[0], counts)


def test_numbers_that_are_not_multiples_have_no_step() -> None:
    assert value_step(counted()) is None
    assert value_step(image()) is None
    assert value_step(3 * counted()) == pytest.approx(3)


def test_values_of_a_blurring_detector_are_accepted_with_a_warning() -> None:
    electrons = 2.0 * DRAW.poisson(0.225, (300, 300)) + DRAW.normal(0, 0.3, (300, 300))
    counts, warnings = as_counts(electrons, allow_negative=True)
    assert counts.dtype == np.float32
    assert len(warnings) == 2
    assert "times the mean" in warnings[0]
    assert "not integers" in warnings[1]


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
    found, warnings = as_counts(counts.astype(np.float16))
    np.testing.assert_array_equal(found, counts)
    assert (found.dtype, warnings) == (np.uint8, [])
