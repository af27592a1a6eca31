"""Masks of a specimen's components: pixels within reach of their atoms, and the vacuum."""

from __future__ import annotations

import numpy as np

from tembench.core import compiled
from tembench.simulation.atoms.specimen import Specimen

ATOM_REACH_A = 2.0
"""A component's mask covers every pixel within this distance of one of its atoms."""
VACUUM_A = 4.0
"""The vacuum's mask covers every pixel at least this far from any atom."""
_KINDS = {"particle": ("particle",), "support": ("slab", "support"), "film": ("film",)}


def component_masks(
    specimen: Specimen, shape: tuple[int, int], pixel_size_A: float
) -> dict[str, np.ndarray]:
    """Masks of particles, supports, films and vacuum.

    Parameters
    ----------
    specimen : Specimen
        Atoms in the frame's coordinates; a pixel's centre is at its number times its size.
    shape : tuple of int
        Size of the image in pixels, (y, x).
    pixel_size_A : float
        Size of a pixel.

    Returns
    -------
    dict of str to ndarray of bool, shape (y, x)
        ``"particle"``, ``"support"``, ``"film"`` and ``"vacuum"``. Components overlap in
        projection, and so do their masks.
    """
    pixels = specimen.positions_A[:, :2] / pixel_size_A
    kinds = np.array([*specimen.kinds, ""])[specimen.component]
    masks = {
        name: _discs(pixels[np.isin(kinds, members)], shape, ATOM_REACH_A / pixel_size_A)
        for name, members in _KINDS.items()
    }
    return {**masks, "vacuum": ~_discs(pixels, shape, VACUUM_A / pixel_size_A)}


def _discs(centres: np.ndarray, shape: tuple[int, int], reach: float) -> np.ndarray:
    ends = np.zeros((shape[0], shape[1] + 1), dtype=np.int32)
    _mark_ends(ends, np.ascontiguousarray(centres), reach)
    return np.asarray(np.cumsum(ends[:, :-1], axis=1) > 0)


@compiled
def _mark_ends(ends: np.ndarray, centres: np.ndarray, reach: float) -> None:  # pragma: no cover
    """Enter 1 where a disc's row of pixels begins, and -1 behind its end."""
    rows, columns = ends.shape[0], ends.shape[1] - 1
    for n in range(len(centres)):
        x, y = centres[n]
        for i in range(max(0, int(np.ceil(y - reach))), min(rows, int(np.floor(y + reach)) + 1)):
            half = np.sqrt(max(reach**2 - (i - y) ** 2, 0.0))
            first = max(0, int(np.ceil(x - half)))
            last = min(columns - 1, int(np.floor(x + half)))
            if first <= last:
                ends[i, first] += 1
                ends[i, last + 1] -= 1
