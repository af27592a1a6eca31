"""Objective on the frames of a movie: some are predicted from others that show the same.

The noise of two frames is independent whatever the camera does to it; the parts of one thinned
frame are not, if an electron is seen by several pixels. Frames are registered by whole pixels, so
that drift is no obstacle; what changes otherwise between neighbours is averaged.

References
----------
J. Lehtinen et al., "Noise2Noise: Learning Image Restoration without Clean Data", ICML 2018
(arXiv 1803.04189).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, seed_sequence
from tembench.methods.counts.binning import bin_counts, refuse_less_than_a_bin
from tembench.methods.counts.registration import frame_shifts, registered_sum
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.objective import Objective
from tembench.methods.training.samples import SYMMETRIES, augment

if TYPE_CHECKING:
    from tembench.methods.protocol import MovieFrames, TrainingData

HELD_OUT_FRAMES = "minus the loss on held-out frames"
# Least number of frames before and after one that its target is taken from, and the target's share.
_TARGET_REACH, _TARGET_SHARE = 4, 1 / 3


def frames_objective(data: TrainingData, config: TrainingConfig, device: torch.device) -> Objective:
    """Predict frames of `data.movie` from their neighbours, or from one alone.

    Parameters
    ----------
    data, config, device
        As for every `tembench.methods.training.objective.ObjectiveFactory`; clean images are not
        used.

    Raises
    ------
    MethodError
        If there are too few frames.
    """
    if data.movie is None or data.noisy is None:
        raise MethodError("no movie to train on", remedy="Train on single images")
    frames = [data.noisy[number] for number in range(len(data.noisy))]
    pairs = FramePairs(frames, data, data.movie, config)
    held_out = [
        [torch.from_numpy(part).to(device) for part in pairs.held_out(number)]
        for number in data.movie.held_out
    ]

    def validate(predict: Callable[[Tensor], Tensor]) -> float:
        losses = [LOSSES[config.loss](predict(given), target) for given, target in held_out]
        return -float(torch.stack(losses).mean())

    sampler = FrameSampler(pairs, config, seed=data.seed, device=device)
    return Objective(sampler=sampler, validate=validate, score_label=HELD_OUT_FRAMES)


class FramePairs:
    """Registered frames, and what is made of them: inputs and targets in bins.

    Parameters
    ----------
    frames : sequence of numpy.ndarray
        Counts (y, x) of each frame.
    data : TrainingData
        Pixel size and dose.
    movie : MovieFrames
        The frames held out, and the reach of the input.
    config : TrainingConfig
        Side of a bin and of a crop.
    """

    def __init__(
        self,
        frames: Sequence[np.ndarray],
        data: TrainingData,
        movie: MovieFrames,
        config: TrainingConfig,
    ) -> None:
        refuse_less_than_a_bin(frames[0].shape, config.binning)
        self.shape: tuple[int, int] = frames[0].shape
        self._frames, self._movie, self._config = frames, movie, config
        self._dose = data.dose_e_per_px
        self._shifts = frame_shifts(np.stack(frames), data.pixel_size_A)
        self.trained = [n for n in range(len(frames)) if n not in set(movie.held_out)]
        if len(self.trained) < 2 or len(movie.held_out) < 2:
            raise MethodError(
                "too few frames to predict one from another",
                expected="two to train on, and two to hold out",
                got=str(len(frames)),
                remedy="Train on single frames",
            )

    def drawn(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return input (1, y, x) and target (2, y, x) of a crop at a random place and time."""
        reach = self._movie.reach
        number = int(random.choice(self.trained))
        far = max(reach, _TARGET_REACH)
        around = [n for n in self.trained if n != number and abs(n - number) <= far]
        around = around or [n for n in self.trained if n != number]
        random.shuffle(around)
        if reach:
            targets = around[: max(1, round(_TARGET_SHARE * len(around)))]
            given = [number, *(n for n in around[len(targets) :] if abs(n - number) <= reach)]
        else:
            targets, given = around, [number]
        binning = self._config.binning
        sides = [min(self._config.crop * binning, side // binning * binning) for side in self.shape]
        side = min(sides)
        top, left = (int(random.integers(extent - side + 1)) for extent in self.shape)
        window = (slice(top, top + side), slice(left, left + side))
        return self._pair(number, given, targets, window)

    def held_out(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return input (1, 1, y, x) and target (1, 2, y, x) of a frame held out, as a whole."""
        others = [n for n in self._movie.held_out if n != number]
        target = min(others, key=lambda n: abs(n - number))
        reach = self._movie.reach
        near = range(max(0, number - reach), min(len(self._frames), number + reach + 1))
        given = [n for n in near if n != target]
        shown, wanted = self._pair(number, given, [target], (slice(None), slice(None)))
        return shown[None], wanted[None]

    def _pair(
        self,
        number: int,
        given: Sequence[int],
        targets: Sequence[int],
        window: tuple[slice, slice],
    ) -> tuple[np.ndarray, np.ndarray]:
        shown, seen = self._in_bins(number, given, window)
        wanted, exposure = self._in_bins(number, targets, window)
        unseen = exposure <= 0
        relative = np.where(unseen, 1, wanted / np.where(unseen, 1, exposure))
        return (shown / seen)[None], np.stack([relative, exposure]).astype(np.float32)

    def _in_bins(
        self, number: int, chosen: Sequence[int], window: tuple[slice, slice]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts of a registered sum, and those of vacuum, both in bins."""
        binning = self._config.binning
        total, seen = registered_sum(self._frames, self._shifts, number, chosen)
        height, width = (side // binning * binning for side in total[window].shape)
        counts, frames = (
            bin_counts(np.ascontiguousarray(part[window][:height, :width]), binning)
            for part in (total, seen)
        )
        return counts, frames * np.float32(self._dose)

    def digest(self) -> str:
        """Return a short digest of the counts and of the shifts."""
        state = hashlib.sha256(np.rint(self._shifts).astype(np.int64).tobytes())
        for frame in self._frames:
            state.update(np.ascontiguousarray(frame).tobytes())
        return state.hexdigest()[:16]


class FrameSampler:
    """Sampler of crops of registered frames; a `Sampler`."""

    def __init__(
        self, pairs: FramePairs, config: TrainingConfig, *, seed: int, device: torch.device
    ) -> None:
        self._pairs, self._config, self._seed, self._device = pairs, config, seed, device

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step: input (n, 1, y, x) and target (n, 2, y, x)."""
        random = np.random.default_rng(seed_sequence(self._seed, "frame-training", step))
        drawn = [self._pairs.drawn(random) for _ in range(self._config.batch)]
        together = np.stack([np.concatenate(pair) for pair in drawn]).astype(np.float32)
        turned = augment(torch.from_numpy(together), SYMMETRIES[self._config.symmetries], random)
        turned = turned.to(self._device)
        return turned[:, :1], turned[:, 1:]

    def digest(self) -> str:
        """Return a digest of the frames."""
        return self._pairs.digest()
