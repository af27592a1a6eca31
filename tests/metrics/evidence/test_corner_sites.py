"""Corners of particles: which columns are at one, and where one is missing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from metrics_fakes import chosen, nothing, particle, without

from tembench.metrics import Sites
from tembench.metrics.evidence.corner_sites import CornerSites, corner_sites

FRAME_A = (20.0, 20.0)
CORNERS = [0, 3, 8, 11]
"""Columns of `particle` with two neighbours of four."""


def of(sites: Sites, frame_A: tuple[float, float] = FRAME_A) -> CornerSites:
    return corner_sites(sites, frame_A)


def close_packed() -> Sites:
    """Four rows of five columns, each row moved by half a spacing against the one above."""
    row, place = (axis.ravel() for axis in np.mgrid[:4, :5])
    atoms = np.full(20, 6)
    return Sites(
        x_A=30.0 + 2.4 * (place + row % 2 / 2),
        y_A=30.0 + 2.4 * 0.866 * row,
        atoms=atoms,
        whole_atoms=atoms,
        in_particle=atoms > 0,
        at_surface=(row == 0) | (row == 3) | (place == 0) | (place == 4),
    )


def test_columns_with_half_of_the_neighbours_are_corners() -> None:
    sites = particle()
    np.testing.assert_allclose(of(sites).columns_A, sites.xy_A[CORNERS])


def test_a_whole_rectangle_has_no_empty_corner_but_empty_sites_on_its_facets() -> None:
    found = of(particle())
    assert len(found.empty_A) == 0
    # Beside each of the columns of its free sides; the support takes the sites below.
    assert len(found.facet_A) == 4 + 3 + 3


@pytest.mark.parametrize("number", [0, 3])
def test_a_removed_corner_column_is_an_empty_corner(number: int) -> None:
    sites = without(particle(), number)
    found = of(sites)
    assert len(found.empty_A) == 1
    np.testing.assert_allclose(found.empty_A[0], sites.xy_A[number], atol=0.1)
    # Both of its neighbours have two left.
    assert len(found.columns_A) == 5


def test_an_emptied_corner_is_found_without_being_told() -> None:
    kept = np.arange(18) != 3
    found = of(chosen(particle(), kept)).empty_A
    np.testing.assert_allclose(found, of(without(particle(), 3)).empty_A)


def test_a_half_empty_column_is_neither() -> None:
    found = of(without(particle(), 3, left=2))
    assert len(found.empty_A) == 0
    np.testing.assert_allclose(found.columns_A, particle().xy_A[[0, 8, 11]])


@pytest.mark.parametrize("number", [4, 12])
def test_close_packed_columns(number: int) -> None:
    whole = close_packed()
    assert len(of(whole, (60.0, 60.0)).facet_A) > 8
    sites = without(whole, number)
    empty = of(sites, (60.0, 60.0)).empty_A
    assert np.hypot(*(empty - whole.xy_A[number]).T).min() < 1e-9


def test_turned_and_stretched_by_a_little_it_is_the_same() -> None:
    sites = without(close_packed(), 4)
    turn = np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]]) @ np.diag(
        [1.0, 1.04]
    )
    x_A, y_A = turn @ (sites.xy_A - 35.0).T + 35.0
    turned = dataclasses.replace(sites, x_A=x_A, y_A=y_A)
    for name, before in vars(of(sites, (60.0, 60.0))).items():
        after = getattr(of(turned, (60.0, 60.0)), name)
        np.testing.assert_allclose(
            sorted(map(tuple, after)), sorted(map(tuple, (before - 35.0) @ turn.T + 35.0))
        )


def test_a_honeycomb_has_no_sites() -> None:
    row, place = (axis.ravel() for axis in np.mgrid[:6, :6])
    first = np.stack([20 + 2.46 * (place + row / 2), 20 + 2.46 * 0.866 * row], axis=1)
    xy = np.concatenate([first, first + np.array([0.0, 2.46 / 3**0.5])])
    atoms = np.full(len(xy), 1)
    yes = atoms > 0
    sheet = Sites(
        x_A=xy[:, 0], y_A=xy[:, 1], atoms=atoms, whole_atoms=atoms, in_particle=yes, at_surface=yes
    )
    assert len(of(sheet, (60.0, 60.0)).facet_A) == 0


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_too_few_columns_have_no_corners(kept: int) -> None:
    found = of(chosen(particle(), np.arange(18) < kept))
    assert len(found.columns_A) == len(found.empty_A) == len(found.facet_A) == 0
    assert len(of(nothing()).columns_A) == 0


def test_columns_too_near_to_each_other_have_none() -> None:
    sites = close_packed()
    near = dataclasses.replace(sites, x_A=sites.x_A * 0.6, y_A=sites.y_A * 0.6)
    assert len(of(near, (60.0, 60.0)).columns_A) == 0


def test_sites_at_the_edge_are_left_out() -> None:
    sites = particle()
    left = dataclasses.replace(sites, x_A=sites.x_A - 5.0)
    np.testing.assert_allclose(of(left).columns_A, left.xy_A[[3, 11]])
