"""Metrics without the clean image: unbiased, with honest errors, from independent copies only."""

from __future__ import annotations

import doctest
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import gaussian_filter
from scipy.signal import wiener

from tembench.metrics import fidelity, noisy_copies as copies, unsupervised
from tembench.metrics.unsupervised import (
    Estimate,
    estimate_paired_umse,
    estimate_umse,
    estimate_umse_poisson,
    estimate_umse_product,
    paired_umse,
    umse,
    umse_poisson,
    umse_product,
    upsnr_db,
)

DOSE = 0.45
REPETITIONS = 500
Denoiser = Callable[[np.ndarray], np.ndarray]
DENOISERS: dict[str, Denoiser] = {
    "gaussian": lambda y: gaussian_filter(y.astype(np.float64), 3),
    "constant": lambda y: np.full(y.shape, y.mean()),
    "wiener": lambda y: wiener(y.astype(np.float64), (9, 9)),
}


def lattice(size_px: int = 100) -> np.ndarray:
    """A lattice of 12 px below a vacuum, e/px."""
    y, x = np.mgrid[:size_px, :size_px]
    columns = 0.15 * np.cos(2 * np.pi * x / 12) * np.cos(2 * np.pi * y / 12)
    return DOSE + columns * (y > size_px / 4)


def draw(clean: np.ndarray, number: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).poisson(clean, (number, *clean.shape)).astype(np.uint8)


def estimates(f: np.ndarray, g: np.ndarray, copies_: np.ndarray) -> dict[str, Estimate]:
    a, b, c = copies_
    return {
        "umse": estimate_umse(f, a, b, c),
        "poisson": estimate_umse_poisson(f, a),
        "product": estimate_umse_product(f, a, b),
        "paired": estimate_paired_umse(f, g, a),
    }


@pytest.mark.slow
@pytest.mark.parametrize("denoiser", DENOISERS.values(), ids=list(DENOISERS))
def test_the_interval_holds_the_true_error(denoiser: Denoiser) -> None:
    clean = lattice()
    held = dict.fromkeys(("umse", "poisson", "product", "paired"), 0)
    pulls: dict[str, list[float]] = {name: [] for name in held}
    for repetition in range(REPETITIONS):
        y, *others = draw(clean, 4, repetition)
        f, g = denoiser(y), gaussian_filter(y.astype(np.float64), 6)
        mse = fidelity.mse(clean, f)
        true = {**dict.fromkeys(held, mse), "paired": mse - fidelity.mse(clean, g)}
        for name, estimate in estimates(f, g, np.array(others)).items():
            low, high = estimate.interval(0.95)
            held[name] += low < true[name] < high
            pulls[name].append((estimate.value - true[name]) / estimate.standard_error)
    # Unbiased: the mean of 500 pulls scatters by 0.045, their standard deviation by 0.03.
    assert all(abs(np.mean(pull)) < 0.15 for pull in pulls.values())
    assert all(0.9 < np.std(pull) < 1.1 for pull in pulls.values())
    # 95 % of 500 scatter by 1 %.
    assert min(held.values()) >= 0.93 * REPETITIONS, held


@pytest.mark.slow
def test_the_error_halves_with_four_times_the_pixels() -> None:
    spread = {}
    for size in (60, 120):
        clean = lattice(size)
        y = draw(clean, 1, 0)[0]
        f = DENOISERS["gaussian"](y)
        found = [umse(f, *draw(clean, 3, seed)) for seed in range(1, 201)]
        spread[size] = np.std(found)
        assert np.mean(found) == pytest.approx(fidelity.mse(clean, f), abs=4 * spread[size] / 14)
        error = estimate_umse(f, *draw(clean, 3, 1)).standard_error
        assert error == pytest.approx(spread[size], rel=0.2)
    assert spread[60] / spread[120] == pytest.approx(2, rel=0.2)


@pytest.mark.slow
def test_the_variance_is_the_one_of_poisson_noise() -> None:
    clean = lattice()
    f = DENOISERS["gaussian"](draw(clean, 1, 0)[0])
    error = clean - f
    of_a = clean + 2 * clean**2 + 4 * error**2 * clean + 4 * error * clean
    of_b_and_c = clean / 2 + 2 * clean**2
    expected = np.mean(of_a + of_b_and_c) / clean.size
    found = np.var([umse(f, *draw(clean, 3, seed)) for seed in range(1, 401)])
    # The variance of 400 values scatters by 7 %.
    assert found == pytest.approx(expected, rel=0.2)
    error_of_one = estimate_umse(f, *draw(clean, 3, 1)).standard_error
    assert error_of_one**2 == pytest.approx(expected, rel=0.1)


