"""Method that is a network: built from its weights, trained by the common training loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from tembench.core import MethodError
from tembench.methods.counts.binning import bin_side
from tembench.methods.inference.network_denoiser import NetworkDenoiser
from tembench.methods.networks.setup import initialise, pick_device
from tembench.methods.protocol import TrainingData
from tembench.methods.training.checkpoint import load_weights
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.frame_pairs import frames_objective
from tembench.methods.training.loop import fit
from tembench.methods.training.objective import Objective, ObjectiveFactory
from tembench.methods.training.records import FIT, fit_record, weights_digest
from tembench.methods.training.self_supervised import thinning_objective

# Fraction of the electrons in the input of a network that is trained by thinning in place of its
# own training: few are left out, since their number is part of what a trained network knows.
_KEPT = (0.5, 0.9)
_REMEDY = "Train it first: tembench train METHOD STORE"


@dataclass(frozen=True, kw_only=True)
class NetworkMethod:
    """``build`` and ``train`` of a network, for its ``method.py``.

    Attributes
    ----------
    network : callable
        Builds the network from its architecture, given as keyword arguments.
    architecture : tuple of str
        Parameters in ``method.toml`` that define the architecture.
    objective : callable, optional
        Makes the training objective, see `tembench.methods.training.loop.fit`; receives the
        `objective_parameters` as keyword arguments too. By default supervised training.
    objective_parameters : tuple of str
        Parameters in ``method.toml`` that the objective takes.
    inference_network : callable, optional
        Turns the trained network into the one that denoises, if they differ.

    Examples
    --------
    >>> from tembench.methods.networks.unet import UNet
    >>> method = NetworkMethod(network=UNet, architecture=("scales", "channels"))
    >>> build, train = method.build, method.train
    """

    network: Callable[..., nn.Module]
    architecture: tuple[str, ...]
    objective: Callable[..., Objective] | None = None
    objective_parameters: tuple[str, ...] = ()
    inference_network: Callable[[nn.Module], nn.Module] | None = None

    def build(self, parameters: Mapping[str, Any]) -> NetworkDenoiser:
        """Build the denoiser with the weights in the folder ``parameters["weights"]``.

        Raises
        ------
        MethodError
            If there are no weights, or they are damaged or of another network.
        """
        _refuse_other_binning(parameters)
        network = self.load(parameters)
        return NetworkDenoiser(
            self.inference_network(network) if self.inference_network else network,
            binning=parameters.get("binning"),
            bin_A=parameters.get("bin_A"),
            shifts=parameters["shifts"],
            mirror=parameters["mirror"],
            device=pick_device(parameters["device"]),
        )

    def load(self, parameters: Mapping[str, Any]) -> nn.Module:
        """Return the network with its weights; errors as for `build`."""
        network = self.network(**self._architecture(parameters))
        load_weights(network, Path(parameters["weights"]), _REMEDY)
        return network

    def train(self, parameters: Mapping[str, Any], data: TrainingData, folder: Path) -> None:
        """Train on `data` into `folder`, resuming what is there."""
        architecture = self._architecture(parameters)
        config = TrainingConfig.from_parameters(parameters)
        data = replace(data, seed=data.seed + config.seed)
        network = initialise(lambda: self.network(**architecture), data.seed)
        started = {}
        if data.start is not None:
            load_weights(network, data.start, _REMEDY)
            started = {"start": weights_digest(data.start)}
        own = {name: parameters[name] for name in self.objective_parameters}
        objective: ObjectiveFactory | None = (
            partial(self.objective, **own) if self.objective else None
        )
        if data.has_counts_alone:
            config = self._on_counts(config, parameters, data)
        if data.movie is not None:
            objective, own = frames_objective, {"reach": data.movie.reach}
        elif objective is None and data.has_counts_alone:
            own = {"images": 0, "kept": list(_KEPT)}
            objective = partial(thinning_objective, **own)
        fit(
            network,
            data,
            config,
            folder,
            architecture={**architecture, **own, **started},
            objective=objective,
        )

    def _on_counts(
        self, config: TrainingConfig, parameters: Mapping[str, Any], data: TrainingData
    ) -> TrainingConfig:
        """Return the settings of a training on counts alone."""
        changed: dict[str, Any] = {"samples": "images", "frozen_norm": data.start is not None}
        if "bin_A" in parameters:
            changed["binning"] = bin_side(parameters["bin_A"], data.pixel_size_A)
        if self.objective is None:
            # The network predicts values at the bins' centres.
            changed["loss"] = "poisson-of-means"
        return replace(config, **changed)

    def _architecture(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        # A parameter that is optional and not set keeps the network's default.
        return {name: parameters[name] for name in self.architecture if name in parameters}


def _refuse_other_binning(parameters: Mapping[str, Any]) -> None:
    """Raise MethodError where weights were trained on bins of another size."""
    folder = Path(parameters["weights"])
    fit = fit_record(folder) if (folder / FIT).is_file() else {}
    name = "bin_A" if "bin_A" in parameters else "binning"
    trained = fit.get("identity", {}).get(name, parameters[name])
    if trained != parameters[name]:
        raise MethodError(
            "weights trained on bins of another size",
            where=str(folder),
            expected=f"{name} = {trained}",
            got=str(parameters[name]),
            remedy=f"Leave {name} to the weights, or train again",
        )
