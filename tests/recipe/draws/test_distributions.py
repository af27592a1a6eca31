"""Distributions: the moments of what they draw, and their limits."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.recipe.draws.distributions import (
    Choice,
    Grid,
    Integers,
    LogUniform,
    Normal,
    Uniform,
    limits_of,
    plain_values,
    scaled,
)

NUMBER = 1000


def draws(value: object) -> np.ndarray:
    generator = np.random.default_rng(3)
    return np.array([value.sample(generator) for _ in range(NUMBER)])  # type: ignore[attr-defined]


def test_uniform() -> None:
    values = draws(Uniform(low=20, high=80))
    assert values.mean() == pytest.approx(50, abs=4 * 60 / np.sqrt(12 * NUMBER))
    assert values.min() >= 20
    assert values.max() < 80


def test_log_uniform_is_uniform_in_the_logarithm() -> None:
    values = np.log(draws(LogUniform(low=0.05, high=5)))
    assert values.mean() == pytest.approx(np.log(0.5), abs=4 * np.log(100) / np.sqrt(12 * NUMBER))
    assert values.std() == pytest.approx(np.log(100) / np.sqrt(12), rel=0.05)


def test_normal_is_truncated_and_not_clipped() -> None:
    values = draws(Normal(mean=0, deviation=2, low=-1, high=3))
    assert values.min() > -1
    assert values.max() < 3
    # Mean of the truncated normal: by scipy.stats.truncnorm(-0.5, 1.5, scale=2).mean().
    assert values.mean() == pytest.approx(0.7125, abs=0.1)
    assert not np.isin(values, (-1, 3)).any()


def test_integers_and_choices_have_their_shares() -> None:
    assert set(draws(Integers(low=1, high=3))) == {1, 2, 3}
    values = draws(Choice(values=(80.0, 300.0), shares=(1.0, 3.0)))
    assert (values == 300).mean() == pytest.approx(0.75, abs=0.04)
    assert set(draws(Choice(values=(1.0, 2.0, 3.0), shares=(1.0, 0.0, 1.0)))) == {1, 3}


def test_a_mixture() -> None:
    mixture = Choice(values=(0.0, Uniform(low=1, high=2)), shares=(1.0, 1.0))
    values = draws(mixture)
    assert mixture.limits == (0, 2)
    assert (values == 0).mean() == pytest.approx(0.5, abs=0.05)
    assert values[values > 0].min() >= 1
    nested = Choice(values=("a", Choice(values=("b", "c"), shares=(1.0, 1.0))), shares=(1.0, 1.0))
    assert plain_values(nested) == ("a", "b", "c")


@pytest.mark.parametrize(
    "value",
    [
        3.0,
        Uniform(low=1, high=2),
        LogUniform(low=1, high=2),
        Normal(mean=3, deviation=1, low=1, high=4),
        Integers(low=1, high=4),
        Choice(values=(1.0, Uniform(low=2, high=3)), shares=(1.0, 2.0)),
        Grid(values=(1.0, 5.0)),
    ],
)
def test_scaled_values_have_scaled_limits(value: object) -> None:
    low, high = limits_of(value)
    assert limits_of(scaled(value, 0.1)) == pytest.approx((0.1 * low, 0.1 * high))


def test_scaled_integers_stay_apart() -> None:
    assert set(draws(scaled(Integers(low=1, high=2), 10.0))) == {10, 20}


def test_scaled_draws_are_scaled() -> None:
    for value in (Uniform(low=1, high=2), Normal(mean=3, deviation=1, low=1, high=4)):
        assert draws(scaled(value, 3.0)) == pytest.approx(3 * draws(value))
