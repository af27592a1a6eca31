"""Planes of a crystal by families: Miller indices, and the symmetry that makes a family."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping

import numpy as np
from scipy.spatial import cKDTree

from tembench.core import RecipeError
from tembench.simulation.atoms.crystal.unit_cells import UnitCell

_TOLERANCE_A = 0.1
"""Symmetry moves a site at most this far from another."""


def planes_of_families(
    cell: UnitCell, facets: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Planes of families by the crystal's symmetry.

    Parameters
    ----------
    cell : UnitCell
        The crystal.
    facets : mapping of str to float
        Distance of each family, by Miller indices such as ``"1-10"`` or ``"1 -1 0 0"``.

    Returns
    -------
    normals : ndarray, shape (planes, 3)
        Unit vectors in the crystal's Cartesian axes, in the order of their indices.
    distances : ndarray, shape (planes,)
        As the families say.
    indices : ndarray of int, shape (planes, 3)
        Miller indices.

    Notes
    -----
    A family is closed under inversion, too, unless the opposite plane is in a family of its own
    (both faces of a polar crystal).
    """
    if not facets:
        raise RecipeError("a Wulff shape without facets", expected='such as { "111" = 1.0 }')
    operations = point_group(cell)
    listed = {name: np.array(miller_indices(name)) for name in facets}
    families = {
        name: {tuple(int(i) for i in index @ operation) for operation in operations}
        for name, index in listed.items()
    }
    found: dict[tuple[int, ...], float] = {}
    for name, family in families.items():
        for index in family:
            found.setdefault(index, float(facets[name]))
    for name, family in families.items():
        for index in family:
            found.setdefault(tuple(-i for i in index), float(facets[name]))
    indices = np.array(sorted(found))
    normals = indices @ np.linalg.inv(cell.cell_A).T
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals, np.array([found[tuple(index)] for index in indices.tolist()]), indices


def miller_indices(text: str) -> tuple[int, int, int]:
    """Read Miller indices: ``"111"``, ``"1-10"``, ``"1 -1 0 0"`` (four: the third is left out).

    Raises
    ------
    RecipeError
        If there are not three or four, or all are 0.
    """
    separate = re.split(r"[\s,]+", text.strip()) if re.search(r"[\s,]", text.strip()) else None
    parts = separate or re.findall(r"-?\d", text)
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 4 and numbers[2] == -numbers[0] - numbers[1]:
        del numbers[2]
    whole = separate is not None or "".join(parts) == text.strip()
    if len(numbers) != 3 or not any(numbers) or not whole:
        raise RecipeError(
            "no Miller indices", expected='three, such as "111" or "1 -1 0"', got=repr(text)
        )
    return numbers[0], numbers[1], numbers[2]


@functools.lru_cache(maxsize=64)
def point_group(cell: UnitCell) -> tuple[np.ndarray, ...]:
    """Point operations of a crystal, as matrices of whole numbers on its Miller indices.

    Those of the lattice keep its metric; those of the crystal, with some translation, move every
    site to one of the same element.
    """
    matrices = np.array(list(itertools.product((-1, 0, 1), repeat=9))).reshape(-1, 3, 3)
    metric = cell.cell_A @ cell.cell_A.T
    turned = np.einsum("nij,jk,nlk->nil", matrices, metric, matrices)
    same = np.abs(turned - metric).max(axis=(1, 2)) < 1e-2 * np.diag(metric).min()
    scaled = cell.positions_A @ np.linalg.inv(cell.cell_A)
    operations = [m for m in matrices[same] if _is_symmetry(cell, scaled, m)]
    # Row vectors of cell axes turn by m, indices of planes by its inverse, transposed back.
    return tuple(np.round(np.linalg.inv(m)).astype(int).T for m in operations)


def _is_symmetry(cell: UnitCell, scaled: np.ndarray, matrix: np.ndarray) -> bool:
    """Whether some translation after a point operation moves every site to one of its element."""
    kinds, counts = np.unique(cell.symbols, return_counts=True)
    sites = [np.flatnonzero(cell.symbols == kind) for kind in kinds[np.argsort(counts)]]
    trees = [cKDTree(_within_cell(scaled[own]), boxsize=1.0) for own in sites]
    reach = _TOLERANCE_A / np.linalg.norm(cell.cell_A, axis=1).max()
    moved = scaled @ matrix
    for target in sites[0]:
        shift = scaled[target] - moved[sites[0][0]]
        if all(
            tree.query(_within_cell(moved[own] + shift))[0].max() < reach
            for own, tree in zip(sites, trees, strict=True)
        ):
            return True
    return False


def _within_cell(scaled: np.ndarray) -> np.ndarray:
    inside = scaled % 1.0
    # The remainder of a tiny negative number is rounded to 1.
    return np.where(inside < 1.0, inside, 0.0)
