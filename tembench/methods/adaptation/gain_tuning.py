"""GainTuning: one gain per channel of a trained network, fitted to the counts of a single image.

An image may show structures that were not in the training. The weights are kept, but each channel
of each convolution gets a factor, initially 1; these few numbers are fitted to the image alone.
Its electrons are split at random: the network receives most of them and is scored by the likelihood
of the others. Every step has a new split, new positions of the bins and a new handedness of the
image, over which a denoiser averages.

Gains fitted to one image adapt to the structure that the network misses and, about equally, to the
shot noise: an image of 100 x 100 bins has 14 bins for each of the UNet's gains. A step of half the
fitted change loses a quarter of the benefit and keeps a quarter of the harm of the noise.

References
----------
S. Mohan, J. Vincent, R. Manzorro, P. Crozier, C. Fernandez-Granda, E. Simoncelli, "Adaptive
Denoising via GainTuning", NeurIPS 2021 (arXiv 2107.12815).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tembench.methods.inference.network_denoiser import NetworkDenoiser
from tembench.methods.protocol import NoisyImage
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.samples import cache_image, image_seed
from tembench.methods.training.self_supervised import CountSampler, thinning_pairs


@dataclass(frozen=True, kw_only=True)
class GainTuning:
    """Settings of the fit of the gains.

    Attributes
    ----------
    steps : int
        Steps of Adam.
    rate : float
        Its highest learning rate, after a rise over a third of the steps and before a fall over
        half of them.
    kept : float
        Fraction of the electrons in the network's input at each step.
    step_fraction : float
        Fraction of the way from 1 to the fitted gains that is applied.
    loss : str
        Name of the loss on the other electrons.
    """

    steps: int
    rate: float
    kept: float
    step_fraction: float
    loss: str = "poisson"

    def fit_gains(
        self, network: nn.Module, draw: Callable[[int], tuple[Tensor, Tensor]]
    ) -> dict[str, Tensor]:
        """Return the gains of an image, by the names of their weights.

        Parameters
        ----------
        network : nn.Module
            Maps counts to clean values, in units of the vacuum's expectation; left unchanged.
        draw : callable
            Returns the split of a step: the network's input, and the other counts as target of the
            loss.
        """
        network.requires_grad_(False)
        gains = unit_gains(network)
        # Long memory: the gradient of a single split is mostly noise.
        optimiser = torch.optim.Adam(gains.values(), self.rate, betas=(0.97, 0.99))
        for step in range(self.steps):
            inputs, targets = draw(step)
            optimiser.param_groups[0]["lr"] = self.rate * self._schedule(step)
            optimiser.zero_grad(set_to_none=True)
            LOSSES[self.loss](with_gains(network, gains, inputs), targets).backward()
            optimiser.step()
        return {name: 1 + self.step_fraction * (gain.detach() - 1) for name, gain in gains.items()}

    def _schedule(self, step: int) -> float:
        return min(1.0, 3 * (step + 1) / self.steps, 2 * (1 - step / self.steps))


def unit_gains(network: nn.Module) -> dict[str, Tensor]:
    """Return a factor of 1 for each output channel of each convolution, by its weight's name."""
    gains: dict[str, Tensor] = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            channel_axis = 0 if isinstance(module, nn.Conv2d) else 1
            shape = [1, 1, 1, 1]
            shape[channel_axis] = module.weight.shape[channel_axis]
            gains[f"{name}.weight"] = torch.ones(
                shape, device=module.weight.device, requires_grad=True
            )
    return gains


def with_gains(network: nn.Module, gains: Mapping[str, Tensor], counts: Tensor) -> Tensor:
    """Apply the network with its weights times the gains, leaving it unchanged.

    Parameters
    ----------
    network : nn.Module
        The trained network.
    gains : Mapping
        Factors by the names of the weights, from `unit_gains` or a fit.
    counts : Tensor
        (n, channels, y, x), 1 in vacuum.
    """
    weights = {name: network.get_parameter(name) * gain for name, gain in gains.items()}
    result: Tensor = functional_call(network, weights, (counts,))
    return result


class GainTuned:
    """Denoiser that fits gains to each image.

    Parameters
    ----------
    denoiser : NetworkDenoiser
        The trained network.
    tuning : GainTuning
        Settings of the fit.

    Attributes
    ----------
    untuned : NetworkDenoiser
        The trained network without gains, for checks of its training domain.
    """

    def __init__(self, denoiser: NetworkDenoiser, tuning: GainTuning) -> None:
        self.untuned, self._tuning = denoiser, tuning
        self.device, self.network = denoiser.device, denoiser.network

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        gains = self._tuning.fit_gains(self.network, self._splits(image).draw)
        with _gains_applied(self.network, gains):
            return self.untuned.denoise(image)

    def _splits(self, image: NoisyImage) -> CountSampler:
        binning, kept = self.untuned.binning_of(image), self._tuning.kept
        device = torch.device(self.device)
        cache = cache_image(image.counts, binning, device)
        # One bin less than the image leaves room for other positions of the bins.
        config = TrainingConfig(
            steps=self._tuning.steps,
            batch=1,
            crop=max(min(cache.shape) - 1, 1),
            binning=binning,
            symmetries="mirror",
        )
        make_pair = thinning_pairs([kept, kept], image.dose_e_per_px * binning**2)
        return CountSampler(
            cache, make_pair, config, image_seed(image.counts, "gain-tuning"), device
        )


@contextmanager
def _gains_applied(network: nn.Module, gains: Mapping[str, Tensor]) -> Iterator[None]:
    """Multiply the weights by the gains within the block."""
    weights = {name: network.get_parameter(name) for name in gains}
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    try:
        with torch.no_grad():
            for name, weight in weights.items():
                weight.mul_(gains[name])
        yield
    finally:
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(before[name])
