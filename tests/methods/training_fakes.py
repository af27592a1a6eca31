"""Small networks, images and settings for the tests of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from methods_fakes import DOSE_E_PER_PX
from torch import nn

from tembench.methods.networks.setup import initialise
from tembench.methods.protocol import TrainingData
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.loop import fit

DOSE = 0.45
SHORT = TrainingConfig(
    steps=12, batch=2, crop=16, binning=4, validate_every=4, checkpoint_seconds=1e9, device="cpu"
)


def lattice(number: int, side: int = 96) -> np.ndarray:
    """Give a band-limited lattice in e/px, different for each number."""
    y, x = np.mgrid[:side, :side]
    waves = np.sin(x / 5 + number) * np.cos(y / 7 - number)
    return (DOSE * (1 + 0.3 * waves)).astype(np.float32)


class Small(nn.Module):
    """Two convolutions with batch normalisation between: all kinds of state, no time."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 1, 1)
        )

    def forward(self, counts: torch.Tensor) -> torch.Tensor:
        return 1 + self.layers(counts - 1)


class Frozen(nn.Module):
    """One convolution: nothing that depends on the batch as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, counts: torch.Tensor) -> torch.Tensor:
        return self.layer(counts)


def train(data: TrainingData, config: TrainingConfig, folder: Path) -> dict[str, torch.Tensor]:
    network = initialise(Small, data.seed)
    fit(network, data, config, folder, architecture={"name": "small"})
    return network.state_dict()


class Forbidden:
    """A source that must not be looked into."""

    def __len__(self) -> int:
        raise AssertionError("looked at clean images")

    def __getitem__(self, index: int) -> np.ndarray:
        raise AssertionError("looked at a clean image")


def counts(number: int, shape: tuple[int, int] = (60, 68)) -> np.ndarray:
    return np.random.default_rng(number).poisson(DOSE_E_PER_PX, shape).astype(np.uint8)
