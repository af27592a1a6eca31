"""A trained network on a whole image of counts: bins in, pixels out."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from tembench.errors import MethodError
from tembench.methods.binning import bin_counts, upsample_centres
from tembench.methods.config import to_device
from tembench.methods.protocol import NoisyImage


class NetworkDenoiser:
    """Apply a network that was trained by `tembench.methods.training.fit`.

    The network is deterministic; what it makes of an image depends a little on where the bins
    lie and on the image's handedness. Averaging over both removes part of its error.

    Parameters
    ----------
    network : nn.Module
        Maps (n, 1, y, x) counts per bin to clean values at the bins' centres, both in units of
        the vacuum's expectation, for any y and x.
    binning : int
        Side of a bin, native px.
    shifts : int
        Positions of the bins to average over: 1, 2 (along the diagonal) or 4.
    mirror : bool
        Average over the image and its mirror image, left to right.
    device : torch.device
        Where the network runs.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        binning: int,
        shifts: int = 1,
        mirror: bool = False,
        device: torch.device,
    ) -> None:
        """Move the network to its device and into evaluation."""
        self.network = to_device(network, device).eval()
        self.binning = binning
        self.mirror = mirror
        self.device = str(device)
        if shifts not in (1, 2, 4):
            raise MethodError(
                "impossible parameter", where="shifts", expected="1, 2 or 4", got=str(shifts)
            )
        half = binning // 2
        positions = [(0, 0), (half, half), (0, half), (half, 0)]
        self._positions = positions[: shifts if half else 1]

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        denoised = [self._denoise(image, *position) for position in self._positions]
        return np.maximum(np.mean(denoised, axis=0, dtype=np.float32), 0)

    def _denoise(self, image: NoisyImage, top: int, left: int) -> np.ndarray:
        """Denoise with the first bin beginning `top`, `left` pixels before the image."""
        height, width = image.counts.shape
        counts = np.pad(image.counts, ((top, 0), (left, 0)), mode="symmetric")
        in_vacuum = image.dose_e_per_px * self.binning**2
        noisy = torch.from_numpy(bin_counts(counts, self.binning) / np.float32(in_vacuum))
        views = torch.stack([noisy, noisy.flip(-1)] if self.mirror else [noisy])[:, None]
        views = views.to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode():
            clean = self.network(views).float()[:, 0]
        if self.mirror:
            clean = torch.stack([clean[0], clean[1].flip(-1)])
        values = clean.mean(0).cpu().numpy() * image.dose_e_per_px
        whole = upsample_centres(values, self.binning, counts.shape)
        return whole[top : top + height, left : left + width]
