"""How a network is trained: the settings, the schedules, losses and devices they name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from tembench.core import MethodError, seed_sequence
from tembench.methods.training.batches import SYMMETRIES

NetworkType = TypeVar("NetworkType", bound=nn.Module)


def _squared_error(denoised: Tensor, clean: Tensor) -> Tensor:
    return (denoised - clean).square().mean()


def _log_squared_error(denoised: Tensor, clean: Tensor) -> Tensor:
    # The mean over images of PSNR, up to sign and scale: images of low contrast count as much.
    return (denoised - clean).square().mean((1, 2, 3)).add(1e-6).log().mean()


def _poisson(denoised: Tensor, target: Tensor) -> Tensor:
    # Minus the log likelihood of counts, per expected count in vacuum and up to a constant. A
    # second channel of the target holds the counts that 1 stands for.
    rate = denoised.clamp_min(1e-3)
    surprise = rate - target[:, :1] * rate.log()
    if target.shape[1] == 1:
        return surprise.mean()
    exposure = target[:, 1:]
    return (exposure * surprise).sum() / exposure.sum()


def _negative_binomial(predicted: Tensor, target: Tensor) -> Tensor:
    # The same for counts about an expectation that is known no better than by a Gamma
    # distribution: its mean, and the logarithm of the exposures that it is worth.
    counts, exposure = target[:, :1] * target[:, 1:], target[:, 1:]
    mean, worth = predicted[:, :1].clamp_min(1e-3), predicted[:, 1:].exp()
    shape = mean * exposure * worth
    surprise = (
        torch.lgamma(shape)
        - torch.lgamma(counts + shape)
        + shape * torch.log1p(1 / worth)
        + counts * torch.log1p(worth)
    )
    return surprise.sum() / exposure.sum()


LOSSES = {
    "squared": _squared_error,
    "log-squared": _log_squared_error,
    "poisson": _poisson,
    "negative-binomial": _negative_binomial,
}
SCHEDULES = ("cosine", "plateau", "constant")
OPTIMISERS = ("adamw", "muon")
SAMPLES = ("images", "waves")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train. The defaults suit small images on a CPU.

    Parameters
    ----------
    steps : int
        Length of the training.
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
        Of Muon's orthogonal steps, in units of the learning rate.
    schedule : str
        ``"cosine"`` falls to 0 over the training, ``"plateau"`` halves after `plateau_patience`
        validations without a better one, ``"constant"`` does neither.
    warm_up : float
        Share of the steps over which the learning rate rises from 0.
    plateau_patience, stop_patience : int
        Validations without a better one until the rate is halved, and until the training ends;
        0 never ends it early.
    weight_decay : float
        Decay of the weights, in units of the learning rate.
    clip_norm : float
        Gradients of a larger norm are scaled down to it; 0 switches it off.
    ema_decay : float
        Decay per step of the running mean of the weights that is validated and kept; 0 keeps
        the weights themselves.
    loss : str
        A name in `LOSSES`.
    samples : str
        ``"images"`` takes pieces of the stored clean images; ``"waves"`` forms them on the device
        from the exit waves, with a defocus between those stored.
    symmetries : str
        A name in `SYMMETRIES`: samples are left as they are, mirrored left to right, or mirrored
        and turned in all eight ways.
    dose_range : tuple of float
        Factors of the dose.
    defocus_jitter_nm, spread_range, rotation_deg, overhang_px
        Of samples formed from waves, see `tembench.methods.training.wave_crops.Optics`.
    validate_every : int
        Steps between validations.
    validation_images : int
        Validation images used.
    checkpoint_seconds : float
        Time between checkpoints.
    memory_GB : float
        Images are held on the device up to this size, and else read from their source.
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
    loss: str = "squared"
    samples: str = "images"
    symmetries: str = "all"
    dose_range: tuple[float, float] = (1.0, 1.0)
    defocus_jitter_nm: float = 0.0
    spread_range: tuple[float, float] = (1.0, 1.0)
    rotation_deg: float = 0.0
    overhang_px: int = 0
    validate_every: int = 100
    validation_images: int = 16
    checkpoint_seconds: float = 30.0
    memory_GB: float = 4.0
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check the values; all mistakes are told together."""
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
            mistakes.append("ema_decay and warm_up must lie in 0 <= value < 1")
        if not 0 <= self.rotation_deg <= 180:
            mistakes.append(f"rotation_deg must lie from 0 to 180, got {self.rotation_deg}")
        if self.overhang_px < 0:
            mistakes.append(f"overhang_px must be at least 0, got {self.overhang_px}")
        for name in ("dose_range", "spread_range"):
            if not _is_range(getattr(self, name)):
                mistakes.append(f"{name} must be two positive factors, the lower first")
        if mistakes:
            raise MethodError(f"training parameters: {'; '.join(mistakes)}")

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> TrainingConfig:
        """Take from a method's parameters those that concern training."""
        names = {field.name for field in fields(cls)}
        chosen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in parameters.items()
            if name in names
        }
        return cls(**chosen)

    def identity(self) -> dict[str, Any]:
        """All that changes the result: everything but where and how often it is written."""
        where = ("device", "memory_GB", "checkpoint_seconds")
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name not in where
        }

    def rate(self, step: int, validations: Sequence[float]) -> float:
        """Learning rate of a step.

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
        """Whether the training ends early: no better validation for `stop_patience` of them."""
        if not self.stop_patience or not validations:
            return False
        best = max(range(len(validations)), key=validations.__getitem__)
        return len(validations) - 1 - best >= self.stop_patience


def _is_range(factors: Sequence[Any]) -> bool:
    numbers = [x for x in factors if isinstance(x, int | float) and math.isfinite(x) and x > 0]
    return len(numbers) == len(factors) == 2 and numbers[0] <= numbers[1]


def _plateaus(validations: Sequence[float], patience: int) -> int:
    """How often `patience` validations in a row have brought nothing better."""
    best, waited, plateaus = -math.inf, 0, 0
    for score in validations:
        waited = 0 if score > best else waited + 1
        best = max(best, score)
        if waited == patience:
            plateaus, waited = plateaus + 1, 0
    return plateaus


def pick_device(name: str = "auto") -> torch.device:
    """Give the device of that name; ``"auto"`` is CUDA where there is one, else the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        # AssertionError: torch's answer to "cuda" where it was built without.
        raise MethodError(
            "no such device", where="device", got=name, remedy='Use "auto" or "cpu"'
        ) from None
    return device


def device_name(device: torch.device) -> str:
    """What a device is called by its maker: the hardware that a training is said to have used."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return str(device)


def initialise(factory: Callable[[], NetworkType], seed: int) -> NetworkType:
    """Build a network with weights drawn from `seed`, leaving torch's global state alone."""
    words = seed_sequence(seed, "initial-weights").generate_state(2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(words[0]) << 32 | int(words[1]))
        return factory()


def precision(device: torch.device) -> torch.dtype:
    """Half precision where the device is fast in it: bfloat16, or float16 with scaled losses."""
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def to_device(network: NetworkType, device: torch.device) -> NetworkType:
    """Move a network to `device`, channels last: the fastest order of its convolutions there."""
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
