"""The training loop: fresh noise, exact resumption, and what it refuses."""

from __future__ import annotations

import dataclasses
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tembench.core.errors import MethodError
from tembench.methods.networks.setup import initialise, pick_device
from tembench.methods.protocol import TrainingData
from tembench.methods.training import checkpoint
from tembench.methods.training import loop as training
from tembench.methods.training.batches import (
    SYMMETRIES,
    ImageCrops,
    SupervisedSampler,
    bin_clean,
    validation_set,
)
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.history import curve_figure, read_history
from tembench.methods.training.image_cache import ImageCache
from tembench.methods.training.loop import fit
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.trainer import Trainer

DOSE = 0.45
CPU = torch.device("cpu")
SHORT = TrainingConfig(
    steps=12, batch=2, crop=16, binning=4, validate_every=4, checkpoint_seconds=1e9, device="cpu"
)


def lattice(number: int, side: int = 96) -> np.ndarray:
    """Give a band-limited lattice in e/px, different for each number."""
    y, x = np.mgrid[:side, :side]
    waves = np.sin(x / 5 + number) * np.cos(y / 7 - number)
    return (DOSE * (1 + 0.3 * waves)).astype(np.float32)


@pytest.fixture
def data() -> TrainingData:
    return TrainingData(
        train=[lattice(number) for number in range(4)],
        validation=[lattice(number) for number in (7, 8)],
        pixel_size_A=0.0625,
        dose_e_per_px=DOSE,
        seed=3,
    )


class Small(nn.Module):
    """Two convolutions with batch normalisation between: all kinds of state, no time."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 1, 1)
        )

    def forward(self, counts: torch.Tensor) -> torch.Tensor:
        return 1 + self.layers(counts - 1)


class Frozen(nn.Module):
    """One convolution: nothing that depends on the batch as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, counts: torch.Tensor) -> torch.Tensor:
        return self.layer(counts)


def train(data: TrainingData, config: TrainingConfig, folder: Path) -> dict[str, torch.Tensor]:
    network = initialise(Small, data.seed)
    fit(network, data, config, folder, architecture={"name": "small"})
    return network.state_dict()


