"""Columns found, missed and invented, on a small particle that is known to the atom."""

from __future__ import annotations

import numpy as np
import pytest
from metrics_fakes import (
    PIXEL_A,
    SPACING_A,
    blob,
    chosen,
    drawn,
    nothing,
    particle,
    without,
)

from tembench.metrics import METRICS
from tembench.metrics.columns import Reading, Sites, Truth, find_truth, read_columns
from tembench.metrics.matching import ColumnCounts
from tembench.metrics.occupancy import Occupancy, read_occupancy
from tembench.metrics.pixel_means import disc_means, disc_pixels, gaussian_means

PERFECT = ColumnCounts(matched=12, missed=0, invented=0)
SURFACE = 8  # of the 12 columns: the top row and both ends of the others
CORNER, TOP, INNER = 0, 1, 5


def truth_of(clean: np.ndarray, sites: Sites) -> Truth:
    return find_truth(clean, sites, pixel_size_A=PIXEL_A)


def read(denoised: np.ndarray, clean: np.ndarray, sites: Sites) -> Reading:
    return read_columns(denoised, truth_of(clean, sites), sites, pixel_size_A=PIXEL_A)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_clean_image_is_perfect_bright_or_dark(sign: int) -> None:
    sites = particle()
    clean = drawn(sites, sign=sign)
    truth, reading = truth_of(clean, sites), read(clean, clean, sites)
    assert truth.sign == sign
    np.testing.assert_array_equal(truth.shown, sites.columns)
    assert reading.whole == PERFECT
    assert reading.surface == ColumnCounts(matched=SURFACE, missed=0, invented=0)
    assert reading.position_error_A == 0.0
    assert len(reading.invented_A) == 0
    np.testing.assert_array_equal(reading.found, sites.columns)
    # The support is there, but counts for nothing.
    assert len(truth.blobs_A) == len(reading.blobs_A) == 18
    assert truth.strong.all()
    shown = truth.shown_A[truth.shown]
    assert np.hypot(*(shown - sites.xy_A[truth.shown]).T).max() < 0.05
    assert np.isnan(truth.shown_A[~truth.shown]).all()


@pytest.mark.parametrize(
    ("column", "surface"), [(CORNER, True), (TOP, True), (INNER, False)], ids=str
)
def test_a_removed_column_is_missed(column: int, surface: bool) -> None:
    sites = particle()
    reading = read(drawn(without(sites, column)), drawn(sites), sites)
    assert reading.whole == ColumnCounts(matched=11, missed=1, invented=0)
    assert reading.surface == ColumnCounts(matched=SURFACE - surface, missed=surface, invented=0)
    assert not reading.found[column]
    assert np.isnan(reading.found_A[column]).all()


@pytest.mark.parametrize(
    ("place_A", "surface"),
    [
        ((6.0 - SPACING_A, 8.0), True),  # the next site of the lattice, left of a corner
        ((6.0 + 1.5 * SPACING_A, 11.1), False),  # amid inner columns, 3.3 A from the top row
        ((17.0, 2.5), False),  # in vacuum
    ],
)
def test_an_added_column_is_invented(place_A: tuple[float, float], surface: bool) -> None:
    sites = particle()
    clean = drawn(sites)
    reading = read(clean + blob(*place_A, 0.15), clean, sites)
    assert reading.whole == ColumnCounts(matched=12, missed=0, invented=1)
    assert reading.surface == ColumnCounts(matched=SURFACE, missed=0, invented=int(surface))
    assert reading.invented_A == pytest.approx(np.array([place_A]), abs=0.1)


@pytest.mark.parametrize("left", [0, 1])
def test_filling_the_site_that_a_defect_emptied_is_inventing(left: int) -> None:
    # With one atom left, the clean image shows too little of it: neither right nor wrong.
    whole = particle()
    sites = without(whole, TOP, left=left)
    clean = drawn(sites)
    reading = read(drawn(whole), clean, sites)
    assert truth_of(clean, sites).shown.sum() == 11
    assert reading.whole == ColumnCounts(matched=11, missed=0, invented=int(left == 0))
    assert reading.surface == ColumnCounts(matched=SURFACE - 1, missed=0, invented=int(left == 0))
    # An image that shows it not at all is as right as one that shows it.
    for denoised in (clean, drawn(without(whole, TOP))):
        assert read(denoised, clean, sites).whole == ColumnCounts(matched=11, missed=0, invented=0)


