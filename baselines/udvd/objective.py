"""Training objective on noisy series: predict the counts of a frame's hidden bins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, seed_sequence
from tembench.methods import (
    LOSSES,
    SYMMETRIES,
    Objective,
    TrainingConfig,
    augment,
    known_series,
    read_counts,
    spread_evenly,
)

from .blind import PHASES, REACH, hidden, neighbours, network_input

if TYPE_CHECKING:
    from tembench.methods import FocalSeries, ImageSource, TrainingData

HIDDEN_LIKELIHOOD = "log likelihood of hidden counts (per expected count in vacuum)"


class SeriesCache:
    """Noisy frames with their neighbours, each image cached once as binned counts.

    Parameters
    ----------
    images : ImageSource
        Noisy images of one shape (y, x): integer counts.
    frames : sequence of list
        Indices of the frames of each sample, None for frames that do not exist.
    binning : int
        Side of a bin, native px; where it is odd, bins begin at every bin only.
    """

    def __init__(
        self, images: ImageSource, frames: Sequence[list[int | None]], *, binning: int
    ) -> None:
        """Read each image once."""
        chosen = sorted({index for sample in frames for index in sample if index is not None})
        cpu = torch.device("cpu")
        self._counts = read_counts(images, binning=binning, device=cpu, chosen=chosen)
        cached = {index: position for position, index in enumerate(chosen)}
        self._frames = [
            [None if index is None else cached[index] for index in sample] for sample in frames
        ]

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._frames)

    def sample(
        self, number: int, *, random: np.random.Generator | None = None, side: int = 0
    ) -> tuple[Tensor, Tensor]:
        """Return the frames of a sample in bins, and which of them exist.

        Parameters
        ----------
        number : int
            Index of the sample.
        random : numpy.random.Generator, optional
            Draws the position of a crop; without it the whole image is returned.
        side : int
            Bins along the crop, at most the image's shorter side.

        Returns
        -------
        counts, present : Tensor
            (frames, y, x) float32 and (frames,) of bool.
        """
        window = None if random is None else self._counts.random_window(random, side)
        frames = self._frames[number]
        counts = [self._counts.bins(0 if frame is None else frame, window) for frame in frames]
        return torch.stack(counts), torch.tensor([frame is not None for frame in frames])

    def digest(self) -> str:
        """Return a short digest of the counts and of the samples made of them."""
        return self._counts.digest(self._frames)


class HiddenBins:
    """Sampler of frames with hidden bins; a `Sampler` of the training loop.

    Parameters
    ----------
    cache : SeriesCache
        The noisy frames.
    config : TrainingConfig
        Batch, crop, binning and symmetries.
    counts_in_vacuum : float
        Counts expected in a bin of vacuum.
    alone : float
        Chance that a frame is shown without its neighbours, like an image on its own.
    seed : int
        Seed of the training.
    device : torch.device
        Device that batches are moved to.
    """

    def __init__(
        self,
        cache: SeriesCache,
        config: TrainingConfig,
        *,
        counts_in_vacuum: float,
        alone: float,
        seed: int,
        device: torch.device,
    ) -> None:
        """Store the settings."""
        self._cache, self._config, self._counts = cache, config, counts_in_vacuum
        self._alone, self._seed, self._device = alone, seed, device

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step: input (n, `INPUTS`, y, x) and target (n, 2, y, x)."""
        config = self._config
        random = np.random.default_rng(seed_sequence(self._seed, "series-training", step))
        numbers = random.integers(len(self._cache), size=config.batch)
        samples = [
            self._cache.sample(int(number), random=random, side=config.crop) for number in numbers
        ]
        counts = torch.stack([counts for counts, _ in samples])
        present = torch.stack([present for _, present in samples])
        present &= torch.from_numpy(random.random((config.batch, 1)) >= self._alone)
        present[:, REACH] = True
        counts = augment(counts, SYMMETRIES[config.symmetries], random)
        phases = torch.from_numpy(random.integers(PHASES, size=config.batch))
        inputs, targets = make_pair(counts, present, phases, self._counts)
        return inputs.to(self._device), targets.to(self._device)

    def digest(self) -> str:
        """Return a digest of the images."""
        return self._cache.digest()


def make_pair(
    counts: Tensor, present: Tensor, phases: Tensor, counts_in_vacuum: float
) -> tuple[Tensor, Tensor]:
    """Make input and target: hide bins of the middle frame, predict the counts in them.

    Parameters
    ----------
    counts, present : Tensor
        (n, frames, y, x), and which frames exist, (n, frames).
    phases : Tensor
        Phase of the hidden bins, (n,).
    counts_in_vacuum : float
        Counts expected in a bin of vacuum.

    Returns
    -------
    inputs, targets : Tensor
        From `network_input`, and (n, 2, y, x): the counts in units of the vacuum's expectation,
        and that expectation where a bin is hidden, 0 elsewhere, as weights of the loss.
    """
    frames = counts / counts_in_vacuum
    blind = hidden(phases, (counts.shape[-2], counts.shape[-1]))
    exposure = counts_in_vacuum * blind.float()
    return network_input(frames, present, blind), torch.stack([frames[:, REACH], exposure], dim=1)


def hidden_counts_objective(
    data: TrainingData,
    config: TrainingConfig,
    device: torch.device,
    *,
    series: int,
    alone: float,
) -> Objective:
    """Train on the counts of hidden bins; clean images are not used.

    Parameters
    ----------
    data, config, device
        As for every `tembench.methods.training.objective.ObjectiveFactory`.
    series : int
        Number of noisy series, spread evenly over the training part; 0 uses all.
    alone : float
        Chance that a frame is shown without its neighbours.

    Raises
    ------
    MethodError
        If there is no noisy image, or one is not integer counts.
    """
    noisy, held_out = data.noisy, data.noisy_validation
    if noisy is None or held_out is None or not len(noisy) or not len(held_out):
        raise MethodError("no noisy image to train on", remedy="Check the split of the store")
    in_vacuum = data.dose_e_per_px * config.binning**2
    chosen = spread_evenly(known_series(data.series, len(noisy)), series)
    cache = SeriesCache(noisy, _samples(chosen), binning=config.binning)
    frames = _samples(known_series(data.validation_series, len(held_out)))
    validation = SeriesCache(
        held_out, spread_evenly(frames, config.validation_images), binning=config.binning
    )

    def validate(predict: Callable[[Tensor], Tensor]) -> float:
        losses = []
        for number in range(len(validation)):
            counts, present = validation.sample(number)
            phase = torch.tensor([number % PHASES])
            inputs, targets = make_pair(counts[None], present[None], phase, in_vacuum)
            losses.append(LOSSES[config.loss](predict(inputs.to(device)), targets.to(device)))
        return -float(torch.stack(losses).mean())

    sampler = HiddenBins(
        cache,
        config,
        counts_in_vacuum=in_vacuum,
        alone=alone,
        seed=data.seed,
        device=device,
    )
    return Objective(sampler=sampler, validate=validate, score_label=HIDDEN_LIKELIHOOD)


def _samples(series: Sequence[FocalSeries]) -> list[list[int | None]]:
    """Return every frame of every series with its neighbours, as indices of images."""
    return [
        [None if position is None else one.images[position] for position in positions]
        for one in series
        for middle in range(len(one.images))
        for positions in (neighbours(middle, len(one.images)),)
    ]
