"""Training batches: fresh noise, exact bins, augmentation."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from training_fakes import DOSE, lattice

from tembench.methods.protocol import TrainingData
from tembench.methods.training.samples.batches import (
    SYMMETRIES,
    ImageCrops,
    SupervisedSampler,
    bin_clean,
)
from tembench.methods.training.samples.image_cache import ImageCache

CPU = torch.device("cpu")


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
def test_samples_are_augmented_with_their_noise(data: TrainingData, name: str, views: int) -> None:
    one = dataclasses.replace(data, train=[lattice(0) + 0.002 * np.mgrid[:96, :96][0]])
    noisy, clean = batches(one, batch=64, crop=24, symmetries=name).draw(0)
    assert len(np.unique(clean.numpy().round(4), axis=0)) == views
    assert name in SYMMETRIES
    # Noise belongs to its sample: about the clean image, not about another view of it.
    variance = float(clean.mean()) / (DOSE * 16)
    assert float((noisy - clean).square().mean()) == pytest.approx(variance, rel=0.05)


def test_the_dose_varies_between_samples_where_asked(data: TrainingData) -> None:
    flat = dataclasses.replace(data, train=[np.full((96, 96), DOSE, np.float32)])
    noisy, _ = batches(flat, batch=64, crop=24, dose_range=(0.25, 4.0)).draw(0)
    variance = noisy.var((1, 2, 3)) * DOSE * 16
    # The variance about a vacuum of 1 is one over the dose, in units of the nominal one.
    assert 0.2 < float(variance.min()) < 0.35
    assert 3 < float(variance.max()) < 5
    assert float(variance.log().mean()) == pytest.approx(0, abs=0.35)
