"""Training objective on one series of low noise, bin by bin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from tembench.core import MethodError, seed_sequence
from tembench.methods import (
    PSNR,
    Objective,
    TrainingConfig,
    add_noise,
    bin_counts,
    known_series,
    mean_psnr_db,
    refuse_less_than_a_bin,
    spread_evenly,
)

from .network import resample

if TYPE_CHECKING:
    from tembench.methods import FocalSeries, ImageSource, TrainingData


class LowNoiseSeries:
    """Sampler of bins of one series of high dose, with the noise of a low dose added.

    Parameters
    ----------
    means : numpy.ndarray
        Mean counts at the high dose in a bin beginning at each pixel, in units of the vacuum's
        expectation, float32 (frames, y, x).
    config : TrainingConfig
        A batch is `batch` times `crop` x `crop` bins, drawn independently from the whole image.
    counts_in_vacuum : float
        Counts expected in a bin of vacuum at the low dose.
    seed : int
        Seed of the training.
    device : torch.device
        Device where batches are made.
    """

    def __init__(
        self,
        means: np.ndarray,
        config: TrainingConfig,
        *,
        counts_in_vacuum: float,
        seed: int,
        device: torch.device,
    ) -> None:
        self._means = torch.from_numpy(means).to(device)
        self._shape = (config.batch, config.crop, config.crop)
        self._counts, self._seed = counts_in_vacuum, seed
        self._generator = torch.Generator(device)
        self._digest = hashlib.sha256(means.tobytes()).hexdigest()[:16]

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of a step: noisy and less noisy series, (batch, frames, crop, crop)."""
        random = np.random.default_rng(seed_sequence(self._seed, "low-noise-series", step))
        self._generator.manual_seed(int(random.integers(2**62)))
        rows, columns = (
            torch.from_numpy(random.integers(extent, size=self._shape)).to(self._means.device)
            for extent in self._means.shape[1:]
        )
        target = self._means[:, rows, columns].movedim(0, 1).contiguous()
        return add_noise(target, self._counts, self._generator), target

    def digest(self) -> str:
        """Return a digest of the series."""
        return self._digest


def low_noise_objective(
    data: TrainingData,
    config: TrainingConfig,
    device: torch.device,
    *,
    frames_nm: np.ndarray,
    low_noise_dose: float,
) -> Objective:
    """Train on one series of the training part.

    Parameters
    ----------
    data, config, device
        As for every `tembench.methods.training.objective.ObjectiveFactory`.
    frames_nm : numpy.ndarray
        Defocus of each frame of the network.
    low_noise_dose : float
        Dose of the training series, in units of the images' dose.

    Raises
    ------
    MethodError
        If there is no image, or one is smaller than a bin.
    """
    in_vacuum = data.dose_e_per_px * config.binning**2
    one = training_series(data)
    clean = np.stack([data.train[number] for number in one.images]) / data.dose_e_per_px
    refuse_less_than_a_bin(clean.shape[1:], config.binning)
    random = np.random.default_rng(seed_sequence(data.seed, "low-noise"))
    high_dose = low_noise_dose * data.dose_e_per_px
    recorded = random.poisson(high_dose * np.maximum(clean, 0)) / high_dose
    means = _at_every_pixel(resample(recorded, np.array(one.defocus_nm), frames_nm), config.binning)
    noisy, target, positions = _held_out(data, config, frames_nm)

    def validate(denoise: Callable[[Tensor], Tensor]) -> float:
        frames = iter(positions)
        return mean_psnr_db(
            lambda series: denoise(series)[:, next(frames), None],
            noisy,
            target,
            data.dose_e_per_px,
            device,
        )

    sampler = LowNoiseSeries(
        means, config, counts_in_vacuum=in_vacuum, seed=data.seed, device=device
    )
    return Objective(sampler=sampler, validate=validate, score_label=PSNR)


def training_series(data: TrainingData) -> FocalSeries:
    """Return the training series: the middle one of the longest series."""
    if len(data.train) == 0:
        raise MethodError("no image to train on", remedy="Check the split of the store")
    series = known_series(data.series, len(data.train))
    most = max(len(one.images) for one in series)
    longest = [one for one in series if len(one.images) == most]
    return longest[len(longest) // 2]


def _at_every_pixel(series: np.ndarray, binning: int) -> np.ndarray:
    """Average over bins that begin at every pixel, (n, y - binning + 1, x - binning + 1)."""
    averages = ndimage.uniform_filter(series, (0, binning, binning))
    first, cut = binning // 2, binning - 1 - binning // 2
    height, width = (side - cut for side in series.shape[1:])
    return np.ascontiguousarray(averages[:, first:height, first:width])


def _held_out(
    data: TrainingData, config: TrainingConfig, frames_nm: np.ndarray
) -> tuple[Tensor, Tensor, list[int]]:
    """Return validation series with the same noise throughout a training.

    Returns
    -------
    noisy, clean : Tensor
        (n, frames, y, x), and the frame that is scored, (n, 1, y, x); 1 in vacuum.
    positions : list of int
        Index of that frame.
    """
    known = known_series(data.validation_series, len(data.validation))
    random = np.random.default_rng(seed_sequence(data.seed, "series-validation"))
    noisy, clean, positions = [], [], []
    for one in spread_evenly(known, config.validation_images):
        means = _bins(data.validation, one.images, config.binning) / data.dose_e_per_px
        in_vacuum = data.dose_e_per_px * config.binning**2
        counted = random.poisson(in_vacuum * np.maximum(means, 0)) / in_vacuum
        position = int(random.integers(len(frames_nm)))
        values_nm = np.array(one.defocus_nm)
        noisy.append(resample(counted, values_nm, frames_nm))
        clean.append(resample(means, values_nm, frames_nm[position, None]))
        positions.append(position)
    return torch.from_numpy(np.stack(noisy)), torch.from_numpy(np.stack(clean)), positions


def _bins(images: ImageSource, numbers: Sequence[int], binning: int) -> np.ndarray:
    """Average over whole bins of images, e/px; (n, y, x)."""
    return np.stack([bin_counts(images[number], binning) for number in numbers]) / binning**2
