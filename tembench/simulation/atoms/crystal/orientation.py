"""Orientations of crystals to the beam: turns from a crystal's cell to the frame."""

from __future__ import annotations

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import Orientation


def crystal_turn(
    orientation: Orientation[float], cell_A: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Turn of a crystal to its zone axis, before rotation and mistilt.

    Parameters
    ----------
    orientation : Orientation
        Zone axis and direction that is up.
    cell_A : ndarray, shape (3, 3)
        Cell vectors, one a row; the unit matrix gives directions in Cartesian axes.
    generator : numpy.random.Generator
        Draws a random orientation, evenly among all.

    Returns
    -------
    ndarray, shape (3, 3)
        ``turn @ r`` is in the frame: x to the right, y down, z along the beam.

    Raises
    ------
    RecipeError
        If zone axis or up is no direction, or both are parallel.
    """
    if orientation.zone == "random":
        return random_turn(generator)
    beam = _unit(np.asarray(orientation.zone, dtype=float) @ cell_A, "zone")
    if orientation.up is not None:
        sideways = _across(_unit(np.asarray(orientation.up, dtype=float) @ cell_A, "up"), beam)
    else:
        choices = [_across(_unit(axis, "cell"), beam) for axis in cell_A]
        sideways = next(across for across in choices if np.linalg.norm(across) > 0.1)
    if np.linalg.norm(sideways) < 1e-6:
        raise RecipeError("up is along the zone axis", expected="another direction [uvw]")
    down = -sideways / np.linalg.norm(sideways)
    return np.stack([np.cross(down, beam), down, beam])


def beam_turn(rotation_deg: float, mistilt_deg: float, azimuth_deg: float) -> np.ndarray:
    """Rotation about the beam, clockwise in the image, followed by a mistilt.

    The exit end of the zone axis leans towards the azimuth, which is clockwise from x.
    """
    turn, tilt, azimuth = np.deg2rad([rotation_deg, mistilt_deg, azimuth_deg])
    axis = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    return about(axis, tilt) @ about(np.array([0.0, 0.0, 1.0]), turn)


def about(axis: np.ndarray, angle: float) -> np.ndarray:
    """Rotation matrix about a unit axis, right-handed (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def zone_axis_of(orientation: Orientation[float], turn: np.ndarray) -> np.ndarray | None:
    """Zone axis in the frame after a turn from upright; None for a random orientation."""
    return None if orientation.zone == "random" else turn[:, 2] * np.sign(turn[2, 2])


def random_turn(generator: np.random.Generator) -> np.ndarray:
    """A turn drawn evenly among all: that of a random unit quaternion."""
    real, *axis = generator.standard_normal(4)
    length = float(np.linalg.norm(axis))
    return about(np.asarray(axis) / length, 2 * np.arctan2(length, real))


def _across(direction: np.ndarray, beam: np.ndarray) -> np.ndarray:
    return np.asarray(direction - (direction @ beam) * beam)


def _unit(vector: np.ndarray, what: str) -> np.ndarray:
    length = np.linalg.norm(vector)
    if length < 1e-9:
        raise RecipeError(f"{what} is [0 0 0]", expected="a direction [uvw]")
    return np.asarray(vector / length)