def test_moving_all_columns_by_10_pm_is_an_error_of_10_pm() -> None:
    sites = particle()
    moved = drawn(sites, at=sites.xy_A + np.array([0.06, -0.08]))
    reading = read(moved, drawn(sites), sites)
    assert reading.whole == PERFECT
    assert 100 * reading.position_error_A == pytest.approx(10, abs=0.5)


def test_columns_on_either_side_of_the_true_place_err_by_more_than_the_matching_distance() -> None:
    sites = particle()
    there, here = (drawn(sites, at=sites.xy_A + np.array([x, 0.0])) for x in (0.45, -0.45))
    error_pm = 100 * read(here, there, sites).position_error_A
    assert error_pm == pytest.approx(90, abs=1)
    assert error_pm <= METRICS["position_error_pm"].range[1]


def test_one_column_moved_too_far_is_missed_and_invented() -> None:
    sites = particle()
    for distance, counts in ((0.5, PERFECT), (0.8, ColumnCounts(matched=11, missed=1, invented=1))):
        at = sites.xy_A.copy()
        at[TOP, 1] -= distance
        assert read(drawn(sites, at=at), drawn(sites), sites).whole == counts


def test_a_blob_of_the_clean_image_that_is_no_column_is_excused() -> None:
    sites = particle()
    extra = blob(3.0, 3.0, 0.15)
    clean = drawn(sites) + extra
    for denoised in (clean, clean - extra):
        assert read(denoised, clean, sites).whole == PERFECT
    # Elsewhere it is not.
    elsewhere = drawn(sites) + blob(5.0, 3.0, 0.15)
    assert read(elsewhere, clean, sites).whole.invented == 1


def test_blobs_on_the_support_count_for_nothing() -> None:
    sites = particle()
    clean = drawn(sites)
    bare = chosen(sites, sites.in_particle)
    assert read(drawn(bare), clean, sites).whole == PERFECT
    assert read(clean + blob(9.5, 17.0, 0.15), clean, sites).whole == PERFECT
    # Nearest to a column of the support, but 2.5 A away.
    assert read(clean + blob(17.0, 14.0, 0.15), clean, sites).whole.invented == 1


def test_columns_of_the_particle_right_above_the_support_are_its_own() -> None:
    sites = particle()
    sites.y_A[~sites.in_particle] = 14.7  # 1.9 A below the lowest row
    clean = drawn(sites)
    assert read(clean, clean, sites).whole == PERFECT


def test_a_ridge_is_no_denser_row_of_columns_than_they_can_be_told_apart() -> None:
    x = np.arange(160) * PIXEL_A
    ridge = 0.45 + 0.3 * np.exp(-((x - 10) ** 2) / (2 * 0.5**2)) * np.ones((160, 1))
    reading = read(ridge, np.full((160, 160), 0.45), nothing())
    assert 10 < reading.whole.invented <= 20 / 0.62 + 1


def test_a_weak_column_is_found_but_not_asked_for() -> None:
    # A blob of the filter's own size responds with half its height.
    sites = chosen(pair(apart_A=0.0), np.array([True, False]))
    weak, strong = (0.45 + blob(10.0, 10.0, 2 * response) for response in (0.017, 0.022))
    assert not truth_of(weak, sites).shown.any()
    assert not truth_of(weak, sites).strong.any()
    assert read(strong, weak, sites).whole == ColumnCounts(matched=0, missed=0, invented=0)
    assert truth_of(strong, sites).shown.all()
    assert read(weak, strong, sites).whole == ColumnCounts(matched=1, missed=0, invented=0)


def narrow(x_A: float, y_A: float, height: float) -> np.ndarray:
    """A blob that stays apart from another 1.2 A away."""
    y, x = np.mgrid[:160, :160] * PIXEL_A
    return height * np.exp(-((x - x_A) ** 2 + (y - y_A) ** 2) / (2 * 0.15**2))


def pair(*, apart_A: float) -> Sites:
    return Sites(
        x_A=np.array([10 - apart_A / 2, 10 + apart_A / 2]),
        y_A=np.array([10.0, 10.0]),
        atoms=np.array([5, 5]),
        whole_atoms=np.array([5, 5]),
        in_particle=np.ones(2, dtype=bool),
        at_surface=np.ones(2, dtype=bool),
    )


