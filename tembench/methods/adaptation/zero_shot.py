"""Zero-shot denoising: a network trained on the very image that it denoises, and on nothing else.

The image's electrons are split in two at random at each step, and one part is predicted from the
other, as in `tembench.methods.training.self_supervised`. A network of a few thousand weights fits
what is periodic in the image, above all its lattice; larger networks overfit the noise. The
residual overfitting depends on the initial weights, so an ensemble average beats any single one.
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
from tembench.methods.training.samples import cache_image, image_seed
from tembench.methods.training.self_supervised import CountSampler, thinning_pairs
from tembench.methods.training.trainer import Trainer


class ZeroShot:
    """Denoiser that trains networks on each image and averages their results.

    Parameters
    ----------
    network : callable
        Builds the network; its last layer is called ``last``.
    config : TrainingConfig
        Training settings.
    kept : list of float
        Least and greatest fraction of the electrons in the network's input.
    members : int
        Number of networks, trained one after another, whose results are averaged.
    shifts, mirror
        As for `NetworkDenoiser`.
    device : torch.device
        Device of the training.
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
        # In units of the image's mean: the initial network returns the constant image.
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
