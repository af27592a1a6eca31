"""Columns as a group: an honest method is supported, one that draws anywhere is not."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import Drawing, Smooth, lattice, subject

from tembench.micrographs.trust.column_evidence import GroupSupport, group_support
from tembench.micrographs.trust.column_evidence.support_index import (
    likely_share,
    share_likelihood,
    support_index,
)


def support(*arguments: object, **options: object) -> GroupSupport:
    found = group_support(subject(*arguments, **options))  # type: ignore[arg-type]
    assert isinstance(found, GroupSupport)
    return found


@pytest.mark.parametrize("frames", [0, 2])
def test_true_columns_have_an_index_of_one(frames: int) -> None:
    clean = lattice()
    found = support(Drawing(clean), clean, frames=frames)
    for index in found.indices:
        assert abs(index.index - 1) < 3 * index.standard_error
        assert not index.is_low
    assert found.empty is not None
    assert not found.empty.is_large


@pytest.mark.parametrize("frames", [0, 2])
def test_drawn_columns_have_none(frames: int) -> None:
    found = support(Drawing(lattice()), np.ones((128, 128)), frames=frames)
    assert found.indices[0].is_unsupported
    assert all(index.is_low for index in found.indices)
    assert found.empty is not None
    assert found.empty.is_large


def test_columns_of_smoothed_noise_are_empty() -> None:
    found = support(Smooth(), np.ones((128, 128)), dose=0.5)
    assert all(index.is_low for index in found.indices)


def test_strong_columns_do_not_hide_empty_ones() -> None:
    generator = np.random.default_rng(3)
    expected = np.full(400, 1.5)
    true = np.where(np.arange(400) < 160, 0.0, 2.0)
    z = generator.normal(true * expected)
    assert support_index(z, expected).value > 1
    empty = likely_share(share_likelihood(z, expected))
    assert empty.is_large
    assert empty.low <= 0.4 <= empty.high


@pytest.mark.slow
def test_intervals_of_the_empty_share_contain_it() -> None:
    generator = np.random.default_rng(4)
    expected = np.full(200, 1.5)
    inside = 0
    for _ in range(40):
        strength = np.where(generator.random(200) < 0.3, 0.0, 1.2)
        found = likely_share(share_likelihood(generator.normal(strength * expected), expected))
        inside += found.low <= 0.3 <= found.high
    assert inside >= 32


def test_correlated_noise_gives_a_reason_instead() -> None:
    assert group_support(subject(Smooth(), lattice(), not_counted="why", correlated=True)) == "why"
