"""One-dimensional network along the focal series, bin by bin, trained on a single series."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tembench.methods import (
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

from .network import SeriesNetwork, resample
from .objective import low_noise_objective, training_series

_METHOD = NetworkMethod(network=SeriesNetwork, architecture=("frames",))


class BinwiseDenoiser:
    """Denoiser of the series of every bin by itself; returns one of the frames.

    Parameters
    ----------
    network : SeriesNetwork
        Trained network.
    binning : int
        Side of a bin, native px.
    device : torch.device
        Device that the network runs on.
    """

    def __init__(self, network: SeriesNetwork, *, binning: int, device: torch.device) -> None:
        """Move the network to its device and into evaluation."""
        self.network = to_device(network, device).eval()
        self.binning, self.device = binning, str(device)
        self._defocus_nm = network.defocus_nm.cpu().numpy().astype(np.float64)

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, (y, x) float32."""
        series = series_of(image)
        in_vacuum = image.dose_e_per_px * self.binning**2
        counts = bin_series(series.counts, self.binning) / np.float32(in_vacuum)
        values_nm = np.array(series.values_nm)
        frames = resample(counts, values_nm, self._defocus_nm)
        with torch.inference_mode():
            clean = self.network(torch.from_numpy(frames)[None].to(self.device))[0].cpu().numpy()
        own_nm = values_nm[series.position, None]
        sums = resample(clean, self._defocus_nm, own_nm)[0] * np.float32(in_vacuum)
        height, width = image.counts.shape
        return np.maximum(unbin(sums, self.binning, (height, width)), 0)


def build(parameters: Mapping[str, Any]) -> BinwiseDenoiser:
    """Build the denoiser with the weights in ``parameters["weights"]``."""
    network = _METHOD.load(parameters)
    assert isinstance(network, SeriesNetwork)
    device = pick_device(parameters["device"])
    return BinwiseDenoiser(network, binning=parameters["binning"], device=device)


def train(parameters: Mapping[str, Any], data: TrainingData, folder: Path) -> None:
    """Train on one series of `data` into `folder`, resuming what is there."""
    architecture = {"frames": parameters["frames"]}
    dose = parameters["low_noise_dose"]
    network = initialise(lambda: SeriesNetwork(**architecture), data.seed)
    one = training_series(data)
    # Evenly from the first to the last: the defoci of a series of as many frames.
    frames_nm = np.linspace(one.defocus_nm[0], one.defocus_nm[-1], parameters["frames"])
    network.defocus_nm.copy_(torch.from_numpy(frames_nm))
    fit(
        network,
        data,
        TrainingConfig.from_parameters(parameters),
        folder,
        architecture={**architecture, "low_noise_dose": dose},
        objective=partial(low_noise_objective, frames_nm=frames_nm, low_noise_dose=dose),
    )
