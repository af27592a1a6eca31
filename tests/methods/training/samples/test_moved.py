from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tembench.core import MethodError
from tembench.methods.protocol import TrainingData
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.samples.batches import bin_clean
from tembench.methods.training.samples.image_cache import ImageCache
from tembench.methods.training.samples.moved import MovedSampler, moved_validation_set

CPU = torch.device("cpu")
DOSE = 2.0
SIDE = 64


def spots(number: int) -> np.ndarray:
    """Give an image with one bright spot on its right, its brightness by the number."""
    y, x = np.mgrid[:SIDE, :SIDE]
    spot = np.exp(-((x - 48) ** 2 + (y - 32) ** 2) / 32)
    return (DOSE * (1 + (1 + number) * 0.2 * spot)).astype(np.float32)


@pytest.fixture
def data() -> TrainingData:
    return TrainingData(
        train=[spots(number) for number in range(4)],
        validation=[spots(4)],
        noisy_validation=[np.round(spots(4)).astype(np.uint8)],
        doses_e_per_px=(DOSE,) * 4,
        validation_doses_e_per_px=(DOSE,),
        pixel_sizes_A=(0.1, 0.1, 0.2, 0.2),
        validation_pixel_sizes_A=(0.2,),
        pixel_size_A=0.1414,
        dose_e_per_px=DOSE,
        seed=3,
    )


def config(**values: object) -> TrainingConfig:
    settings = {"steps": 1, "batch": 8, "crop": 16, "samples": "moved", "symmetries": "none"}
    settings["dose_range_e_per_A2"] = (1e6, 1e6)
    return TrainingConfig(**{**settings, **values})  # type: ignore[arg-type]


def sampler(data: TrainingData, **values: object) -> MovedSampler:
    cache = ImageCache(data.train, data.dose_e_per_px, CPU, 1.0)
    return MovedSampler(data, cache, config(**values), seed=5, device=CPU)


def test_images_are_binned_by_their_own_sampling(data: TrainingData) -> None:
    shapes = {tuple(sampler(data, crop=32).draw(step)[0].shape) for step in range(12)}
    # Bins of 4 px and 2 px: images of 16 and 32 bins; smaller samples come in larger numbers.
    assert shapes == {(32, 1, 16, 16), (8, 1, 32, 32)}


def test_unmoved_images_come_back(data: TrainingData) -> None:
    only = replace(data, pixel_sizes_A=(0.1,) * 4)
    noisy, target = sampler(only).draw(0)
    expected = bin_clean(torch.from_numpy(np.stack(data.train) / DOSE), 4)[1]
    for clean, inside in target:
        assert min(float((clean - one).abs().max()) for one in expected) < 1e-4
        assert inside.min() == 1
    # At 10^4 electrons a pixel the noise is small.
    assert float((noisy - target[:, :1]).abs().max()) < 0.05


def test_every_orientation_and_place_is_seen(data: TrainingData) -> None:
    moved = sampler(data, rotation_deg=180.0, batch=64)
    directions = []
    for step in range(4):
        clean = moved.draw(step)[1][:, 0].numpy()
        side = clean.shape[-1]
        for image in clean:
            y, x = np.unravel_index(image.argmax(), image.shape)
            directions.append(np.angle(complex(x - side / 2, y - side / 2)))
    counts, _ = np.histogram(directions, bins=8, range=(-np.pi, np.pi))
    assert counts.min() > 0.04 * len(directions)


def test_magnification_changes_the_size_of_what_is_shown(data: TrainingData) -> None:
    areas = []
    for factor in (0.8, 1.25):
        moved = sampler(data, magnification_range=(factor, factor), batch=64, crop=32)
        clean = torch.cat([moved.draw(step)[1][:, 0].flatten(1) for step in range(1)])
        brightest = clean.amax(1, keepdim=True) - 1
        whole = brightest[:, 0] > 0.15
        areas.append(float(((clean - 1) > brightest / 2).float()[whole].mean()))
    assert areas[1] / areas[0] == pytest.approx((1.25 / 0.8) ** 2, rel=0.35)


def test_what_lies_beyond_an_image_has_no_weight(data: TrainingData) -> None:
    target = sampler(data, rotation_deg=45.0, magnification_range=(0.7, 0.7), crop=32).draw(0)[1]
    inside = target[:, 1]
    assert 0.3 < float(inside.mean()) < 0.95
    assert set(np.unique(inside.numpy())) == {0.0, 1.0}


def test_batches_follow_from_seed_and_step(data: TrainingData) -> None:
    values = {"rotation_deg": 180.0, "dose_range_e_per_A2": (10.0, 1000.0)}
    first, again = sampler(data, **values), sampler(data, **values)
    first.draw(0)
    for one, other in zip(first.draw(7), again.draw(7), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(first.draw(8)[0], again.draw(7)[0])


def test_dose_is_per_area(data: TrainingData) -> None:
    only = replace(data, pixel_sizes_A=(0.1,) * 4)
    noisy, target = sampler(only, dose_range_e_per_A2=(400.0, 400.0), batch=64).draw(0)
    spread = float((noisy - target[:, :1]).std())
    # 400 electrons an A^2 on 0.16 A^2 are 64 a bin.
    assert spread == pytest.approx(1 / 8, rel=0.05)


def test_validation_images_have_their_own_binning(data: TrainingData) -> None:
    noisy, clean = moved_validation_set(data, 0.4, [0])
    assert noisy[0].shape == clean[0].shape == (1, 1, 32, 32)
    assert float(noisy[0].mean()) == pytest.approx(1, abs=0.1)


def test_closed_images_are_refused(data: TrainingData) -> None:
    with pytest.raises(MethodError, match="drawn recipe"):
        moved_validation_set(replace(data, noisy_validation=None), 0.4, [0])


def test_small_images_are_refused(data: TrainingData) -> None:
    with pytest.raises(MethodError, match="too small"):
        sampler(data, bin_A=0.8)
