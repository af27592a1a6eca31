"""Counted electrons are told from others."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import lattice

from tembench.micrographs.camera_noise import measure_correlation
from tembench.micrographs.trust.noise_facts import NoiseFacts, noise_facts


def facts_of(counts: np.ndarray) -> NoiseFacts:
    return noise_facts(counts, measure_correlation([counts]))


@pytest.mark.parametrize("dose", [0.1, 0.5, 2.0])
def test_counted_electrons_pass(dose: float) -> None:
    for seed in range(5):
        counts = np.random.default_rng(seed).poisson(dose * lattice(256))
        facts = facts_of(counts)
        assert not facts.is_correlated
        assert facts.not_counted == ""


def test_electrons_counted_twice_are_correlated() -> None:
    generator = np.random.default_rng(0)
    counts = generator.poisson(lattice(256))
    twice = counts + np.roll(generator.binomial(counts, 0.2), 1, axis=1)
    assert facts_of(twice).is_correlated
    assert "correlated" in facts_of(twice).not_counted


def test_a_wrong_gain_and_real_numbers_are_not_electrons() -> None:
    counts = np.random.default_rng(0).poisson(lattice(256))
    assert "gain" in facts_of(2 * counts).not_counted
    assert "whole" in facts_of(counts + 0.3).not_counted
