"""Trainer: one optimiser step of a network, and the moving average of its weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from tembench.core import MethodError, notice
from tembench.methods.networks.setup import precision, to_device
from tembench.methods.networks.unet import BiasFreeBatchNorm2d
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.muon import Muon


class Trainer:
    """Network with its optimiser, its precision and the moving average of its weights.

    Parameters
    ----------
    network : nn.Module
        Moved to `device` and trained there.
    config : TrainingConfig
        Loss, optimiser and decay of the average.
    device : torch.device
        Device of the training.
    """

    def __init__(self, network: nn.Module, config: TrainingConfig, device: torch.device) -> None:
        self._config, self._device = config, device
        self._network = to_device(network, device)
        # The average is validated and kept.
        self._average = copy.deepcopy(self._network) if config.ema_decay else self._network
        pairs = zip(
            self._average.state_dict().values(), self._network.state_dict().values(), strict=True
        )
        self._averaged = [pair for pair in pairs if pair[0].is_floating_point()]
        self._optimiser = _optimiser(network, config)
        self._precision = precision(device)
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._precision is torch.float16)
        self._steps = 0
        self._parts = 1

    def step(self, noisy: Tensor, clean: Tensor, rate: float) -> Tensor:
        """Take one optimiser step.

        Parameters
        ----------
        noisy, clean : Tensor
            Input and target, (n, channels, y, x), 1 in vacuum.
        rate : float
            Learning rate.

        Returns
        -------
        Tensor
            The loss, a scalar.
        """
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._network.train()
        if self._config.frozen_norm:
            freeze_norm(self._network)
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._differentiate(noisy, clean)
        if self._config.clip_norm:
            self._scaler.unscale_(self._optimiser)
            nn.utils.clip_grad_norm_(self._network.parameters(), self._config.clip_norm)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._steps += 1
        self._update_average()
        return loss

    def _differentiate(self, noisy: Tensor, clean: Tensor) -> Tensor:
        """Accumulate the gradients of the batch's loss, in parts where memory is short."""
        while True:
            try:
                size = math.ceil(len(noisy) / self._parts)
                parts = zip(noisy.split(size), clean.split(size), strict=True)
                losses = [self._backward(*part, len(part[0]) / len(noisy)) for part in parts]
                return torch.stack(losses).sum()
            except torch.OutOfMemoryError:
                if self._parts >= len(noisy):
                    raise MethodError(
                        "a single sample does not fit into the device's memory",
                        where=str(self._device),
                        remedy='Lower crop or channels, or use device = "cpu"',
                    ) from None
                self._parts *= 2
                self._optimiser.zero_grad(set_to_none=True)
                torch.cuda.empty_cache()
                notice(
                    f"{self._device} is short of memory: batches in {self._parts} parts; "
                    "batch normalisation uses the statistics of each part"
                )

    def _backward(self, noisy: Tensor, clean: Tensor, share: float) -> Tensor:
        with self._autocast():
            denoised = self._network(noisy.contiguous(memory_format=torch.channels_last))
        loss = share * LOSSES[self._config.loss](denoised.float(), clean)
        self._scaler.scale(loss).backward()
        return loss.detach()

    @torch.no_grad()
    def denoise(self, noisy: Tensor) -> Tensor:
        """Apply the averaged weights to (n, channels, y, x); returns float32."""
        self._average.eval()
        with self._autocast():
            return self._average(noisy).float()

    def weights(self) -> dict[str, Tensor]:
        """Return copies of the averaged weights on the CPU."""
        return {
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in self._average.state_dict().items()
        }

    def state(self) -> dict[str, Any]:
        """Return everything that `restore` needs to continue."""
        return {
            "steps": self._steps,
            "network": self._network.state_dict(),
            "average": self._average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from `state`, of this device or another."""
        self._steps = state["steps"]
        self._network.load_state_dict(state["network"])
        self._average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        if self._scaler.is_enabled() and state["scaler"]:
            self._scaler.load_state_dict(state["scaler"])

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self._device.type, self._precision, enabled=self._precision is not torch.float32
        )

    @torch.no_grad()
    def _update_average(self) -> None:
        """Move the average towards the weights."""
        if self._average is self._network:
            return
        # Short memory at first: the initial weights carry no information.
        decay = min(self._config.ema_decay, (1 + self._steps) / (10 + self._steps))
        averages, weights = map(list, zip(*self._averaged, strict=True))
        torch._foreach_lerp_(averages, weights, 1 - decay)


def freeze_norm(network: nn.Module) -> None:
    """Keep the statistics of all batch normalisations as they are during a training."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d | BiasFreeBatchNorm2d):
            module.eval()


def _optimiser(network: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    if config.optimiser == "muon":
        return Muon(
            network.parameters(),
            config.learning_rate,
            matrix_rate=config.matrix_rate,
            weight_decay=config.weight_decay,
        )
    return torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
