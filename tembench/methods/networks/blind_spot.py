"""A network that sees all bins but the one it predicts, and what that one then adds.

The first convolution leaves out its centre; all others are dilated, by as many bins as the first
reaches: from sums of such steps no way leads back to the bin itself. Two branches, with steps of 2
and of 3 bins, see different bins and between them nearly all. Beyond the edges lies vacuum and not
a copy of the edge, which would let a bin be seen from outside.

The prediction is a Gamma distribution of the expectation. With it the bin's own counts, kept from
the network, are no longer lost: given both, the expectation has again a Gamma distribution, and its
mean is the denoised value.

References
----------
S. Laine, T. Karras, J. Lehtinen, T. Aila, "High-Quality Self-Supervised Deep Image Denoising",
NeurIPS 2019 (arXiv 1901.10277), on the posterior mean.
X. Wu, M. Liu, Y. Cao, D. Ren, W. Zuo, "Unpaired Learning of Deep Image Denoising", ECCV 2020
(arXiv 2008.13711), on blind spots by dilation.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.methods.networks.gated_unet import ChannelNorm, GatedBlock

_KERNEL = 5
_STEPS = (2, 3)


class BlindSpotNetwork(nn.Module):
    """Predict each bin's expectation from the counts of the others.

    Parameters
    ----------
    channels : int
        Channels of each branch.
    dilations : sequence of int
        One block each; in steps of the branch.

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`.
    """

    multiple = 1

    def __init__(self, *, channels: int, dilations: Sequence[int]) -> None:
        """Draw the initial weights."""
        super().__init__()
        self.branches = nn.ModuleList(_branch(channels, dilations, step) for step in _STEPS)
        wide = len(_STEPS) * channels
        self.mix = nn.Sequential(GatedBlock(wide, 1), ChannelNorm(wide))
        self.last = nn.Conv2d(wide, 2, 1)
        reach = _KERNEL // 2 * sum(dilations)
        self.margin = max(step - 1 + step * reach for step in _STEPS)

    def forward(self, counts: Tensor) -> Tensor:
        """Predict from (n, 1, y, x) counts in units of the vacuum's expectation.

        Returns
        -------
        Tensor
            (n, 2, y, x): the mean in that unit, and the logarithm of what the prediction is
            worth, in exposures of a bin.
        """
        deviation = counts - 1
        seen = torch.cat([branch(deviation) for branch in self.branches], dim=1)
        mean, worth = self.last(self.mix(seen)).split(1, dim=1)
        # Worth a few exposures at first, and never so much or little that the likelihood overflows.
        return torch.cat([1 + mean, (2 + worth).clamp(-3, 8)], dim=1)


class PosteriorMean(nn.Module):
    """Join what a blind-spot network predicts of a bin and the counts seen in it.

    Parameters
    ----------
    network : BlindSpotNetwork
        The trained network.
    """

    def __init__(self, network: nn.Module) -> None:
        """Take over what tiles have to keep to."""
        super().__init__()
        self.network = network
        self.margin, self.multiple = network.margin, network.multiple

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, 1, y, x) noisy to (n, 1, y, x) clean, for any y and x."""
        mean, log_worth = self.network(counts).split(1, dim=1)
        # As exposures add: the prediction's and the one that was seen.
        own = torch.sigmoid(-log_worth)
        clean: Tensor = mean.clamp_min(0) * (1 - own) + counts * own
        return clean


class _Donut(nn.Conv2d):
    """A convolution that leaves out its centre."""

    def __init__(self, channels: int, reach: int) -> None:
        super().__init__(1, channels, 2 * reach + 1, padding=reach)
        self.mask: Tensor
        mask = torch.ones_like(self.weight[:1])
        mask[..., reach, reach] = 0
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


def _branch(channels: int, dilations: Sequence[int], step: int) -> nn.Sequential:
    blocks = (
        GatedBlock(channels, _KERNEL, dilation=step * dilation, padding="zeros")
        for dilation in dilations
    )
    return nn.Sequential(_Donut(channels, step - 1), *blocks)
