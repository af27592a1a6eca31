"""GainTuning: only gains change, held-out counts are predicted better, the network is restored."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from methods_fakes import DOSE_E_PER_PX, PIXEL_SIZE_A
from torch import nn

from tembench.methods.adaptation.gain_tuning import GainTuned, GainTuning, unit_gains, with_gains
from tembench.methods.inference.network_denoiser import NetworkDenoiser
from tembench.methods.protocol import NoisyImage
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.self_supervised import split_counts

TUNING = GainTuning(steps=40, rate=3e-3, kept=0.9, step_fraction=1.0)
CPU = torch.device("cpu")


class Smoother(nn.Module):
    """A mean over 5 x 5 bins, times `level`: right for flat images where that is 1."""

    margin, multiple = 2, 1

    def __init__(self, level: float) -> None:
        super().__init__()
        self.mean = nn.Conv2d(1, 2, 5, padding=2, padding_mode="replicate", bias=False)
        self.last = nn.Conv2d(2, 1, 1)
        nn.init.constant_(self.mean.weight, 1 / 25)
        nn.init.constant_(self.last.weight, level / 2)
        nn.init.zeros_(self.last.bias)

    def forward(self, counts: torch.Tensor) -> torch.Tensor:
        return self.last(self.mean(counts))


def flat_counts(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).poisson(DOSE_E_PER_PX, (160, 160)).astype(np.uint8)


def image(counts: np.ndarray) -> NoisyImage:
    return NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=DOSE_E_PER_PX)


def splits(
    counts: torch.Tensor, exposure: float, seed: int
) -> Callable[[int], tuple[torch.Tensor, torch.Tensor]]:
    """Another split of counts (1, y, x) at each step, as `GainTuning.learn` takes them."""
    generator = torch.Generator().manual_seed(seed)
    kept = torch.tensor([TUNING.kept])
    return lambda step: split_counts(counts, kept, exposure, generator)


def tuned(network: nn.Module) -> GainTuned:
    return GainTuned(NetworkDenoiser(network, binning=8, device=CPU), TUNING)


@pytest.mark.slow
def test_gains_of_one_change_nothing() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1), nn.ConvTranspose2d(3, 2, 3, padding=1), nn.Conv2d(2, 1, 1)
    )
    gains = unit_gains(network)
    assert {name: gain.numel() for name, gain in gains.items()} == {
        "0.weight": 3,
        "1.weight": 2,
        "2.weight": 1,
    }
    counts = torch.rand(1, 1, 9, 9)
    assert torch.equal(with_gains(network, gains, counts), network(counts))
    with torch.no_grad():
        gains["1.weight"][0, 1] = 0
    plain = network[1](network[0](counts)) - network[1].bias[:, None, None]
    plain[:, 1] = 0
    wanted = network[2](plain + network[1].bias[:, None, None])
    torch.testing.assert_close(with_gains(network, gains, counts), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.85, 1.2])
def test_a_network_that_is_off_is_put_right(level: float) -> None:
    network = Smoother(level)
    before = copy.deepcopy(network.state_dict())
    denoiser = tuned(network)
    counts = flat_counts(1)
    out = denoiser.denoise(image(counts))
    plain = NetworkDenoiser(Smoother(level), binning=8, device=CPU).denoise(image(counts))
    assert abs(out.mean() - DOSE_E_PER_PX) < 0.5 * abs(plain.mean() - DOSE_E_PER_PX)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), f"{name} was changed"


@pytest.mark.slow
def test_counts_that_were_not_used_are_predicted_better() -> None:
    network = Smoother(1.3)
    whole = torch.poisson(torch.full((1, 40, 40), 28.8))
    # Set apart before tuning, and seen by nothing in it.
    used, apart = split_counts(whole, torch.tensor([0.8]), 28.8, torch.Generator().manual_seed(1))
    counts = (used[0, 0] * 0.8 * 28.8).round()
    gains = TUNING.fit_gains(network, splits(counts[None], 0.8 * 28.8, seed=2))
    losses = [
        LOSSES["poisson"](with_gains(network, each, used), apart)
        for each in (unit_gains(network), gains)
    ]
    assert losses[1] < losses[0]


@pytest.mark.slow
def test_a_perfect_network_stays_nearly_unchanged() -> None:
    network = Smoother(1.0)
    counts = flat_counts(2)
    out = tuned(network).denoise(image(counts))
    plain = NetworkDenoiser(network, binning=8, device=CPU).denoise(image(counts))
    assert np.abs(out - plain).max() < 0.05 * DOSE_E_PER_PX


@pytest.mark.slow
def test_half_a_step_is_half_the_change() -> None:
    network = Smoother(1.2)
    counts = torch.poisson(torch.full((1, 20, 20), 28.8))

    def fitted(step_fraction: float) -> dict[str, torch.Tensor]:
        return replace(TUNING, step_fraction=step_fraction).fit_gains(
            network, splits(counts, 28.8, seed=3)
        )

    whole, half = fitted(1.0), fitted(0.5)
    assert all((gain != 1).any() for gain in whole.values())
    for name, gain in whole.items():
        torch.testing.assert_close(half[name] - 1, (gain - 1) / 2)


@pytest.mark.slow
def test_an_image_gives_the_same_gains_whenever_it_comes() -> None:
    denoiser = tuned(Smoother(0.8))
    first, other = image(flat_counts(3)), image(flat_counts(4))
    before = denoiser.denoise(first)
    assert not np.array_equal(denoiser.denoise(other), before)
    np.testing.assert_array_equal(denoiser.denoise(first), before)
    wide = image(first.counts.astype(np.uint16))
    np.testing.assert_array_equal(denoiser.denoise(wide), before)


@pytest.mark.slow
def test_the_loss_of_a_network_of_centres_may_be_chosen() -> None:
    generator = torch.Generator().manual_seed(1)
    counts = torch.poisson(torch.full((1, 20, 20), 28.8), generator=generator)
    gains = [
        replace(TUNING, loss=loss).fit_gains(Smoother(1.2), splits(counts, 28.8, seed=3))
        for loss in ("poisson", "poisson-of-means")
    ]
    assert not torch.equal(gains[0]["last.weight"], gains[1]["last.weight"])
