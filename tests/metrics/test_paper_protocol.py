"""Surface columns as the released code counts them: on released images, and on small patches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tembench.metrics.blobs import find_blobs
from tembench.metrics.fidelity import psnr_db
from tembench.metrics.filters import blob_response
from tembench.metrics.matching import MATCH_A, ColumnCounts
from tembench.metrics.paper_protocol import released_counts, surface_points

RELEASED = Path(__file__).parents[3] / "shared" / "reference" / "images"
NAMES = [
    "PtNp2-S3_2-S5_2_240slc_1024x1024_6nmDefocus.tif",
    "PtNp2-S3_5_240slc_1024x1024_6nmDefocus.tif",
]
PIXEL_A = 50 / 1024
SIGMA_A = 0.4976
FLOOR_A = 21.0  # just below the lowest row of platinum
needs_images = pytest.mark.skipif(
    not all((RELEASED / name).exists() for name in NAMES), reason="no released images here"
)


def blobs_A(image: np.ndarray, threshold: float) -> np.ndarray:
    response = blob_response(image, SIGMA_A / PIXEL_A)
    return find_blobs(response, threshold, MATCH_A / PIXEL_A).xy_px * PIXEL_A


def counts_of(clean: np.ndarray, denoised: np.ndarray) -> ColumnCounts:
    surfaces = [
        points[surface_points(points, FLOOR_A)]
        for points in (blobs_A(clean, 0.02), blobs_A(denoised, 0.0145))
    ]
    return released_counts(*surfaces)


@pytest.fixture(scope="module")
def released() -> list[np.ndarray]:
    images = []
    for name in NAMES:
        with Image.open(RELEASED / name) as file:
            images.append(np.asarray(file, dtype=np.float64))
    return images


@needs_images
@pytest.mark.parametrize("turned", [False, True])
def test_two_released_images_that_differ_in_one_surface_column(
    released: list[np.ndarray], turned: bool
) -> None:
    clean, denoised = released[::-1] if turned else released
    counts = counts_of(clean, denoised)
    assert counts == ColumnCounts(matched=14, missed=1, invented=1)
    assert round(counts.f1, 3) == 0.933
    assert counts.jaccard == 0.875


@pytest.mark.slow
@needs_images
def test_psnr_does_not_see_the_column(released: list[np.ndarray]) -> None:
    clean, wrong = released
    y, x = np.mgrid[: clean.shape[0], : clean.shape[1]] * PIXEL_A
    ripple = np.cos(2 * np.pi * x / 20) * np.cos(2 * np.pi * y / 17)
    ripple *= np.sqrt(np.mean((wrong - clean) ** 2) / np.mean(ripple**2))
    assert psnr_db(clean, clean + ripple) == pytest.approx(psnr_db(clean, wrong), abs=1e-6)
    assert counts_of(clean, clean + ripple) == ColumnCounts(matched=15, missed=0, invented=0)
    assert counts_of(clean, wrong).f1 < 0.94


# --- the alpha shape ---


def patch(rows: int, columns: int) -> np.ndarray:
    """Nearest neighbours of a hexagonal lattice, row by row from (0, 0), y down."""
    # Narrower than platinum's own: circumradius 1.44 A here, and 2.49 A is the limit.
    row, place = (axis.ravel() for axis in np.mgrid[:rows, :columns])
    x = 2.5 * (place + 0.5 * (row % 2))
    return np.stack([x, 2.5 * np.sqrt(0.75) * row], axis=1)


def test_the_outer_points_of_a_patch_are_its_surface() -> None:
    points = patch(5, 6)
    row, place = np.divmod(np.arange(30), 6)
    outer = (row == 0) | (row == 4) | (place == 0) | (place == 5)
    np.testing.assert_array_equal(surface_points(points, np.inf), outer)


def test_the_surface_follows_a_hole() -> None:
    points = patch(7, 7)
    middle = np.argmin(np.hypot(*(points - points.mean(axis=0)).T))
    away = np.hypot(*(points - points[middle]).T)
    left = np.delete(points, middle, axis=0)
    ring = np.delete((away > 0.1) & (away < 2.6), middle)
    # A single missing point leaves triangles of circumradius 2.5 A: just too large.
    assert ring.sum() == 6
    assert surface_points(left, np.inf)[ring].all()
    assert not surface_points(0.98 * left, np.inf)[ring].all()


def test_the_floor_cuts_the_surface() -> None:
    points = patch(5, 6)
    whole = surface_points(points, np.inf)
    floor_A = points[:, 1].max() - 0.1
    np.testing.assert_array_equal(surface_points(points, floor_A), whole & (points[:, 1] < floor_A))
    assert not surface_points(points, -1.0).any()


def test_a_point_far_from_all_others_is_on_no_surface() -> None:
    points = np.concatenate([patch(4, 4), [[30.0, 30.0]]])
    found = surface_points(points, np.inf)
    assert not found[-1]
    assert found.sum() == 12


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((0, 2)),
        np.array([[1.0, 2.0]]),
        np.array([[1.0, 2.0], [2.0, 2.0]]),
        np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]),
        np.array([[5.0, 1.0], [5.0, 1.0], [5.0, 1.0]]),
        np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 40.0]]),
    ],
    ids=["none", "one", "two", "line", "one place", "too large"],
)
def test_points_without_a_triangle_have_no_surface(points: np.ndarray) -> None:
    assert surface_points(points, np.inf).tolist() == [False] * len(points)


# --- the counts ---


def test_two_columns_may_share_one_blob() -> None:
    clean = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 9.0]])
    denoised = np.array([[0.5, 0.0]])
    counts = released_counts(clean, denoised)
    assert counts == ColumnCounts(matched=2, missed=1, invented=-1)
    assert counts.precision == 2.0
    assert counts.recall == pytest.approx(2 / 3)


@pytest.mark.parametrize(("clean", "denoised"), [(0, 0), (0, 2), (3, 0)])
def test_counts_of_empty_sets(clean: int, denoised: int) -> None:
    counts = released_counts(np.zeros((clean, 2)), np.zeros((denoised, 2)))
    assert counts == ColumnCounts(matched=0, missed=clean, invented=denoised)


def test_a_column_is_found_up_to_ten_pixels_away() -> None:
    clean = np.array([[0.0, 0.0]])
    assert released_counts(clean, np.array([[0.0, MATCH_A]])).matched == 1
    assert released_counts(clean, np.array([[0.0, 1.01 * MATCH_A]])).matched == 0
