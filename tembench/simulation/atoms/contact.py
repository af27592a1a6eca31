"""Contact of atoms: the exact move after which two pieces touch at a given distance."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tembench.core import compiled


def contact_move(
    support_A: np.ndarray, piece_A: np.ndarray, direction: np.ndarray, gap_A: float
) -> float | None:
    """Distance to move a piece along the support's outward direction until it just touches.

    Parameters
    ----------
    support_A, piece_A : ndarray, shape (atoms, 3)
        Positions.
    direction : ndarray, shape (3,)
        Unit vector along one axis, from the support outwards.
    gap_A : float
        Least distance of two atoms after the move.

    Returns
    -------
    float or None
        The move; None if no atom of the support is in the way.

    Notes
    -----
    A pair whose distance sideways is d < gap needs a height between of sqrt(gap^2 - d^2); the
    largest of the moves that pairs need is exact, without search.
    """
    axis = int(np.argmax(np.abs(direction)))
    across = [other for other in range(3) if other != axis]
    low = piece_A[:, across].min(axis=0) - gap_A
    high = piece_A[:, across].max(axis=0) + gap_A
    below = ((support_A[:, across] > low) & (support_A[:, across] < high)).all(axis=1)
    under = support_A[below]
    if len(under) == 0:
        return None
    move = _largest_move(
        np.ascontiguousarray(under[:, across]),
        under @ direction,
        np.ascontiguousarray(piece_A[:, across]),
        piece_A @ direction,
        gap_A,
    )
    return None if move == -np.inf else float(move)


def nearest_approach(first_A: np.ndarray, second_A: np.ndarray, reach_A: float) -> float:
    """Least distance of two sets of atoms, or infinity beyond a reach."""
    if len(first_A) == 0 or len(second_A) == 0:
        return float("inf")
    few, many = sorted((first_A, second_A), key=len)
    low, high = few.min(axis=0) - reach_A, few.max(axis=0) + reach_A
    near = many[((many > low) & (many < high)).all(axis=1)]
    if len(near) == 0:
        return float("inf")
    distances, _ = cKDTree(near).query(few, distance_upper_bound=reach_A)
    return float(distances.min())


@compiled
def _largest_move(  # pragma: no cover
    under: np.ndarray,
    under_height: np.ndarray,
    over: np.ndarray,
    over_height: np.ndarray,
    gap: float,
) -> float:
    """Largest move that a pair needs; atoms of the support are sorted into squares of the gap."""
    left, top = over[:, 0].min() - gap, over[:, 1].min() - gap
    columns = int((over[:, 0].max() + gap - left) / gap) + 1
    rows = int((over[:, 1].max() + gap - top) / gap) + 1
    heads = np.full(columns * rows, -1, dtype=np.int64)
    following = np.empty(len(under), dtype=np.int64)
    for i in range(len(under)):
        square = int((under[i, 0] - left) / gap) * rows + int((under[i, 1] - top) / gap)
        following[i] = heads[square]
        heads[square] = i
    largest = -np.inf
    for n in range(len(over)):
        column, row = int((over[n, 0] - left) / gap), int((over[n, 1] - top) / gap)
        for a in range(max(column - 1, 0), min(column + 2, columns)):
            for b in range(max(row - 1, 0), min(row + 2, rows)):
                i = heads[a * rows + b]
                while i >= 0:
                    d2 = (over[n, 0] - under[i, 0]) ** 2 + (over[n, 1] - under[i, 1]) ** 2
                    if d2 < gap * gap:
                        move = under_height[i] - over_height[n] + np.sqrt(gap * gap - d2)
                        largest = max(largest, move)
                    i = following[i]
    return largest
