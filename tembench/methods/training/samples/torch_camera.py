"""Cameras of a batch: recording of many images at once, on the device of the training.

The model is that of `tembench.simulation.record_with_camera`, with one difference: the spread of a
signal is periodic here, so that a few pixels at the edges of a sample see the opposite edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tembench.simulation import DIGITAL_RANGE

if TYPE_CHECKING:
    from tembench.recipe import Camera


@dataclass(frozen=True)
class CameraValues:
    """Cameras of one kind as tensors, one value an image.

    Attributes
    ----------
    kind : str
        ``"ideal"``, ``"counting"`` or ``"integrating"``, as in `tembench.recipe.Camera`.
    values : Tensor
        (n, 8): dqe, the four numbers of the MTF, gain, offset and read noise.
    """

    kind: str
    values: Tensor

    def of(self, images: Tensor) -> CameraValues:
        """Return the cameras of some images, int64 (n,)."""
        return CameraValues(self.kind, self.values[images])

    def column(self, first: int) -> Tensor:
        """Return a value of each image, (n, 1, 1)."""
        return self.values[:, first, None, None]


def stacked_cameras(cameras: Sequence[Camera[float] | None], device: torch.device) -> CameraValues:
    """Return cameras of one kind as tensors; None counts every electron where it arrives.

    Raises
    ------
    ValueError
        If they are of several kinds.
    """
    kinds = {"ideal" if camera is None else camera.kind for camera in cameras}
    if len(kinds) != 1:
        raise ValueError(f"cameras of several kinds: {sorted(kinds)}")
    rows = [
        [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
        if camera is None
        else [camera.dqe, *camera.mtf, camera.gain, camera.offset, camera.read_noise]
        for camera in cameras
    ]
    return CameraValues(kinds.pop(), torch.tensor(rows, dtype=torch.float32, device=device))


def record_batch(expected: Tensor, cameras: CameraValues, generator: torch.Generator) -> Tensor:
    """Draw the images that cameras record.

    Parameters
    ----------
    expected : Tensor
        Expected electrons per pixel, (n, y, x) float32.
    cameras : CameraValues
        Camera of each image.
    generator : torch.Generator
        Source of the noise, on the device of `expected`.

    Returns
    -------
    Tensor
        Electrons per pixel, (n, y, x) float32.
    """
    if cameras.kind == "ideal":
        return torch.poisson(expected, generator=generator)
    dqe = cameras.column(0)
    if cameras.kind == "counting":
        # A transfer that falls steeply rings; no place expects fewer electrons than none.
        arriving = _spread(expected, cameras).clamp_min_(0) * dqe
        return torch.poisson(arriving, generator=generator) / dqe
    signal = _signals(torch.poisson(expected, generator=generator), 1 / dqe - 1, generator)
    gain, offset, read_noise = (cameras.column(place) for place in (5, 6, 7))
    noise = torch.randn(
        expected.shape, dtype=expected.dtype, device=expected.device, generator=generator
    )
    digital = gain * _spread(signal, cameras) + offset + read_noise * noise
    return (digital.round_().clamp_(0, DIGITAL_RANGE) - offset) / gain


def _signals(electrons: Tensor, variance: Tensor, generator: torch.Generator) -> Tensor:
    """Sum of the signals of each pixel's electrons, of mean 1 and a variance."""
    variance = variance.clamp_min(1e-6)
    # A sum of n gamma variates of shape 1 / v is one of shape n / v; without electrons it is 0.
    drawn = torch._standard_gamma(electrons.clamp_min(1) / variance, generator=generator)
    return torch.where(electrons > 0, drawn * variance, 0.0)


def _spread(image: Tensor, cameras: CameraValues) -> Tensor:
    """Multiply the spectra of (n, y, x) by the MTF of each image's camera."""
    height, width = image.shape[-2:]
    fy = torch.fft.fftfreq(height, device=image.device)[:, None]
    fx = torch.fft.rfftfreq(width, device=image.device)
    c0, c1, c2, c3 = (cameras.column(place) for place in (1, 2, 3, 4))
    falling = 1 + (torch.hypot(fy, fx) / (2 * c2)) ** c3.abs()
    # At frequency 0 it is c0, unless c3 is 0.
    at_zero = torch.where(c3 == 0, (c0 + c1) / 2, c0)
    transfer = ((c0 - c1) / falling + c1) / at_zero
    return torch.fft.irfft2(torch.fft.rfft2(image) * transfer, s=(height, width))