def test_two_columns_that_claim_one_blob_are_one_match() -> None:
    sites = pair(apart_A=1.2)
    clean = 0.45 + sum(narrow(x, 10.0, 1.0) for x in sites.x_A)
    assert truth_of(clean, sites).shown.all()
    merged = read(0.45 + narrow(10.0, 10.0, 1.0), clean, sites)
    assert merged.whole == ColumnCounts(matched=1, missed=1, invented=0)


def test_two_blobs_at_one_column_are_one_match_and_one_invention() -> None:
    sites = chosen(pair(apart_A=0.0), np.array([True, False]))
    clean = 0.45 + narrow(10.0, 10.0, 1.0)
    doubled = 0.45 + narrow(9.45, 10.0, 1.0) + narrow(10.6, 10.0, 1.0)
    reading = read(doubled, clean, sites)
    assert reading.whole == ColumnCounts(matched=1, missed=0, invented=1)
    # Of the two, the nearer is the match.
    assert reading.found_A[0, 0] < 10 < reading.invented_A[0, 0]


def test_columns_are_read_in_the_sense_of_the_clean_image() -> None:
    sites = particle()
    clean = drawn(sites)
    reading = read(2 * 0.45 - clean, clean, sites)
    assert reading.whole.matched == 0
    assert reading.whole.missed == 12
    assert np.isnan(reading.position_error_A)


def test_the_order_of_the_sites_changes_nothing() -> None:
    sites = without(particle(), TOP)
    clean = drawn(sites)
    at = sites.xy_A + np.random.default_rng(0).normal(0, 0.2, sites.xy_A.shape)
    denoised = drawn(without(sites, INNER), at=at) + blob(3.0, 3.0, 0.15)
    order = np.random.default_rng(1).permutation(18)
    first, second = read(denoised, clean, sites), read(denoised, clean, chosen(sites, order))
    assert first.whole == second.whole == ColumnCounts(matched=10, missed=1, invented=1)
    assert first.surface == second.surface
    assert first.position_error_A == pytest.approx(second.position_error_A)
    np.testing.assert_array_equal(first.found[order], second.found)
    np.testing.assert_array_equal(first.found_A[order], second.found_A)


def test_without_columns_every_blob_is_invented() -> None:
    blank = np.full((160, 160), 0.45)
    assert read(blank, blank, nothing()).whole == ColumnCounts(matched=0, missed=0, invented=0)
    reading = read(blank + blob(5.0, 5.0, 0.15), blank, nothing())
    assert reading.whole == ColumnCounts(matched=0, missed=0, invented=1)
    assert reading.surface == reading.whole


# --- occupancy ---


def occupancy_of(denoised: np.ndarray, sites: Sites) -> Occupancy:
    return read_occupancy(drawn(sites), denoised, sites, pixel_size_A=PIXEL_A)


def test_atoms_are_read_off_the_brightness() -> None:
    sites = particle()
    found = occupancy_of(drawn(sites), sites)
    assert found.atoms == pytest.approx(sites.atoms[sites.in_particle], abs=0.01)
    assert found.correlation == pytest.approx(1.0, abs=1e-4)
    assert found.error_atoms < 0.01
    assert found.accuracy == 1.0


def test_dark_columns_and_another_scale_are_read_as_well() -> None:
    sites = particle()
    dark = drawn(sites, sign=-1)
    for scale in (1.0, 10.0):
        found = read_occupancy(scale * dark, scale * dark, sites, pixel_size_A=PIXEL_A)
        assert found.atoms == pytest.approx(sites.atoms[sites.in_particle], abs=0.01)


@pytest.mark.parametrize("value", [0.0, 0.45, 1e30])
def test_a_constant_image_gives_no_occupancy(value: float) -> None:
    sites = particle()
    found = occupancy_of(np.full((160, 160), value), sites)
    assert found.correlation == 0.0
    assert found.error_atoms > 1


@pytest.mark.parametrize("left", [0, 2])
def test_a_depleted_column_is_recognised_and_no_whole_one_is_called_depleted(left: int) -> None:
    whole = particle()
    sites = without(whole, CORNER, left=left)
    assert occupancy_of(drawn(sites), sites).accuracy == 1.0
    # Filled again: the depleted one is not told, all seven whole ones are.
    assert occupancy_of(drawn(whole), sites).accuracy == pytest.approx(0.5)
    # Emptied where nothing is amiss: one of eight whole surface columns is called depleted.
    assert occupancy_of(drawn(sites), whole).accuracy == pytest.approx(7 / 8)
    assert occupancy_of(drawn(whole), whole).accuracy == 1.0


