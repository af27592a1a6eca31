"""UNet trained on simulated images (simulation-based denoising)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tembench.errors import MethodError
from tembench.methods.checkpoint import load_weights
from tembench.methods.inference import NetworkDenoiser
from tembench.methods.protocol import TrainingData
from tembench.methods.training import TrainingConfig, fit, initialise, pick_device

from .network import UNet

_REMEDY = "Train it first: tembench train unet STORE"


def _architecture(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in ("scales", "channels", "widening", "bias_free")}


def build(parameters: Mapping[str, Any]) -> NetworkDenoiser:
    """Build the denoiser with the weights in the folder ``parameters["weights"]``.

    Raises
    ------
    MethodError
        Where there are no weights, or they are damaged or of another network.
    """
    if "weights" not in parameters:
        raise MethodError("no trained weights", where="method unet", remedy=_REMEDY)
    network = UNet(**_architecture(parameters))
    load_weights(network, Path(parameters["weights"]), _REMEDY)
    return NetworkDenoiser(
        network,
        binning=parameters["binning"],
        shifts=parameters["shifts"],
        mirror=parameters["mirror"],
        device=pick_device(parameters["device"]),
    )


def train(parameters: Mapping[str, Any], data: TrainingData, folder: Path) -> None:
    """Train on `data` into `folder`, going on with what is there."""
    architecture = _architecture(parameters)
    network = initialise(lambda: UNet(**architecture), data.seed)
    config = TrainingConfig.from_parameters(parameters)
    fit(network, data, config, folder, architecture=architecture)
