"""What a training teaches: where its batches come from, and how well it is learned."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tembench.core import MethodError
from tembench.methods.training.batches import (
    CropSource,
    ImageCrops,
    Sampler,
    SupervisedSampler,
    validation_set,
)
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.image_cache import ImageCache
from tembench.methods.training.wave_crops import Optics, WaveCrops

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingData

PSNR = "mean PSNR (dB)"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Batches to learn from and a score to be judged by.

    Attributes
    ----------
    sampler : Sampler
        Source of the batches.
    validate : callable
        Takes the network under training as a function of a batch (n, channels, y, x) and returns
        a score, higher is better.
    score_label : str
        What that is, with its unit.
    prefetch : bool
        Whether the next batch is to be made in a thread of its own: where it is read from a disk,
        not where it would take the network's processors.
    """

    sampler: Sampler
    validate: Callable[[Callable[[Tensor], Tensor]], float]
    score_label: str
    prefetch: bool = False

    @contextmanager
    def batches(self, first: int = 0) -> Iterator[Callable[[int], tuple[Tensor, Tensor]]]:
        """Give batches one after another, the next one made while the network is busy.

        Parameters
        ----------
        first : int
            The step to begin with.

        Yields
        ------
        draw : callable
            Takes a step, each one more than the last, and returns its batch.
        """
        if not self.prefetch:
            yield self.sampler.draw
            return
        with ThreadPoolExecutor(1) as helper:
            coming = helper.submit(self.sampler.draw, first)

            def draw(step: int) -> tuple[Tensor, Tensor]:
                nonlocal coming
                batch = coming.result()
                coming = helper.submit(self.sampler.draw, step + 1)
                return batch

            yield draw


ObjectiveFactory = Callable[["TrainingData", TrainingConfig, torch.device], Objective]


def supervised_objective(
    data: TrainingData, config: TrainingConfig, device: torch.device
) -> Objective:
    """Train on clean images: Poisson noise on crops of them, or of images formed from exit waves.

    Raises
    ------
    MethodError
        Where there is no image, or no exit waves though `config` asks for them.
    """
    crops, prefetch = _crop_source(data, config, device)
    sampler = SupervisedSampler(
        crops,
        counts_in_vacuum=data.dose_e_per_px * config.binning**2,
        batch=config.batch,
        symmetries=config.symmetries,
        dose_range=config.dose_range,
        seed=data.seed,
        device=device,
    )
    noisy, clean = validation_set(
        data.validation,
        dose_e_per_px=data.dose_e_per_px,
        binning=config.binning,
        count=config.validation_images,
        seed=data.seed,
    )

    def validate(denoise: Callable[[Tensor], Tensor]) -> float:
        return mean_psnr_db(denoise, noisy, clean, data.dose_e_per_px, device)

    return Objective(sampler=sampler, validate=validate, score_label=PSNR, prefetch=prefetch)


def mean_psnr_db(
    denoise: Callable[[Tensor], Tensor],
    noisy: Tensor,
    clean: Tensor,
    dose_e_per_px: float,
    device: torch.device,
) -> float:
    """Mean over images of the PSNR (peak 1 e/px) at the network's sampling, clamped to the peak."""
    total = 0.0
    for one_noisy, one_clean in zip(noisy.split(1), clean.split(1), strict=True):
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
        optics = Optics(
            defocus_jitter_nm=config.defocus_jitter_nm,
            spread_range=config.spread_range,
            rotation_deg=config.rotation_deg,
            overhang_px=config.overhang_px,
        )
        crops = WaveCrops(
            data.waves, optics, binning=config.binning, crop=config.crop, device=device
        )
        return crops, False
    cache = ImageCache(data.train, data.dose_e_per_px, device, config.memory_GB)
    pieces = ImageCrops(
        cache, dose_e_per_px=data.dose_e_per_px, binning=config.binning, crop=config.crop
    )
    return pieces, not cache.on_device
