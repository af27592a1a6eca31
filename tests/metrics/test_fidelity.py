"""PSNR, SSIM, MSE and skill: against scikit-image, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from tembench.metrics import fidelity

DOSE = 0.45
IMAGES = hnp.arrays(
    np.float32,
    st.tuples(st.integers(7, 20), st.integers(7, 20)),
    elements=st.floats(-0.5, 2.0, width=32),
)


def scene(shape: tuple[int, int] = (60, 75), seed: int = 0) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    ripple = 0.2 * np.cos(y / 3.1) * np.cos(x / 2.7)
    return (DOSE + ripple + 0.01 * np.random.default_rng(seed).normal(size=shape)).astype("f4")


def paper_scale(image: np.ndarray) -> np.ndarray:
    return np.clip(image.astype(np.float64) * 255, 0, 255)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(7, 7), (7, 40), (33, 8), (60, 75), (128, 96)])
@pytest.mark.parametrize("kind", ["close", "counts", "constant", "out of range"])
def test_agrees_with_scikit_image(shape: tuple[int, int], kind: str) -> None:
    clean = scene(shape)
    rng = np.random.default_rng(1)
    denoised = {
        "close": clean + 0.02 * rng.normal(size=shape),
        "counts": rng.poisson(clean).astype(np.float64),
        "constant": np.full(shape, DOSE),
        "out of range": 4 * (clean - 0.3),
    }[kind]
    a, b = paper_scale(clean), paper_scale(denoised)
    assert fidelity.ssim(clean, denoised) == pytest.approx(
        structural_similarity(a, b, data_range=255), abs=1e-10
    )
    assert fidelity.psnr_db(clean, denoised) == pytest.approx(
        peak_signal_noise_ratio(a, b, data_range=255), abs=1e-10
    )


def test_ssim_does_not_lose_precision_in_a_large_image() -> None:
    clean = scene((700, 300))
    denoised = clean + scene((700, 300), seed=5) - DOSE
    expected = structural_similarity(paper_scale(clean), paper_scale(denoised), data_range=255)
    assert fidelity.ssim(clean, denoised) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("offset", [0.1, 0.01, -0.03])
def test_psnr_and_mse_of_a_constant_offset(offset: float) -> None:
    clean = scene()
    assert fidelity.mse(clean, clean.astype("f8") + offset) == pytest.approx(offset**2)
    assert fidelity.psnr_db(clean, clean.astype("f8") + offset) == pytest.approx(
        -20 * np.log10(abs(offset))
    )


def test_a_perfect_image() -> None:
    clean = scene()
    mask = clean > DOSE
    assert fidelity.psnr_db(clean, clean) == np.inf
    assert fidelity.ssim(clean, clean) == pytest.approx(1.0, abs=1e-12)
    assert fidelity.mse(clean, clean) == 0.0
    assert fidelity.skill(clean, clean, dose_e_per_px=DOSE) == 1.0
    assert fidelity.particle_skill(clean, clean, dose_e_per_px=DOSE, particle_mask=mask) == 1.0


def test_the_constant_has_no_skill() -> None:
    clean = scene()
    constant = np.full_like(clean, DOSE, dtype=np.float32)
    mask = clean > DOSE
    assert fidelity.skill(clean, constant, dose_e_per_px=DOSE) == 0.0
    assert fidelity.particle_skill(clean, constant, dose_e_per_px=DOSE, particle_mask=mask) == 0.0


def test_halving_the_error_wins_three_quarters() -> None:
    clean = scene().astype(np.float64)
    halfway = (clean + DOSE) / 2
    assert fidelity.skill(clean, halfway, dose_e_per_px=DOSE) == pytest.approx(0.75)


def test_particle_skill_sees_the_particle_alone() -> None:
    clean = scene().astype(np.float64)
    mask = np.zeros(clean.shape, dtype=bool)
    mask[10:30, 20:40] = True
    wrong_outside = np.where(mask, clean, 5.0)
    found = fidelity.particle_skill(clean, wrong_outside, dose_e_per_px=DOSE, particle_mask=mask)
    assert found == 1.0


def test_without_a_particle_or_without_a_structure() -> None:
    clean = np.full((8, 8), DOSE, dtype=np.float32)
    nowhere = np.zeros((8, 8), dtype=bool)
    assert np.isnan(
        fidelity.particle_skill(clean, clean, dose_e_per_px=DOSE, particle_mask=nowhere)
    )
    assert fidelity.skill(clean, clean, dose_e_per_px=DOSE) == 0.0
    assert fidelity.skill(clean, clean + 0.1, dose_e_per_px=DOSE) == -np.inf


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="one shape"):
        fidelity.mse(np.zeros((8, 8)), np.zeros((8, 9)))
    with pytest.raises(ValueError, match="one shape"):
        fidelity.ssim(np.zeros((8, 8)), np.zeros((1, 8, 8)))
    with pytest.raises(ValueError, match="7 x 7"):
        fidelity.ssim(np.zeros((6, 8)), np.zeros((6, 8)))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(image=IMAGES, seed=st.integers(0, 1000))
def test_ranges_and_symmetry(image: np.ndarray, seed: int) -> None:
    other = np.random.default_rng(seed).uniform(-0.2, 1.2, image.shape)
    assert fidelity.psnr_db(image, other) >= 0
    assert -1 <= fidelity.ssim(image, other) <= 1
    assert fidelity.ssim(image, other) == pytest.approx(fidelity.ssim(other, image), abs=1e-12)
    assert fidelity.mse(image, other) == pytest.approx(fidelity.mse(other, image), rel=1e-12)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(image=IMAGES, seed=st.integers(0, 1000))
def test_turning_both_images_changes_nothing(image: np.ndarray, seed: int) -> None:
    other = np.random.default_rng(seed).uniform(0, 1, image.shape)
    for turn in (np.flipud, np.fliplr, np.transpose):
        turned = fidelity.ssim(turn(image).copy(), turn(other).copy())
        assert turned == pytest.approx(fidelity.ssim(image, other), abs=1e-10)


@pytest.mark.slow
def test_the_dtype_does_not_matter() -> None:
    clean = scene()
    counts = np.random.default_rng(0).poisson(clean).astype(np.uint8)
    for metric in (fidelity.psnr_db, fidelity.ssim, fidelity.mse):
        assert metric(clean, counts) == metric(clean.astype("f8"), counts.astype("f4"))
