"""Boxes filled with a lattice in any orientation."""

from __future__ import annotations

import itertools

import numpy as np

from tembench.core import compiled


def fill_box(
    cell_A: np.ndarray, basis_A: np.ndarray, origin_A: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sites of a lattice inside a box, with faces at right angles to the axes.

    Parameters
    ----------
    cell_A : ndarray, shape (3, 3)
        Cell vectors, one a row, in the box's axes.
    basis_A : ndarray, shape (sites, 3)
        Sites of the cell in the same axes.
    origin_A : ndarray, shape (3,)
        Place of the lattice's origin.
    low, high : ndarray, shape (3,)
        Corners of the box; its lower faces belong to it.

    Returns
    -------
    positions_A : ndarray, shape (found, 3)
    site : ndarray of int, shape (found,)
        Which site of the cell each is.
    """
    cell = np.ascontiguousarray(cell_A, dtype=np.float64)
    basis = np.ascontiguousarray(basis_A, dtype=np.float64)
    low, high, origin = (np.asarray(a, dtype=np.float64) for a in (low, high, origin_A))
    corners = np.array(list(itertools.product(*np.stack([low, high], axis=1))))
    inverse = np.linalg.inv(cell)
    fractions = (corners - origin) @ inverse
    inside = basis @ inverse
    first = np.floor(fractions.min(axis=0) - inside.max(axis=0)).astype(np.int64)
    last = np.ceil(fractions.max(axis=0) - inside.min(axis=0)).astype(np.int64)
    nothing = np.empty((0, 3)), np.empty(0, dtype=np.int32)
    count = _fill(cell, basis, origin, low, high, first, last, *nothing)
    positions, site = np.empty((count, 3)), np.empty(count, dtype=np.int32)
    _fill(cell, basis, origin, low, high, first, last, positions, site)
    return positions, site


@compiled
def _fill(  # pragma: no cover
    cell: np.ndarray,
    basis: np.ndarray,
    origin: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    positions: np.ndarray,
    site: np.ndarray,
) -> int:
    """Count the sites inside, and write them where there is room."""
    found = 0
    corner, least, most = np.empty(3), np.empty(3), np.empty(3)
    for axis in range(3):
        least[axis], most[axis] = (
            low[axis] - basis[:, axis].max(),
            high[axis] - basis[:, axis].min(),
        )
    for i in range(first[0], last[0] + 1):
        for j in range(first[1], last[1] + 1):
            for k in range(first[2], last[2] + 1):
                near = True
                for axis in range(3):
                    c = origin[axis] + i * cell[0, axis] + j * cell[1, axis] + k * cell[2, axis]
                    corner[axis] = c
                    near = near and c >= least[axis] and c < most[axis]
                if not near:
                    continue
                for n in range(len(basis)):
                    x, y = corner[0] + basis[n, 0], corner[1] + basis[n, 1]
                    z = corner[2] + basis[n, 2]
                    if not (low[0] <= x < high[0] and low[1] <= y < high[1]):
                        continue
                    if not low[2] <= z < high[2]:
                        continue
                    if found < len(positions):
                        positions[found, 0], positions[found, 1] = x, y
                        positions[found, 2], site[found] = z, n
                    found += 1
    return found
