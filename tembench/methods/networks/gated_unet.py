"""UNet of gated convolutional blocks, in the manner of NAFNet and ConvNeXt.

Its blocks are residual: layer normalisation, a depthwise convolution with a wide kernel between
pointwise ones, and products of channels in place of activation functions. NAFNet's channel
attention, an average over the whole image, is left out: every bin would depend on all others, and
tiled inference would change the result.

References
----------
L. Chen, X. Chu, X. Zhang, J. Sun, "Simple Baselines for Image Restoration", ECCV 2022
(arXiv 2204.04676).
Z. Liu et al., "A ConvNet for the 2020s", CVPR 2022 (arXiv 2201.03545).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.methods.networks.padding import padded_to
from tembench.methods.networks.spectral import N_CHANNELS, spectral_inputs


class ChannelNorm(nn.Module):
    """Normalise the channels of every bin to mean 0 and variance 1, then scale and shift them.

    Parameters
    ----------
    channels : int
        Number of channels.
    """

    def __init__(self, channels: int) -> None:
        """Start without scaling and shift."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (n, channels, y, x)."""
        last = x.permute(0, 2, 3, 1)
        normal = functional.layer_norm(last, last.shape[-1:], self.weight, self.bias, 1e-6)
        return normal.permute(0, 3, 1, 2)


class GatedBlock(nn.Module):
    """Two residual steps: one mixes neighbouring bins, one mixes channels.

    Parameters
    ----------
    channels : int
        Number of channels.
    kernel : int
        Side of the depthwise convolution's kernel, odd.
    """

    def __init__(self, channels: int, kernel: int) -> None:
        """Start as the identity."""
        super().__init__()
        wide = 2 * channels
        self.space = nn.Sequential(
            ChannelNorm(channels),
            nn.Conv2d(channels, wide, 1),
            nn.Conv2d(
                wide, wide, kernel, padding=kernel // 2, padding_mode="replicate", groups=wide
            ),
        )
        self.from_space = nn.Conv2d(channels, channels, 1)
        self.mix = nn.Sequential(ChannelNorm(channels), nn.Conv2d(channels, wide, 1))
        self.from_mix = nn.Conv2d(channels, channels, 1)
        self.scales = nn.Parameter(torch.zeros(2, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, y, x) to the same shape."""
        x = x + self.scales[0] * self.from_space(_gate(self.space(x)))
        return x + self.scales[1] * self.from_mix(_gate(self.mix(x)))


class GatedUNet(nn.Module):
    """Denoise counts given in units of the vacuum's expectation.

    Parameters
    ----------
    channels : int
        Channels at full resolution, doubled at each coarser one.
    blocks_down, blocks_up : sequence of int
        Blocks at each resolution on the way down (the last at the coarsest) and on the way up
        (one entry fewer, finest first).
    kernel : int
        Side of the depthwise convolutions' kernels, odd.
    inputs, outputs : int
        Channels of the input, 1 or more (such as frames of a series), and of the result.
    spectral : bool
        Show the network the image filtered in Fourier space too, see
        `tembench.methods.networks.spectral`.

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`.
    """

    def __init__(
        self,
        *,
        channels: int,
        blocks_down: Sequence[int],
        blocks_up: Sequence[int],
        kernel: int = 5,
        inputs: int = 1,
        outputs: int = 1,
        spectral: bool = False,
    ) -> None:
        """Draw the initial weights."""
        super().__init__()
        self.spectral = spectral
        scales = len(blocks_down)
        self.multiple = 2 ** (scales - 1)
        widths = [channels * 2**scale for scale in range(scales)]
        self.first = nn.Conv2d(
            inputs + N_CHANNELS * spectral, channels, 3, padding=1, padding_mode="replicate"
        )
        self.down = nn.ModuleList(
            _blocks(width, n, kernel) for width, n in zip(widths, blocks_down, strict=True)
        )
        pairs = list(itertools.pairwise(widths))
        self.shrink = nn.ModuleList(nn.Conv2d(fine, coarse, 2, stride=2) for fine, coarse in pairs)
        self.grow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(coarse, 4 * fine, 1, bias=False), nn.PixelShuffle(2))
            for fine, coarse in pairs
        )
        self.up = nn.ModuleList(
            _blocks(width, n, kernel) for width, n in zip(widths[:-1], blocks_up, strict=True)
        )
        self.last = nn.Conv2d(channels, outputs, 3, padding=1, padding_mode="replicate")
        half = kernel // 2
        reach = blocks_down[-1] * half
        for down, up in reversed(list(zip(blocks_down[:-1], blocks_up, strict=True))):
            # A bin depends on the whole of its block at the coarser resolution.
            reach = 2 * reach + 1 + (down + up) * half
        # The spectrum is that of the whole image.
        self.margin = None if spectral else reach + 2

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, inputs, y, x) noisy to (n, outputs, y, x) clean, for any y and x."""
        height, width = counts.shape[-2:]
        if self.spectral:
            counts = torch.cat([counts, spectral_inputs(counts)], dim=1)
        padded = padded_to(counts, self.multiple)
        x = self.first(padded - 1)
        kept = []
        for scale, blocks in enumerate(self.down):
            x = blocks(self.shrink[scale - 1](x) if scale else x)
            kept.append(x)
        for scale in reversed(range(len(self.up))):
            x = self.up[scale](kept[scale] + self.grow[scale](x))
        # In full precision: half precision has three digits.
        clean = 1 + self.last(x).float()
        return clean[..., :height, :width]


def _blocks(channels: int, count: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(*(GatedBlock(channels, kernel) for _ in range(count)))


def _gate(x: Tensor) -> Tensor:
    half, other = x.chunk(2, dim=1)
    return half * other
