"""Losses against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from tembench.methods.counts.binning import bin_counts
from tembench.methods.networks.centres import centre_weights, centres
from tembench.methods.training.losses import LOSSES, bin_means


def test_the_logarithmic_loss_is_the_mean_psnr() -> None:
    clean = torch.rand(3, 1, 8, 8)
    denoised = clean + torch.tensor([0.1, 0.2, 0.4]).reshape(3, 1, 1, 1)
    psnr = -20 * torch.log10(torch.tensor([0.1, 0.2, 0.4])).mean()
    loss = LOSSES["log-squared"](denoised, clean)
    assert float(-10 * loss / np.log(10)) == pytest.approx(float(psnr), abs=1e-3)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


def test_the_likelihood_is_weighted_by_its_counts() -> None:
    rate = torch.rand((2, 1, 5, 5), generator=generator()) + 0.5
    exposure = torch.tensor([3.0, 20.0])[:, None, None, None].expand(2, 1, 5, 5)
    seen = torch.poisson(rate * exposure, generator=generator())
    loss = LOSSES["poisson"](rate, torch.cat([seen / exposure, exposure], dim=1))
    flat = LOSSES["poisson"](torch.ones_like(rate), torch.cat([seen / exposure, exposure], dim=1))
    logs = [
        stats.poisson.logpmf(seen.numpy(), (each * exposure).numpy()).sum()
        for each in (rate, torch.ones_like(rate))
    ]
    assert float(flat - loss) == pytest.approx(
        (logs[0] - logs[1]) / float(exposure.sum()), rel=1e-4
    )


@pytest.mark.parametrize("name", ["squared", "log-squared"])
def test_bins_without_weight_do_not_count(name: str) -> None:
    clean = torch.rand((2, 1, 6, 6), generator=generator())
    inside = torch.ones_like(clean)
    inside[..., :3] = 0
    denoised = torch.where(inside > 0, clean + 0.1, clean + 5)
    weighted = LOSSES[name](denoised, torch.cat([clean, inside], dim=1))
    assert float(weighted) == pytest.approx(float(LOSSES[name](clean + 0.1, clean)), abs=1e-5)


def test_channels_of_a_series_are_no_weights() -> None:
    clean = torch.rand((2, 3, 6, 6), generator=generator())
    assert float(LOSSES["squared"](clean + 0.2, clean)) == pytest.approx(0.04)


def test_counts_are_compared_with_the_means_of_a_network_of_centres() -> None:
    y, x = np.mgrid[:64, :64]
    sums = bin_counts(1 + 0.3 * np.cos(2 * np.pi * x / 17) * np.cos(2 * np.pi * y / 19), 4)
    means = torch.from_numpy(sums / 16)[None, None]
    values = centres(means, torch.from_numpy(centre_weights(8)).float())
    inner = slice(3, -3)
    torch.testing.assert_close(
        bin_means(values)[..., inner, inner], means[..., inner, inner], atol=5e-3, rtol=0
    )
    target = torch.cat([means, torch.ones_like(means)], dim=1)
    right, wrong = (LOSSES["poisson-of-means"](one, target) for one in (values, 1.3 * values - 0.3))
    assert right < wrong
