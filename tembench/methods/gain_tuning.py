"""A trained network fitted to one image by a gain per channel, taught by the image's own counts.

A network meets structures that it has not seen in training. Its weights are kept, but each channel
of each convolution gets a factor, 1 at first; these few numbers are learned from the image alone.
Its electrons are split at random: the network is shown one part and judged by the likelihood of
the other, with another split at each step. A share of the electrons is put aside before: the gains
that predict it best are kept, those of the untouched network among them.

References
----------
S. Mohan, J. Vincent, R. Manzorro, P. Crozier, C. Fernandez-Granda, E. Simoncelli, "Adaptive
Denoising via GainTuning", NeurIPS 2021 (arXiv 2107.12815).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tembench.methods.config import LOSSES
from tembench.methods.counted import image_seed, whole_counts
from tembench.methods.inference import NetworkDenoiser
from tembench.methods.noisy_lesson import thin
from tembench.methods.protocol import NoisyImage


@dataclass(frozen=True, kw_only=True)
class GainTuning:
    """How gains are learned.

    Attributes
    ----------
    steps : int
        Steps of Adam.
    rate : float
        Its learning rate.
    kept : float
        Share of the electrons that the network is shown at each step.
    held_out : float
        Share of the electrons put aside to choose the gains by.
    check_every : int
        Steps between two looks at these.
    """

    steps: int
    rate: float
    kept: float
    held_out: float
    check_every: int

    def learn(
        self, network: nn.Module, counts: Tensor, in_vacuum: float, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Learn the gains of an image, by the names of the weights they belong to.

        Parameters
        ----------
        network : nn.Module
            Maps counts to clean values, in units of the vacuum's expectation; is left as it is.
        counts : Tensor
            Counts in bins, (y, x), whole.
        in_vacuum : float
            Counts expected in a bin of vacuum.
        generator : torch.Generator
            Source of the splits.
        """
        network.requires_grad_(False)
        gains = unit_gains(network)
        optimiser = torch.optim.Adam(gains.values(), self.rate)
        given, answer = _halves(counts, 1 - self.held_out, in_vacuum, generator)
        best = {name: gain.detach().clone() for name, gain in gains.items()}
        least = self._judge(network, gains, given, answer)
        seen = (given[0, 0] * in_vacuum * (1 - self.held_out)).round()
        for step in range(1, self.steps + 1):
            shown, rest = _halves(seen, self.kept, in_vacuum * (1 - self.held_out), generator)
            optimiser.zero_grad(set_to_none=True)
            loss = LOSSES["poisson"](with_gains(network, gains, shown), rest)
            loss.backward()
            optimiser.step()
            if step % self.check_every == 0 or step == self.steps:
                held_out = self._judge(network, gains, given, answer)
                if held_out < least:
                    least = held_out
                    best = {name: gain.detach().clone() for name, gain in gains.items()}
        return best

    @torch.no_grad()
    def _judge(
        self, network: nn.Module, gains: Mapping[str, Tensor], given: Tensor, answer: Tensor
    ) -> float:
        return float(LOSSES["poisson"](with_gains(network, gains, given), answer))


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
    """

    def __init__(self, denoiser: NetworkDenoiser, tuning: GainTuning) -> None:
        """Take over the trained network."""
        self._denoiser, self._tuning = denoiser, tuning
        self.device, self.n_parameters = denoiser.device, denoiser.n_parameters

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        binning = self._denoiser.binning
        counts = whole_counts(image.counts, binning)
        generator = torch.Generator(self.device)
        generator.manual_seed(image_seed(image.counts, "gain-tuning"))
        gains = self._tuning.learn(
            self._denoiser.network,
            torch.from_numpy(counts).to(self.device),
            image.dose_e_per_px * binning**2,
            generator,
        )
        with _multiplied(self._denoiser.network, gains):
            return self._denoiser.denoise(image)


@contextmanager
def _multiplied(network: nn.Module, gains: Mapping[str, Tensor]) -> Iterator[None]:
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


def _halves(
    counts: Tensor, kept: float, in_vacuum: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    share = torch.full((1,), kept, device=counts.device)
    return thin(counts[None], share, in_vacuum, generator)
