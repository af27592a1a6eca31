"""UDVD: hidden bins stay hidden, noisy images suffice, and a single frame is denoised too."""

from __future__ import annotations

import importlib
import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from methods_fakes import lattice, noisy_image

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.method_code import import_method
from tembench.methods.protocol import FocalSeries, NoisySeries, TrainingData
from tembench.methods.training.config import TrainingConfig

TINY = {
    "channels": 4,
    "blocks_down": [1, 1],
    "blocks_up": [1],
    "steps": 4,
    "batch": 2,
    "crop": 12,
    "validate_every": 2,
    "validation_images": 3,
    "device": "cpu",
}
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def udvd() -> types.SimpleNamespace:
    package = import_method(load_method("udvd").folder).__package__
    names = ("blind", "objective", "method")
    return types.SimpleNamespace(
        **{name: importlib.import_module(f"{package}.{name}") for name in names}
    )


class Forbidden:
    """Clean images that must not be looked at."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> np.ndarray:
        raise AssertionError("a clean image was read")


@pytest.fixture(scope="module")
def data() -> TrainingData:
    noisy = [noisy_image(lattice((128, 136), 0.1 * n), n).counts for n in range(4)]
    return TrainingData(
        train=Forbidden(),
        validation=Forbidden(),
        noisy=noisy,
        noisy_validation=noisy,
        series=[FocalSeries(images=(3, 0, 2), defocus_nm=(0.0, 1.0, 2.0)), alone(1)],
        validation_series=[FocalSeries(images=(0, 1, 2, 3), defocus_nm=(0.0, 1.0, 2.0, 3.0))],
        pixel_size_A=0.0625,
        dose_e_per_px=0.45,
        seed=3,
    )


def alone(number: int) -> FocalSeries:
    return FocalSeries(images=(number,), defocus_nm=(5.0,))


def untrained(udvd) -> torch.nn.Module:
    torch.manual_seed(0)
    network = udvd.method._METHOD.network(
        channels=4, blocks_down=[1, 1], blocks_up=[1], kernel=5
    ).double()
    # Blocks begin as the identity; here all of them are to act.
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return network


@pytest.mark.slow
@pytest.mark.parametrize("mirror", [False, True])
def test_no_bin_is_predicted_from_itself(udvd, mirror):
    denoiser = udvd.method.SeriesDenoiser(
        untrained(udvd), binning=8, shifts=1, mirror=mirror, device=CPU
    )
    frames = (1 + 0.2 * torch.rand(5, 11, 13, dtype=torch.float64)).requires_grad_()
    predicted = denoiser.predict(frames, torch.ones(5, dtype=torch.bool))
    for y, x in ((0, 0), (4, 7), (5, 7), (5, 6), (10, 12)):
        (gradient,) = torch.autograd.grad(predicted[y, x], frames, retain_graph=True)
        middle = gradient[2]
        assert middle[y, x] == 0
        # Those beside it count, and so does the same bin of the frames beside.
        assert middle[y - 1 if y else 1, x] != 0
        assert (gradient[[0, 1, 3, 4], y, x] != 0).all()


def test_absent_frames_are_ignored(udvd):
    denoiser = udvd.method.SeriesDenoiser(
        untrained(udvd), binning=8, shifts=1, mirror=False, device=CPU
    )
    frames = torch.rand(5, 8, 8, dtype=torch.float64, requires_grad=True)
    present = torch.tensor([False, False, True, True, False])
    (gradient,) = torch.autograd.grad(denoiser.predict(frames, present).sum(), frames)
    assert gradient.abs().amax((1, 2)).gt(0).tolist() == present.tolist()


def test_every_bin_is_hidden_once(udvd):
    blind = udvd.blind
    hidden = blind.hidden(torch.arange(blind.PHASES), (5, 8))
    assert (hidden.sum(0) == 1).all()


def test_frames_about_the_ends_of_a_series(udvd):
    assert udvd.blind.neighbours(0, 3) == [None, None, 0, 1, 2]
    assert udvd.blind.neighbours(2, 3) == [0, 1, 2, None, None]
    assert udvd.blind.neighbours(0, 1) == [None, None, 0, None, None]


def test_samples_are_the_frames_in_their_order(udvd, data):
    cache = udvd.objective.SeriesCache(data.noisy, udvd.objective._samples(data.series), binning=8)
    assert len(cache) == 4
    counts, present = cache.sample(0)
    assert present.tolist() == [False, False, True, True, True]
    for place, number in ((2, 3), (3, 0), (4, 2)):
        sums = data.noisy[number].reshape(16, 8, 17, 8).sum((1, 3))
        np.testing.assert_array_equal(counts[place], sums)
    assert cache.sample(3)[1].tolist() == [False, False, True, False, False]


def test_a_batch_asks_for_hidden_counts(udvd, data):
    config = TrainingConfig(steps=9, batch=3, crop=12, binning=8, loss="poisson", device="cpu")
    objective = udvd.objective.hidden_counts_objective(data, config, CPU, series=0, alone=0.5)
    asked, answer = objective.sampler.draw(5)
    assert asked.shape == (3, 10, 12, 12)
    assert answer.shape == (3, 2, 12, 12)
    shown, exposure = asked[:, 5 + 2], answer[:, 1]
    assert ((shown == 0) == (exposure > 0)).all()
    assert (exposure > 0).float().mean() == 0.25
    assert (asked[:, 2][shown == 0] == 1).all()
    torch.testing.assert_close(asked[:, 2][shown == 1], answer[:, 0][shown == 1])
    again = objective.sampler.draw(5)
    assert torch.equal(asked, again[0])
    assert torch.equal(answer, again[1])
    assert not torch.equal(asked, objective.sampler.draw(6)[0])
    # The likelihood is greatest at what was counted on average.
    scores = [
        objective.validate(lambda x, level=level: torch.full_like(x[:, :1], level))
        for level in (0.8, 1.0, 1.2)
    ]
    assert max(scores) == scores[1]


@pytest.mark.slow
def test_training_on_noisy_images_alone_gives_a_denoiser(udvd, data, tmp_path):
    method = load_method("udvd")
    method.train(data, tmp_path, **TINY)
    denoiser = method.build(tmp_path, **TINY)
    image = noisy_image(lattice((100, 90)), 1)
    counts = np.stack([noisy_image(lattice((100, 90)), n).counts for n in range(3)])
    series = NoisySeries(counts=counts, axis="defocus", values_nm=(0.0, 1.0, 2.0), position=1)
    single, together = denoiser.denoise(image), denoiser.denoise(replace(image, series=series))
    for out in (single, together):
        assert out.shape == (100, 90)
        assert out.dtype == np.float32
        assert np.isfinite(out).all()
    assert not np.array_equal(single, together)


def test_images_of_a_detector_are_refused(udvd, data):
    config = TrainingConfig(steps=9, binning=8, device="cpu")
    floats = replace(data, noisy=[image.astype(np.float32) for image in data.noisy])
    with pytest.raises(MethodError, match="not integer counts"):
        udvd.objective.hidden_counts_objective(floats, config, CPU, series=0, alone=0.0)
    with pytest.raises(MethodError, match="no noisy image"):
        udvd.objective.hidden_counts_objective(
            replace(data, noisy=None), config, CPU, series=0, alone=0.0
        )
