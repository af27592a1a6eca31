"""Shipped weights: complete, small, and of known origin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tembench.core.files import read_toml
from tembench.core.paths import baselines_folder
from tembench.methods.method import Method, load_method
from tembench.methods.training import checkpoint
from tembench.methods.training.history import HISTORY, read_history
from tembench.methods.training.records import TRAINING
from tembench.recipe import load_recipe, recipe_id

MEGABYTE = 1e6
SHIPPED = sorted(path.parent.name for path in baselines_folder().glob("*/weights"))


@pytest.fixture(params=SHIPPED)
def method(request: pytest.FixtureRequest) -> Method:
    return load_method(request.param)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_all_of_them_are_small() -> None:
    files = [path for name in SHIPPED for path in (baselines_folder() / name).glob("weights/*")]
    assert max(path.stat().st_size for path in files) < 12 * MEGABYTE
    assert sum(path.stat().st_size for path in files) < 40 * MEGABYTE


def test_shipped_weights_have_a_record_of_their_origin(method: Method) -> None:
    assert method.shipped_weights is not None
    training = read_toml(method.shipped_weights / TRAINING, ValueError)
    recipe = load_recipe("ptceo2-18k")
    assert training["complete"] is True
    assert training["method"] == method.name
    assert training["code"] == method.code_digest()
    assert training["parameters"] == dict(method.parameters)
    assert (training["recipe"], training["recipe_id"]) == (recipe.name, recipe_id(recipe))
    assert training["split"] == "model"
    assert training["seconds"] > 0
    # A plus: the checkout had changes that were not committed.
    assert re.fullmatch(r"[0-9a-f]{40}\+?", training["made_by"]["commit"])
    assert training["made_by"]["processor"]
    fit = checkpoint.read_fit(method.shipped_weights)
    assert fit is not None
    history = read_history(method.shipped_weights / HISTORY)
    assert max(point.score for point in history) == pytest.approx(fit["best_validation"])
    assert history[-1].step == fit["steps"]


def test_shipped_weights_denoise(method: Method, lattice, noisy_image) -> None:
    if method.input == "series":
        pytest.skip("takes a series")
    # No specimen of theirs, and noise alone above it: they have learned to take that away.
    image = noisy_image(lattice((240, 240)))
    vacuum = method.build().denoise(image)[:60]
    assert vacuum.mean() == pytest.approx(0.45, abs=0.01)
    assert vacuum.std() < 0.02
