"""Training loop: exact resumption, early end, refusals."""

from __future__ import annotations

import dataclasses
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from training_fakes import DOSE, SHORT, Frozen, Small, train

from tembench.core.errors import MethodError
from tembench.methods.networks.setup import initialise
from tembench.methods.protocol import TrainingData
from tembench.methods.training import checkpoint, loop as training
from tembench.methods.training.history import read_history
from tembench.methods.training.loop import fit
from tembench.methods.training.samples.batches import (
    SupervisedSampler,
    validation_set,
)


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def stop_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Send Ctrl-C in the middle of a step."""
    draw = SupervisedSampler.draw

    def draw_and_interrupt(self: SupervisedSampler, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        if step == steps - 1:
            signal.raise_signal(signal.SIGINT)
        return draw(self, step)

    monkeypatch.setattr(SupervisedSampler, "draw", draw_and_interrupt)


@pytest.mark.slow
def test_training_denoises(data: TrainingData, tmp_path: Path) -> None:
    config = dataclasses.replace(SHORT, steps=150, validate_every=50, learning_rate=1e-2)
    history = fit(initialise(Small, 1), data, config, tmp_path, architecture={})
    noisy, clean = validation_set(data.validation, dose_e_per_px=DOSE, binning=4, count=2, seed=3)
    identity_db = -10 * float(torch.log10((DOSE * (noisy - clean)).square().mean()))
    assert history[-1].score > identity_db + 3


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights(data: TrainingData, tmp_path: Path) -> None:
    first = train(data, SHORT, tmp_path / "first")
    assert same(first, train(data, SHORT, tmp_path / "second"))
    other = dataclasses.replace(data, seed=4)
    assert not same(first, train(other, SHORT, tmp_path / "third"))


@pytest.mark.slow
def test_training_interrupted_and_resumed_equals_training_in_one_go(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(data, SHORT, tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_after(patch, 6)
        with pytest.raises(KeyboardInterrupt):
            train(data, SHORT, tmp_path / "parts")
    assert not (tmp_path / "parts" / checkpoint.WEIGHTS).exists()
    assert same(whole, train(data, SHORT, tmp_path / "parts"))
    histories = [read_history(tmp_path / name / "history.csv") for name in ("whole", "parts")]
    timeless = [[dataclasses.replace(point, seconds=0) for point in one] for one in histories]
    assert timeless[0] == timeless[1]
    assert [point.step for point in timeless[0]] == [4, 8, 12]
    # What only a resumed training needs is gone in the end.
    assert not (tmp_path / "parts" / checkpoint.CHECKPOINT).exists()


@pytest.mark.slow
def test_checkpoints_are_written_by_time(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def die(self: object) -> None:
        raise Killed

    monkeypatch.setattr(training._TrainingRun, "finish", die)
    always = dataclasses.replace(SHORT, checkpoint_seconds=0)
    with pytest.raises(Killed):
        train(data, always, tmp_path)
    assert checkpoint.load(tmp_path / checkpoint.CHECKPOINT, "")["step"] == SHORT.steps


@pytest.mark.slow
def test_a_complete_training_is_not_repeated(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(data, SHORT, tmp_path)
    monkeypatch.setattr(SupervisedSampler, "draw", None)
    assert same(first, train(data, SHORT, tmp_path))


@pytest.mark.slow
def test_the_best_weights_are_kept(data: TrainingData, tmp_path: Path) -> None:
    # Far too fast: the last weights are seldom the best.
    config = dataclasses.replace(
        SHORT, steps=40, learning_rate=0.3, schedule="constant", ema_decay=0.0
    )
    network = initialise(Small, 1)
    history = fit(network, data, config, tmp_path, architecture={})
    noisy, clean = validation_set(
        data.validation, dose_e_per_px=DOSE, binning=4, count=2, seed=data.seed
    )
    with torch.no_grad():
        denoised = network(noisy).clamp(0, 1 / DOSE)
    errors = (DOSE * (denoised - clean)).square().mean((1, 2, 3))
    psnr = float((-10 * torch.log10(errors)).mean())
    assert psnr == pytest.approx(max(point.score for point in history), abs=1e-4)


@pytest.mark.slow
def test_another_training_is_not_overwritten(data: TrainingData, tmp_path: Path) -> None:
    train(data, SHORT, tmp_path)
    before = (tmp_path / checkpoint.WEIGHTS).read_bytes()
    for changed, word in (
        (dataclasses.replace(SHORT, learning_rate=1e-4), "learning_rate"),
        (dataclasses.replace(SHORT, steps=13), "steps"),
    ):
        with pytest.raises(MethodError, match=f"{word} = .*Delete that folder"):
            train(data, changed, tmp_path)
    assert (tmp_path / checkpoint.WEIGHTS).read_bytes() == before


def test_a_training_is_not_resumed_with_other_images(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, 6)
        with pytest.raises(KeyboardInterrupt):
            train(data, SHORT, tmp_path)
    other = dataclasses.replace(data, train=data.train[::-1])
    with pytest.raises(MethodError, match="images"):
        train(other, SHORT, tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut"])
def test_a_damaged_checkpoint_is_refused(
    data: TrainingData, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / checkpoint.CHECKPOINT).write_bytes(content)
    with pytest.raises(MethodError, match=r"checkpoint\.pt.*train again"):
        train(data, SHORT, tmp_path)


def test_a_diverging_training_is_an_error(data: TrainingData, tmp_path: Path) -> None:
    class Broken(Small):
        def forward(self, counts: torch.Tensor) -> torch.Tensor:
            return super().forward(counts) * torch.nan

    with pytest.raises(MethodError, match=r"diverged.*learning_rate"):
        fit(Broken(), data, SHORT, tmp_path, architecture={})


@pytest.mark.slow
def test_reading_ahead_changes_nothing(data: TrainingData, tmp_path: Path) -> None:
    quantised = [np.round(image * 2**15).astype(np.float32) / 2**15 for image in data.train]
    data = dataclasses.replace(data, train=quantised)
    prefetch = dataclasses.replace(SHORT, memory_GB=0.0)
    assert same(train(data, SHORT, tmp_path / "held"), train(data, prefetch, tmp_path / "read"))


@pytest.mark.slow
def test_a_training_that_no_longer_improves_ends(data: TrainingData, tmp_path: Path) -> None:
    config = dataclasses.replace(
        SHORT, steps=400, learning_rate=0.0, stop_patience=3, ema_decay=0.0
    )
    history = fit(initialise(Frozen, 1), data, config, tmp_path, architecture={})
    assert [point.step for point in history] == [4, 8, 12, 16]
    assert checkpoint.read_fit(tmp_path)["steps"] == 16


@pytest.mark.slow
def test_a_thread_can_train(data: TrainingData, tmp_path: Path) -> None:
    # Signals belong to the main thread: elsewhere Ctrl-C is left to the caller.
    weights: list[dict[str, torch.Tensor]] = []
    worker = threading.Thread(target=lambda: weights.append(train(data, SHORT, tmp_path)))
    worker.start()
    worker.join()
    assert weights


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_training_in_half_precision_on_a_gpu(data: TrainingData, tmp_path: Path) -> None:
    config = dataclasses.replace(
        SHORT, steps=150, validate_every=50, learning_rate=1e-2, device="cuda"
    )
    history = fit(initialise(Small, 1), data, config, tmp_path, architecture={})
    assert history[-1].score > history[0].score
