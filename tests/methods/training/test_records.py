"""Records of a training with values of wrong types, and the data that weights were trained on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from methods_fakes import refusal

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.runs.train import train
from tembench.methods.training.records import read_training, trained_on

RECORD = {"method": '"mine"', "complete": "true", "seconds": "1.0", "split": '"model"'}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seconds", '"long"'),
        ("seconds", "nan"),
        ("seconds", "-1"),
        ("complete", '"yes"'),
        ("made_by", '"me"'),
        ("made_by", "{ processor = 7 }"),
        ("method", "[1]"),
        ("split", "7"),
        ("recipe", "{}"),
        ("parameters", "7"),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_wrong_types_in_a_training_record_are_reported(
    store, write_method, good_python, tmp_path, key, value, again
):
    found = load_method(write_method(python=good_python + "\ndef train(p, d, f):\n    pass\n"))
    weights = tmp_path / "weights"
    weights.mkdir()
    lines = [f"{k} = {v}" for k, v in {**RECORD, key: value}.items()]
    (weights / "training.toml").write_text("\n".join(lines))
    if again:
        text = refusal(MethodError, train, found, store, weights)
    else:
        text = refusal(MethodError, read_training, found, store, "model", weights)
    assert f"training.toml: {key}" in text
    assert "expected" in text


@pytest.mark.parametrize(
    ("key", "value"), [("steps", '"many"'), ("device", "7"), ("seconds", "inf"), ("identity", "1")]
)
def test_wrong_types_in_a_fit_record_are_reported(
    store, write_method, good_python, tmp_path, key, value
):
    found = load_method(write_method(python=good_python + "\ndef train(p, d, f):\n    pass\n"))
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "training.toml").write_text("\n".join(f"{k} = {v}" for k, v in RECORD.items()))
    (weights / "fit.toml").write_text(f"{key} = {value}")
    text = refusal(MethodError, read_training, found, store, "model", weights)
    assert f"fit.toml: {key}: expected" in text


@pytest.mark.parametrize(
    ("trained", "recipe", "expected"),
    [
        ("open-hrtem", "open-hrtem", "this track"),
        ("open-hrtem", "open-hrtem-sealed-0123abcd", "this track"),
        ("ptceo2-18k", "open-hrtem", "other simulations"),
    ],
)
def test_weights_are_of_this_track_or_another(trained: str, recipe: str, expected: str) -> None:
    store: Any = SimpleNamespace(recipe=SimpleNamespace(name=recipe))
    assert trained_on({"training_recipe": trained}, store) == {"trained_on": expected}
    assert trained_on({}, store) == {}
