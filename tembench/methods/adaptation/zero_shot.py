"""A network trained on the very image that it denoises, and on nothing else.

The image's electrons are split in two at random, anew at each step; one part teaches the other, as
in `tembench.methods.training.self_supervised`. A network of a few thousand weights learns what
repeats itself in the image, its lattice above all; larger ones soon learn its noise by heart. What
is left of that
differs between networks begun from other weights, so that the mean of some is better than each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from tembench.methods.inference.network_denoiser import NetworkDenoiser
from tembench.methods.networks.centres import Centres
from tembench.methods.networks.setup import initialise
from tembench.methods.networks.size import learned_values
from tembench.methods.protocol import NoisyImage
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.count_cache import cache_image, image_seed
from tembench.methods.training.self_supervised import CountSampler, thinning_pairs
from tembench.methods.training.trainer import Trainer


class ZeroShot:
    """Train networks on an image, then denoise that by them.

    Parameters
    ----------
    network : callable
        Makes the network; its last layer is called ``last``.
    config : TrainingConfig
        How it is trained.
    kept : list of float
        Least and greatest share of the electrons that the network is shown.
    members : int
        Networks trained, one after another, whose results are averaged.
    shifts, mirror
        As for `NetworkDenoiser`.
    device : torch.device
        Where it is trained.
    """

    def __init__(
        self,
        network: Callable[[], nn.Module],
        config: TrainingConfig,
        *,
        kept: list[float],
        members: int,
        shifts: int,
        mirror: bool,
        device: torch.device,
    ) -> None:
        """Note how to train."""
        self._network, self._config = network, config
        self._kept, self._members = kept, members
        self._shifts, self._mirror, self._device = shifts, mirror, device
        self.device = str(device)
        self.n_parameters = learned_values(network())

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        level = float(np.mean(image.counts, dtype=np.float64))
        if level <= 0:
            return np.zeros(image.counts.shape, dtype=np.float32)
        # In units of the image's mean: a network begins as the constant image.
        image = replace(image, dose_e_per_px=level)
        results = [self._member(image, number) for number in range(self._members)]
        mean: np.ndarray = np.stack(results).mean(axis=0, dtype=np.float32)
        return mean

    def _member(self, image: NoisyImage, number: int) -> np.ndarray:
        denoiser = NetworkDenoiser(
            Centres(self._trained(image, number)),
            binning=self._config.binning,
            shifts=self._shifts,
            mirror=self._mirror,
            device=self._device,
        )
        return denoiser.denoise(image)

    def _trained(self, image: NoisyImage, number: int) -> nn.Module:
        config, device = self._config, self._device
        seed = image_seed(image.counts, f"zero-shot {number}")
        pieces = CountSampler(
            cache_image(image.counts, config.binning, device),
            thinning_pairs(self._kept, image.dose_e_per_px * config.binning**2),
            config,
            seed,
            device,
        )
        network = initialise(self._flat, seed)
        trainer = Trainer(network, config, device)
        for step in range(config.steps):
            trainer.step(*pieces.draw(step), config.rate(step, []))
        network.load_state_dict(trainer.weights())
        return network

    def _flat(self) -> nn.Module:
        network = self._network()
        last: Tensor
        for last in network.get_submodule("last").parameters():
            nn.init.zeros_(last)
        return network
