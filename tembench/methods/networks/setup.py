"""Networks made ready: initial weights from a seed, device, precision and memory order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from tembench.core import MethodError, seed_sequence

NetworkType = TypeVar("NetworkType", bound=nn.Module)


def pick_device(name: str = "auto") -> torch.device:
    """Return the device of that name; ``"auto"`` is CUDA if available, otherwise the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        # AssertionError: torch raises it for "cuda" in builds without CUDA.
        raise MethodError(
            "no such device", where="device", got=name, remedy='Use "auto" or "cpu"'
        ) from None
    return device


def device_name(device: torch.device) -> str:
    """Return the product name of a device, as the record of a training states it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return str(device)


def initialise(factory: Callable[[], NetworkType], seed: int) -> NetworkType:
    """Build a network with weights drawn from `seed`, without changing torch's global state."""
    words = seed_sequence(seed, "initial-weights").generate_state(2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(words[0]) << 32 | int(words[1]))
        return factory()


def precision(device: torch.device) -> torch.dtype:
    """Return half precision for CUDA devices (bfloat16, else float16), float32 for others."""
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def to_device(network: NetworkType, device: torch.device) -> NetworkType:
    """Move a network to `device`, channels last, the fastest layout for convolutions."""
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
