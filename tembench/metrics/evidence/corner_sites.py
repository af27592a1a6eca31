"""Corner sites of particles: columns with few neighbours, and empty sites where one would fit.

A column at a corner or kink of a particle's outline has at most half of the neighbours that it
would have inside, and an empty site of the lattice with at least half of them is where such a
column is missing. A catalyst chemist asks of these whether there is a column. Sites that a defect
of a closed recipe empties are found so too, from the columns that are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.metrics.columns import Sites

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

REACH = 1.25
"""Neighbours are nearer than this many times the distance of the nearest.

The projections of face-centred metals along [110] have neighbours at 1 and 1.15 times the nearest
distance, and the next at 1.6.
"""
LEAST_SPACING_A = 1.5
"""Columns that are nearer to each other are not told apart by their brightness."""
_FREE = 0.7
"""An empty site is farther from any column than this many times the nearest distance."""
_SAME = 0.35
"""Sites that are nearer to each other than this many times the nearest distance are one."""
_CONTINUED = 0.9
_LEAST_COLUMNS = 4
_FACET_SHARE = 1 / 4
_MARGIN_A = 2.0


@dataclass(frozen=True, kw_only=True)
class CornerSites:
    """Sites at the corners and facets of the particles of an image.

    Attributes
    ----------
    columns_A : ndarray, shape (columns, 2)
        Positions x and y of whole columns with at most half of the neighbours.
    empty_A : ndarray, shape (sites, 2)
        Empty sites of the lattice with at least half of the neighbours.
    facet_A : ndarray, shape (sites, 2)
        Empty sites with at least a quarter of the neighbours: those of `empty_A`, and those on
        facets, which show how bright a site without a column is.
    """

    columns_A: np.ndarray
    empty_A: np.ndarray
    facet_A: np.ndarray


def corner_sites(sites: Sites, frame_A: tuple[float, float]) -> CornerSites:
    """Find the corners of the particles of an image.

    Parameters
    ----------
    sites : Sites
        The columns of the image.
    frame_A : tuple of float
        Width and height of the image; sites within 2 A of its edge are left out.

    Returns
    -------
    CornerSites
        No sites where the image has fewer than four columns of particles, or these are no lattice
        that continues through each of its columns: a honeycomb has empty sites everywhere.

    Examples
    --------
    A particle of three rows of three columns on a square lattice has lost a corner:

    >>> y, x = np.mgrid[:3, :3].reshape(2, -1)[:, :-1] * 2.5 + 6
    >>> atoms, yes = np.full(8, 5), np.ones(8, dtype=bool)
    >>> whole = Sites(x_A=x, y_A=y, atoms=atoms, whole_atoms=atoms, in_particle=yes, at_surface=yes)
    >>> corner_sites(whole, (20.0, 20.0)).empty_A
    array([[11., 11.]])
    """
    from scipy.spatial import cKDTree

    inside = np.flatnonzero(sites.columns)
    columns_A = sites.xy_A[inside]
    if len(columns_A) < _LEAST_COLUMNS:
        return _nothing()
    tree = cKDTree(columns_A)
    nearest = tree.query(columns_A, k=2)[0][:, 1]
    first, second = _neighbours(tree, nearest)
    count = np.bincount(first, minlength=len(columns_A))
    bulk = int(count.max())
    if bulk == 0:
        return _nothing()
    continued = 2 * columns_A[first] - columns_A[second]
    inner = count[first] == bulk
    if not _is_continued(tree, continued[inner], nearest[first][inner]):
        return _nothing()
    taken = cKDTree(sites.xy_A[sites.atoms > 0]).query(continued)[0]
    free = taken > _FREE * nearest[first]
    empty_A, spacing = _merged(continued[free], nearest[first][free])
    reached = tree.query_ball_point(empty_A, REACH * spacing, return_length=True)
    at_corner = sites.at_surface[inside] & (sites.atoms == sites.whole_atoms)[inside]
    at_corner &= (count <= bulk / 2) & (nearest >= LEAST_SPACING_A)
    return CornerSites(
        columns_A=_within(columns_A[at_corner], frame_A),
        empty_A=_within(empty_A[reached >= bulk / 2], frame_A),
        facet_A=_within(empty_A[reached >= bulk * _FACET_SHARE], frame_A),
    )


def _nothing() -> CornerSites:
    none = np.empty((0, 2))
    return CornerSites(columns_A=none, empty_A=none, facet_A=none)


def _neighbours(tree: cKDTree, nearest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both columns of every pair of neighbours, each pair in both orders."""
    reach = REACH * np.where(nearest >= LEAST_SPACING_A, nearest, 0.0)
    pairs = tree.query_pairs(float(reach.max()), output_type="ndarray")
    first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
    points = tree.data
    near = np.hypot(*(points[first] - points[second]).T) <= reach[first]
    return first[near], second[near]


def _is_continued(tree: cKDTree, continued_A: np.ndarray, spacing_A: np.ndarray) -> bool:
    """Whether inner columns have neighbours on opposite sides; those of a honeycomb have not."""
    return bool(np.mean(tree.query(continued_A)[0] < _SAME * spacing_A) >= _CONTINUED)


def _merged(points_A: np.ndarray, spacing_A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sites that several columns continue to, once each, with the spacing there."""
    found, spacings = [], []
    while len(points_A):
        same = np.hypot(*(points_A - points_A[0]).T) < _SAME * spacing_A[0]
        found.append(points_A[same].mean(axis=0))
        spacings.append(spacing_A[same].mean())
        points_A, spacing_A = points_A[~same], spacing_A[~same]
    return np.array(found).reshape(-1, 2), np.array(spacings)


def _within(points_A: np.ndarray, frame_A: tuple[float, float]) -> np.ndarray:
    low, high = _MARGIN_A, np.array(frame_A) - _MARGIN_A
    return points_A[((points_A >= low) & (points_A <= high)).all(axis=1)]
