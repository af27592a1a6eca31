"""Unsupervised denoising of a focal series with blind spots."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tembench.methods import (
    GatedUNet,
    NetworkMethod,
    NoisyImage,
    TrainingConfig,
    TrainingData,
    bin_series,
    fit,
    initialise,
    pick_device,
    series_of,
    to_device,
    unbin,
)

from .blind import FRAMES, INPUTS, PHASES, hidden, neighbours, network_input
from .objective import hidden_counts_objective

_METHOD = NetworkMethod(
    network=partial(GatedUNet, inputs=INPUTS),
    architecture=("channels", "blocks_down", "blocks_up", "kernel"),
)


class SeriesDenoiser:
    """Predict each bin of a frame from the bins around it and from the neighbouring frames.

    Parameters
    ----------
    network : nn.Module
        Maps (n, `INPUTS`, y, x) to expectations (n, 1, y, x).
    binning : int
        Side of a bin, native px.
    shifts : int
        Positions of the bins to average over, along the diagonal.
    mirror : bool
        Average over the frames and their mirror images, left to right.
    device : torch.device
        Device that the network runs on.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        binning: int,
        shifts: int,
        mirror: bool,
        device: torch.device,
    ) -> None:
        """Move the network to its device and into evaluation."""
        self.network = to_device(network, device).eval()
        self.binning, self.mirror, self.device = binning, mirror, str(device)
        self._starts = sorted({binning * number // shifts for number in range(shifts)})

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        series = series_of(image)
        frames = neighbours(series.position, len(series.counts))
        shown = [series.position if frame is None else frame for frame in frames]
        present = torch.tensor([frame is not None for frame in frames])
        results = [
            self._denoise(series.counts[shown], present, image.dose_e_per_px, start)
            for start in self._starts
        ]
        return np.maximum(np.mean(results, axis=0, dtype=np.float32), 0)

    def _denoise(
        self, counts: np.ndarray, present: Tensor, dose_e_per_px: float, start: int
    ) -> np.ndarray:
        """Denoise with bins that begin `start` pixels above and left of the image."""
        height, width = counts.shape[1:]
        counts = np.pad(counts, ((0, 0), (start, 0), (start, 0)), mode="symmetric")
        in_vacuum = dose_e_per_px * self.binning**2
        frames = torch.from_numpy(bin_series(counts, self.binning) / np.float32(in_vacuum))
        with torch.inference_mode():
            means = self.predict(frames.to(self.device), present.to(self.device))
        sums = means.cpu().numpy() * in_vacuum
        whole = unbin(sums, self.binning, (counts.shape[1], counts.shape[2]))
        return whole[start : start + height, start : start + width]

    def predict(self, frames: Tensor, present: Tensor) -> Tensor:
        """Predict the middle of the frames (`FRAMES`, y, x) blindly, bin by bin; (y, x)."""
        blind = hidden(torch.arange(PHASES, device=frames.device), frames.shape[1:])
        together = frames.expand(PHASES, *frames.shape)
        inputs = network_input(together, present.expand(PHASES, FRAMES), blind)
        means = self.network(inputs.contiguous(memory_format=torch.channels_last))[:, 0]
        if self.mirror:
            mirrored = inputs.flip(-1).contiguous(memory_format=torch.channels_last)
            means = (means + self.network(mirrored)[:, 0].flip(-1)) / 2
        return (means * blind).sum(0)


def build(parameters: Mapping[str, Any]) -> SeriesDenoiser:
    """Build the denoiser with the weights in ``parameters["weights"]``."""
    names = ("binning", "shifts", "mirror")
    return SeriesDenoiser(
        _METHOD.load(parameters),
        **{name: parameters[name] for name in names},
        device=pick_device(parameters["device"]),
    )


def train(parameters: Mapping[str, Any], data: TrainingData, folder: Path) -> None:
    """Train on the noisy series of `data` into `folder`, resuming what is there."""
    architecture = {name: parameters[name] for name in _METHOD.architecture}
    own = {name: parameters[name] for name in ("series", "alone")}
    fit(
        initialise(lambda: _METHOD.network(**architecture), data.seed),
        data,
        TrainingConfig.from_parameters(parameters),
        folder,
        architecture={**architecture, **own},
        objective=partial(hidden_counts_objective, **own),
    )
