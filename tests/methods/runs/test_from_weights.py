"""Trainings that start from given weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from tembench.core.files import read_toml
from tembench.dataset import open_store
from tembench.methods.method import load_method
from tembench.methods.runs.train import train
from tembench.methods.training.records import TRAINING

pytest.importorskip("torch")


@pytest.mark.slow
def test_a_training_starts_where_another_ended(drawn_store_path: Path, tmp_path: Path) -> None:
    import safetensors.torch

    store = open_store(drawn_store_path)
    small = {"channels": 8, "scales": 2, "batch": 2, "crop": 16, "bin_A": 0.2, "ema_decay": 0.0}
    quick = {"validate_every": 1, "validation_images": 1, "warm_up": 0.0, "learning_rate": 1e-9}
    method = load_method("unet-open").with_parameters(steps=2, **small, **quick)
    first = train(method, store, tmp_path / "first")
    second = train(method, store, tmp_path / "second", start=first)
    before, after = (
        safetensors.torch.load_file(folder / "weights.safetensors") for folder in (first, second)
    )
    # At this rate the weights stay where they start.
    name = "down.0.0.weight"
    assert (before[name] - after[name]).abs().max() < 1e-6
    records = [read_toml(folder / TRAINING, ValueError) for folder in (first, second)]
    assert "start" not in records[0]
    assert len(records[1]["start"]) == 64
    assert records[1]["seconds"] > records[0]["seconds"]
