"""Blind-spot network, which does not see the bin it predicts, and the posterior mean with it.

The first convolution omits its centre. Its result is split into lattices of every third bin, and
each lattice passes through a UNet by itself. The UNet combines features of one lattice only, and
the kernel of 5 x 5 bins reaches no bin of its own lattice except the omitted centre: no path leads
from a bin to its own prediction. The eight ninths of all other bins that are on the other lattices
are seen. Beyond the edges the kernel is padded with vacuum; copies of the edge would show a bin to
itself.

The prediction is a Gamma distribution of the expectation. It is combined with the bin's own counts,
which the network did not see: given both, the expectation again has a Gamma distribution, whose
mean is the denoised value.

References
----------
S. Laine, T. Karras, J. Lehtinen, T. Aila, "High-Quality Self-Supervised Deep Image Denoising",
NeurIPS 2019 (arXiv 1901.10277), on the posterior mean.
X. Wu, M. Liu, Y. Cao, D. Ren, W. Zuo, "Unpaired Learning of Deep Image Denoising", ECCV 2020
(arXiv 2008.13711), on blind spots by kernels without centre and lattices.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.methods.networks.gated_unet import GatedUNet

_STEP = 3
_REACH = _STEP - 1


class BlindSpotNetwork(nn.Module):
    """Predict each bin's expectation from the counts of the others.

    It is applied to whole images: in padded images or tiles, copies would show a bin to itself.

    Parameters
    ----------
    features : int
        Channels of the first convolution.
    channels, blocks_down, blocks_up, kernel
        Parameters of the UNet, see `GatedUNet`.
    """

    def __init__(
        self,
        *,
        features: int,
        channels: int,
        blocks_down: Sequence[int],
        blocks_up: Sequence[int],
        kernel: int = 5,
    ) -> None:
        """Draw the initial weights."""
        super().__init__()
        self.surroundings = _Surroundings(features)
        self.body = GatedUNet(
            channels=channels,
            blocks_down=blocks_down,
            blocks_up=blocks_up,
            kernel=kernel,
            inputs=features,
            outputs=2,
        )

    def forward(self, counts: Tensor) -> Tensor:
        """Predict from (n, 1, y, x) counts in units of the vacuum's expectation.

        Returns
        -------
        Tensor
            (n, 2, y, x): the mean in that unit, and the logarithm of the prediction's weight, in
            exposures of a bin.
        """
        height, width = counts.shape[-2:]
        padded = functional.pad(counts - 1, (0, -width % _STEP, 0, -height % _STEP))
        predicted = _joined(self.body(_lattices(self.surroundings(padded))))
        mean, worth = predicted[..., :height, :width].split(1, dim=1)
        # Some exposures at first, and limited so that the likelihood does not overflow.
        return torch.cat([mean, (1 + worth).clamp(-3, 8)], dim=1)


class PosteriorMean(nn.Module):
    """Posterior mean of a blind-spot network's prediction and the bin's own counts.

    Parameters
    ----------
    network : nn.Module
        A trained `BlindSpotNetwork`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, 1, y, x) noisy to (n, 1, y, x) clean, for any y and x."""
        mean, log_worth = self.network(counts).split(1, dim=1)
        # Exposures add: that of the prediction and that of the bin's own counts.
        own = torch.sigmoid(-log_worth)
        clean: Tensor = mean.clamp_min(0) * (1 - own) + counts * own
        return clean


class _Surroundings(nn.Conv2d):
    """A convolution that leaves out its centre."""

    def __init__(self, features: int) -> None:
        super().__init__(1, features, 2 * _REACH + 1, padding=_REACH)
        self.mask: Tensor
        mask = torch.ones_like(self.weight[:1])
        mask[..., _REACH, _REACH] = 0
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight * self.mask, self.bias, padding=_REACH)


def _lattices(x: Tensor) -> Tensor:
    """Split (n, channels, y, x) into the lattices of every third bin, one after another."""
    n, channels, height, width = x.shape
    apart = functional.pixel_unshuffle(x, _STEP).reshape(n, channels, _STEP**2, -1)
    shape = (n * _STEP**2, channels, height // _STEP, width // _STEP)
    return apart.transpose(1, 2).reshape(shape)


def _joined(lattices: Tensor) -> Tensor:
    """Invert `_lattices`."""
    several, channels, height, width = lattices.shape
    n = several // _STEP**2
    apart = lattices.reshape(n, _STEP**2, channels, -1).transpose(1, 2)
    return functional.pixel_shuffle(apart.reshape(n, -1, height, width), _STEP)
