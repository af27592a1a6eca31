"""A trained network fitted to one image by a gain per channel, taught by the image's own counts.

A network meets structures that it has not seen in training. Its weights are kept, but each channel
of each convolution gets a factor, 1 at first; these few numbers are learned from the image alone.
Its electrons are split at random: the network is shown most of them and judged by the likelihood of
the others. At each step the split is another one, and so are the places of the bins and the image's
handedness, over which a denoiser averages.

What gains learn of one image is the structure that the network misses and, in about equal parts,
the noise of the electrons: an image of 100 x 100 bins has 14 of them for each of the UNet's gains.
Going half the way that was learned costs a quarter of the signal's worth, and leaves a quarter of
the noise's harm.

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
from tembench.methods.training.count_cache import cache_image, image_seed
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.self_supervised import CountSampler, thinning_pairs


@dataclass(frozen=True, kw_only=True)
class GainTuning:
    """How gains are learned.

    Attributes
    ----------
    steps : int
        Steps of Adam.
    rate : float
        Its highest learning rate, after a rise over a third and before a fall over half of them.
    kept : float
        Share of the electrons that the network is shown at each step.
    step_fraction : float
        Share of the way from 1 to the gains learned that is gone.
    """

    steps: int
    rate: float
    kept: float
    step_fraction: float

    def fit_gains(
        self, network: nn.Module, draw: Callable[[int], tuple[Tensor, Tensor]]
    ) -> dict[str, Tensor]:
        """Learn the gains of an image, by the names of the weights they belong to.

        Parameters
        ----------
        network : nn.Module
            Maps counts to clean values, in units of the vacuum's expectation; is left as it is.
        draw : callable
            Gives the split of a step: what the network is shown, and the others as the Poisson
            loss takes them.
        """
        network.requires_grad_(False)
        gains = unit_gains(network)
        # A long memory: a single split's gradient is mostly noise.
        optimiser = torch.optim.Adam(gains.values(), self.rate, betas=(0.97, 0.99))
        for step in range(self.steps):
            shown, rest = draw(step)
            optimiser.param_groups[0]["lr"] = self.rate * self._schedule(step)
            optimiser.zero_grad(set_to_none=True)
            LOSSES["poisson"](with_gains(network, gains, shown), rest).backward()
            optimiser.step()
        return {name: 1 + self.step_fraction * (gain.detach() - 1) for name, gain in gains.items()}

    def _schedule(self, step: int) -> float:
        return min(1.0, 3 * (step + 1) / self.steps, 2 * (1 - step / self.steps))


def unit_gains(network: nn.Module) -> dict[str, Tensor]:
    """Give a factor of 1 for each output channel of each convolution, by its weight's name."""
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
    """Apply the network with its weights times the gains; it is left as it is."""
    weights = {name: network.get_parameter(name) * gain for name, gain in gains.items()}
    result: Tensor = functional_call(network, weights, (counts,))
    return result


class GainTuned:
    """Denoise each image with gains of its own.

    Parameters
    ----------
    denoiser : NetworkDenoiser
        The trained network as it is applied.
    tuning : GainTuning
        How gains are learned.

    Attributes
    ----------
    untuned : NetworkDenoiser
        The trained network as it is applied, for those who judge what it was trained on.
    """

    def __init__(self, denoiser: NetworkDenoiser, tuning: GainTuning) -> None:
        """Take over the trained network."""
        self.untuned, self._tuning = denoiser, tuning
        self.device, self.network = denoiser.device, denoiser.network

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        gains = self._tuning.fit_gains(self.network, self._splits(image).draw)
        with _gains_applied(self.network, gains):
            return self.untuned.denoise(image)

    def _splits(self, image: NoisyImage) -> CountSampler:
        binning, kept = self.untuned.binning, self._tuning.kept
        device = torch.device(self.device)
        cache = cache_image(image.counts, binning, device)
        # One bin less than the image leaves room for other places of the bins.
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
    """Put the gains into the weights for a while."""
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
