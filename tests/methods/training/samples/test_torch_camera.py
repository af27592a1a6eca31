from __future__ import annotations

import numpy as np
import pytest
import torch

from tembench.methods.training.samples.torch_camera import record_batch, stacked_cameras
from tembench.recipe import Camera
from tembench.simulation import noise_power, record_with_camera

CPU = torch.device("cpu")
COUNTING = Camera(kind="counting", dqe=0.8, mtf=(1, 0.05, 0.4, 2.5), gain=1, offset=0, read_noise=0)
SCINTILLATOR = Camera(
    kind="integrating", dqe=0.6, mtf=(1, 0.05, 0.25, 2.0), gain=20, offset=100, read_noise=4
)


def recorded(camera: Camera[float] | None, dose: float, side: int = 128, count: int = 16):
    expected = torch.full((count, side, side), dose)
    cameras = stacked_cameras([camera] * count, CPU)
    return record_batch(expected, cameras, torch.Generator().manual_seed(1)).numpy()


@pytest.mark.parametrize("camera", [None, COUNTING, SCINTILLATOR])
def test_mean_is_the_dose(camera: Camera[float] | None) -> None:
    images = recorded(camera, 2.0)
    assert images.mean() == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize("camera", [COUNTING, SCINTILLATOR])
def test_noise_power_is_that_of_the_camera(camera: Camera[float]) -> None:
    images = recorded(camera, 5.0)
    power = (np.abs(np.fft.fft2(images - images.mean())) ** 2).mean(0) / images[0].size
    fy, fx = np.meshgrid(*(np.fft.fftfreq(side) for side in images[0].shape), indexing="ij")
    frequency = np.hypot(fy, fx)
    for low, high in ((0.02, 0.1), (0.1, 0.25), (0.25, 0.5)):
        ring = (frequency > low) & (frequency < high)
        expected = noise_power(camera, frequency[ring], 5.0).mean()
        # The standard error of a ring's mean is about 1 %.
        assert power[ring].mean() == pytest.approx(expected, rel=0.04)


def test_signal_is_spread_as_the_camera_of_the_simulation_spreads_it() -> None:
    x = np.mgrid[:64, :64][1]
    expected = (20 + 5 * np.cos(2 * np.pi * 8 * x / 64)).astype(np.float32)
    generator = np.random.default_rng(0)
    theirs = np.mean(
        [record_with_camera(expected, SCINTILLATOR, generator) for _ in range(100)], axis=0
    )
    cameras = stacked_cameras([SCINTILLATOR] * 100, CPU)
    batch = torch.from_numpy(expected).expand(100, 64, 64).contiguous()
    ours = record_batch(batch, cameras, torch.Generator().manual_seed(2)).mean(0).numpy()
    wave = np.cos(2 * np.pi * 8 * x / 64)
    assert 2 * (ours * wave).mean() == pytest.approx(2 * (theirs * wave).mean(), rel=0.03)
    assert 2 * (ours * wave).mean() < 4.9


def test_same_seed_same_image() -> None:
    assert np.array_equal(recorded(SCINTILLATOR, 1.0, 16, 2), recorded(SCINTILLATOR, 1.0, 16, 2))


def test_no_electron_leaves_no_signal() -> None:
    quiet = Camera(kind="integrating", dqe=0.5, mtf=(1, 0, 0.3, 2), gain=10, offset=9, read_noise=0)
    assert np.abs(recorded(quiet, 0.0, 16, 2)).max() == 0


def test_cameras_of_several_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="several kinds"):
        stacked_cameras([COUNTING, None], CPU)
