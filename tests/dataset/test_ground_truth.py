"""Ground truth: sites, also of removed columns, and masks against brute force."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tembench.dataset import Store, open_store
from tembench.dataset.ground_truth import (
    image_sites,
    particle_mask,
    vacuum_mask,
    varying_columns,
)
from tembench.metrics import Sites
from tembench.recipe import parse_recipe
from tembench.simulation.atomic_columns import find_columns
from tembench.simulation.structures import build_structure, particle_sites

Mask = Callable[[Sites, tuple[int, int], float], np.ndarray]


@pytest.fixture(scope="module")
def store(tiny_store_path: Path) -> Store:
    return open_store(tiny_store_path)


def image_of(store: Store, defect: str, tilt_y_deg: float) -> int:
    table = store.table
    chosen = (table["defect"] == defect) & (table["tilt_y_deg"] == tilt_y_deg)
    return int(table.index[chosen][0])


def by_place(sites: Sites) -> dict[tuple[float, float], tuple[int, int, bool, bool]]:
    places = zip(sites.x_A.round(6).tolist(), sites.y_A.round(6).tolist(), strict=True)
    properties = (sites.atoms, sites.whole_atoms, sites.in_particle, sites.at_surface)
    values = zip(*(array.tolist() for array in properties), strict=True)
    return dict(zip(places, values, strict=True))


# Not "Dh" tilted: the middle of what is left of a column is not that of the whole.
@pytest.mark.parametrize(
    ("defect", "left", "tilt_y_deg"), [("D1", 0, 0.0), ("D1", 0, 2.0), ("Dh", 2, 0.0)]
)
def test_sites_are_those_of_the_whole_particle(
    store: Store, defect: str, left: int, tilt_y_deg: float
) -> None:
    whole = by_place(store.sites(image_of(store, "D0", tilt_y_deg)))
    found = by_place(store.sites(image_of(store, defect, tilt_y_deg)))
    assert found.keys() == whole.keys()
    changed = [place for place in whole if found[place][:2] != whole[place][:2]]
    (place,) = changed
    atoms, whole_atoms, in_particle, at_surface = found[place]
    assert (atoms, whole_atoms) == (left, 3)
    assert whole[place][:2] == (3, 3)
    assert in_particle
    assert at_surface
    # The site of the defect is in the topmost row.
    row = [y for (_, y), values in whole.items() if values[2]]
    assert place[1] == min(row)
    # Nothing belongs to another part than it did.
    assert all(found[p][2] == whole[p][2] for p in whole)


def test_a_tilted_column_appears_where_its_own_atoms_are(store: Store) -> None:
    whole, half = (store.sites(image_of(store, defect, 2.0)) for defect in ("D0", "Dh"))
    np.testing.assert_array_equal(half.whole_atoms, whole.atoms)
    np.testing.assert_array_equal(half.y_A, whole.y_A)
    # One atom of three is gone, those left are 1.4 A off the middle: half the atoms' distance.
    moved = np.abs(half.x_A - whole.x_A)
    np.testing.assert_array_equal(moved > 1e-9, half.atoms < half.whole_atoms)
    assert moved.max() == pytest.approx(np.tan(np.deg2rad(2.0)) * 1.387, rel=0.01)


def test_without_a_defect_sites_are_the_stored_columns(store: Store) -> None:
    image = image_of(store, "D0", 2.0)
    sites, columns = store.sites(image), store.columns(str(store.table.loc[image, "model"]))
    x, y = columns.projected((0.0, 2.0))
    np.testing.assert_array_equal(sites.x_A, x)
    np.testing.assert_array_equal(sites.y_A, y)
    np.testing.assert_array_equal(sites.atoms, columns.atoms)
    np.testing.assert_array_equal(sites.whole_atoms, columns.atoms)
    np.testing.assert_array_equal(sites.at_surface, columns.at_surface)


def test_tilt_moves_sites_a_removed_one_with_its_neighbours(store: Store) -> None:
    straight, tilted = (store.sites(image_of(store, "D1", tilt)) for tilt in (0.0, 2.0))
    moved = tilted.x_A - straight.x_A
    np.testing.assert_array_equal(tilted.y_A, straight.y_A)
    assert np.abs(moved).max() < 12 * np.tan(np.deg2rad(2.0))
    (removed,) = np.flatnonzero(straight.atoms == 0)
    neighbours = straight.in_particle & (straight.atoms > 0)
    assert moved[neighbours].min() - 0.05 <= moved[removed] <= moved[neighbours].max() + 0.05


def test_a_removed_column_appears_where_it_would_in_an_image_tilted_about_both_axes(
    tiny_table: dict[str, Any],
) -> None:
    # A column of few atoms, at the front of the particle: its middle is not that of the particle.
    tiny_table["particles"]["Small"]["rows"][0]["atoms"] = [2, 5, 3]
    recipe = parse_recipe(tiny_table, "tiny")
    models = {model.defect: model for model in recipe.models}
    whole, gone = (
        image_sites(recipe, model, find_columns(build_structure(recipe, model)), (3.0, -2.0))
        for model in (models["D0"], models["D1"])
    )
    (removed,) = np.flatnonzero(gone.atoms == 0)
    away = np.hypot(whole.x_A - gone.x_A[removed], whole.y_A - gone.y_A[removed])
    assert away.min() < 1e-9
    assert whole.atoms[away.argmin()] == gone.whole_atoms[removed] == 2
    straight = particle_sites(recipe, models["D1"])
    assert abs(straight.depth_A[straight.atoms == 0][0]) > 1  # or nothing would be tested


# --- masks ---


def brute_distance(
    sites: Sites, chosen: np.ndarray, shape: tuple[int, int], pixel_size_A: float
) -> np.ndarray:
    """Distance to the nearest column, on an image periodic along x, A."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    nearest = np.full(shape, np.inf)
    for x_A, y_A in zip(sites.x_A[chosen], sites.y_A[chosen], strict=True):
        across = np.abs(x - x_A / pixel_size_A) % shape[1]
        across = np.minimum(across, shape[1] - across)
        away = np.hypot(across, y - y_A / pixel_size_A)
        nearest = np.minimum(nearest, away * pixel_size_A)
    return nearest


