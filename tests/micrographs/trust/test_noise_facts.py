"""Counted electrons are told from others."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import lattice

from tembench.micrographs.trust.noise_facts import noise_facts


@pytest.mark.parametrize("dose", [0.1, 0.5, 2.0])
def test_counted_electrons_pass(dose: float) -> None:
    for seed in range(5):
        counts = np.random.default_rng(seed).poisson(dose * lattice(256))
        facts = noise_facts(counts)
        assert abs(facts.correlation) < facts.correlation_limit
        assert facts.not_counted == ""


def test_electrons_counted_twice_are_correlated() -> None:
    generator = np.random.default_rng(0)
    counts = generator.poisson(lattice(256))
    twice = counts + np.roll(generator.binomial(counts, 0.2), 1, axis=1)
    assert noise_facts(twice).is_correlated
    assert "correlated" in noise_facts(twice).not_counted


def test_a_wrong_gain_and_real_numbers_are_not_electrons() -> None:
    counts = np.random.default_rng(0).poisson(lattice(256))
    assert "gain" in noise_facts(2 * counts).not_counted
    assert "whole" in noise_facts(counts + 0.3).not_counted
