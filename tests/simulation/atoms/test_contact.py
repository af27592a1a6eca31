"""Contact: after the move the nearest atoms are at the gap, and none is nearer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from tembench.simulation.atoms.contact import contact_move, nearest_approach


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_move_is_exact(axis: int, sign: float) -> None:
    generator = np.random.default_rng(axis)
    support = generator.uniform(-20, 20, (2000, 3))
    piece = generator.uniform(-6, 6, (150, 3))
    direction = np.zeros(3)
    direction[axis] = sign
    move = contact_move(support, piece, direction, 2.3)
    assert move is not None
    touching = piece + move * direction
    assert cdist(support, touching).min() == pytest.approx(2.3, abs=1e-9)
    # Wholly outside: no atom of the piece has one of the support above it within the gap.
    for more in (0.01, 1.0, 7.0):
        assert cdist(support, touching + more * direction).min() > 2.3
    assert cdist(support, touching - 0.01 * direction).min() < 2.3


def test_what_is_beside_is_not_touched() -> None:
    support, piece = np.zeros((1, 3)), np.array([[5.0, 0.0, 0.0]])
    assert contact_move(support, piece, np.array([0.0, 0.0, 1.0]), 2.3) is None


def test_nearest_approaches() -> None:
    first, second = np.zeros((1, 3)), np.array([[0.0, 3.0, 4.0], [0.0, 0.0, 9.0]])
    assert nearest_approach(first, second, 6.0) == pytest.approx(5)
    assert nearest_approach(first, second, 4.0) == float("inf")
    assert nearest_approach(first, np.empty((0, 3)), 4.0) == float("inf")
