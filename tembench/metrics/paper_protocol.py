"""Surface columns counted as in the released code of Mohan et al.

Kept for comparison with the paper: the truth are the blobs found in the clean image, not the atoms.
The blobs form an alpha shape whose outer ones are the surface. A surface column of the clean image
counts as found if any surface blob of the denoised image is within 10 px of it, even if another
column claims the same blob.
"""

from __future__ import annotations

import numpy as np

from tembench.metrics.matching import MATCH_A, ColumnCounts

CIRCUMRADIUS_A = 2.49
"""Triangles with a larger circumradius do not belong to the shape (40 px of 0.0622 A)."""


def surface_points(points_A: np.ndarray, floor_A: float) -> np.ndarray:
    """Mask of the blobs on the free surface of the particle.

    Parameters
    ----------
    points_A : array (blobs, 2)
        x and y of all blobs of the image, including those of the support; y points down.
    floor_A : float
        y just below the lowest Pt row, where the free surface ends.

    Returns
    -------
    ndarray of bool, shape (blobs,)
        True above that line and at an edge of the alpha shape, that is an edge of exactly one
        Delaunay triangle with a circumradius below `CIRCUMRADIUS_A`. A blob in no such triangle is
        not on the surface.
    """
    from scipy.spatial import Delaunay, QhullError

    outer = np.zeros(len(points_A), dtype=bool)
    if len(points_A) < 3:
        return outer
    try:
        triangles = Delaunay(points_A).simplices
    except QhullError:  # all blobs on one line
        return outer
    triangles = triangles[_circumradius(points_A[triangles]) < CIRCUMRADIUS_A]
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, times = np.unique(edges, axis=0, return_counts=True)
    outer[unique[times == 1].ravel()] = True
    return outer & (points_A[:, 1] < floor_A)


def released_counts(clean_A: np.ndarray, denoised_A: np.ndarray) -> ColumnCounts:
    """Count matched, missed and invented surface blobs, not one to one.

    Parameters
    ----------
    clean_A, denoised_A : array (blobs, 2)
        Surface blobs of the two images.
    """
    from scipy.spatial import cKDTree

    matched = 0
    if len(clean_A) and len(denoised_A):
        distance, _ = cKDTree(denoised_A).query(clean_A)
        matched = int((distance <= MATCH_A).sum())
    # Two columns may claim the same blob; the number of invented ones can then be negative.
    return ColumnCounts(
        matched=matched, missed=len(clean_A) - matched, invented=len(denoised_A) - matched
    )


def _circumradius(corners: np.ndarray) -> np.ndarray:
    sides = [np.hypot(*(corners[:, i] - corners[:, i - 1]).T) for i in range(3)]
    (ax, ay), (bx, by) = (corners[:, i].T - corners[:, 0].T for i in (1, 2))
    doubled_area = np.abs(ax * by - ay * bx)
    with np.errstate(divide="ignore"):
        radius: np.ndarray = sides[0] * sides[1] * sides[2] / (2 * doubled_area)
    return radius
