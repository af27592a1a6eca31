"""Slices on atomic planes: groups of atoms that the wave crosses at once.

Slices of equal thickness cut through planes and put atoms at the wrong depth; planes put each atom
of a crystal on zone at its own.
"""

from __future__ import annotations

from math import ceil

import numpy as np

# Atoms nearer than this along the beam belong to one plane: two planes of a crystal are further
# apart, and relaxed or slightly tilted atoms of one are nearer.
_PLANE_GAP_A = 0.15


def plane_slices(z_A: np.ndarray, thickness_A: float) -> list[tuple[float, np.ndarray]]:
    """Group atoms into slices along the beam.

    The depths are split at every gap of more than 0.15 A; groups wider than the largest thickness
    are cut into equal parts.

    Parameters
    ----------
    z_A : ndarray, shape (atoms,)
        Depths of the atoms.
    thickness_A : float
        Largest extent of a slice.

    Returns
    -------
    list of (float, ndarray of int)
        Mean depth of each slice, and its atoms, in ascending depth.
    """
    if len(z_A) == 0:
        return []
    order = np.argsort(z_A, kind="stable")
    depths = z_A[order]
    slices = []
    for group in np.split(np.arange(len(depths)), _after(np.diff(depths) > _PLANE_GAP_A)):
        low, extent = depths[group[0]], depths[group[-1]] - depths[group[0]]
        parts = max(1, ceil(extent / thickness_A - 1e-9))
        number = np.minimum((depths[group] - low) * parts / max(extent, 1e-12), parts - 0.5)
        for part in np.split(group, _after(np.diff(number.astype(int)) > 0)):
            slices.append((float(depths[part].mean()), order[part]))
    return slices


def _after(breaks: np.ndarray) -> np.ndarray:
    return np.flatnonzero(breaks) + 1
