"""Whether the atomic columns of the particle are there, and where.

The truth are the model's own columns at their places in the image, as far as the clean image shows
them. The particle's columns are paired one to one with the blobs of the clean image; one whose
blob is as strong as the paper asks of a clean image is *shown*. What the clean image does not show
no denoiser is asked for: a blob there, or where the clean image has a blob without a column, counts
neither for nor against it. Columns are bright or dark against what surrounds them; an image is read
in the sense in which its clean one shows more columns.

A denoised image's blobs are paired with the shown columns: matched, missed, or, if no column or
blob of the clean image accounts for them, invented. Blobs at columns of the support are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics.blobs import Blobs, find_blobs
from tembench.metrics.filters import blob_response
from tembench.metrics.matching import MATCH_A, Counts, match

SIGMA_A = 0.5
"""Standard deviation of the Laplacian (8 px of 0.0622 A in the released code)."""
CLEAN_THRESHOLD = 0.02
DENOISED_THRESHOLD = 0.0145
"""Least response in e/px at 0.45 e/px in vacuum: of a shown column, and of any blob."""
SUPPORT_A = 2.0
"""A blob belongs to the support if its nearest column does and is nearer than this."""
SURFACE_A = 3.5
"""An invented column this near to a surface column is on the surface: one spacing is 2.4 A."""


@dataclass(frozen=True, kw_only=True)
class Sites:
    """The places of an image's columns, those of removed ones among them.

    Attributes
    ----------
    x_A, y_A : ndarray, shape (sites,)
        Where the column appears in this image, tilt included; y counts down.
    atoms : ndarray of int
        Its atoms; 0 where a defect removed it.
    whole_atoms : ndarray of int
        Its atoms without the defect.
    in_particle, at_surface : ndarray of bool
        Whether it belongs to the particle, and to the particle's free surface.
    """

    x_A: np.ndarray
    y_A: np.ndarray
    atoms: np.ndarray
    whole_atoms: np.ndarray
    in_particle: np.ndarray
    at_surface: np.ndarray

    @property
    def xy_A(self) -> np.ndarray:
        """Places, shape (sites, 2)."""
        return np.stack([self.x_A, self.y_A], axis=1)

    @property
    def columns(self) -> np.ndarray:
        """Which sites are columns of the particle."""
        return self.in_particle & (self.atoms > 0)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the clean image shows.

    Attributes
    ----------
    sign : {1, -1}
        Whether columns are read as bright or as dark.
    blobs_A : ndarray, shape (blobs, 2)
        All blobs of the clean image, those of the support too, strongest first.
    response : ndarray, shape (blobs,)
        Their strength, e/px.
    shown : ndarray of bool, shape (sites,)
        The particle's columns that the clean image shows.
    shown_A : ndarray, shape (sites, 2)
        Where it shows them; NaN elsewhere.
    excused_A : ndarray, shape (places, 2)
        Where a blob is neither right nor wrong.
    """

    sign: int
    blobs_A: np.ndarray
    response: np.ndarray
    shown: np.ndarray
    shown_A: np.ndarray
    excused_A: np.ndarray

    @property
    def strong(self) -> np.ndarray:
        """Which blobs are as strong as the paper asks of a clean image."""
        return self.response > CLEAN_THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The columns of a denoised image against the truth.

    Attributes
    ----------
    blobs_A : ndarray, shape (blobs, 2)
        All blobs, those of the support too.
    found : ndarray of bool, shape (sites,)
        Shown columns that a blob was paired with.
    found_A : ndarray, shape (sites, 2)
        Where; NaN elsewhere.
    invented_A : ndarray, shape (blobs, 2)
        Blobs that nothing accounts for.
    whole, surface : Counts
        Of the particle, with all that is invented outside the support; and of its free surface.
    position_error_A : float
        Root mean square distance of matched columns from where the clean image shows them; NaN
        where none is matched.
    """

    blobs_A: np.ndarray
    found: np.ndarray
    found_A: np.ndarray
    invented_A: np.ndarray
    whole: Counts
    surface: Counts
    position_error_A: float


def find_truth(clean: np.ndarray, sites: Sites, *, pixel_size_A: float) -> Truth:
    """Read the clean image.

    Parameters
    ----------
    clean : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    sites : Sites
        The columns of this image.
    pixel_size_A : float
        Sampling.
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
    """Find the columns of a denoised image and hold them to the truth.

    Parameters
    ----------
    denoised : array (y, x)
        e/px, at the scale where vacuum is 0.45.
    truth : Truth
        From `find_truth` of the clean image.
    sites : Sites
        The columns of this image.
    pixel_size_A : float
        Sampling.
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
        # Columns it does not show (or too weakly), and blobs of it that are no column.
        excused_A=np.concatenate(
            [sites.xy_A[sites.columns & ~shown], blobs_A[np.setdiff1d(free, paired)]]
        ),
    )


def _of_support(points_A: np.ndarray, sites: Sites) -> np.ndarray:
    """Which points lie at a column of the support."""
    support, particle = sites.xy_A[~sites.in_particle], sites.xy_A[sites.columns]
    to_support = _distance(points_A, support)
    return (to_support < SUPPORT_A) & (to_support < _distance(points_A, particle))


def _on_surface(points_A: np.ndarray, sites: Sites) -> np.ndarray:
    """Which points have a surface column as the nearest of the particle's, and are near it.

    All of them where there is no particle: whatever is invented, is so on a surface that is not.
    """
    if not sites.columns.any():
        return np.ones(len(points_A), dtype=bool)
    surface = sites.xy_A[sites.columns & sites.at_surface]
    inner = sites.xy_A[sites.columns & ~sites.at_surface]
    to_surface = _distance(points_A, surface)
    return (to_surface < SURFACE_A) & (to_surface <= _distance(points_A, inner))


def _distance(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distance of each point to the nearest other; infinite if there is none."""
    from scipy.spatial import cKDTree

    if len(points) == 0 or len(others) == 0:
        return np.full(len(points), np.inf)
    return cKDTree(others).query(points)[0]


def _count(shown: np.ndarray, found: np.ndarray, invented: int) -> Counts:
    matched = int(found.sum())
    return Counts(matched=matched, missed=int(shown.sum()) - matched, invented=invented)
