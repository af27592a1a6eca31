"""DnCNN: a plain stack of convolutions that predicts the noise.

References
----------
K. Zhang, W. Zuo, Y. Chen, D. Meng, L. Zhang, "Beyond a Gaussian Denoiser: Residual Learning of
Deep CNN for Image Denoising", IEEE Trans. Image Process. 26, 3142-3155 (2017),
doi 10.1109/TIP.2017.2662206.
"""

from __future__ import annotations

from torch import Tensor, nn


class DnCNN(nn.Module):
    """Denoise counts given in units of the vacuum's expectation.

    Parameters
    ----------
    layers : int
        Number of 3 x 3 convolutions.
    channels : int
        Channels between them.

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`.
    """

    multiple = 1

    def __init__(self, *, layers: int, channels: int) -> None:
        """Draw the initial weights."""
        super().__init__()
        self.margin = layers
        stack: list[nn.Module] = [_convolution(1, channels), nn.ReLU(inplace=True)]
        for _ in range(layers - 2):
            stack += [
                _convolution(channels, channels),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
        stack.append(_convolution(channels, 1))
        self.noise = nn.Sequential(*stack)

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, 1, y, x) noisy to (n, 1, y, x) clean, for any y and x."""
        clean: Tensor = counts - self.noise(counts - 1)
        return clean


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(
        inputs, outputs, 3, padding=1, padding_mode="replicate", bias=inputs == 1 or outputs == 1
    )
