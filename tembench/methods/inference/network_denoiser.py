"""Denoiser of a trained network: counts are binned, denoised, and interpolated to the pixels."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from tembench.core import MethodError
from tembench.methods.counts.binning import bin_counts, bin_side, upsample_centres
from tembench.methods.inference.tiling import TiledNetwork
from tembench.methods.networks.setup import to_device
from tembench.methods.protocol import NoisyImage


class NetworkDenoiser:
    """Denoiser of a network trained by `tembench.methods.training.loop.fit`.

    The network is deterministic; its result depends slightly on the position of the bins and on the
    image's handedness. Averaging over both removes part of its error.

    Parameters
    ----------
    network : nn.Module
        Maps (n, 1, y, x) counts per bin to clean values at the bins' centres, both in units of
        the vacuum's expectation, for any y and x. With the attributes `margin` and `multiple`,
        large images are processed in tiles (`tembench.methods.inference.tiling.TiledNetwork`).
    binning : int or None
        Side of a bin, native px; None where `bin_A` decides.
    bin_A : float or None
        Side of a bin, rounded to whole pixels for each image.
    shifts : int
        Positions of the bins to average over: 1, 2 (along the diagonal) or 4.
    mirror : bool
        Average over the image and its mirror image, left to right.
    device : torch.device
        Device that the network runs on.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        binning: int | None = None,
        bin_A: float | None = None,
        shifts: int = 1,
        mirror: bool = False,
        device: torch.device,
    ) -> None:
        self.network = to_device(network, device).eval()
        self._tiled = TiledNetwork(self.network, device)
        self.binning, self.bin_A = binning, bin_A
        self.mirror = mirror
        self.device = str(device)
        if shifts not in (1, 2, 4):
            raise MethodError(
                "impossible parameter", where="shifts", expected="1, 2 or 4", got=str(shifts)
            )
        self._shifts = shifts

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        binning = self.binning_of(image)
        positions = self._positions(binning)
        views = [_binned(image, binning, *position) for position in positions]
        if self.mirror:
            views += [view.flip(-1) for view in views]
        clean = self._tiled.apply(views)
        if self.mirror:
            plain, mirrored = clean[: len(positions)], clean[len(positions) :]
            clean = [(a + b.flip(-1)) / 2 for a, b in zip(plain, mirrored, strict=True)]
        total = np.zeros(image.counts.shape, dtype=np.float32)
        for values, (top, left) in zip(clean, positions, strict=True):
            shape = (image.counts.shape[0] + top, image.counts.shape[1] + left)
            total += upsample_centres(values.numpy(), binning, shape)[top:, left:]
        total *= np.float32(image.dose_e_per_px / len(positions))
        return np.maximum(total, 0, out=total)

    def binning_of(self, image: NoisyImage) -> int:
        """Return the side of a bin of an image in pixels."""
        if self.binning is not None:
            return self.binning
        assert self.bin_A is not None
        return bin_side(self.bin_A, image.pixel_size_A)

    def _positions(self, binning: int) -> list[tuple[int, int]]:
        """Return how far before the image the first bin begins, at each position."""
        half = binning // 2
        positions = [(0, 0), (half, half), (0, half), (half, 0)]
        return positions[: self._shifts if half else 1]


def _binned(image: NoisyImage, binning: int, top: int, left: int) -> torch.Tensor:
    """Bin the counts; the first bin begins `top`, `left` pixels before the image."""
    counts = np.pad(image.counts, ((top, 0), (left, 0)), mode="symmetric")
    in_vacuum = image.dose_e_per_px * binning**2
    return torch.from_numpy(bin_counts(counts, binning) / np.float32(in_vacuum))
