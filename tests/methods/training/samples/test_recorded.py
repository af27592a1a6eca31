from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tembench.dataset import open_store
from tembench.methods.runs.training_data import training_data
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.objective import supervised_objective
from tembench.methods.training.samples.recorded import RecordedSampler, recorded_validation_set

CPU = torch.device("cpu")
CONFIG = TrainingConfig(steps=2, batch=3, crop=8, binning=4, dose_range=(0.5, 2.0), device="cpu")


def test_crops_are_recorded_by_the_cameras_of_their_images(tiny_camera_path) -> None:
    data = training_data(open_store(tiny_camera_path))
    sampler = supervised_objective(data, CONFIG, CPU).sampler
    assert isinstance(sampler, RecordedSampler)
    noisy, clean = sampler.draw(5)
    assert noisy.shape == clean.shape == (3, 1, 8, 8)
    assert torch.equal(sampler.draw(5)[0], noisy)
    assert not torch.equal(sampler.draw(6)[0], noisy)
    assert noisy.mean() == pytest.approx(float(clean.mean()), abs=0.1)


def test_noise_of_a_camera_is_stronger_than_that_of_counted_electrons(tiny_camera_path) -> None:
    store = open_store(tiny_camera_path)
    data = training_data(store)
    config = replace(CONFIG, batch=60, dose_range=(1.0, 1.0))

    def power(chosen) -> float:
        noisy, clean = supervised_objective(chosen, config, CPU).sampler.draw(0)
        return float((noisy - clean).square().mean())

    class Ideal:
        def __len__(self) -> int:
            return len(data.train)

        def __getitem__(self, index: int) -> None:
            return None

    # A camera of dqe 0.8 or about 0.5 against one of 1, both without reading the same crops.
    assert power(data) > 1.15 * power(replace(data, cameras=Ideal()))


def test_validation_images_are_those_of_the_store(tiny_camera_path) -> None:
    store = open_store(tiny_camera_path)
    data = training_data(store)
    noisy, clean = recorded_validation_set(data, 4, 2)
    first = int(store.images("model", "validation")[0])
    expected = store.noisy(first).reshape(16, 4, 16, 4).sum((1, 3)) / store.dose_of(first) / 16
    np.testing.assert_allclose(noisy[0, 0], expected, rtol=1e-5)
    np.testing.assert_allclose(clean.mean(), 1, atol=0.2)


def test_without_images_there_is_no_validation(tiny_camera_path) -> None:
    from tembench.core.errors import MethodError

    data = replace(training_data(open_store(tiny_camera_path)), noisy_validation=None)
    with pytest.raises(MethodError, match="no image to validate on"):
        recorded_validation_set(data, 4, 2)
