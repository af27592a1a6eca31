"""UNet for images of any size, after Mohan et al. (arXiv 2010.12970)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.methods.networks.padding import padded_to
from tembench.methods.networks.spectral import N_CHANNELS, spectral_inputs

WIDEST = 8
"""Greatest factor on the channels: that of the published network of six scales."""


class BiasFreeBatchNorm2d(nn.Module):
    """Batch normalisation without any additive term.

    Divides each channel by its root mean square and scales it. In evaluation that is a constant,
    so that f(a x) = a f(x) for positive a.

    Parameters
    ----------
    channels : int
        Number of channels.

    Notes
    -----
    Published bias-free networks divide by the standard deviation. The mean counts of vacuum are
    many times their deviation, and that normalisation would raise the ratio layer by layer: such a
    network trained several times more slowly here.
    """

    def __init__(self, channels: int) -> None:
        """Start as the identity up to the batch's root mean square."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.running_square: Tensor
        self.register_buffer("running_square", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (n, channels, y, x)."""
        square = self.running_square
        if self.training:
            # Always in full precision: half precision has three digits.
            square = x.float().square().mean((0, 2, 3))
            with torch.no_grad():
                self.running_square.lerp_(square.detach(), 0.1)
        scale = (self.weight / (square + 1e-5).sqrt()).to(x.dtype)
        return x * scale[:, None, None]


class Block(nn.Sequential):
    """Two 3 x 3 convolutions, each with normalisation and rectifier.

    Parameters
    ----------
    inputs, outputs : int
        Numbers of channels.
    bias_free : bool
        Leave out every additive constant.
    """

    def __init__(self, inputs: int, outputs: int, bias_free: bool) -> None:
        """Draw the initial weights."""
        layers: list[nn.Module] = []
        for channels in (inputs, outputs):
            layers += [
                nn.Conv2d(channels, outputs, 3, padding=1, padding_mode="replicate", bias=False),
                BiasFreeBatchNorm2d(outputs) if bias_free else nn.BatchNorm2d(outputs),
                nn.ReLU(inplace=True),
            ]
        super().__init__(*layers)


class UNet(nn.Module):
    """Denoise counts given in units of the vacuum's expectation.

    Parameters
    ----------
    scales : int
        Number of resolutions, each half of the one before.
    channels : int
        Channels at full resolution.
    widening : float
        Factor on the channels from one scale to the next coarser one, up to `WIDEST` times those at
        full resolution.
    bias_free : bool
        Without any additive constant, so that the network is homogeneous of degree 1.
    inputs : int
        Channels of the input, such as the frames of a series.
    spectral : bool
        Show the network the image filtered in Fourier space too, see
        `tembench.methods.networks.spectral`: for crystals that fill much of the image.

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`.
    """

    def __init__(
        self,
        *,
        scales: int,
        channels: int,
        widening: float = 1.0,
        bias_free: bool = False,
        inputs: int = 1,
        spectral: bool = False,
    ) -> None:
        """Draw the initial weights."""
        super().__init__()
        self.scales = scales
        self.bias_free = bias_free
        self.multiple = 2 ** (scales - 1)
        self.spectral = spectral
        self.reach = _reach(scales)
        # The spectrum is that of the whole image.
        self.margin = None if spectral else self.reach
        widths = [round(channels * min(widening**scale, WIDEST)) for scale in range(scales)]
        fed_by = [inputs + N_CHANNELS * spectral, *widths[:-1]]
        self.down = nn.ModuleList(
            Block(fed, width, bias_free) for fed, width in zip(fed_by, widths, strict=True)
        )
        self.up = nn.ModuleList(
            Block(widths[scale] + widths[scale + 1], widths[scale], bias_free)
            for scale in range(scales - 1)
        )
        self.last = nn.Conv2d(channels, 1, 1, bias=not bias_free)

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, inputs, y, x) noisy to (n, 1, y, x) clean, for any y and x."""
        height, width = counts.shape[-2:]
        if self.spectral:
            counts = torch.cat([counts, spectral_inputs(counts)], dim=1)
        padded = padded_to(counts, self.multiple)
        # 1 is vacuum: with biases the network works on the deviation from it.
        x = padded if self.bias_free else padded - 1
        kept = []
        for scale, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if scale else x)
            kept.append(x)
        for scale in reversed(range(self.scales - 1)):
            x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = self.up[scale](torch.cat([kept[scale], x], dim=1))
        x = self.last(x)
        # In full precision: half precision has three digits.
        clean = x if self.bias_free else 1 + x.float()
        return clean[..., :height, :width]


def _reach(scales: int) -> int:
    """Return the reach of a UNet's receptive field in bins, at any position in its grids.

    On the way down and up, each scale has two blocks of two 3 x 3 convolutions (the coarsest has
    one block), and each convolution reaches one step of its scale. Pooling reaches to the far end
    of its block, interpolation to the next block.
    """
    reach = 2
    for _ in range(scales - 1):
        # From the coarser scale: its reach in its own steps, one more for interpolation; twice
        # that here, one more for pooling; and the convolutions on either side.
        reach = 2 * (reach + 1) + 1 + 4
    return reach
