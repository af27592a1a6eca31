"""Network along the series: bin by bin, trained on one series, applied to any."""

from __future__ import annotations

import importlib
import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from methods_fakes import FakeStore, lattice, noisy_image

from tembench.methods.counts.focal_series import series_of
from tembench.methods.method import load_method
from tembench.methods.method_code import import_method
from tembench.methods.protocol import FocalSeries, NoisySeries, TrainingData
from tembench.methods.runs.training_data import focal_series, training_data
from tembench.methods.training.config import TrainingConfig

CPU = torch.device("cpu")
DEFOCUS_NM = np.arange(8.0)
SHORT = {
    "frames": 8,
    "steps": 300,
    "crop": 16,
    "validate_every": 100,
    "learning_rate": 1e-2,
    "device": "cpu",
}


@pytest.fixture(scope="module")
def cnn1d() -> types.SimpleNamespace:
    package = import_method(load_method("series-cnn1d").folder).__package__
    names = ("network", "objective", "method")
    return types.SimpleNamespace(
        **{name: importlib.import_module(f"{package}.{name}") for name in names}
    )


def series(shape: tuple[int, int] = (96, 96)) -> list[np.ndarray]:
    """A lattice whose contrast reverses along the series."""
    flat = lattice(shape).mean()
    return [
        (flat + np.cos(0.4 * z) * (lattice(shape) - flat)).astype(np.float32) for z in DEFOCUS_NM
    ]


@pytest.fixture(scope="module")
def data() -> TrainingData:
    together = FocalSeries(images=tuple(range(8)), defocus_nm=tuple(DEFOCUS_NM))
    return TrainingData(
        train=series(),
        validation=series(),
        series=[together],
        validation_series=[together],
        pixel_size_A=0.0625,
        dose_e_per_px=0.45,
        seed=3,
    )


def recorded(position: int) -> tuple:
    clean = series()
    counts = np.stack([noisy_image(one, n).counts for n, one in enumerate(clean)])
    image = replace(noisy_image(clean[position]), counts=counts[position])
    given = NoisySeries(
        counts=counts, axis="defocus", values_nm=tuple(DEFOCUS_NM), position=position
    )
    return clean[position], replace(image, series=given)


@pytest.mark.slow
def test_a_bin_knows_nothing_of_others(cnn1d):
    torch.manual_seed(0)
    network = cnn1d.network.SeriesNetwork(frames=21)
    frames = torch.rand(1, 21, 4, 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(network(frames)[0, :, 1, 2].sum(), frames)
    seen = gradient.abs().sum((0, 1)) > 0
    assert seen.sum() == 1
    assert seen[1, 2]


def test_resampling(cnn1d):
    frames = np.random.default_rng(0).random((3, 2, 2))
    at = np.array([0.0, 2.0, 3.0])
    resample = cnn1d.network.resample
    np.testing.assert_allclose(resample(frames, at, at), frames, rtol=1e-6)
    half = resample(frames, at, np.array([1.0, 9.0]))
    np.testing.assert_allclose(half, [(frames[0] + frames[1]) / 2, frames[2]], rtol=1e-6)
    one = resample(frames[:1], np.zeros(1), np.arange(4.0))
    np.testing.assert_allclose(one, frames[[0, 0, 0, 0]], rtol=1e-6)


def test_bins_begin_anywhere(cnn1d):
    image = np.random.default_rng(1).random((1, 20, 23))
    means = cnn1d.objective._at_every_pixel(image, 8)
    assert means.shape == (1, 13, 16)
    for y, x in ((0, 0), (12, 15), (3, 7)):
        assert means[0, y, x] == pytest.approx(image[0, y : y + 8, x : x + 8].mean())


def test_the_training_series_is_the_middle_one_of_the_longest(cnn1d, data):
    known = [FocalSeries(images=(n, n + 1), defocus_nm=(0.0, 1.0)) for n in (0, 2, 4)]
    short = FocalSeries(images=(6,), defocus_nm=(0.0,))
    chosen = cnn1d.objective.training_series(replace(data, series=[*known, short]))
    assert chosen == known[1]


def test_batches_are_noisy_and_repeat(cnn1d, data):
    config = TrainingConfig(steps=9, batch=1, crop=64, binning=8, device="cpu")
    objective = cnn1d.objective.low_noise_objective(
        data, config, CPU, frames_nm=DEFOCUS_NM, low_noise_dose=100.0
    )
    noisy, target = objective.sampler.draw(2)
    assert noisy.shape == target.shape == (1, 8, 64, 64)
    assert float((noisy - target).var()) == pytest.approx(1 / (0.45 * 64), rel=0.05)
    assert torch.equal(noisy, objective.sampler.draw(2)[0])


@pytest.mark.slow
def test_training_on_one_series_gives_a_denoiser(data, tmp_path):
    method = load_method("series-cnn1d")
    method.train(data, tmp_path, **SHORT)
    denoiser = method.build(tmp_path, **SHORT)
    for position in (0, 5):
        clean, image = recorded(position)
        errors = [
            np.mean((denoiser.denoise(one) - clean) ** 2)
            for one in (image, replace(image, series=None))
        ]
        # A bin's noise is 0.45 / 64 e/px squared; eight frames of one contrast tell more.
        assert errors[0] < 0.4 * 0.45 / 64
        # Alone it is hardly more than its bins.
        assert errors[1] < 1.2 * 0.45 / 64


def test_an_image_alone_is_a_series_of_one():
    image = noisy_image(lattice((16, 16)))
    alone = series_of(image)
    assert alone.position == 0
    np.testing.assert_array_equal(alone.counts, image.counts[None])
    assert series_of(replace(image, series=alone)) is alone


def test_images_of_one_specimen_belong_together(tmp_path):
    store = FakeStore(tmp_path)
    assert focal_series(store, [7, 5, 3, 4]) == [
        FocalSeries(images=(0,), defocus_nm=(14.0,)),
        FocalSeries(images=(2, 3, 1), defocus_nm=(6.0, 8.0, 10.0)),
    ]
    known = training_data(store)
    assert known.series == [FocalSeries(images=(0, 1, 2), defocus_nm=(0.0, 2.0, 4.0))]
    assert len(known.validation_series) == 1
