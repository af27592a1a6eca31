"""Spectral filters: the image thresholded in Fourier space, as further inputs of a network.

Planes of a lattice are peaks in the spectrum, to which all of the image contributes; a convolution
sees a part of it. A frequency is kept if its power exceeds that of the noise by a factor, in the
spectrum of the whole image and in those of overlapping windows.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

WHOLE = (6.0, 12.0)
"""Least power of a frequency of the whole image, over the noise's."""
WINDOWS = ((48, 5.0), (32, 4.0))
"""Sides of the windows in bins, and the least power in their spectra."""
N_CHANNELS = len(WHOLE) + len(WINDOWS) + 1
_LEAST_SIDE = 8


@torch.no_grad()
def spectral_inputs(counts: Tensor) -> Tensor:
    """Return filtered images and the noise level, without gradient.

    Parameters
    ----------
    counts : Tensor
        (n, 1, y, x), in any unit.

    Returns
    -------
    Tensor
        (n, `N_CHANNELS`, y, x) in that unit: the image filtered as a whole, in windows, and the
        standard deviation of the noise. All are homogeneous of degree 1 in the counts.
    """
    counts = counts.float()
    mean = counts.mean((2, 3), keepdim=True)
    deviation = counts - mean
    spectrum = torch.fft.rfft2(deviation)
    power = spectrum.abs().square()
    noise = _noise_power(power.flatten(1))[:, None, None, None]
    size = (counts.shape[-2], counts.shape[-1])
    filtered = [torch.fft.irfft2(spectrum * _gain(power, noise, least), s=size) for least in WHOLE]
    filtered += [_in_windows(deviation, side, least) for side, least in WINDOWS]
    level = (noise / math.prod(size)).sqrt().expand_as(counts)
    return torch.cat([image + mean for image in filtered] + [level], dim=1)


def _gain(power: Tensor, noise: Tensor, least: float) -> Tensor:
    return torch.where(power > least * noise, 1 - noise / power.clamp_min(1e-12), 0.0)


def _noise_power(power: Tensor) -> Tensor:
    """Return the mean power of noise, from the median of its exponential distribution."""
    return power.median(dim=-1).values / math.log(2)


def _in_windows(deviation: Tensor, side: int, least: float) -> Tensor:
    """Filter overlapping windows under a sine taper, and add them up."""
    height, width = deviation.shape[-2:]
    # A mirrored margin, of up to five quarters of the window, is less than the image.
    side = min(side, min(height, width) * 4 // 5 // 4 * 4)
    if side < _LEAST_SIDE:
        return deviation
    step = side // 4
    # Mirrored all around, so that each bin is in 16 windows.
    tall, wide = (-(-(length + side) // step) * step + side for length in (height, width))
    padding = (side, wide - width - side, side, tall - height - side)
    padded = functional.pad(deviation, padding, mode="reflect")
    taper = torch.sin(math.pi * (torch.arange(side, device=deviation.device) + 0.5) / side)
    window = taper[:, None] * taper
    # Views of the windows: `torch.nn.functional.unfold` is several times slower on a GPU.
    parts = padded[:, 0].unfold(1, side, step).unfold(2, side, step).flatten(1, 2) * window
    spectrum = torch.fft.rfft2(parts)
    power = spectrum.abs().square()
    noise = _noise_power(power.flatten(2)).median(dim=-1).values[:, None, None, None]
    parts = torch.fft.irfft2(spectrum * _gain(power, noise, least), s=(side, side)) * window
    parts = parts.permute(0, 2, 3, 1).reshape(len(padded), side * side, -1)
    weights = window.square().reshape(1, -1, 1).expand(1, -1, parts.shape[-1])
    total, weight = (
        functional.fold(values, (tall, wide), side, stride=step) for values in (parts, weights)
    )
    filtered = total / weight.clamp_min(1e-6)
    return filtered[..., side : side + height, side : side + width]