@pytest.mark.slow
@pytest.mark.parametrize("tilt_y_deg", [0.0, 2.0])
@pytest.mark.parametrize("defect", ["D0", "D1"])
def test_masks_against_brute_force(store: Store, defect: str, tilt_y_deg: float) -> None:
    image = image_of(store, defect, tilt_y_deg)
    sites = store.sites(image)
    present = sites.atoms > 0
    to_particle, to_any = (
        brute_distance(sites, chosen, store.shape, store.pixel_size_A)
        for chosen in (sites.in_particle & present, present)
    )
    particle, vacuum = store.particle_mask(image), store.vacuum_mask(image)
    np.testing.assert_array_equal(particle, to_particle <= 2.0)
    np.testing.assert_array_equal(vacuum, to_any >= 4.0)
    assert not (particle & vacuum).any()
    assert particle.any()
    assert vacuum.any()
    assert not particle.flags.writeable
    assert not vacuum.flags.writeable


def one_column(x_A: float, y_A: float, atoms: int = 3) -> Sites:
    yes = np.ones(1, dtype=bool)
    return Sites(
        x_A=np.array([x_A]),
        y_A=np.array([y_A]),
        atoms=np.array([atoms]),
        whole_atoms=np.array([3]),
        in_particle=yes,
        at_surface=yes,
    )


@pytest.mark.parametrize("make", [particle_mask, vacuum_mask])
@pytest.mark.parametrize("x_A", [0.1, 5.0, 11.9, 12.0, -3.0, 26.0])
def test_masks_are_periodic_along_x(make: Mask, x_A: float) -> None:
    shape, pixel_A = (40, 48), 0.25  # 12 A wide
    mask = make(one_column(x_A, 5.0), shape, pixel_A)
    np.testing.assert_array_equal(mask, make(one_column(x_A + 12.0, 5.0), shape, pixel_A))
    # Moved by any number of pixels, the mask turns round.
    rolled = make(one_column(x_A + 20 * pixel_A, 5.0), shape, pixel_A)
    np.testing.assert_array_equal(np.roll(mask, 20, axis=1), rolled)


def test_masks_are_not_periodic_along_y_but_columns_below_the_image_reach_into_it() -> None:
    shape, pixel_A = (40, 48), 0.25  # 10 A high
    below = particle_mask(one_column(6.0, 11.0), shape, pixel_A)
    rows = np.flatnonzero(below.any(axis=1))
    np.testing.assert_array_equal(rows, np.arange(36, 40))
    assert not particle_mask(one_column(6.0, 12.5), shape, pixel_A).any()
    assert vacuum_mask(one_column(6.0, 14.5), shape, pixel_A).all()
    assert not vacuum_mask(one_column(6.0, 13.5), shape, pixel_A).all()


def test_a_removed_column_is_neither_particle_nor_in_the_way_of_vacuum() -> None:
    gone = one_column(6.0, 5.0, atoms=0)
    assert not particle_mask(gone, (40, 48), 0.25).any()
    assert vacuum_mask(gone, (40, 48), 0.25).all()


@pytest.mark.parametrize("tilt_y_deg", [0.0, 2.0])
def test_varying_columns_are_those_that_a_defect_removes(store: Store, tilt_y_deg: float) -> None:
    sites = store.sites(image_of(store, "D1", tilt_y_deg))
    for defect in ("D0", "D1", "Dh"):
        # Of half a column, atoms are left.
        found = store.varying_columns(image_of(store, defect, tilt_y_deg))
        assert found is not None
        np.testing.assert_allclose(found, sites.xy_A[sites.atoms == 0], atol=0.01)


def test_a_site_that_only_some_models_have_varies(tiny_table: dict[str, Any]) -> None:
    tiny_table["particles"]["Small"]["sites"]["S3"] = [0, -1]
    tiny_table["defects"]["Dh"] = {"S3": 2}
    recipe = parse_recipe(tiny_table, "tiny")
    found = varying_columns(recipe, "Small", (0.0, 0.0))
    models = {model.defect: model for model in recipe.models}
    whole, added = (particle_sites(recipe, models[defect]) for defect in ("D1", "Dh"))
    # Left of the topmost row, and the site that D1 empties.
    beside = np.stack([added.x_A, added.y_A], axis=1)[added.whole_atoms == 2]
    gone = np.stack([whole.x_A, whole.y_A], axis=1)[whole.atoms == 0]
    expected = np.concatenate([beside, gone])
    order, wanted = np.argsort(found[:, 0]), np.argsort(expected[:, 0])
    np.testing.assert_allclose(found[order], expected[wanted], atol=0.001)
