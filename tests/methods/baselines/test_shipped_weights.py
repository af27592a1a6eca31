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
# Digests (first 16 digits) of the code that trained shipped weights and of the code of today, in
# which only imports, names and what is off by default have changed. Before an entry was made, two
# steps of training with either code gave the same weights and history, byte for byte.
SAME_TRAINING = {
    "5f14ac0de4525ad8": "e7627b8a253fd900",  # blind-spot
    "91c69aef9aead709": "253f75222b7a2e4c",  # dncnn
    "0a2ddccbf6ba325e": "331e1dc86a94964e",  # gated-unet
    "bd789f2d9e611ae7": "7ec33385b215f7ce",  # series-cnn1d
    "0573ded114b9c7b3": "d42c54038d1acf96",  # thinning
    "2018970743eb531c": "89dcf17e5e45bb64",  # udvd
    "4f291a77f02c3748": "4ce04e304b3a3fd6",  # unet
    "12d25066cf984e9a": "4ce04e304b3a3fd6",  # unet-2-scales
    "9e897d0856174d11": "4ce04e304b3a3fd6",  # unet-6-scales
    "3de0422c7b549510": "4ce04e304b3a3fd6",  # unet-bias-free
    "6fabc19097fb1267": "6e9356325c47dc0f",  # unet-small
}
_OPEN_TRAINING = Path(__file__).parents[3] / "benchmarks" / "open-training-400.toml"
TRAINED_ON = {"unet-open": _OPEN_TRAINING, "gated-open": _OPEN_TRAINING}
SHIPPED = sorted(path.parent.name for path in baselines_folder().glob("*/weights"))


@pytest.fixture(params=SHIPPED)
def method(request: pytest.FixtureRequest) -> Method:
    return load_method(request.param)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_all_of_them_are_small() -> None:
    files = [path for name in SHIPPED for path in (baselines_folder() / name).glob("weights/*")]
    assert max(path.stat().st_size for path in files) < 12 * MEGABYTE
    assert sum(path.stat().st_size for path in files) < 60 * MEGABYTE


def test_shipped_weights_have_a_record_of_their_origin(method: Method) -> None:
    assert method.shipped_weights is not None
    training = read_toml(method.shipped_weights / TRAINING, ValueError)
    recipe = load_recipe(TRAINED_ON.get(method.name, "ptceo2-18k"))
    assert training["complete"] is True
    assert training["method"] == method.name
    code = training["code"][:16]
    assert SAME_TRAINING.get(code, code) == method.code_digest()[:16]
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


@pytest.mark.slow
def test_shipped_weights_denoise(method: Method, lattice, noisy_image) -> None:
    if method.input == "series":
        pytest.skip("takes a series")
    # No specimen of theirs, and noise alone above it: they have learned to take that away.
    image = noisy_image(lattice((240, 240)))
    vacuum = method.build().denoise(image)[:60]
    assert vacuum.mean() == pytest.approx(0.45, abs=0.01)
    assert vacuum.std() < 0.02
