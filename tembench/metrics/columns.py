"""Atomic columns of the particle: which ones a denoised image shows, and at which positions.

The ground truth are the columns of the atomic model at their positions in the image, as far as the
clean image shows them. They are paired one to one with the blobs of the clean image; a column whose
blob exceeds the paper's threshold for clean images is *shown*. Denoisers are not expected to
recover columns that the clean image does not show: a blob there, or where the clean image has a
blob without a column, counts neither for nor against them. Columns are brighter or darker than
their surroundings; the polarity used is the one in which the clean image shows more columns.

The blobs of a denoised image are paired with the shown columns: shown columns are matched or
missed, and blobs that neither a column nor a blob of the clean image accounts for are invented.
Blobs at columns of the support are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics.blobs import Blobs, find_blobs
from tembench.metrics.filters import blob_response
from tembench.metrics.matching import MATCH_A, ColumnCounts, match

SIGMA_A = 0.5
"""Standard deviation of the Laplacian (8 px of 0.0622 A in the released code)."""
CLEAN_THRESHOLD = 0.02
DENOISED_THRESHOLD = 0.0145
"""Smallest response, e/px at 0.45 e/px in vacuum, of a shown column and of any blob."""
SUPPORT_A = 2.0
"""A blob belongs to the support if its nearest column does and is closer than this."""
SURFACE_A = 3.5
"""An invented column this close to a surface column is on the surface; one spacing is 2.4 A."""


@dataclass(frozen=True, kw_only=True)
class Sites:
    """Positions of an image's columns, including those removed by a defect.

    Attributes
    ----------
    x_A, y_A : ndarray, shape (sites,)
        Position of the column in this image, tilt included; y points down.
    atoms : ndarray of int, shape (sites,)
        Number of atoms; 0 where a defect removed the column.
    whole_atoms : ndarray of int, shape (sites,)
        Number of atoms without the defect.
    in_particle, at_surface : ndarray of bool, shape (sites,)
        Whether the column belongs to the particle, and to its free surface.
    """

    x_A: np.ndarray
    y_A: np.ndarray
    atoms: np.ndarray
    whole_atoms: np.ndarray
    in_particle: np.ndarray
    at_surface: np.ndarray

    @property
    def xy_A(self) -> np.ndarray:
        """Positions x and y, shape (sites, 2)."""
        return np.stack([self.x_A, self.y_A], axis=1)

    @property
    def columns(self) -> np.ndarray:
        """Mask of the sites that are columns of the particle."""
        return self.in_particle & (self.atoms > 0)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Columns and blobs that the clean image shows.

    Attributes
    ----------
    sign : {1, -1}
        Polarity: columns are bright (1) or dark (-1).
    blobs_A : ndarray, shape (blobs, 2)
        All blobs of the clean image, including those of the support, strongest first.
    response : ndarray, shape (blobs,)
        Their response, e/px.
    shown : ndarray of bool, shape (sites,)
        Columns of the particle that the clean image shows.
    shown_A : ndarray, shape (sites, 2)
        Positions of their blobs; NaN elsewhere.
    excused_A : ndarray, shape (positions, 2)
        Positions where a blob counts neither as right nor as wrong.
    """

    sign: int
    blobs_A: np.ndarray
    response: np.ndarray
    shown: np.ndarray
    shown_A: np.ndarray
    excused_A: np.ndarray

    @property
    def strong(self) -> np.ndarray:
        """Mask of the blobs above the paper's threshold for clean images."""
        return self.response > CLEAN_THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Columns of a denoised image compared with the truth.

    Attributes
    ----------
    blobs_A : ndarray, shape (blobs, 2)
        All blobs, including those of the support.
    found : ndarray of bool, shape (sites,)
        Shown columns that are paired with a blob.
    found_A : ndarray, shape (sites, 2)
        Positions of those blobs; NaN elsewhere.
    invented_A : ndarray, shape (blobs, 2)
        Blobs that no column or blob of the clean image accounts for.
    whole, surface : ColumnCounts
        Of the particle, with all columns invented outside the support; and of its free surface.
    position_error_A : float
        Root mean square distance of matched columns from their positions in the clean image; NaN
        if none is matched.
    """

    blobs_A: np.ndarray
    found: np.ndarray
    found_A: np.ndarray
    invented_A: np.ndarray
    whole: ColumnCounts
    surface: ColumnCounts
    position_error_A: float


def find_truth(clean: np.ndarray, sites: Sites, *, pixel_size_A: float) -> Truth:
    """Find the columns that the clean image shows.

    Parameters
    ----------
    clean : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    sites : Sites
        The columns of this image.
    pixel_size_A : float
        Pixel size in angstrom.
    """
    response = blob_response(clean, SIGMA_A / pixel_size_A)
    bright = _shown(response, 1, sites, pixel_size_A)
    if bright.shown.sum() == sites.columns.sum():
        return bright
    dark = _shown(-response, -1, sites, pixel_size_A)
    return dark if dark.shown.sum() > bright.shown.sum() else bright


def read_columns(
    denoised: np.ndarray, truth: Truth, sites: Sites, *, pixel_size_A: float
) -> Reading:
    """Find the columns of a denoised image and compare them with the truth.

    Parameters
    ----------
    denoised : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    truth : Truth
        From `find_truth` of the clean image.
    sites : Sites
        The columns of this image.
    pixel_size_A : float
        Pixel size in angstrom.
    """
    response = blob_response(denoised, SIGMA_A / pixel_size_A)
    response *= truth.sign
    blobs_A = _blobs(response, pixel_size_A).xy_px * pixel_size_A
    free_A = blobs_A[~_of_support(blobs_A, sites)]
    numbers = np.flatnonzero(truth.shown)
    expected = np.concatenate([sites.xy_A[numbers], truth.excused_A])
    at_expected, at_blob = match(expected, free_A, MATCH_A)
    is_column = at_expected < len(numbers)
    found_at = numbers[at_expected[is_column]]
    found = np.zeros(len(truth.shown), dtype=bool)
    found[found_at] = True
    found_A = np.full((len(found), 2), np.nan)
    found_A[found_at] = free_A[at_blob[is_column]]
    invented_A = np.delete(free_A, at_blob, axis=0)
    distance = np.hypot(*(found_A - truth.shown_A)[found].T)
    return Reading(
        blobs_A=blobs_A,
        found=found,
        found_A=found_A,
        invented_A=invented_A,
        whole=_count(truth.shown, found, len(invented_A)),
        surface=_count(
            truth.shown & sites.at_surface,
            found & sites.at_surface,
            int(_on_surface(invented_A, sites).sum()),
        ),
        position_error_A=float(np.sqrt(np.mean(distance**2))) if len(distance) else float("nan"),
    )


def _blobs(response: np.ndarray, pixel_size_A: float) -> Blobs:
    return find_blobs(response, DENOISED_THRESHOLD, MATCH_A / pixel_size_A)


def _shown(response: np.ndarray, sign: int, sites: Sites, pixel_size_A: float) -> Truth:
    blobs = _blobs(response, pixel_size_A)
    blobs_A = blobs.xy_px * pixel_size_A
    free = np.flatnonzero(~_of_support(blobs_A, sites))
    columns = np.flatnonzero(sites.columns)
    at_column, at_blob = match(sites.xy_A[columns], blobs_A[free], MATCH_A)
    numbers, paired = columns[at_column], free[at_blob]
    strong = blobs.response[paired] > CLEAN_THRESHOLD
    shown = np.zeros(len(sites.atoms), dtype=bool)
    shown[numbers[strong]] = True
    shown_A = np.full((len(shown), 2), np.nan)
    shown_A[numbers[strong]] = blobs_A[paired[strong]]
    return Truth(
        sign=sign,
        blobs_A=blobs_A,
        response=blobs.response,
        shown=shown,
        shown_A=shown_A,
        # Columns that are not shown (or too weakly), and blobs that are not columns.
        excused_A=np.concatenate(
            [sites.xy_A[sites.columns & ~shown], blobs_A[np.setdiff1d(free, paired)]]
        ),
    )


def _of_support(points_A: np.ndarray, sites: Sites) -> np.ndarray:
    """Mask of the points at a column of the support."""
    support, particle = sites.xy_A[~sites.in_particle], sites.xy_A[sites.columns]
    to_support = _distance(points_A, support)
    return (to_support < SUPPORT_A) & (to_support < _distance(points_A, particle))


def _on_surface(points_A: np.ndarray, sites: Sites) -> np.ndarray:
    """Mask of the points whose nearest column of the particle is a surface column within reach.

    All points in an image without a particle: every invented column then counts for the surface.
    """
    if not sites.columns.any():
        return np.ones(len(points_A), dtype=bool)
    surface = sites.xy_A[sites.columns & sites.at_surface]
    inner = sites.xy_A[sites.columns & ~sites.at_surface]
    to_surface = _distance(points_A, surface)
    return (to_surface < SURFACE_A) & (to_surface <= _distance(points_A, inner))


def _distance(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distance of each point to the nearest of the others; infinite if there are none."""
    from scipy.spatial import cKDTree

    if len(points) == 0 or len(others) == 0:
        return np.full(len(points), np.inf)
    distances: np.ndarray = cKDTree(others).query(points)[0]
    return distances


def _count(shown: np.ndarray, found: np.ndarray, invented: int) -> ColumnCounts:
    matched = int(found.sum())
    return ColumnCounts(matched=matched, missed=int(shown.sum()) - matched, invented=invented)
