"""Blank images: no atoms, no columns, and a defined result of every function."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tembench.core.errors import RecipeError
from tembench.dataset import Store, open_store
from tembench.dataset.generation.check_models import check_specimens
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.reimage import reimage
from tembench.dataset.generation.verify import verify
from tembench.metrics import METRICS, evaluate
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.recipe import Recipe, parse_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.structures import build_structure

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

BLANK_MODEL = {
    "particles": ["none"],
    "defects": ["D0"],
    "supports": ["none"],
    "thickness_A": [12],
}


@pytest.fixture
def blank_table(tiny_table: dict[str, Any]) -> dict[str, Any]:
    tiny_table["particles"]["none"] = {"rows": []}
    tiny_table["supports"]["none"] = {"layers": []}
    tiny_table["models"].append(dict(BLANK_MODEL))
    tiny_table["splits"]["test_models"] = ["none-D0_none_12A"]
    return tiny_table


@pytest.fixture
def blank_recipe(blank_table: dict[str, Any]) -> Recipe:
    return parse_recipe(blank_table, "blank")


@pytest.fixture
def blank_store(blank_recipe: Recipe, tmp_path: Path) -> Store:
    generate(blank_recipe, tmp_path / "blank.zarr", workers=0)
    return open_store(tmp_path / "blank.zarr")


def test_the_wave_of_a_blank_model_is_one(blank_recipe: Recipe) -> None:
    check_specimens(blank_recipe, "blank")
    model = blank_recipe.models[-1]
    structure = build_structure(blank_recipe, model)
    assert len(structure.to_ase()) == 0
    waves = exit_waves(structure, model.tilts_deg, blank_recipe.simulation, 300.0)
    np.testing.assert_allclose(np.fft.ifft2(waves.spectra, norm="forward"), 1.0, atol=1e-5)


def test_a_store_with_blank_images(blank_store: Store) -> None:
    images = blank_store.images()
    assert len(images) == 4
    assert set(blank_store.table.loc[images, "contrast"]) == {"blank"}
    assert len(blank_store.columns("none-D0_none_12A").x_A) == 0
    for image in images:
        np.testing.assert_allclose(
            blank_store.clean(image), 0.45, atol=blank_store.packing.step / 2
        )
        assert not blank_store.particle_mask(image).any()
        assert blank_store.vacuum_mask(image).all()
        assert len(blank_store.sites(image).x_A) == 0
        assert blank_store.noisy(image).mean() == pytest.approx(0.45, abs=0.02)
    assert verify(blank_store, sample=4).good


def test_blank_models_need_no_stored_wave(
    blank_recipe: Recipe, blank_store: Store, tiny_store_path: Path, tmp_path: Path
) -> None:
    reimage(open_store(tiny_store_path), blank_recipe, tmp_path / "again.zarr", workers=0)
    assert open_store(tmp_path / "again.zarr").data_digest() == blank_store.data_digest()


@pytest.mark.parametrize(("ripple", "skill"), [(0.0, 1.0), (0.05, 0.0), (0.1, -3.0)])
def test_a_blank_image_is_scored_by_how_flat_it_stays(
    blank_store: Store, ripple: float, skill: float
) -> None:
    image = int(blank_store.images()[0])
    clean = blank_store.clean(image)
    sign = np.where(np.indices(clean.shape).sum(axis=0) % 2, 1.0, -1.0)
    denoised = (clean + ripple * 0.45 * sign).astype(np.float32)
    scores = evaluate(metric_inputs(blank_store, image, denoised))
    assert scores["skill"] == scores["particle_skill"] == pytest.approx(skill, abs=1e-4)
    # No value that one perfect blank image could win a table with.
    corners = ("corners", "empty corners", "training columns")
    assert all(
        math.isfinite(value) for name, value in scores.items() if METRICS[name].needs not in corners
    )
    assert scores["psnr_db"] <= 60.0


def test_two_blank_models_are_twins(blank_table: dict[str, Any]) -> None:
    blank_table["models"].append({**BLANK_MODEL, "thickness_A": [20]})
    with pytest.raises(RecipeError, match="none-D0_none_20A: the same atoms as none-D0_none_12A"):
        check_specimens(parse_recipe(blank_table, "blank"), "blank")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t["models"][-1].update(supports=["flat"]), "'none' must be both"),
        (lambda t: t["models"][-1].update(particles=["Small"]), "'none' must be both"),
        (lambda t: t["models"][-1].update(defects=["D1"]), r"particles.none.sites: no site S1"),
        (lambda t: t["supports"]["none"].update(layers=[1] * 15), "supports.none.layers"),
        (
            lambda t: t["particles"]["none"].update(rows=[{"start": 0, "atoms": [1]}]),
            "particles.none.rows: expected none",
        ),
        (lambda t: t["supports"]["flat"].update(layers=[]), "supports.flat.layers: expected 15"),
    ],
)
def test_nothing_is_both_particle_and_support(
    blank_table: dict[str, Any], spoil: Any, message: str
) -> None:
    spoil(blank_table)
    with pytest.raises(RecipeError, match=message):
        parse_recipe(blank_table, "blank")
