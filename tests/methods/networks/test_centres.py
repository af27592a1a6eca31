"""Filter from bin means to values at bin centres."""

from __future__ import annotations

import numpy as np
import torch

from tembench.methods.counts.binning import unbin, upsample_centres
from tembench.methods.networks.centres import Centres, centre_weights, centres, mean_weights
from tembench.methods.networks.gated_unet import GatedUNet


def test_a_network_of_means_gives_values_at_centres() -> None:
    y, x = np.mgrid[:40, :48]
    means = 1 + 0.2 * np.cos(2 * np.pi * x / 4.1) * np.cos(2 * np.pi * y / 5.2)
    spline = unbin(means * 64, 8, (320, 384))
    weights = torch.from_numpy(centre_weights(8)).float()
    values = centres(torch.from_numpy(means).float()[None, None], weights)[0, 0].numpy()
    again = upsample_centres(values, 8, (320, 384))
    inner = slice(72, -72), slice(72, -72)
    np.testing.assert_allclose(again[inner], spline[inner], atol=2e-4)
    assert np.abs(values - means)[9:-9, 9:-9].max() > 0.02


def test_the_margin_of_centres_covers_their_receptive_field() -> None:
    network = Centres(GatedUNet(channels=4, blocks_down=[1, 1], blocks_up=[1], kernel=3).eval())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1)
    side = 2 * network.margin + 5
    counts_in = torch.ones((1, 1, side, side), requires_grad=True)
    network(counts_in)[0, 0, side // 2, side // 2].backward()
    assert counts_in.grad is not None
    seen = counts_in.grad[0, 0].abs().sum(0).nonzero().ravel() - side // 2
    assert seen.abs().max() <= network.margin


def test_means_over_bins_invert_centres() -> None:
    values = torch.rand(1, 1, 40, 44)
    forward, back = (
        torch.from_numpy(weights(12)).float() for weights in (centre_weights, mean_weights)
    )
    again = centres(centres(values, forward), back)
    inner = slice(12, -12)
    torch.testing.assert_close(
        again[..., inner, inner], values[..., inner, inner], atol=2e-4, rtol=0
    )
