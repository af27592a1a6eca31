"""Noisy series to learn from: a frame's hidden bins are taught by what is counted in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, progress, seed_sequence
from tembench.methods import LOSSES, Objective, TrainingConfig, bin_counts, known_series
from tembench.methods.training.batches import SYMMETRIES, augment

from .blind import PHASES, REACH, hidden, neighbours, question

if TYPE_CHECKING:
    from tembench.methods import FocalSeries, ImageSource, TrainingData

HIDDEN_LIKELIHOOD = "log likelihood of hidden counts (per expected count in vacuum)"


class SeriesCache:
    """Noisy frames with their neighbours, as counts in half bins.

    Parameters
    ----------
    images : ImageSource
        Noisy images of one shape (y, x): whole counts.
    frames : sequence of list
        Numbers of the frames that make a sample, None for those that do not exist.
    binning : int
        Side of a bin, native px; where it is odd, bins begin at every bin only.
    """

    def __init__(
        self, images: ImageSource, frames: Sequence[list[int | None]], *, binning: int
    ) -> None:
        """Read each image once."""
        numbers = sorted({number for sample in frames for number in sample if number is not None})
        self._parts = 1 if binning % 2 else 2
        self._grain = binning // self._parts
        held = []
        with progress("Reading noisy series", len(numbers)) as advance:
            for number in numbers:
                held.append(self._half_bins(images[number], binning))
                advance(1)
        self._counts = torch.from_numpy(np.stack(held))
        places = {number: place for place, number in enumerate(numbers)}
        self._frames = [
            [None if number is None else places[number] for number in sample] for sample in frames
        ]

    def __len__(self) -> int:
        """Return how many samples there are."""
        return len(self._frames)

    def sample(
        self, number: int, *, random: np.random.Generator | None = None, side: int = 0
    ) -> tuple[Tensor, Tensor]:
        """Give the frames of a sample in bins, and which of them exist.

        Parameters
        ----------
        number : int
            Which sample.
        random : numpy.random.Generator, optional
            Places a piece anywhere in the image; without one the whole image is given.
        side : int
            Bins along the piece, cut down to the image where that is smaller.

        Returns
        -------
        counts, present : Tensor
            (frames, y, x) float32 and (frames,) of bool.
        """
        parts = self._parts
        rows, columns = (extent // parts * parts for extent in self._counts.shape[1:])
        top = left = 0
        if random is not None:
            rows = columns = min(side * parts, rows, columns)
            top, left = (
                int(random.integers(extent - rows + 1)) for extent in self._counts.shape[1:]
            )
        place = np.s_[top : top + rows, left : left + columns]
        frames = self._frames[number]
        pieces = [self._counts[0 if one is None else one][place] for one in frames]
        bins = torch.stack(pieces).reshape(
            len(frames), rows // parts, parts, columns // parts, parts
        )
        return bins.sum((2, 4)).float(), torch.tensor([one is not None for one in frames])

    def digest(self) -> str:
        """Short digest of the counts held and of what is made of them."""
        state = hashlib.sha256(repr((tuple(self._counts.shape), self._frames)).encode())
        state.update(self._counts.numpy().tobytes())
        return state.hexdigest()[:16]

    def _half_bins(self, counts: np.ndarray, binning: int) -> np.ndarray:
        height, width = (side // binning * binning for side in counts.shape)
        if not height or not width:
            raise MethodError("the images are smaller than one bin", expected=f"{binning} px")
        if not np.issubdtype(counts.dtype, np.integer):
            raise MethodError(
                "the noisy images are no whole counts",
                expected="electrons counted one by one, as without a detector",
                got=str(counts.dtype),
            )
        return bin_counts(counts[:height, :width], self._grain).astype(np.int16)


class HiddenBins:
    """Batches of frames with hidden bins; a `Sampler`.

    Parameters
    ----------
    cache : SeriesCache
        The noisy frames.
    config : TrainingConfig
        Batch, crop, binning and symmetries.
    counts_in_vacuum : float
        Counts expected in a bin of vacuum.
    alone : float
        Chance that a frame is shown without its neighbours, as one that has none.
    seed : int
        Seed of the training.
    device : torch.device
        Where batches are needed.
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
        """Keep what batches depend on."""
        self._cache, self._config, self._counts = cache, config, counts_in_vacuum
        self._alone, self._seed, self._device = alone, seed, device

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Give the batch of one step: input (n, `INPUTS`, y, x) and target (n, 2, y, x)."""
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
        asked, answer = make_pair(counts, present, phases, self._counts)
        return asked.to(self._device), answer.to(self._device)

    def digest(self) -> str:
        """Tell the images from others."""
        return self._cache.digest()


def make_pair(
    counts: Tensor, present: Tensor, phases: Tensor, counts_in_vacuum: float
) -> tuple[Tensor, Tensor]:
    """Hide bins of the middle frame, and ask for what was counted in them.

    Parameters
    ----------
    counts, present : Tensor
        (n, frames, y, x), and which frames exist, (n, frames).
    phases : Tensor
        Which bins are hidden, (n,).
    counts_in_vacuum : float
        Counts expected in a bin of vacuum.

    Returns
    -------
    asked, answer : Tensor
        What `question` makes, and (n, 2, y, x): the counts in units of the vacuum's expectation,
        and that expectation where a bin is hidden, 0 elsewhere, as weights of the loss.
    """
    frames = counts / counts_in_vacuum
    blind = hidden(phases, (counts.shape[-2], counts.shape[-1]))
    exposure = counts_in_vacuum * blind.float()
    return question(frames, present, blind), torch.stack([frames[:, REACH], exposure], dim=1)


def hidden_counts_objective(
    data: TrainingData,
    config: TrainingConfig,
    device: torch.device,
    *,
    series: int,
    alone: float,
) -> Objective:
    """Teach hidden bins by their counts; clean images are not looked at.

    Parameters
    ----------
    data, config, device
        As for every `tembench.methods.training.objective.ObjectiveFactory`.
    series : int
        Noisy series used, spread evenly over the training part; 0 uses all.
    alone : float
        Chance that a frame is shown without its neighbours.

    Raises
    ------
    MethodError
        Where there is no noisy image, or one that is no whole counts.
    """
    noisy, held_out = data.noisy, data.noisy_validation
    if noisy is None or held_out is None or not len(noisy) or not len(held_out):
        raise MethodError("no noisy image to learn from", remedy="Check the split of the store")
    in_vacuum = data.dose_e_per_px * config.binning**2
    chosen = _spread(known_series(data.series, len(noisy)), series)
    cache = SeriesCache(noisy, _samples(chosen), binning=config.binning)
    frames = _samples(known_series(data.validation_series, len(held_out)))
    watched = SeriesCache(
        held_out, _spread(frames, config.validation_images), binning=config.binning
    )

    def validate(predict: Callable[[Tensor], Tensor]) -> float:
        losses = []
        for number in range(len(watched)):
            counts, present = watched.sample(number)
            phase = torch.tensor([number % PHASES])
            asked, answer = make_pair(counts[None], present[None], phase, in_vacuum)
            losses.append(LOSSES[config.loss](predict(asked.to(device)), answer.to(device)))
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
    """Return every frame of every series with its neighbours, as numbers of images."""
    return [
        [None if place is None else one.images[place] for place in places]
        for one in series
        for position in range(len(one.images))
        for places in (neighbours(position, len(one.images)),)
    ]


def _spread(everything: Sequence, most: int) -> list:  # type: ignore[type-arg]
    """Return `most` of them, spread evenly; all for 0."""
    if not most or most >= len(everything):
        return list(everything)
    return [everything[int(i)] for i in np.linspace(0, len(everything) - 1, most).round()]
