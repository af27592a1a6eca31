"""Reimaging of drawn data sets: other optics and cameras of the same specimens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_recipes import drawn_recipe

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.reimage import reimage

pytestmark = pytest.mark.slow
OTHER = {
    "name": "other",
    "draws.train": 2,
    "microscopes.coarse.C10_nm": {"uniform": [-10, 4]},
    "microscopes.coarse.C12_nm": 2,
    "microscopes.coarse.focal_spread_nm": 2,
    "exposure.dose_e_per_A2": 80,
    "exposure.detector": "perfect",
}


def test_other_optics_give_what_a_generation_gives(drawn_store: DrawnStore, tmp_path: Path) -> None:
    recipe = drawn_recipe(tmp_path, OTHER)
    made = reimage(drawn_store, recipe, tmp_path / "again.zarr", workers=0)
    assert "multislice" not in made.stages
    generate(recipe, tmp_path / "new.zarr", workers=0)
    again, new = (open_store(tmp_path / f"{name}.zarr") for name in ("again", "new"))
    assert again.data_digest() == new.data_digest()
    number = int(again.images()[-1])
    assert not np.array_equal(again.packed(number), drawn_store.packed(21))
    assert again.undefined(number) == drawn_store.undefined(21)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 3}, "seed: another"),
        ({"draws.train": 9}, "draws.train: 5 in the store, 9 in the recipe"),
        ({"frame.width_px": 80}, "frame: another"),
        ({"specimens.tilted.crystal.thickness_A": 13}, "specimens: another"),
        ({"microscopes.coarse.energy_keV": 200}, "energy and aperture"),
        ({"physics.slice_thickness_A": 1.0}, "physics: another"),
        ({"exposure.frames": 6}, "padding: 9.5 A in the store, 11.1 A needed by the recipe"),
        ({"exposure.jump_share": 0.5}, "jumps have exit waves of their own"),
        ({"physics.frozen_phonons": 2}, "frozen phonons"),
    ],
)
def test_what_needs_other_waves_is_refused(
    drawn_store: DrawnStore, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(StoreError, match="no exit waves for") as caught:
        reimage(drawn_store, drawn_recipe(tmp_path, changes), tmp_path / "no.zarr", workers=0)
    assert message in str(caught.value)
    assert not (tmp_path / "no.zarr").exists()


def test_waves_of_a_sealed_test_are_not_those_of_the_public_one(
    sealed_store_path: Path, tmp_path: Path
) -> None:
    """Both recipes have the same seed; only the redraw tells them apart."""
    with pytest.raises(StoreError, match="seed: another in the store"):
        reimage(
            open_store(sealed_store_path),
            drawn_recipe(tmp_path, {"draws.train": 0, "draws.validation": 0, "draws.dev": 0}),
            tmp_path / "no.zarr",
            workers=0,
        )


def test_a_closed_recipe_needs_a_closed_store(
    drawn_store: DrawnStore, tiny_store_path: Path, tiny_recipe: Any, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="the store is of a drawn recipe"):
        reimage(drawn_store, tiny_recipe, tmp_path / "no.zarr")
    with pytest.raises(StoreError, match="the store is not of a drawn recipe"):
        reimage(open_store(tiny_store_path), drawn_recipe(tmp_path), tmp_path / "no.zarr")