def test_a_column_short_of_one_atom_in_six_is_not_called_depleted() -> None:
    whole = particle()
    assert whole.at_surface[2]
    assert whole.atoms[2] == 6
    assert occupancy_of(drawn(without(whole, 2, left=5)), whole).accuracy == 1.0
    assert occupancy_of(drawn(without(whole, 2, left=4)), whole).accuracy == pytest.approx(7 / 8)


def test_the_error_is_that_of_the_atoms() -> None:
    whole = particle()
    brighter = without(whole, INNER, left=int(whole.atoms[INNER]) + 3)
    found = occupancy_of(drawn(brighter), whole)
    # Neighbours see a little of it.
    assert found.error_atoms == pytest.approx(3 / np.sqrt(12), rel=0.1)
    assert found.correlation < 0.99


def test_without_a_particle_there_is_nothing_to_read() -> None:
    blank = np.full((160, 160), 0.45)
    with pytest.raises(ValueError, match="no column"):
        read_occupancy(blank, blank, nothing(), pixel_size_A=PIXEL_A)


@pytest.mark.parametrize("centre", [(20.3, 14.8), (0.0, 0.0), (39.6, 27.0), (45.0, 10.0)])
def test_gaussian_means_against_a_naive_sum(centre: tuple[float, float]) -> None:
    image = np.random.default_rng(2).normal(size=(30, 40))
    y, x = np.mgrid[:30, :40]
    dx, dy = x - centre[0], y - centre[1]
    weights = np.exp(-(dx**2 + dy**2) / (2 * 3.0**2)) * (np.maximum(abs(dx), abs(dy)) <= 12.0)
    found = gaussian_means(image, np.array([centre]), 3.0)
    assert found[0] == pytest.approx((weights * image).sum() / weights.sum())


def test_gaussian_means_far_outside_are_unknown() -> None:
    found = gaussian_means(np.ones((30, 40)), np.array([[100.0, 5.0], [5.0, -40.0], [5, 5]]), 3.0)
    assert found == pytest.approx([np.nan, np.nan, 1.0], nan_ok=True)


# --- discs ---


@pytest.mark.parametrize("radius", [0.0, 1.0, 5.66, 8 * np.sqrt(2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_disc_means_against_a_naive_mask(radius: float, dtype: type) -> None:
    image = np.random.default_rng(3).poisson(2.0, (40, 50)).astype(dtype)
    centres = [(25.0, 20.0), (24.6, 20.4), (0.0, 0.0), (49.0, 12.0), (-0.4, 39.4)]
    y, x = np.mgrid[:40, :50]
    expected = [
        image[np.hypot(y - round(cy), x - round(cx)) <= radius].astype(float).mean()
        for cx, cy in centres
    ]
    assert disc_means(image, np.array(centres), radius) == pytest.approx(expected)


def test_discs_outside_are_unknown_and_none_give_none() -> None:
    image = np.ones((40, 50))
    assert np.isnan(disc_means(image, np.array([[-20.0, 5.0], [5.0, 70.0]]), 8.0)).all()
    assert disc_means(image, np.zeros((0, 2)), 8.0).shape == (0,)


@pytest.mark.parametrize(("radius", "pixels"), [(0.0, 1), (1.0, 5), (1.5, 9), (8 * 2**0.5, 405)])
def test_pixels_of_a_disc(radius: float, pixels: int) -> None:
    assert disc_pixels(radius) == pixels
    sum_of_disc = disc_means(np.eye(41), np.array([[20.0, 20.0]]), radius)[0] * pixels
    assert sum_of_disc == pytest.approx(2 * int(radius / 2**0.5 + 1e-9) + 1)


def test_brightness_of_the_fakes_is_above_the_threshold_from_two_atoms_on() -> None:
    # What the tests above rest on: one atom is too weak to be shown, two are not.
    for atoms, shown in ((1, False), (2, True)):
        sites = without(particle(), TOP, left=atoms)
        assert truth_of(drawn(sites), sites).shown[TOP] == shown
