"""Records of a training with values of wrong types."""

from __future__ import annotations

import pytest
from methods_fakes import refusal

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.runs.train import train
from tembench.methods.training.records import read_training

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
