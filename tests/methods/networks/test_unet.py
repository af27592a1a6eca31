"""UNet: sizes, symmetries, homogeneity."""

from __future__ import annotations

import pytest
import torch

from tembench.methods.networks.unet import UNet


@pytest.mark.parametrize("scales", [1, 2, 4])
@pytest.mark.parametrize("bias_free", [True, False])
def test_any_size_goes_through(scales: int, bias_free: bool) -> None:
    network = UNet(scales=scales, channels=3, widening=1.5, bias_free=bias_free)
    network.eval()
    for shape in ((1, 1, 1, 1), (1, 1, 3, 17), (2, 1, 13, 8), (1, 1, 16, 24)):
        with torch.no_grad():
            assert network(torch.rand(shape)).shape == shape


def test_padding_changes_its_own_edge_only() -> None:
    torch.manual_seed(0)
    network = UNet(scales=3, channels=4, bias_free=False).eval()
    image = torch.rand(1, 1, 61, 59)
    # The same continuation by hand gives a size that needs no padding.
    whole = torch.nn.functional.pad(image, (0, 5, 0, 3), mode="replicate")
    with torch.no_grad():
        assert torch.allclose(network(image), network(whole)[..., :61, :59], atol=1e-6)


def test_shifting_by_the_coarsest_pixel_shifts_the_result() -> None:
    torch.manual_seed(0)
    network = UNet(scales=3, channels=4, bias_free=False).eval()
    image = torch.rand(1, 1, 96, 96)
    with torch.no_grad():
        whole, shifted = network(image), network(image[..., 4:, 8:])
    # Beyond the receptive field (22 to each side) the edge is not felt.
    assert torch.allclose(whole[..., 28:-24, 32:-24], shifted[..., 24:-24, 24:-24], atol=1e-5)


def test_a_bias_free_network_is_homogeneous() -> None:
    torch.manual_seed(0)
    network = UNet(scales=3, channels=4, bias_free=True)
    with torch.no_grad():
        for _ in range(3):
            network(2 * torch.rand(2, 1, 32, 32))
        network.eval()
        image = torch.rand(1, 1, 30, 34)
        assert torch.allclose(network(3 * image), 3 * network(image), rtol=1e-4, atol=1e-5)
    assert not [name for name, _ in network.named_parameters() if name.endswith("bias")]


def test_a_bias_free_network_trains_in_half_precision() -> None:
    torch.manual_seed(0)
    network = UNet(scales=2, channels=4, bias_free=True)
    image = 1 + torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        whole = network(image)
        with torch.autocast("cpu", torch.bfloat16):
            half = network(image)
    assert half.dtype == torch.bfloat16
    assert torch.allclose(half.float(), whole, atol=0.05 * float(whole.abs().max()))
    assert all(value.dtype == torch.float32 for value in network.state_dict().values())
