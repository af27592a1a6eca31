"""Small UNet of two resolutions, with dilated convolutions at the coarser one.

References
----------
X. Zhang, Y. Lu, J. Liu, B. Dong, "Dynamically Unfolding Recurrent Restorer", ICLR 2019
(arXiv 1805.07709), whose denoiser is of this kind. The layers are those described by S. Mohan,
Z. Kadkhodaie, E. P. Simoncelli, C. Fernandez-Granda, "Robust and Interpretable Blind Image
Denoising via Bias-Free Convolutional Neural Networks", ICLR 2020 (arXiv 1906.05478).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.methods.networks.padding import padded_to


class SmallUNet(nn.Module):
    """Denoise counts given in units of the vacuum's expectation.

    Parameters
    ----------
    channels : int
        Channels at full resolution; twice as many at the coarser one. 32 is the published width.

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`.
    """

    multiple = 2
    # 2 + 1 on the way in, 1 + 1 + 2 + 4 steps of two bins, the strided and the transposed
    # convolution, 1 + 2 on the way out.
    margin = 3 + 2 * (1 + 2 + 4) + 1 + 2 + 3

    def __init__(self, *, channels: int) -> None:
        """Draw the initial weights."""
        super().__init__()
        wide = 2 * channels
        self.fine = nn.Sequential(_layer(1, channels, 5), _layer(channels, channels, 3))
        self.coarse = nn.Sequential(
            _layer(channels, wide, 3, stride=2),
            _layer(wide, wide, 3),
            _layer(wide, wide, 3, dilation=2),
            _layer(wide, wide, 3, dilation=4),
        )
        self.up = nn.ConvTranspose2d(wide, wide, 4, stride=2, padding=1)
        self.merge = _layer(wide + channels, channels, 3)
        self.last = nn.Conv2d(channels, 1, 5, padding=2, padding_mode="replicate")

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, 1, y, x) noisy to (n, 1, y, x) clean, for any y and x."""
        height, width = counts.shape[-2:]
        padded = padded_to(counts, self.multiple)
        fine = self.fine(padded - 1)
        coarse = functional.relu(self.up(self.coarse(fine)))
        clean = 1 + self.last(self.merge(torch.cat([fine, coarse], dim=1)))
        return clean[..., :height, :width]


def _layer(
    inputs: int, outputs: int, size: int, *, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(
            inputs,
            outputs,
            size,
            stride=stride,
            dilation=dilation,
            padding=dilation * (size // 2),
            padding_mode="replicate",
            bias=False,
        ),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
