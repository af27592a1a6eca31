"""Orientations: zone axis along the beam, up at the top, rotation clockwise, mistilt."""

from __future__ import annotations

import numpy as np
import pytest
from simulation.atoms.drawn_parts import oriented

from tembench.core import RecipeError
from tembench.simulation.atoms.crystal import beam_turn, crystal_turn, random_turn

MONOCLINIC = np.array([[5.0, 0, 0], [0, 6.0, 0], [-2.0, 0, 7.0]])


@pytest.mark.parametrize(("zone", "up"), [((0, 0, 1), (1, 0, 0)), ((1, 1, 2), (1, -1, 0))])
def test_zone_and_up_are_directions_of_the_cell(zone: tuple[int, ...], up: tuple[int, ...]) -> None:
    turn = crystal_turn(oriented(zone, up), MONOCLINIC, np.random.default_rng(0))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    beam = turn @ (zone @ MONOCLINIC)
    np.testing.assert_allclose(beam / np.linalg.norm(beam), [0, 0, 1], atol=1e-12)
    upwards = turn @ (up @ MONOCLINIC)
    assert upwards[0] == pytest.approx(0, abs=1e-12)
    assert upwards[1] < 0


def test_without_up_the_first_axis_off_the_beam_is_up() -> None:
    turn = crystal_turn(oriented((1, 0, 0)), np.eye(3), np.random.default_rng(0))
    np.testing.assert_allclose(turn @ [0, 1, 0], [0, -1, 0], atol=1e-12)


def test_rotation_is_clockwise_and_the_exit_end_leans_to_the_azimuth() -> None:
    # y points down, so from up (-y) clockwise is to the right (+x).
    np.testing.assert_allclose(beam_turn(90, 0, 0) @ [0, -1, 0], [1, 0, 0], atol=1e-12)
    zone = beam_turn(33, 2, 40)[:, 2]
    assert np.degrees(np.arccos(zone[2])) == pytest.approx(2)
    assert np.degrees(np.arctan2(zone[1], zone[0])) == pytest.approx(40)


def test_random_turns_are_even() -> None:
    generator = np.random.default_rng(1)
    turns = np.array([random_turn(generator) for _ in range(1000)])
    # The mean of a direction is 0, and of its squares 1/3, within three standard errors.
    np.testing.assert_allclose(turns.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose((turns**2).mean(axis=0), 1 / 3, atol=0.03)


@pytest.mark.parametrize(("zone", "up"), [((0, 0, 0), None), ((0, 0, 1), (0, 0, 2))])
def test_no_direction_is_refused(zone: tuple[int, ...], up: tuple[int, ...] | None) -> None:
    with pytest.raises(RecipeError):
        crystal_turn(oriented(zone, up), np.eye(3), np.random.default_rng(0))
