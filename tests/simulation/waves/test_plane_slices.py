"""Slices on atomic planes."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.simulation.waves.plane_slices import plane_slices


def test_planes_of_a_crystal_are_slices() -> None:
    planes = np.arange(10) * 1.38 + 0.3
    z = np.repeat(planes, 7)
    np.random.default_rng(0).shuffle(z)
    slices = plane_slices(z, 1.0)
    np.testing.assert_allclose([depth for depth, _ in slices], planes)
    assert all(len(members) == 7 for _, members in slices)
    assert all(np.ptp(z[members]) == 0 for _, members in slices)


def test_each_atom_is_in_one_slice_no_thicker_than_asked() -> None:
    z = np.random.default_rng(1).uniform(0, 30, 900)
    slices = plane_slices(z, 1.0)
    assert sorted(np.concatenate([members for _, members in slices])) == list(range(900))
    assert max(np.ptp(z[members]) for _, members in slices) <= 1.0
    assert 30 <= len(slices) <= 45
    assert np.all(np.diff([depth for depth, _ in slices]) > 0)
    for depth, members in slices:
        assert depth == pytest.approx(z[members].mean())


def test_near_planes_share_a_slice_and_far_ones_do_not() -> None:
    assert len(plane_slices(np.array([0.0, 0.1, 0.2]), 1.0)) == 1
    assert len(plane_slices(np.array([0.0, 0.2]), 1.0)) == 2


def test_no_atoms_are_no_slices() -> None:
    assert plane_slices(np.array([]), 1.0) == []