def batches(
    data: TrainingData, *, batch: int = 3, crop: int = 16, symmetries: str = "all", **more: Any
) -> SupervisedSampler:
    cache = ImageCache(data.train, DOSE, CPU, 1.0)
    return SupervisedSampler(
        ImageCrops(cache, dose_e_per_px=DOSE, binning=4, crop=crop),
        counts_in_vacuum=DOSE * 16,
        batch=batch,
        symmetries=symmetries,
        seed=1,
        device=CPU,
        **more,
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


def test_noise_is_fresh_at_each_step_and_the_same_for_the_same_step(data: TrainingData) -> None:
    # One image, cut whole and not turned: only the noise is left to change.
    one = dataclasses.replace(data, train=data.train[:1])
    source = batches(one, crop=24, symmetries="none")
    noisy, clean = source.draw(0)
    again, _ = batches(one, crop=24, symmetries="none").draw(0)
    later, later_clean = source.draw(1)
    assert torch.equal(noisy, again)
    assert torch.equal(clean, later_clean)
    assert not torch.equal(noisy, later)
    assert not torch.equal(noisy[0], noisy[1])


def test_noise_is_poisson_of_the_binned_image(data: TrainingData) -> None:
    flat = dataclasses.replace(data, train=[np.full((96, 96), DOSE, np.float32)])
    noisy, clean = batches(flat, batch=200, crop=24).draw(0)
    counts = noisy * DOSE * 16
    # Held in steps of 2^-15 e/px.
    assert torch.allclose(clean, torch.ones_like(clean), rtol=0, atol=2**-16 / DOSE)
    assert torch.allclose(counts, counts.round(), atol=1e-4)
    # 115,200 samples about 7.2: four standard errors of mean and variance.
    assert float(counts.mean()) == pytest.approx(7.2, abs=4 * (7.2 / counts.numel()) ** 0.5)
    assert float(counts.var()) == pytest.approx(7.2, abs=4 * 7.2 * (2.2 / counts.numel()) ** 0.5)


def test_bins_are_averaged_for_the_noise_and_sampled_at_their_centre_for_the_target() -> None:
    y, x = np.mgrid[:48, :48].astype(np.float32)
    wave = torch.from_numpy(np.sin(x / 4) * np.cos(y / 5))[None]
    for binning in (1, 3, 4, 6, 8):
        mean, centre = bin_clean(wave, binning)
        middle = np.arange(48 // binning) * binning + (binning - 1) / 2
        exact = np.sin(middle / 4)[None] * np.cos(middle / 5)[:, None]
        assert np.abs(centre[0].numpy() - exact).max() < 2e-3
        rows = 48 // binning
        boxes = wave.reshape(rows, binning, rows, binning).mean((1, 3))
        assert torch.allclose(mean[0], boxes, atol=1e-6)


@pytest.mark.parametrize(("name", "views"), [("none", 1), ("mirror", 2), ("all", 8)])
def test_samples_are_turned_with_their_noise(data: TrainingData, name: str, views: int) -> None:
    one = dataclasses.replace(data, train=[lattice(0) + 0.002 * np.mgrid[:96, :96][0]])
    noisy, clean = batches(one, batch=64, crop=24, symmetries=name).draw(0)
    assert len(np.unique(clean.numpy().round(4), axis=0)) == views
    assert name in SYMMETRIES
    # Noise belongs to its sample: about the clean image, not about another view of it.
    variance = float(clean.mean()) / (DOSE * 16)
    assert float((noisy - clean).square().mean()) == pytest.approx(variance, rel=0.05)


def test_one_batch_can_be_learnt_by_heart(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = SupervisedSampler.draw
    monkeypatch.setattr(SupervisedSampler, "draw", lambda self, step: draw(self, 0))
    config = dataclasses.replace(SHORT, steps=120, validate_every=20, learning_rate=1e-2)
    history = fit(initialise(Small, 1), data, config, tmp_path, architecture={})
    assert history[-1].loss < 0.5 * history[0].loss


def test_training_denoises(data: TrainingData, tmp_path: Path) -> None:
    config = dataclasses.replace(SHORT, steps=150, validate_every=50, learning_rate=1e-2)
    history = fit(initialise(Small, 1), data, config, tmp_path, architecture={})
    noisy, clean = validation_set(data.validation, dose_e_per_px=DOSE, binning=4, count=2, seed=3)
    identity_db = -10 * float(torch.log10((DOSE * (noisy - clean)).square().mean()))
    assert history[-1].score > identity_db + 3


def test_the_same_seed_gives_the_same_weights(data: TrainingData, tmp_path: Path) -> None:
    first = train(data, SHORT, tmp_path / "first")
    assert same(first, train(data, SHORT, tmp_path / "second"))
    other = dataclasses.replace(data, seed=4)
    assert not same(first, train(other, SHORT, tmp_path / "third"))


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


def test_a_complete_training_is_not_repeated(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(data, SHORT, tmp_path)
    monkeypatch.setattr(SupervisedSampler, "draw", None)
    assert same(first, train(data, SHORT, tmp_path))


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


def test_a_training_does_not_go_on_with_other_images(
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


def test_a_diverging_training_says_so(data: TrainingData, tmp_path: Path) -> None:
    class Broken(Small):
        def forward(self, counts: torch.Tensor) -> torch.Tensor:
            return super().forward(counts) * torch.nan

    with pytest.raises(MethodError, match=r"diverged.*learning_rate"):
        fit(Broken(), data, SHORT, tmp_path, architecture={})


def test_the_logarithmic_loss_is_the_mean_psnr() -> None:
    clean = torch.rand(3, 1, 8, 8)
    denoised = clean + torch.tensor([0.1, 0.2, 0.4]).reshape(3, 1, 1, 1)
    psnr = -20 * torch.log10(torch.tensor([0.1, 0.2, 0.4])).mean()
    loss = LOSSES["log-squared"](denoised, clean)
    assert float(-10 * loss / np.log(10)) == pytest.approx(float(psnr), abs=1e-3)


def test_bad_settings_are_named_together() -> None:
    with pytest.raises(MethodError, match=r"steps.*schedule must be one of cosine"):
        TrainingConfig(steps=0, schedule="linear")
    with pytest.raises(MethodError, match=r"validate_every must be at least 1, got 0"):
        TrainingConfig(steps=1, validate_every=0)
    with pytest.raises(MethodError, match="no such device"):
        pick_device("abacus")
    with pytest.raises(MethodError, match="no image"):
        ImageCache([], DOSE, CPU, 1.0)


def test_images_that_do_not_fit_are_read_from_their_source(data: TrainingData) -> None:
    held, read = (ImageCache(data.train, DOSE, CPU, memory_GB) for memory_GB in (1.0, 0.0))
    assert (held.on_device, read.on_device) == (True, False)
    # Held in steps of 2^-15 e/px, as in a store.
    assert torch.allclose(held.crop(2, 3, 5, 40), read.crop(2, 3, 5, 40), rtol=0, atol=2**-16)
    assert held.digest() == read.digest()


def test_reading_ahead_changes_nothing(data: TrainingData, tmp_path: Path) -> None:
    quantised = [np.round(image * 2**15).astype(np.float32) / 2**15 for image in data.train]
    data = dataclasses.replace(data, train=quantised)
    prefetch = dataclasses.replace(SHORT, memory_GB=0.0)
    assert same(train(data, SHORT, tmp_path / "held"), train(data, prefetch, tmp_path / "read"))


def test_the_dose_varies_between_samples_where_asked(data: TrainingData) -> None:
    flat = dataclasses.replace(data, train=[np.full((96, 96), DOSE, np.float32)])
    noisy, _ = batches(flat, batch=64, crop=24, dose_range=(0.25, 4.0)).draw(0)
    variance = noisy.var((1, 2, 3)) * DOSE * 16
    # The variance about a vacuum of 1 is one over the dose, in units of the nominal one.
    assert 0.2 < float(variance.min()) < 0.35
    assert 3 < float(variance.max()) < 5
    assert float(variance.log().mean()) == pytest.approx(0, abs=0.35)


def test_the_rate_halves_on_a_plateau_and_the_training_ends_early() -> None:
    config = TrainingConfig(
        steps=100, schedule="plateau", warm_up=0.0, plateau_patience=2, stop_patience=4
    )
    scores = [1.0, 2.0, 1.5, 1.9, 1.8, 1.7]
    rates = [config.rate(10, scores[:n]) / config.learning_rate for n in range(len(scores) + 1)]
    assert rates == [1, 1, 1, 1, 0.5, 0.5, 0.25]
    assert [config.ended(scores[:n]) for n in (0, 2, 5, 6)] == [False, False, False, True]


def test_a_training_that_no_longer_improves_ends(data: TrainingData, tmp_path: Path) -> None:
    config = dataclasses.replace(
        SHORT, steps=400, learning_rate=0.0, stop_patience=3, ema_decay=0.0
    )
    history = fit(initialise(Frozen, 1), data, config, tmp_path, architecture={})
    assert [point.step for point in history] == [4, 8, 12, 16]
    assert checkpoint.read_record(tmp_path)["steps"] == 16


def test_a_batch_too_large_for_the_device_is_learned_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Short(Frozen):
        def forward(self, counts: torch.Tensor) -> torch.Tensor:
            if len(counts) > 2:
                raise torch.OutOfMemoryError("no room")
            return super().forward(counts)

    said: list[str] = []
    monkeypatch.setattr("tembench.methods.training.trainer.notice", said.append)
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


def test_a_thread_can_train(data: TrainingData, tmp_path: Path) -> None:
    # Signals belong to the main thread: elsewhere Ctrl-C is left to the caller.
    weights: list[dict[str, torch.Tensor]] = []
    worker = threading.Thread(target=lambda: weights.append(train(data, SHORT, tmp_path)))
    worker.start()
    worker.join()
    assert weights


def test_the_curve_is_drawn(data: TrainingData, tmp_path: Path) -> None:
    train(data, SHORT, tmp_path)
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    svg = curve_figure(read_history(tmp_path / "history.csv"), tmp_path / "again.svg", "PSNR (dB)")
    assert "<svg" in svg.read_text()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_training_in_half_precision_on_a_gpu(data: TrainingData, tmp_path: Path) -> None:
    config = dataclasses.replace(
        SHORT, steps=150, validate_every=50, learning_rate=1e-2, device="cuda"
    )
    history = fit(initialise(Small, 1), data, config, tmp_path, architecture={})
    assert history[-1].score > history[0].score
