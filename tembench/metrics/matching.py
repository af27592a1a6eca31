"""One-to-one matching of points in two images, and the scores of a match."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MATCH_A = 0.62
"""Columns are paired within this distance (10 px of 0.0622 A in the released code)."""


def match(first: np.ndarray, second: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Pair points of two sets one to one.

    Parameters
    ----------
    first, second : array (points, 2)
        Coordinates in one unit.
    radius : float
        Largest distance of a pair.

    Returns
    -------
    numbers_first, numbers_second : ndarray of int, shape (pairs,)
        Indices of the paired points. The pairing has the most pairs of all, and among those the
        smallest sum of distances (optimal assignment). Ascending in the first.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if len(first) == 0 or len(second) == 0:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    near = cKDTree(first).sparse_distance_matrix(cKDTree(second), radius, output_type="coo_matrix")
    i, j, distance = near.row, near.col, near.data
    # Points within reach of each other form small groups, which are independent problems.
    total = len(first) + len(second)
    links = coo_array((np.ones(len(i)), (i, j + len(first))), shape=(total, total))
    _, group = connected_components(links, directed=False)
    order = np.argsort(group[i], kind="stable")
    starts = np.flatnonzero(np.diff(group[i[order]], prepend=-1))
    paired: list[tuple[int, int]] = []
    for edges in np.split(order, starts[1:]) if len(order) else []:
        rows, at_row = np.unique(i[edges], return_inverse=True)
        columns, at_column = np.unique(j[edges], return_inverse=True)
        # One more pair outweighs any distance; pairs out of reach have no gain and are left out.
        gain = np.zeros((len(rows), len(columns)))
        gain[at_row, at_column] = radius * (min(gain.shape) + 1) - distance[edges]
        for row, column in zip(*linear_sum_assignment(gain, maximize=True), strict=True):
            if gain[row, column] > 0:
                paired.append((int(rows[row]), int(columns[column])))
    pairs = np.array(sorted(paired), dtype=int).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


@dataclass(frozen=True, kw_only=True)
class ColumnCounts:
    """Numbers of matched, missed and invented columns, and the scores derived from them.

    If there is no column to find, finding none is perfect (1) and inventing any is the worst (0).

    Attributes
    ----------
    matched, missed, invented : int
        S, M and E of the paper. In the paper's own protocol `invented` can be negative.

    Examples
    --------
    One wrong column of fifteen:

    >>> counts = ColumnCounts(matched=14, missed=1, invented=1)
    >>> round(counts.f1, 3), counts.jaccard
    (0.933, 0.875)
    """

    matched: int
    missed: int
    invented: int

    @property
    def precision(self) -> float:
        """S / (S + E)."""
        return self._share(self.matched + self.invented)

    @property
    def recall(self) -> float:
        """S / (S + M); 1 if there was no column to miss."""
        present = self.matched + self.missed
        return self.matched / present if present else 1.0

    @property
    def f1(self) -> float:
        """2 S / (2 S + M + E)."""
        return self._share(2 * self.matched + self.missed + self.invented, 2)

    @property
    def jaccard(self) -> float:
        """S / (S + M + E)."""
        return self._share(self.matched + self.missed + self.invented)

    def _share(self, of: int, weight: int = 1) -> float:
        if of:
            return weight * self.matched / of
        return 0.0 if self.missed else 1.0
