"""Likelihood ratio and its null: closed forms, exact Poisson sums, and fresh vacuum."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from tembench.metrics import likelihood
from tembench.metrics.likelihood import column_ratio, largest_ratio, pixel_ratio
from tembench.metrics.null_distribution import Null

DOSE = 0.45
PIXELS = 402
ALPHA = 0.01
RADIUS_PX = 8 * math.sqrt(2)
PIXELS_OF_DISC = 405  # within RADIUS_PX of a pixel's centre


def inputs(shape: tuple[int, int] = (60, 75)) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (DOSE + 0.2 * np.cos(y / 3.1) * np.cos(x / 2.7)).astype(np.float32)


def counts_of(expected: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(expected).astype(np.uint8)


def vacuum_frames(number: int, size: int = 414, seed: int = 0) -> np.ndarray:
    return counts_of(np.full((number, size, size), DOSE), seed)


def exactly_called(null: Null, rate: float, pixels: int) -> float:
    """The share of discs of that true rate above the critical value, from the Poisson law."""
    sums = np.arange(int(4 * rate * pixels))
    called = largest_ratio(sums / pixels, dose_e_per_px=DOSE) > null.critical(ALPHA)
    return float(stats.poisson.pmf(sums, rate * pixels)[called].sum())


@pytest.fixture(scope="module")
def null() -> Null:
    return Null.of_poisson(PIXELS, DOSE)


# --- the ratio ---


def test_the_constant_of_vacuum_has_no_ratio() -> None:
    constant = np.full((60, 75), DOSE, dtype=np.float32)
    ratios = column_ratio(counts_of(inputs()), constant, dose_e_per_px=DOSE)
    assert ratios.dtype == np.float64
    assert not ratios.any()


@pytest.mark.parametrize("rate", [0.1, 0.45, 0.9])
def test_closed_form_of_a_constant_image(rate: float) -> None:
    counts = counts_of(inputs())
    expected = counts.mean() * math.log(rate / DOSE) - (rate - DOSE)
    found = pixel_ratio(counts, np.full(counts.shape, rate), dose_e_per_px=DOSE)
    assert found == pytest.approx(expected, abs=1e-7)


def test_it_is_the_ratio_of_two_poisson_likelihoods() -> None:
    counts, rate = counts_of(inputs()), inputs().astype(np.float64)
    expected = stats.poisson.logpmf(counts, rate) - stats.poisson.logpmf(counts, DOSE)
    np.testing.assert_allclose(column_ratio(counts, rate, dose_e_per_px=DOSE), expected, atol=1e-6)


def test_a_column_has_the_mean_over_its_pixels_of_the_ratio_to_its_mean_rate() -> None:
    counts, denoised = counts_of(inputs()), inputs().astype(np.float64)
    y, x = np.mgrid[:60, :75]
    discs = [np.hypot(y - cy, x - cx) <= 7.5 for cy, cx in ((10, 10), (30, 40), (45.5, 60.2))]
    means = np.array([[counts[disc].mean(), denoised[disc].mean()] for disc in discs])
    naive = [
        np.mean(
            stats.poisson.logpmf(counts[disc], denoised[disc].mean())
            - stats.poisson.logpmf(counts[disc], DOSE)
        )
        for disc in discs
    ]
    found = column_ratio(means[:, 0], means[:, 1], dose_e_per_px=DOSE)
    np.testing.assert_allclose(found, naive, atol=1e-7)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(mean_counts=st.floats(-1, 50), mean_rate=st.floats(-1, 50), dose=st.floats(0.01, 20))
def test_no_rate_beats_the_mean_count(mean_counts: float, mean_rate: float, dose: float) -> None:
    any_rate = column_ratio(np.array(mean_counts), np.array(mean_rate), dose_e_per_px=dose)
    largest = largest_ratio(np.array(mean_counts), dose_e_per_px=dose)
    assert any_rate <= largest + 1e-12
    assert largest >= -1e-12


def test_the_noisy_image_wins_on_its_own_counts_and_the_truth_on_a_copy() -> None:
    clean = inputs((400, 400))
    seen, copy = counts_of(clean, seed=1), counts_of(clean, seed=2)
    own = {
        name: pixel_ratio(seen, image, dose_e_per_px=DOSE)
        for name, image in (("noisy", seen), ("clean", clean))
    }
    assert own["noisy"] > own["clean"]
    # A scaled contrast, a background and the noise itself all lose to the truth.
    others = [DOSE + 0.8 * (clean - DOSE), DOSE + 1.2 * (clean - DOSE), clean + 0.05, seen]
    best = pixel_ratio(copy, clean, dose_e_per_px=DOSE)
    assert all(pixel_ratio(copy, other, dose_e_per_px=DOSE) < best for other in others)


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.45, 0.8])
def test_the_expectation_over_copies_is_largest_at_the_truth(truth: float) -> None:
    counts = np.arange(30)
    rates = np.linspace(0.01, 1.5, 150)
    ratios = column_ratio(counts[:, None], rates, dose_e_per_px=DOSE)
    expectation = stats.poisson.pmf(counts, truth) @ ratios
    assert rates[expectation.argmax()] == pytest.approx(truth)


@pytest.mark.parametrize("value", [0.0, -0.3, -1e6])
def test_outputs_that_are_no_rate_are_bad_but_finite(value: float) -> None:
    counts = counts_of(inputs())
    denoised = np.full(counts.shape, value, dtype=np.float32)
    assert -10 < pixel_ratio(counts, denoised, dose_e_per_px=DOSE) < -2
    nothing = np.zeros_like(counts)
    assert pixel_ratio(nothing, denoised, dose_e_per_px=DOSE) == pytest.approx(DOSE, rel=2e-3)


def test_counts_of_a_detector_may_be_negative() -> None:
    means = np.array([-0.2, 0.0, 0.1])
    ratios = largest_ratio(means, dose_e_per_px=DOSE)
    assert np.isfinite(ratios).all()
    assert (np.diff(ratios) < 0).all()  # the further from vacuum, the larger


def test_a_rate_that_is_not_finite_gives_no_ratio() -> None:
    assert np.isnan(column_ratio(np.zeros(2), np.array([np.nan, np.inf]), dose_e_per_px=1.0)).all()


# --- the null ---


@pytest.mark.slow
def test_false_alarms_on_fresh_vacuum_are_at_most_as_stated(null: Null) -> None:
    discs = 20_000
    means = np.random.default_rng(7).poisson(DOSE, (discs, PIXELS)).mean(axis=1)
    rates = {"vacuum": np.float32(DOSE), "oracle": 1.2 * DOSE, "own mean": means}
    alarms = {
        name: (column_ratio(means, rate, dose_e_per_px=DOSE) > null.critical(ALPHA)).mean()
        for name, rate in rates.items()
    }
    assert alarms["vacuum"] == 0.0
    assert alarms["oracle"] <= alarms["own mean"] <= ALPHA + 3 * math.sqrt(ALPHA / discs)
    assert alarms["own mean"] >= 0.006


@pytest.mark.parametrize("pixels", [1, 5, 30, 101, 402, 405])
@pytest.mark.parametrize("dose", [0.05, 0.45, 3.0])
def test_the_steps_of_poisson_sums_do_not_raise_the_rate(pixels: int, dose: float) -> None:
    null = Null.of_poisson(pixels, dose, draws=200_000)
    sums = np.arange(int(4 * dose * pixels) + 40)
    # Means as a float32 program would give them: ties with a simulated sum must stay ties.
    means = (sums.astype(np.float32) / np.float32(pixels)).astype(np.float64)
    called = largest_ratio(means, dose_e_per_px=dose) > null.critical(ALPHA)
    exact = stats.poisson.pmf(sums, dose * pixels)[called].sum()
    assert exact <= ALPHA + 4 * math.sqrt(ALPHA / 200_000)


@pytest.mark.slow
def test_a_column_of_a_fifth_above_vacuum_is_called_as_often_as_computed(null: Null) -> None:
    discs = 10_000
    means = np.random.default_rng(8).poisson(1.2 * DOSE, (discs, PIXELS)).mean(axis=1)
    share = (largest_ratio(means, dose_e_per_px=DOSE) > null.critical(ALPHA)).mean()
    # Direct: above the sum that vacuum exceeds in half of alpha, the other half being dark columns.
    upper = stats.poisson.isf(ALPHA / 2, PIXELS * DOSE)
    power = stats.poisson.sf(upper, 1.2 * DOSE * PIXELS)
    step = stats.poisson.pmf(upper, 1.2 * DOSE * PIXELS)  # the two tails share alpha unevenly
    assert abs(share - power) <= step + 0.02
    exact = exactly_called(null, 1.2 * DOSE, PIXELS)
    assert share == pytest.approx(exact, abs=4 * 0.5 / math.sqrt(discs))


def test_dark_columns_are_called_too(null: Null) -> None:
    assert exactly_called(null, 0.7 * DOSE, PIXELS) > 0.9


def test_p_values_are_uniform_and_fall_with_the_ratio(null: Null) -> None:
    sums = np.random.default_rng(9).poisson(DOSE * PIXELS, 20_000)
    p_values = null.p_value(largest_ratio(sums / PIXELS, dose_e_per_px=DOSE))
    for level in (0.01, 0.1, 0.5):
        tolerance = 4 * math.sqrt(level / 20_000)
        # Below by no more than one step of the sums on either side of vacuum.
        step = 2 * stats.poisson.pmf(int(DOSE * PIXELS), DOSE * PIXELS)
        assert level - step - tolerance <= (p_values <= level).mean() <= level + tolerance
    ratios = np.linspace(-0.1, 0.2, 400)
    assert (np.diff(null.p_value(ratios)) <= 0).all()
    assert null.p_value(np.array([-1.0, 10.0, np.nan])) == pytest.approx([1.0, 1 / 1_000_001, 1.0])


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    simulated=st.lists(st.integers(0, 12), min_size=1, max_size=40),
    alpha=st.sampled_from([0.05, 0.1, 0.25, 0.29, 1 / 3, 0.5, 0.9, 1 - 1e-12]),
)
def test_above_critical_means_a_small_p_value(simulated: list[int], alpha: float) -> None:
    null = Null(largest_ratios=np.sort(np.array(simulated, dtype=np.float64)))
    if alpha < 1 / (len(simulated) + 1):
        with pytest.raises(ValueError, match="too few"):
            null.critical(alpha)
        return
    ratios = np.arange(-1, 14, 0.5)
    np.testing.assert_array_equal(ratios > null.critical(alpha), null.p_value(ratios) <= alpha)


def test_a_seed_gives_the_same_null_again() -> None:
    first, again, other = (Null.of_poisson(50, DOSE, draws=1000, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.largest_ratios, again.largest_ratios)
    assert not np.array_equal(first.largest_ratios, other.largest_ratios)


# --- from frames ---


@pytest.mark.slow
def test_poisson_frames_agree_with_poisson_sums() -> None:
    of_frames = Null.of_frames(vacuum_frames(20), RADIUS_PX, DOSE)
    of_poisson = Null.of_poisson(PIXELS_OF_DISC, DOSE)
    draws = of_frames.largest_ratios.size
    assert draws == 20 * 18**2
    for level in (0.5, 0.1, 0.02):
        threshold = of_poisson.critical(level) * (1 + 1e-4)  # between two sums
        share, expected = (
            (null.largest_ratios > threshold).mean() for null in (of_frames, of_poisson)
        )
        assert share == pytest.approx(expected, abs=4 * math.sqrt(level / draws))


def test_draws_are_the_discs_of_the_definition() -> None:
    frame = vacuum_frames(1, size=70)[0]
    y, x = np.mgrid[:70, :70]
    sums = [
        frame[np.hypot(y - cy, x - cx) <= RADIUS_PX].sum()
        for cy in (11, 34, 57)
        for cx in (11, 34, 57)
    ]
    expected = np.sort(largest_ratio(np.array(sums) / PIXELS_OF_DISC, dose_e_per_px=DOSE))
    found = Null.of_frames([frame], RADIUS_PX, DOSE).largest_ratios
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-12)


def test_a_search_takes_the_largest_of_all_places_within_reach() -> None:
    frame = vacuum_frames(1, size=29)[0]
    y, x = np.mgrid[:29, :29]
    means = [
        frame[np.hypot(y - 14 - dy, x - 14 - dx) <= RADIUS_PX].mean()
        for dy in range(-3, 4)
        for dx in range(-3, 4)
        if math.hypot(dy, dx) <= 3
    ]
    found = Null.of_frames([frame], RADIUS_PX, DOSE, search_px=3).largest_ratios
    assert found == pytest.approx(
        largest_ratio(np.array(means), dose_e_per_px=DOSE).max(), rel=2e-5
    )


@pytest.mark.parametrize(("size", "draws"), [(43, 1), (85, 1), (86, 4), (128, 4)])
def test_searches_share_no_pixel_and_stay_inside(size: int, draws: int) -> None:
    frame = vacuum_frames(1, size=size)
    null = Null.of_frames(frame, RADIUS_PX, DOSE, search_px=10)
    assert null.largest_ratios.size == draws


@pytest.mark.slow
def test_searching_raises_the_critical_value_to_where_the_best_place_is_called_as_stated() -> None:
    frames, fresh = vacuum_frames(30), vacuum_frames(30, seed=1)
    fixed, near, far = (Null.of_frames(frames, RADIUS_PX, DOSE, search_px=s) for s in (0, 3, 10))
    assert fixed.critical(0.05) < near.critical(0.05) < far.critical(0.05)
    best = Null.of_frames(fresh, RADIUS_PX, DOSE, search_px=10).largest_ratios
    # Both the critical value and the measured share are of as many draws.
    assert (best > far.critical(0.05)).mean() <= 0.05 + 4 * math.sqrt(2 * 0.05 / best.size)
    assert (best > fixed.critical(0.05)).mean() > 0.3


@pytest.mark.slow
def test_a_detector_needs_its_own_null() -> None:
    rng = np.random.default_rng(5)
    frames = 2.0 * rng.poisson(DOSE / 2, (12, 414, 414))  # half of the electrons are missed
    frames = (frames + np.roll(frames, 1, axis=1) + np.roll(frames, 1, axis=2)) / 3
    frames += 0.3 * rng.normal(size=frames.shape)
    assert frames.min() < 0
    perfect = Null.of_poisson(PIXELS_OF_DISC, DOSE)
    fitting, fresh = (
        Null.of_frames(half, RADIUS_PX, DOSE).largest_ratios for half in (frames[:6], frames[6:])
    )
    assert (fresh > perfect.critical(0.05)).mean() > 0.1
    critical = Null(largest_ratios=fitting).critical(0.05)
    assert (fresh > critical).mean() <= 0.05 + 4 * math.sqrt(2 * 0.05 / fresh.size)


# --- nonsense ---


@pytest.mark.parametrize("dose", [0.0, -0.45, math.nan, math.inf])
def test_the_dose_must_be_positive(dose: float) -> None:
    image = np.zeros((8, 8))
    with pytest.raises(ValueError, match="dose"):
        pixel_ratio(image, image, dose_e_per_px=dose)
    with pytest.raises(ValueError, match="dose"):
        Null.of_poisson(402, dose)
    with pytest.raises(ValueError, match="dose"):
        Null.of_frames([image], 2.0, dose)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="one shape"):
        pixel_ratio(np.zeros((8, 8)), np.zeros((8, 9)), dose_e_per_px=DOSE)
    with pytest.raises(ValueError, match="one shape"):
        pixel_ratio(np.zeros(8), np.zeros(8), dose_e_per_px=DOSE)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, math.nan])
def test_a_false_alarm_rate_lies_between_0_and_1(null: Null, alpha: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        null.critical(alpha)


def test_a_null_needs_pixels_draws_and_fitting_frames() -> None:
    with pytest.raises(ValueError, match="pixel"):
        Null.of_poisson(0, DOSE)
    with pytest.raises(ValueError, match="draw"):
        Null.of_poisson(10, DOSE, draws=0)
    with pytest.raises(ValueError, match="23 x 23"):
        Null.of_frames([np.zeros((22, 40))], RADIUS_PX, DOSE)
    with pytest.raises(ValueError, match="43 x 43"):
        Null.of_frames([np.zeros((42, 60))], RADIUS_PX, DOSE, search_px=10)
    with pytest.raises(ValueError, match=r"\(y, x\)"):
        Null.of_frames(np.zeros((40, 40)), RADIUS_PX, DOSE)
    with pytest.raises(ValueError, match="finite"):
        Null.of_frames([np.full((40, 40), np.nan)], RADIUS_PX, DOSE)
    with pytest.raises(ValueError, match="one frame"):
        Null.of_frames([], RADIUS_PX, DOSE)
    with pytest.raises(ValueError, match="negative"):
        Null.of_frames([np.zeros((40, 40))], RADIUS_PX, DOSE, search_px=-1)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(likelihood).failed == 0
