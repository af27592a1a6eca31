"""Small gated UNet trained on each image by itself, by binomial thinning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.methods import GatedUNet, TrainingConfig, ZeroShot, pick_device


def build(parameters: Mapping[str, Any]) -> ZeroShot:
    """Build the denoiser, which is trained on each image that it denoises."""
    architecture = ("channels", "blocks_down", "blocks_up", "kernel")
    return ZeroShot(
        lambda: GatedUNet(**{name: parameters[name] for name in architecture}),
        TrainingConfig.from_parameters(parameters),
        kept=parameters["kept"],
        members=parameters["members"],
        shifts=parameters["shifts"],
        mirror=parameters["mirror"],
        device=pick_device(parameters["device"]),
    )
