from __future__ import annotations

import math

import pytest
import torch

from tembench.methods.networks.spectral import N_CHANNELS, spectral_inputs
from tembench.methods.networks.unet import UNet


def noisy_lattice(side: int = 96, counts: float = 20.0) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.arange(side) * 2 * math.pi / 7.3
    clean = 1 + 0.2 * (torch.cos(x)[:, None] + torch.cos(1.3 * x))
    torch.manual_seed(0)
    return torch.poisson(clean * counts)[None, None] / counts, clean


def test_filtered_lattices_have_a_fraction_of_the_noise() -> None:
    noisy, clean = noisy_lattice()
    inputs = spectral_inputs(noisy)[0]
    assert inputs.shape == (N_CHANNELS, 96, 96)
    before = float((noisy[0, 0] - clean).square().mean())
    for filtered in inputs[:-1]:
        assert float((filtered - clean).square().mean()) < before / 5
    assert float(inputs[-1].mean()) == pytest.approx(math.sqrt(1 / 20), rel=0.1)


def test_inputs_are_in_the_unit_of_the_counts_for_any_size() -> None:
    for shape in ((37, 52), (9, 11), (5, 6), (4, 4)):
        counts = torch.rand(2, 1, *shape) + 1
        inputs = spectral_inputs(counts)
        assert inputs.shape == (2, N_CHANNELS, *shape)
        assert torch.isfinite(inputs).all()
        torch.testing.assert_close(spectral_inputs(3 * counts), 3 * inputs, rtol=1e-4, atol=1e-4)


def test_a_unet_with_spectral_inputs_is_applied_to_whole_images() -> None:
    network = UNet(scales=2, channels=4, spectral=True).eval()
    assert network.margin is None
    assert network(torch.rand(1, 1, 21, 30)).shape == (1, 1, 21, 30)
