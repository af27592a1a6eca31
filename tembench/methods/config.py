"""How a network is trained: the settings, the schedules, losses and devices they name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from tembench.errors import MethodError
from tembench.methods.augment import SYMMETRIES
from tembench.seeds import seed_sequence

NetworkType = TypeVar("NetworkType", bound=nn.Module)


def _cosine(done: float, warm_up: float) -> float:
    """Rise linearly over the share `warm_up` of the training, then fall to 0 as a cosine."""
    if done < warm_up:
        return max(done, 1e-3) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up)))


SCHEDULES: dict[str, Callable[[float, float], float]] = {
    "cosine": _cosine,
    "constant": lambda done, warm_up: 1.0,
}


def _squared_error(denoised: Tensor, clean: Tensor) -> Tensor:
    return (denoised - clean).square().mean()


def _log_squared_error(denoised: Tensor, clean: Tensor) -> Tensor:
    # The mean over images of PSNR, up to sign and scale: images of low contrast count as much.
    return (denoised - clean).square().mean((1, 2, 3)).add(1e-6).log().mean()


LOSSES = {"squared": _squared_error, "log-squared": _log_squared_error}


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
    learning_rate : float
        Highest learning rate.
    schedule : str
        A name in `SCHEDULES`.
    warm_up : float
        Share of the steps over which the learning rate rises.
    weight_decay : float
        Of AdamW; 0 is Adam.
    clip_norm : float
        Gradients of a larger norm are scaled down to it; 0 switches it off.
    ema_decay : float
        Decay per step of the running mean of the weights that is validated and kept; 0 keeps
        the weights themselves.
    loss : str
        A name in `LOSSES`.
    symmetries : str
        A name in `SYMMETRIES`: samples are left as they are, mirrored left to right, or mirrored
        and turned in all eight ways.
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
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warm_up: float = 0.1
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    ema_decay: float = 0.99
    loss: str = "squared"
    symmetries: str = "all"
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
        named: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("schedule", SCHEDULES),
            ("loss", LOSSES),
            ("symmetries", SYMMETRIES),
        )
        for name, known in named:
            if getattr(self, name) not in known:
                mistakes.append(f"{name} must be one of {', '.join(known)}")
        if not 0 <= self.ema_decay < 1 or not 0 <= self.warm_up < 1:
            mistakes.append("ema_decay and warm_up must lie in 0 <= value < 1")
        if mistakes:
            raise MethodError(f"training parameters: {'; '.join(mistakes)}")

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> TrainingConfig:
        """Take from a method's parameters those that concern training."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in parameters.items() if name in names})

    def identity(self) -> dict[str, Any]:
        """All that changes the result: everything but where and how often it is written."""
        where = ("device", "memory_GB", "checkpoint_seconds")
        return {name: value for name, value in asdict(self).items() if name not in where}


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
