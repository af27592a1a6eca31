"""Lattices that fill a box, with twins and stacking faults on {111} planes."""

from __future__ import annotations

import functools
import itertools

import numpy as np
from scipy.spatial import cKDTree

from tembench.core import RecipeError
from tembench.recipe import Defects
from tembench.simulation.atoms.crystal.lattice_box import fill_box
from tembench.simulation.atoms.crystal.orientation import about
from tembench.simulation.atoms.crystal.unit_cells import UnitCell, nearest_images

_LEAST_SHARE = 0.8
"""Atoms at a fault may be nearer than in the crystal, but not nearer than this share of it."""


def fill_lattice(
    cell: UnitCell,
    turn: np.ndarray,
    defects: Defects[float],
    low: np.ndarray,
    high: np.ndarray,
    faulted_A: np.ndarray,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Sites of a crystal in a box, its origin and its planar faults drawn.

    Parameters
    ----------
    cell : UnitCell
        The crystal.
    turn : ndarray, shape (3, 3)
        Turn from the crystal's Cartesian axes to the box's.
    defects : Defects
        Numbers of twins and stacking faults, all on planes parallel to one {111}.
    low, high : ndarray, shape (3,)
        Corners of the box.
    faulted_A : ndarray, shape (3,)
        Half the extent of the box within, about its middle, that faults cross.
    generator : numpy.random.Generator
        Draws origin, plane, heights and order of the faults.

    Returns
    -------
    positions_A : ndarray, shape (sites, 3)
    site : ndarray of int, shape (sites,)
        Site of the cell.

    Raises
    ------
    RecipeError
        If faults are asked of a crystal that is not cubic and face-centred, or bring its atoms too
        near each other.
    """
    origin = (low + high) / 2 + generator.random(3) @ cell.cell_A @ turn.T
    kinds = ["twin"] * int(defects.twins) + ["fault"] * int(defects.stacking_faults)
    if not kinds:
        return fill_box(cell.cell_A @ turn.T, cell.positions_A @ turn.T, origin, low, high)
    if not face_centred_cubic(cell):
        raise RecipeError(
            "twins and stacking faults of a crystal that is not cubic and face-centred",
            expected="the conventional cell of such a crystal, or neither",
        )
    plane = np.array([1, *generator.choice([-1, 1], 2)]) / np.sqrt(3)
    normal = turn @ plane
    spacing = np.linalg.norm(cell.cell_A[0]) / np.sqrt(3)
    below, gap = _widest_gap(cell.positions_A @ plane, spacing)
    reach = np.abs(normal) @ faulted_A
    heights = normal @ (low + high) / 2 + reach * generator.uniform(-1, 1, len(kinds))
    steps = np.round((heights - normal @ origin - gap) / spacing)
    cuts = normal @ origin + gap + spacing * np.unique(steps)
    order = generator.permutation(kinds)[: len(cuts)]
    positions, site = _domains(cell, turn, plane, below, origin, cuts, order, low, high)
    _check_distances(cell, positions, positions @ normal, cuts)
    return positions, site


@functools.lru_cache(maxsize=64)
def face_centred_cubic(cell: UnitCell) -> bool:
    """Whether a cell is the conventional one of a cubic face-centred lattice."""
    edge = np.linalg.norm(cell.cell_A[0])
    if not np.allclose(cell.cell_A @ cell.cell_A.T, edge**2 * np.eye(3), atol=1e-3 * edge**2):
        return False
    inverse = np.linalg.inv(cell.cell_A)
    for step in ([0, 0.5, 0.5], [0.5, 0, 0.5]):
        moved = cell.positions_A + step @ cell.cell_A
        offset = (moved[:, None] - cell.positions_A) @ inverse
        near = np.linalg.norm((offset - np.round(offset)) @ cell.cell_A, axis=2) < 0.05
        if not (near & (cell.symbols[:, None] == cell.symbols)).any(axis=1).all():
            return False
    return True


def _widest_gap(heights: np.ndarray, spacing: float) -> tuple[int, float]:
    """Site below the widest gap between atomic planes, and the height of the gap's middle."""
    order = np.argsort(heights % spacing, kind="stable")
    planes = (heights % spacing)[order]
    gaps = np.diff(planes, append=planes[0] + spacing)
    widest = int(np.flatnonzero(gaps > gaps.max() - 1e-6)[0])
    return int(order[widest]), float(planes[widest] + gaps[widest] / 2)


def _domains(
    cell: UnitCell,
    turn: np.ndarray,
    plane: np.ndarray,
    below: int,
    origin: np.ndarray,
    cuts: np.ndarray,
    kinds: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Fill what lies between the cuts; each cut turns or moves all that is above it.

    A twin is half a turn about the normal, through an atom just below the cut; a stacking fault
    moves by one Shockley partial, the component in the plane of a step to the next layer.
    """
    normal = turn @ plane
    half_turn = about(normal, np.pi)
    edge = np.linalg.norm(cell.cell_A[0])
    layer_step = edge / 2 * np.array([*np.sign(plane[:2]), 0.0])
    found = []
    for number, (bottom, top) in enumerate(itertools.pairwise([-np.inf, *cuts, np.inf])):
        positions, site = fill_box(
            cell.cell_A @ turn.T, cell.positions_A @ turn.T, origin, low, high
        )
        height = positions @ normal
        inside = (height >= bottom) & (height < top)
        found.append((positions[inside], site[inside]))
        if number < len(cuts) and kinds[number] == "twin":
            axis = origin + turn @ cell.positions_A[below]
            layers = np.floor((top - axis @ normal) / (turn @ layer_step @ normal))
            axis = axis + layers * (turn @ layer_step)
            turn, origin = half_turn @ turn, axis + half_turn @ (origin - axis)
        elif number < len(cuts):
            step = turn @ layer_step
            origin = origin + step - (step @ normal) * normal
    return np.concatenate([p for p, _ in found]), np.concatenate([s for _, s in found])


def _check_distances(
    cell: UnitCell, positions: np.ndarray, heights: np.ndarray, cuts: np.ndarray
) -> None:
    """Refuse faults that bring atoms too near each other, as in fluorite."""
    least = nearest_distance(cell)
    near = (np.abs(heights[:, None] - cuts) < least).any(axis=1)
    if near.sum() < 2:
        return
    distances, _ = cKDTree(positions[near]).query(positions[near], k=2)
    if distances[:, 1].min() < _LEAST_SHARE * least:
        raise RecipeError(
            f"stacking faults bring atoms within {distances[:, 1].min():.2f} A",
            expected=f"at least {_LEAST_SHARE * least:.2f} A, {_LEAST_SHARE:.0%} of the crystal's",
            remedy="This crystal can have twins only",
        )


@functools.lru_cache(maxsize=64)
def nearest_distance(cell: UnitCell) -> float:
    """Least distance of two sites of a crystal."""
    distances, _ = cKDTree(nearest_images(cell)).query(cell.positions_A, k=2)
    return float(distances[:, 1].min())
