"""Views are simulated exactly: what turns the atoms turns the image."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage

from tembench.recipe import DrawSeed, draw_images, draw_specimen
from tembench.recipe.draws.parsing.atoms_files import files_beside
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn
from tembench.simulation import build_specimen
from tembench.study.audit import Change, Scene, View, simulate_views

Views = Callable[[Change], View]

PARTICLE = """
name = "particle"
version = "1.0.0"
description = "A particle in vacuum, off the middle"
licence = "CC-BY-4.0"
seed = 3

[draws]
test = 1

[frame]
width_px = 128
height_px = 128
pixel_size_A = 0.15

[physics]
wave_sampling_A = 0.12
padding_A = 8.0

[microscopes.corrected]
preset = "300kV-corrected"
aperture_per_A = 0.9
C10_nm = 4

[exposure]
dose_e_per_A2 = 100

[specimens.gold.particle]
kind = "particle"
structure = "fcc"
elements = ["Au"]
lattice_A = [4.078]
zone = [0, 1, 1]
rotation_deg = 20
mistilt_deg = 2
diameter_A = 10
adatoms = 2
x = 0.45
y = 0.53
"""
pytestmark = pytest.mark.slow
# Of vacuum. The image is stored in steps of 0.001, and the grid of the wave lies otherwise on the
# atoms; a particle in vacuum has no edge where the cell cuts it.
EXACT = 3e-3


@pytest.fixture(scope="module")
def scene() -> Scene:
    recipe = parse_drawn(tomllib.loads(PARTICLE), "particle", files_beside(Path()))
    seed = DrawSeed(seed=3, part="test", specimen=0)
    drawn = draw_specimen(recipe, seed)
    prefix = f"specimens.{drawn.kind}."
    return Scene(
        specimen=build_specimen(drawn.components, drawn.frame, 20.0, seed, {}, prefix),
        frame=drawn.frame,
        physics=recipe.physics,
        padding_A=8.0,
        optics=draw_images(recipe, drawn)[0].optics,
        seed=seed,
        scored=recipe.scored,
    )


@pytest.fixture(scope="module")
def view(scene: Scene) -> Views:
    return functools.cache(lambda change: simulate_views(scene, [change])[0])


def inside(view: View) -> np.ndarray:
    rows, columns = np.indices(view.clean.shape)
    x, y = view.centre_px
    return np.hypot(columns - x, rows - y) <= view.radius_px


def test_turned_by_90_degrees(view: Views) -> None:
    base, turned = view(Change()), view(Change(turn_deg=90))
    np.testing.assert_allclose(turned.clean, np.rot90(base.clean, -1), atol=EXACT)


def test_mirrored(view: Views) -> None:
    base, mirrored = view(Change()), view(Change(mirrored=True))
    np.testing.assert_allclose(mirrored.clean, base.clean[:, ::-1], atol=EXACT)


def test_moved_by_whole_pixels(view: Views) -> None:
    base, moved = view(Change()), view(Change(shift=(6 / 128, -3 / 128)))
    rolled = np.roll(base.clean, (-3, 6), axis=(0, 1))
    np.testing.assert_allclose(moved.clean, rolled, atol=EXACT)
    assert moved.centre_px == (base.centre_px[0] + 6, base.centre_px[1] - 3)


@pytest.mark.parametrize("turn_deg", [3.0, 10.0, 37.0])
def test_turned_by_any_angle(view: Views, turn_deg: float) -> None:
    base, turned = view(Change()), view(Change(turn_deg=turn_deg))
    # ndimage turns counter-clockwise, as the eye sees an image.
    interpolated = scipy.ndimage.rotate(base.clean, -turn_deg, reshape=False, order=5)
    error = (turned.clean - interpolated)[inside(turned)]
    unturned = (turned.clean - base.clean)[inside(turned)]
    assert np.abs(error).max() < 2 * EXACT
    assert np.abs(unturned).max() > 10 * EXACT


@pytest.mark.parametrize("magnification", [1.05, 0.95])
def test_magnified(view: Views, magnification: float) -> None:
    base, magnified = view(Change()), view(Change(magnification=magnification))
    middle = (np.array(base.clean.shape) - 1) / 2
    interpolated = scipy.ndimage.affine_transform(
        base.clean, np.eye(2) / magnification, middle - middle / magnification, order=5
    )
    error = (magnified.clean - interpolated)[inside(magnified)]
    assert np.abs(error).max() < 2 * EXACT
    assert magnified.pixel_size_A == base.pixel_size_A
    assert magnified.radius_px == pytest.approx(base.radius_px * magnification)


@pytest.mark.parametrize(
    "change",
    [
        Change(turn_deg=37),
        Change(mirrored=True),
        Change(magnification=1.2),
        Change(shift=(0.1, 0.05)),
    ],
)
def test_columns_stay_on_their_atoms(view: Views, change: Change) -> None:
    changed = view(change)
    assert changed.columns_defined
    x, y = changed.sites.xy_A.T / changed.pixel_size_A
    own = np.hypot(x - changed.centre_px[0], y - changed.centre_px[1]) < changed.radius_px - 5
    values = [
        scipy.ndimage.map_coordinates(one.clean, [y[own], x[own]], order=3)
        for one in (changed, view(Change()))
    ]
    assert own.sum() >= 4
    # Columns are the brightest in the image, but not where they were before.
    assert values[0].min() > np.quantile(changed.clean, 0.95)
    assert values[1].min() < np.quantile(changed.clean, 0.95)


def test_astigmatism_shares_the_wave(scene: Scene, view: Views) -> None:
    alone = view(Change(astigmatism_nm=1))
    base, together = simulate_views(scene, [Change(), Change(astigmatism_nm=1)])
    np.testing.assert_array_equal(together.clean, alone.clean)
    assert np.abs(alone.clean - base.clean).max() > EXACT


def test_a_view_is_read_back_as_it_was(view: Views) -> None:
    before = view(Change(magnification=1.05))
    after = View.from_bytes(before.to_bytes())
    np.testing.assert_array_equal(after.clean, before.clean)
    for name, values in vars(before.sites).items():
        np.testing.assert_array_equal(getattr(after.sites, name), values)
    for name in ("columns_defined", "pixel_size_A", "centre_px", "radius_px"):
        assert getattr(after, name) == getattr(before, name)
