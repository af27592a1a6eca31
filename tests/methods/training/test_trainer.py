"""Trainer: one step, also in parts where memory is short."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from training_fakes import SHORT, Frozen, Small

from tembench.methods.networks.setup import initialise
from tembench.methods.protocol import TrainingData
from tembench.methods.training import trainer
from tembench.methods.training.loop import fit
from tembench.methods.training.samples.batches import (
    SupervisedSampler,
)
from tembench.methods.training.trainer import Trainer

CPU = torch.device("cpu")


@pytest.mark.slow
def test_a_single_batch_can_be_overfitted(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = SupervisedSampler.draw
    monkeypatch.setattr(SupervisedSampler, "draw", lambda self, step: draw(self, 0))
    config = dataclasses.replace(SHORT, steps=120, validate_every=20, learning_rate=1e-2)
    history = fit(initialise(Small, 1), data, config, tmp_path, architecture={})
    assert history[-1].loss < 0.5 * history[0].loss


def test_a_batch_too_large_for_the_device_is_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Short(Frozen):
        def forward(self, counts: torch.Tensor) -> torch.Tensor:
            if len(counts) > 2:
                raise torch.OutOfMemoryError("no room")
            return super().forward(counts)

    said: list[str] = []
    monkeypatch.setattr(trainer, "notice", said.append)
    noisy, clean = torch.rand(7, 1, 16, 16), torch.rand(7, 1, 16, 16)
    results = []
    for kind in (Frozen, Short):
        network = initialise(kind, 1)
        loss = Trainer(network, SHORT, CPU).step(noisy, clean, 1e-2)
        results.append((float(loss), network.state_dict()))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-6)
    for name, value in results[0][1].items():
        assert torch.allclose(value, results[1][1][name], atol=1e-5)
    assert len(said) == 2
    assert "batches in 4 parts" in said[-1]


def test_the_statistics_of_a_trained_network_may_be_kept() -> None:
    for frozen in (True, False):
        network = initialise(Small, 0)
        before = network.layers[1].running_mean.clone()
        config = dataclasses.replace(SHORT, frozen_norm=frozen)
        trainer_ = Trainer(network, config, torch.device("cpu"))
        trainer_.step(torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8), 1e-3)
        assert torch.equal(network.layers[1].running_mean, before) == frozen
