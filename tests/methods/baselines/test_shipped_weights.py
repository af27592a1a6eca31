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
# The code that trained shipped weights, and the code of today: imports and names have changed since,
# and training with either gave the same weights and history, byte for byte, before an entry was made.
SAME_TRAINING = {
    # blind-spot
    "5f14ac0de4525ad8d52f718abf935697d5d745b853d152797b497fc93f86b2f8": "e7627b8a253fd90018e62a9ea3551ca2e4a0cfda01c8d374eb31ea8c22d0ad0c",
    # dncnn
    "91c69aef9aead709b1cbb0661a66706635f4a55578978ab4eda4c50411afa2de": "253f75222b7a2e4c33f1f1078970113f9712c0b51fdb3ff05ba84da394705ede",
    # gated-unet
    "0a2ddccbf6ba325ebc591708ea00b1278dba0e266fe1e6141026c05042a1882a": "c459a7766ee2523b512a3fc4e1c6d0ccd7451da3d4e2b05467f4aa592aed6614",
    # series-cnn1d
    "bd789f2d9e611ae73cc3276a1e56bf653cc18ce9aa49d69f3c005c504e59b6b2": "7ec33385b215f7ce312b6a09e1c9da495ea417274abd5d0930ee74960115ebe6",
    # thinning
    "0573ded114b9c7b366a3ef896efa3722cef0a2da3be235445529ff517dd8da86": "d42c54038d1acf96bbc098fbb2ae7c505a60ec7d1f41f55086db77ceb0b2d51a",
    # udvd
    "2018970743eb531c2e0e5024cd8d05e68e57c64f7ede17dd6773907b60c63aba": "89dcf17e5e45bb6421d4e6f42b6661dbf89777d9a6376e1b2dacd62f9544b971",
    # unet
    "4f291a77f02c3748f2b36e39e2ca1c5bf77b0cb11db573d3b81733ee7c86636a": "866d3b53d15d7c63bdc180501a348e5f9033cd5dfed309fcff518cbc45df2b10",
    # unet-2-scales
    "12d25066cf984e9aebab9d0db05bc6736cd3979decf61341f022ebe93b916e0e": "866d3b53d15d7c63bdc180501a348e5f9033cd5dfed309fcff518cbc45df2b10",
    # unet-6-scales
    "9e897d0856174d11dd1d535641676505b550cc8f51a86d8616dfc94fa45562dc": "866d3b53d15d7c63bdc180501a348e5f9033cd5dfed309fcff518cbc45df2b10",
    # unet-bias-free
    "3de0422c7b54951083ccc3a2663b32a072e86df8c91d9fae6c9d2cc9a3779282": "866d3b53d15d7c63bdc180501a348e5f9033cd5dfed309fcff518cbc45df2b10",
    # unet-small
    "6fabc19097fb1267f8d1c0aa23caff72250b4a41b1fd946d50aae8c23d4f1b32": "6e9356325c47dc0fc672b7499762012c55afbf2f6b97c9cf45bcd8cd7983972b",
}
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
    code = training["code"]
    assert SAME_TRAINING.get(code, code) == method.code_digest()
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
