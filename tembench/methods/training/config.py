"""Training settings: their defaults and checks, and the learning-rate schedules they name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from tembench.core import MethodError
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.samples import SYMMETRIES

SCHEDULES = ("cosine", "plateau", "constant")
OPTIMISERS = ("adamw", "muon")
SAMPLES = ("images", "waves", "moved")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Training settings; the defaults suit small images on a CPU.

    Parameters
    ----------
    steps : int
        Number of optimiser steps.
    batch : int
        Samples per step.
    crop : int
        Side of a sample, in bins.
    binning : int
        Side of a bin, native px; 1 trains at native sampling.
    optimiser : str
        ``"adamw"``, or ``"muon"``: see `tembench.methods.training.muon`.
    learning_rate : float
        Highest learning rate.
    matrix_rate : float
        Learning rate of Muon's orthogonal steps, in units of `learning_rate`.
    schedule : str
        ``"cosine"`` falls to 0 over the training, ``"plateau"`` halves after `plateau_patience`
        validations without improvement, ``"constant"`` does neither.
    warm_up : float
        Share of the steps over which the learning rate rises from 0.
    plateau_patience, stop_patience : int
        Validations without improvement until the rate is halved, and until the training ends;
        0 never ends it early.
    weight_decay : float
        Weight decay, in units of the learning rate.
    clip_norm : float
        Gradients of a larger norm are scaled down to this one; 0 switches clipping off.
    frozen_norm : bool
        Keep the statistics of batch normalisation as they are, for networks that start from trained
        weights: those of a few crops of one specimen would be a step back.
    ema_decay : float
        Decay per step of the exponential moving average of the weights, which is validated and
        kept; 0 keeps the weights themselves.
    loss : str
        A name in `LOSSES`.
    samples : str
        ``"images"`` takes crops of the stored clean images; ``"waves"`` forms crops on the device
        from the exit waves, at defoci between those stored; ``"moved"`` rotates, magnifies and
        shifts stored images and records them by their cameras, see
        `tembench.methods.training.samples.moved`.
    symmetries : str
        A name in `SYMMETRIES`: samples are left as they are, mirrored left to right, or taken in
        all eight orientations.
    dose_range : tuple of float
        Range of factors on the nominal dose.
    rotation_deg : float
        Samples formed from waves, and moved ones, are rotated by up to this much in either
        direction.
    defocus_jitter_nm, spread_range, overhang_px
        For samples formed from waves, see
        `tembench.methods.training.samples.wave_crops.CropOptics`.
    bin_A : float
        Side of a bin of moved samples, rounded to whole pixels for each image; in place of
        `binning`.
    magnification_range : tuple of float
        Range of the magnification of moved samples, uniform in its logarithm.
    dose_range_e_per_A2 : tuple of float
        Range of the dose of moved samples, uniform in its logarithm.
    seed : int
        Added to the seed of the data, for trainings that are otherwise the same.
    validate_every : int
        Steps between validations.
    validation_images : int
        Number of validation images.
    checkpoint_seconds : float
        Time between checkpoints.
    memory_GB : float
        Images are cached on the device up to this size, and otherwise read from their source.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or another name that torch knows.
    """

    steps: int
    batch: int = 8
    crop: int = 96
    binning: int = 1
    optimiser: str = "adamw"
    learning_rate: float = 1e-3
    matrix_rate: float = 10.0
    schedule: str = "cosine"
    warm_up: float = 0.1
    plateau_patience: int = 3
    stop_patience: int = 0
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    ema_decay: float = 0.99
    frozen_norm: bool = False
    loss: str = "squared"
    samples: str = "images"
    symmetries: str = "all"
    dose_range: tuple[float, float] = (1.0, 1.0)
    defocus_jitter_nm: float = 0.0
    spread_range: tuple[float, float] = (1.0, 1.0)
    rotation_deg: float = 0.0
    overhang_px: int = 0
    bin_A: float = 0.4
    magnification_range: tuple[float, float] = (1.0, 1.0)
    dose_range_e_per_A2: tuple[float, float] = (10.0, 1000.0)
    seed: int = 0
    validate_every: int = 100
    validation_images: int = 16
    checkpoint_seconds: float = 30.0
    memory_GB: float = 4.0
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check the values; all mistakes are reported together."""
        counts = ("steps", "batch", "crop", "binning", "validate_every", "validation_images")
        mistakes = [
            f"{name} must be at least 1, got {getattr(self, name)}"
            for name in counts
            if getattr(self, name) < 1
        ]
        named: tuple[tuple[str, Iterable[str]], ...] = (
            ("optimiser", OPTIMISERS),
            ("schedule", SCHEDULES),
            ("loss", LOSSES),
            ("samples", SAMPLES),
            ("symmetries", SYMMETRIES),
        )
        for name, known in named:
            if getattr(self, name) not in known:
                mistakes.append(f"{name} must be one of {', '.join(known)}")
        if not 0 <= self.ema_decay < 1 or not 0 <= self.warm_up < 1:
            mistakes.append("ema_decay and warm_up must be in 0 <= value < 1")
        if not 0 <= self.rotation_deg <= 180:
            mistakes.append(f"rotation_deg must be from 0 to 180, got {self.rotation_deg}")
        if self.overhang_px < 0:
            mistakes.append(f"overhang_px must be at least 0, got {self.overhang_px}")
        if not 0 < self.bin_A < math.inf:
            mistakes.append(f"bin_A must be positive, got {self.bin_A}")
        for name in ("dose_range", "spread_range", "magnification_range", "dose_range_e_per_A2"):
            if not _is_range(getattr(self, name)):
                mistakes.append(f"{name} must be two positive numbers, the lower first")
        if mistakes:
            raise MethodError(f"training parameters: {'; '.join(mistakes)}")

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> TrainingConfig:
        """Select the training settings among a method's parameters."""
        names = {field.name for field in fields(cls)}
        chosen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in parameters.items()
            if name in names
        }
        return cls(**chosen)

    def identity_settings(self) -> dict[str, Any]:
        """Return the settings that change the result: all except device and storage."""
        unused = {"device", "memory_GB", "checkpoint_seconds", "seed"}
        # Trainings from before there was this setting keep their identity.
        unused |= set() if self.frozen_norm else {"frozen_norm"}
        if self.samples == "moved":
            unused |= {"binning", "dose_range", "spread_range", "defocus_jitter_nm", "overhang_px"}
        else:
            unused |= {"bin_A", "magnification_range", "dose_range_e_per_A2"}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name not in unused
        }

    def rate(self, step: int, validations: Sequence[float]) -> float:
        """Return the learning rate of a step.

        Parameters
        ----------
        step : int
            Steps done.
        validations : sequence of float
            The score of each validation so far, higher is better.
        """
        done = step / self.steps
        if done < self.warm_up:
            return self.learning_rate * max(done, 1e-3) / self.warm_up
        if self.schedule == "cosine":
            share = (done - self.warm_up) / (1 - self.warm_up)
            return self.learning_rate * 0.5 * (1 + math.cos(math.pi * share))
        if self.schedule == "plateau":
            return self.learning_rate * 0.5 ** _plateaus(validations, self.plateau_patience)
        return self.learning_rate

    def ended(self, validations: Sequence[float]) -> bool:
        """Return whether `stop_patience` validations in a row have brought no improvement."""
        if not self.stop_patience or not validations:
            return False
        best = max(range(len(validations)), key=validations.__getitem__)
        return len(validations) - 1 - best >= self.stop_patience


def _is_range(factors: Sequence[Any]) -> bool:
    numbers = [x for x in factors if isinstance(x, int | float) and math.isfinite(x) and x > 0]
    return len(numbers) == len(factors) == 2 and numbers[0] <= numbers[1]


def _plateaus(validations: Sequence[float], patience: int) -> int:
    """Count how often `patience` validations in a row have brought no improvement."""
    best, waited, plateaus = -math.inf, 0, 0
    for score in validations:
        waited = 0 if score > best else waited + 1
        best = max(best, score)
        if waited == patience:
            plateaus, waited = plateaus + 1, 0
    return plateaus
