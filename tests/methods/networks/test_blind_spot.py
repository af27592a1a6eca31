"""Blind-spot network: no bin sees itself; likelihood and posterior are exact."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from tembench.methods.networks.blind_spot import (
    BlindSpotNetwork,
    PosteriorMean,
    _joined,
    _lattices,
)
from tembench.methods.networks.setup import initialise
from tembench.methods.training.losses import LOSSES


@pytest.fixture
def network() -> BlindSpotNetwork:
    made = initialise(
        lambda: BlindSpotNetwork(
            features=4, channels=4, blocks_down=[1, 1], blocks_up=[1], kernel=3
        ),
        1,
    )
    # Blocks start as the identity, which would see next to nothing.
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return made.eval().double()


def seen_from(network: BlindSpotNetwork, side: int, y: int, x: int) -> torch.Tensor:
    """Which bins the two values predicted for a bin depend on."""
    generator = torch.Generator().manual_seed(0)
    counts = torch.rand((1, 1, side, side), generator=generator, dtype=torch.float64)
    counts.requires_grad_()
    network(counts)[0, :, y, x].sum().backward()
    assert counts.grad is not None
    return counts.grad[0, 0] != 0


@pytest.mark.slow
@pytest.mark.parametrize("side", [48, 50])
@pytest.mark.parametrize("place", [(24, 24), (0, 0), (1, 47), (24, 0), (46, 13), (3, 2), (-1, -1)])
def test_no_bin_sees_itself_at_the_edges_either(
    network: BlindSpotNetwork, side: int, place: tuple[int, int]
) -> None:
    y, x = (number % side for number in place)
    seen = seen_from(network, side, y, x)
    assert not seen[y, x]
    around = seen[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3]
    assert around.sum() == around.numel() - 1
    assert not seen[y % 3 :: 3, x % 3 :: 3].any(), "its lattice was seen"


def test_lattices_are_put_together_again() -> None:
    image = torch.rand(2, 5, 12, 15)
    apart = _lattices(image)
    assert torch.equal(apart[9 + 5], image[1, :, 1::3, 2::3])
    assert torch.equal(_joined(apart), image)


def test_the_likelihood_is_the_negative_binomial_one() -> None:
    draw = np.random.default_rng(0)
    exposure = 28.8
    mean, worth = draw.uniform(0.5, 1.5, (2, 1, 6, 6)), draw.uniform(0.5, 60, (2, 1, 6, 6))
    counts = draw.poisson(exposure * mean)
    shape = mean * exposure * worth
    exact = stats.nbinom.logpmf(counts, shape, worth / (1 + worth))
    constant = -np.vectorize(stats.poisson.logpmf)(counts, 1.0) - 1.0
    predicted = torch.from_numpy(np.concatenate([mean, np.log(worth)], axis=1))
    target = np.concatenate([counts / exposure, np.full_like(mean, exposure)], axis=1)
    loss = float(LOSSES["negative-binomial"](predicted, torch.from_numpy(target)))
    # What is left out does not depend on the prediction: log y!.
    wanted = -(exact + constant).sum() / (exposure * counts.size)
    assert loss == pytest.approx(wanted, rel=1e-6)


def test_the_posterior_mean_is_that_of_gamma_and_poisson() -> None:
    class Known(torch.nn.Module):
        def forward(self, counts: torch.Tensor) -> torch.Tensor:
            worth = torch.full_like(counts, float(np.log(9.0)))
            return torch.cat([torch.full_like(counts, 0.8), worth], dim=1)

    draw = np.random.default_rng(1)
    exposure, n = 28.8, 400_000
    truth = draw.gamma(0.8 * exposure * 9, 1 / (exposure * 9), n)
    counts = draw.poisson(exposure * truth) / exposure
    given = torch.from_numpy(counts).float().reshape(1, 1, 1, n)
    estimate = PosteriorMean(Known())(given).numpy().ravel()
    # The posterior mean: no part of its error is foretold by what is known.
    error = truth - estimate
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(n)
    assert abs(np.corrcoef(error, counts)[0, 1]) < 4 / np.sqrt(n)
    assert np.mean(error**2) < np.mean((truth - 0.8) ** 2) < np.mean((truth - counts) ** 2)
