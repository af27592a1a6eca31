"""Training objectives: a batch sampler and a validation score."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tembench.core import REFERENCE_DOSE_E_PER_PX, MethodError
from tembench.dataset import spread
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.samples import (
    CropOptics,
    CropSource,
    ImageCache,
    ImageCrops,
    MovedSampler,
    RecordedSampler,
    Sampler,
    SupervisedSampler,
    WaveCrops,
    moved_validation_set,
    recorded_validation_set,
    validation_set,
)

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingData

PSNR = "mean PSNR (dB)"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Batches to train on and a validation score.

    Attributes
    ----------
    sampler : Sampler
        Source of the batches.
    validate : callable
        Takes the network under training as a function of a batch (n, channels, y, x) and returns
        a score, higher is better.
    score_label : str
        Name of the score, with its unit.
    prefetch : bool
        Whether the next batch is made in a thread of its own: useful where it is read from disk,
        not where it competes with the network for processors.
    """

    sampler: Sampler
    validate: Callable[[Callable[[Tensor], Tensor]], float]
    score_label: str
    prefetch: bool = False

    @contextmanager
    def batches(self, first: int = 0) -> Iterator[Callable[[int], tuple[Tensor, Tensor]]]:
        """Provide the batches, the next one made while the network is busy.

        Parameters
        ----------
        first : int
            First step.

        Yields
        ------
        draw : callable
            Takes consecutive steps and returns their batches.
        """
        if not self.prefetch:
            yield self.sampler.draw
            return
        with ThreadPoolExecutor(1) as executor:
            upcoming = executor.submit(self.sampler.draw, first)

            def draw(step: int) -> tuple[Tensor, Tensor]:
                nonlocal upcoming
                batch = upcoming.result()
                upcoming = executor.submit(self.sampler.draw, step + 1)
                return batch

            yield draw


ObjectiveFactory = Callable[["TrainingData", TrainingConfig, torch.device], Objective]


def supervised_objective(
    data: TrainingData, config: TrainingConfig, device: torch.device
) -> Objective:
    """Train on clean crops with noise: of images as they are or moved, or formed from exit waves.

    Raises
    ------
    MethodError
        If there is no image, no exit waves although `config` asks for them, or moved samples are
        not those of a drawn recipe.
    """
    sampler: Sampler
    noisy: Tensor | Sequence[Tensor]
    clean: Tensor | Sequence[Tensor]
    if config.samples == "moved":
        prefetch = False
        cache = ImageCache(data.train, data.dose_e_per_px, device, config.memory_GB)
        sampler = MovedSampler(data, cache, config, seed=data.seed, device=device)
        chosen = list(spread(len(data.validation), config.validation_images))
        noisy, clean = moved_validation_set(data, config.bin_A, chosen)
    else:
        crops, prefetch = _crop_source(data, config, device)
        sampler = _sampler(crops, data, config, device)
        noisy, clean = _validation(data, config)
    # Images of doses that differ are compared at the reference dose, as in their scores.
    dose = data.dose_e_per_px if data.validation_doses_e_per_px is None else REFERENCE_DOSE_E_PER_PX

    def validate(denoise: Callable[[Tensor], Tensor]) -> float:
        return mean_psnr_db(denoise, noisy, clean, dose, device)

    return Objective(sampler=sampler, validate=validate, score_label=PSNR, prefetch=prefetch)


def _sampler(
    crops: CropSource, data: TrainingData, config: TrainingConfig, device: torch.device
) -> Sampler:
    if data.cameras is not None and isinstance(crops, ImageCrops):
        return RecordedSampler(
            crops, data.cameras, config, data.dose_e_per_px, seed=data.seed, device=device
        )
    return SupervisedSampler(
        crops,
        counts_in_vacuum=data.dose_e_per_px * config.binning**2,
        batch=config.batch,
        symmetries=config.symmetries,
        dose_range=config.dose_range,
        seed=data.seed,
        device=device,
    )


def _validation(data: TrainingData, config: TrainingConfig) -> tuple[Tensor, Tensor]:
    if data.validation_doses_e_per_px is not None:
        return recorded_validation_set(data, config.binning, config.validation_images)
    return validation_set(
        data.validation,
        dose_e_per_px=data.dose_e_per_px,
        binning=config.binning,
        count=config.validation_images,
        seed=data.seed,
    )


def mean_psnr_db(
    denoise: Callable[[Tensor], Tensor],
    noisy: Tensor | Sequence[Tensor],
    clean: Tensor | Sequence[Tensor],
    dose_e_per_px: float,
    device: torch.device,
) -> float:
    """Return the mean PSNR of images clamped to the peak of 1 e/px, at the network's sampling.

    Parameters
    ----------
    denoise : callable
        Maps a batch (1, channels, y, x) to (1, 1, y, x), 1 in vacuum.
    noisy, clean : Tensor, or sequence of Tensor
        Inputs and clean images, (n, channels, y, x) and (n, 1, y, x), 1 in vacuum; where their
        sizes differ, a sequence of such with n = 1.
    dose_e_per_px : float
        Expected electrons per native pixel in vacuum.
    device : torch.device
        Device of the network.
    """
    total = 0.0
    pairs = (batch.split(1) if isinstance(batch, Tensor) else batch for batch in (noisy, clean))
    for one_noisy, one_clean in zip(*pairs, strict=True):
        denoised = denoise(one_noisy.to(device)).clamp(0, 1 / dose_e_per_px)
        error = (dose_e_per_px * (denoised - one_clean.to(device))).square().mean()
        total -= 10 * math.log10(max(float(error), 1e-12))
    return total / len(noisy)


def _crop_source(
    data: TrainingData, config: TrainingConfig, device: torch.device
) -> tuple[CropSource, bool]:
    if config.samples == "waves":
        if data.waves is None:
            raise MethodError(
                "no exit waves to form images from",
                expected="a store whose images have no drift and no detector",
                remedy='Set samples = "images"',
            )
        optics = CropOptics(
            defocus_jitter_nm=config.defocus_jitter_nm,
            spread_range=config.spread_range,
            rotation_deg=config.rotation_deg,
            overhang_px=config.overhang_px,
        )
        wave_crops = WaveCrops(
            data.waves, optics, binning=config.binning, crop=config.crop, device=device
        )
        return wave_crops, False
    cache = ImageCache(data.train, data.dose_e_per_px, device, config.memory_GB)
    crops = ImageCrops(
        cache, dose_e_per_px=data.dose_e_per_px, binning=config.binning, crop=config.crop
    )
    return crops, not cache.on_device
