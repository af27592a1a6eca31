"""All networks: any image size, and a receptive field within the declared margin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from tembench.methods.networks.dncnn import DnCNN
from tembench.methods.networks.gated_unet import GatedUNet
from tembench.methods.networks.small_unet import SmallUNet
from tembench.methods.networks.unet import UNet

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "unet-1": lambda: UNet(scales=1, channels=4),
    "unet-2": lambda: UNet(scales=2, channels=4, widening=2.0),
    "unet-3-bias-free": lambda: UNet(scales=3, channels=4, bias_free=True),
    "unet-4": lambda: UNet(scales=4, channels=3),
    "dncnn": lambda: DnCNN(layers=6, channels=4),
    "small-unet": lambda: SmallUNet(channels=4),
    "gated-unet": lambda: GatedUNet(channels=4, blocks_down=[1, 1, 2], blocks_up=[1, 1], kernel=5),
}


def awake(make: Callable[[], nn.Module]) -> nn.Module:
    """Give a network in double precision, all of whose paths carry something."""
    torch.manual_seed(1)
    network = make().double()
    with torch.no_grad():
        for parameter in network.parameters():
            # Positive, so that no rectifier closes.
            parameter.copy_(torch.rand_like(parameter) / max(parameter[0].numel(), 1) + 0.01)
    return network.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_any_size_goes_through(name: str) -> None:
    network = awake(NETWORKS[name])
    for shape in ((1, 1, 1, 1), (1, 1, 3, 17), (2, 1, 13, 8), (1, 1, 16, 24)):
        with torch.no_grad():
            assert network(torch.rand(shape, dtype=torch.float64)).shape == shape


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_bin_beyond_the_margin_changes_nothing(name: str) -> None:
    network = awake(NETWORKS[name])
    margin = network.margin
    side = 2 * (2 * margin // 2 + 12)
    place = side // 2
    for offset in range(network.multiple):
        image = torch.rand(1, 1, side, side, dtype=torch.float64, requires_grad=True)
        network(image)[0, 0, place + offset, place + offset].backward()
        seen = image.grad[0, 0].abs()
        rows = seen.amax(1).nonzero()[:, 0]
        reach = max(place + offset - int(rows.min()), int(rows.max()) - place - offset)
        assert reach <= margin


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_margin_is_close_to_the_receptive_field(name: str) -> None:
    network = awake(NETWORKS[name])
    side = 2 * (network.margin + 8) // 2 * 2
    reach = 0
    for place in range(side // 2, side // 2 + network.multiple):
        image = torch.rand(1, 1, side, side, dtype=torch.float64, requires_grad=True)
        network(image)[0, 0, place, place].backward()
        rows = image.grad[0, 0].abs().amax(1).nonzero()[:, 0]
        reach = max(reach, place - int(rows.min()), int(rows.max()) - place)
    assert network.margin <= reach + 2 * network.multiple


def test_the_small_unet_has_the_published_size() -> None:
    values = sum(value.numel() for value in SmallUNet(channels=32).parameters())
    assert values == pytest.approx(0.23e6, rel=0.02)


def test_dncnn_has_the_published_size() -> None:
    values = sum(value.numel() for value in DnCNN(layers=20, channels=64).parameters())
    assert values == pytest.approx(0.67e6, rel=0.01)
