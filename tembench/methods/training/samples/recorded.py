"""Recorded images: training on noise as cameras record it, validation on a store's noisy images.

A camera that spreads each electron's signal correlates the noise of neighbouring pixels, so noise
is drawn at the images' own sampling, before binning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, seed_sequence
from tembench.dataset import spread
from tembench.methods.counts.binning import bin_counts
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.samples.batches import SYMMETRIES, ImageCrops, augment, bin_clean
from tembench.simulation import draw_recording

if TYPE_CHECKING:
    from tembench.methods.protocol import CameraSource, TrainingData


class RecordedSampler:
    """Sampler of clean crops and their recordings by cameras, at the network's sampling.

    Parameters
    ----------
    crops : ImageCrops
        Crops of clean images.
    cameras : CameraSource
        Camera of each image.
    config : TrainingConfig
        Batch, binning, symmetries and range of doses.
    dose_e_per_px : float
        Nominal dose, e/px, which `config.dose_range` refers to.
    seed : int
        Seed of the training.
    device : torch.device
        Device where the network is; noise is drawn on the CPU.
    """

    def __init__(
        self,
        crops: ImageCrops,
        cameras: CameraSource,
        config: TrainingConfig,
        dose_e_per_px: float,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self._crops, self._cameras, self._config = crops, cameras, config
        self._dose, self._seed, self._device = dose_e_per_px, seed, device

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step, as `SupervisedSampler.draw` does."""
        random = np.random.default_rng(seed_sequence(self._seed, "recorded-training", step))
        config = self._config
        images, crops = zip(
            *(self._crops.random_crop(random) for _ in range(config.batch)), strict=True
        )
        clean = torch.stack(crops)[:, None].cpu() / self._dose
        clean = augment(clean, SYMMETRIES[config.symmetries], random)[:, 0]
        low, high = np.log(config.dose_range)
        doses = self._dose * np.exp(random.uniform(low, high, len(images)))
        recorded = [
            draw_recording(expected.numpy() * np.float32(dose), self._cameras[image], random) / dose
            for image, expected, dose in zip(images, clean, doses, strict=True)
        ]
        noisy = torch.from_numpy(np.stack(recorded).astype(np.float32))
        mean = bin_clean(noisy, config.binning)[0]
        centre = bin_clean(clean, config.binning)[1]
        return mean[:, None].to(self._device), centre[:, None].contiguous().to(self._device)

    def digest(self) -> str:
        """Return a digest of the images."""
        return self._crops.digest()


def recorded_validation_set(data: TrainingData, binning: int, count: int) -> tuple[Tensor, Tensor]:
    """Return whole validation images as they were recorded, each at its own dose.

    Parameters
    ----------
    data : TrainingData
        With noisy validation images and their doses.
    binning : int
        Side of a bin, native px.
    count : int
        Number of images, spread evenly.

    Returns
    -------
    noisy, clean : Tensor
        (n, 1, y, x), 1 in vacuum, on the CPU.

    Raises
    ------
    MethodError
        If there is no image.
    """
    images = data.noisy_validation
    if images is None or data.validation_doses_e_per_px is None or len(images) == 0:
        raise MethodError("no image to validate on", remedy="Check the split of the store")
    pairs = [recorded_pair(data, binning, number) for number in spread(len(images), count)]
    noisy, clean = zip(*pairs, strict=True)
    return torch.cat(noisy), torch.cat(clean)


def recorded_pair(data: TrainingData, binning: int, number: int) -> tuple[Tensor, Tensor]:
    """Return a validation image as it was recorded, and its clean values at the bins' centres.

    Both are (1, 1, y, x), 1 in vacuum; `data` has noisy validation images and their doses.
    """
    images, doses = data.noisy_validation, data.validation_doses_e_per_px
    assert images is not None
    assert doses is not None
    recorded = images[number]
    height, width = (side // binning * binning for side in recorded.shape)
    counts = bin_counts(recorded[:height, :width], binning)
    noisy = torch.from_numpy(counts / np.float32(doses[number] * binning**2))
    clean = torch.from_numpy(data.validation[number][:height, :width]) / data.dose_e_per_px
    centre = bin_clean(clean[None], binning)[1]
    return noisy[None, None], centre[:, None].contiguous()