def test_the_clean_image_and_the_noisy_one() -> None:
    clean = lattice(300)
    y, a, b, c = draw(clean, 4, 0)
    for estimate in list(estimates(clean, y, np.array([a, b, c])).values())[:3]:
        assert abs(estimate.value) < 4 * estimate.standard_error
    for estimate in list(estimates(y, clean, np.array([a, b, c])).values()):
        assert estimate.value == pytest.approx(DOSE, abs=0.01)


def test_a_copy_that_is_the_noisy_image_is_no_copy() -> None:
    """With a = y, the worst denoiser seems far better than perfect."""
    clean = lattice(300)
    y, b, c = draw(clean, 3, 0)
    assert umse(y, y, b, c) == pytest.approx(-DOSE, abs=0.01)
    assert umse_poisson(y, y) == pytest.approx(-DOSE, abs=0.01)
    estimate = estimate_umse(DENOISERS["gaussian"](y), y, b, c)
    true = fidelity.mse(clean, DENOISERS["gaussian"](y))
    assert estimate.value < true - 3 * estimate.standard_error


def test_a_negative_umse_stays_and_has_no_upsnr() -> None:
    clean = lattice(20)
    found = [umse(clean, *draw(clean, 3, seed)) for seed in range(20)]
    assert min(found) < 0 < max(found)
    assert math.isnan(upsnr_db(min(found)))
    assert math.isnan(upsnr_db(0.0))
    assert math.isnan(upsnr_db(math.nan))


def test_upsnr_averages_errors_not_decibels() -> None:
    assert upsnr_db(0.01) == pytest.approx(20)
    assert upsnr_db(0.04, peak_e_per_px=2.0) == pytest.approx(20)


SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(shape=SHAPES, data=st.data())
def test_paired_is_the_difference(shape: tuple[int, int], data: st.DataObject) -> None:
    images = hnp.arrays(np.float32, shape, elements=st.floats(-2, 4, width=32))
    f, g = data.draw(images), data.draw(images)
    a = data.draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, 9)))
    assert paired_umse(f, g, a) == -paired_umse(g, f, a)
    assert paired_umse(f, f, a) == 0.0
    difference = umse_poisson(f, a) - umse_poisson(g, a)
    assert paired_umse(f, g, a) == pytest.approx(difference, abs=1e-9)
    written_out = np.mean(f.astype("f8") ** 2 - g.astype("f8") ** 2 - 2.0 * a * (f - g))
    assert paired_umse(f, g, a) == pytest.approx(written_out, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_the_definitions(shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    f = rng.normal(size=shape).astype("f4")
    a, b, c = rng.poisson(DOSE, (3, *shape)).astype(np.uint8)
    d, x, y, z = (image.astype(np.float64) for image in (f, a, b, c))
    assert umse(f, a, b, c) == pytest.approx(np.mean((x - d) ** 2) - np.mean((y - z) ** 2) / 2)
    assert umse_poisson(f, a) == pytest.approx(np.mean((x - d) ** 2 - x))
    assert umse_product(f, a, b) == pytest.approx(np.mean((d - x) * (d - y)))
    assert umse_product(f, a, b) == umse_product(f, b, a)
    assert umse(f, a, b, c) == umse(f, a, c, b)
    v = (x - d) ** 2 - x
    if v.size > 1:
        error = estimate_umse_poisson(f, a).standard_error
        assert error == pytest.approx(v.std(ddof=1) / np.sqrt(v.size), rel=1e-6, abs=1e-9)


def test_estimates() -> None:
    estimate = Estimate(value=1.0, standard_error=0.5, pixels=9)
    assert estimate.interval() == pytest.approx((1 - 0.98, 1 + 0.98), abs=1e-3)
    assert estimate.interval(0.6827) == pytest.approx((0.5, 1.5), abs=1e-4)
    assert estimate.scaled(-2) == Estimate(value=-2.0, standard_error=1.0, pixels=9)
    with pytest.raises(ValueError, match="confidence"):
        estimate.interval(95)
    assert math.isnan(estimate_umse_poisson(np.ones((1, 1)), np.ones((1, 1))).standard_error)
    not_a_number = np.full((4, 4), np.nan)
    assert math.isnan(umse_poisson(not_a_number, np.ones((4, 4))))
    assert math.isnan(estimate_umse_poisson(not_a_number, np.ones((4, 4))).standard_error)


def test_shapes_must_agree() -> None:
    image, other = np.zeros((8, 8)), np.zeros((8, 9))
    for call in (
        lambda: umse(image, image, image, other),
        lambda: umse_poisson(image, other),
        lambda: umse_poisson(image[np.newaxis], image[np.newaxis]),
        lambda: umse_product(other, image, image),
        lambda: paired_umse(image, image[:1], image),  # would broadcast
        lambda: umse_poisson(image[:0], image[:0]),
    ):
        with pytest.raises(ValueError, match="one shape"):
            call()


@pytest.mark.parametrize("module", [unsupervised, copies])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
