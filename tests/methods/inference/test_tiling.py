"""Tiled inference: the same result as on the whole image, in any amount of memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.core import progress_bar as progress
from tembench.core.errors import MethodError
from tembench.methods.inference.network_denoiser import NetworkDenoiser
from tembench.methods.inference.tiling import TiledNetwork
from tembench.methods.protocol import NoisyImage

CPU = torch.device("cpu")


class Scales(nn.Module):
    """Four resolutions with max-pooling, as in a UNet; every weight is felt in the result."""

    multiple = 8
    # 3 x 3 convolutions down and up at steps of 1, 2, 4, 8; pooling; bilinear interpolation.
    margin = 2 * (1 + 2 + 4) + 8 + (1 + 2 + 4) + (2 + 4 + 8)

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[int, ...]] = []
        torch.manual_seed(3)
        wide = [4, 5, 6, 7]

        def layer(inputs: int, outputs: int) -> nn.Conv2d:
            return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")

        self.down = nn.ModuleList(layer(i, o) for i, o in zip([1, *wide], wide, strict=False))
        self.up = nn.ModuleList(layer(wide[i] + wide[i + 1], wide[i]) for i in range(3))
        self.last = nn.Conv2d(4, 1, 1)
        for parameter in self.parameters():
            parameter.data *= 2
        self.last.bias.data += 2

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(tuple(x.shape))
        height, width = x.shape[-2:]
        x = functional.pad(x, (0, -width % 8, 0, -height % 8), mode="replicate")
        kept = []
        for scale, layer in enumerate(self.down):
            x = torch.relu(layer(functional.max_pool2d(x, 2) if scale else x))
            kept.append(x)
        for scale in (2, 1, 0):
            x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = torch.relu(self.up[scale](torch.cat([kept[scale], x], 1)))
        return self.last(x)[..., :height, :width]


def tiled(network: nn.Module, most_bins: int) -> TiledNetwork:
    """Tiles of the size wanted here, however many margins that costs."""
    result = TiledNetwork(network, CPU)
    result._most_bins = most_bins
    return result


def whole(network: nn.Module, view: Tensor) -> Tensor:
    with torch.inference_mode():
        return network(view[None, None])[0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(199, 173), (128, 311), (90, 400), (305, 97)])
def test_tiles_give_the_result_of_the_whole_image(shape: tuple[int, int]) -> None:
    network = Scales().eval()
    view = torch.rand(shape, generator=torch.Generator().manual_seed(1))
    expected = whole(network, view)
    network.sizes.clear()
    (result,) = tiled(network, 120 * 120).apply([view])
    assert len(network.sizes) > 1
    assert all(y * x <= 120 * 120 for *_, y, x in network.sizes)
    assert expected.std() > 0.01
    assert float((result - expected).abs().max()) < 1e-6 * float(expected.abs().max())


@pytest.mark.slow
@pytest.mark.parametrize(("margin", "multiple"), [(8, 8), (43, 1)])
def test_too_little_margin_or_another_grid_would_be_seen(margin: int, multiple: int) -> None:
    network = Scales().eval()
    view = torch.rand((240, 230), generator=torch.Generator().manual_seed(1))
    network.margin, network.multiple = margin, multiple
    (result,) = tiled(network, 123 * 121).apply([view])
    assert float((result - whole(network, view)).abs().max()) > 1e-4


def test_views_of_one_padded_size_go_together_and_come_back_in_order() -> None:
    network = Scales().eval()
    views = [torch.rand(shape) for shape in ((50, 50), (51, 56), (20, 9), (56, 49))]
    results = tiled(network, 10**6).apply(views)
    assert sorted(network.sizes) == [(1, 1, 24, 16), (3, 1, 56, 56)]
    for view, result in zip(views, results, strict=True):
        assert result.shape == view.shape
        assert torch.allclose(result, whole(network, view), atol=1e-6)


def test_an_image_within_the_margin_or_a_network_without_one_stays_whole() -> None:
    network = Scales().eval()
    TiledNetwork(network, CPU, most_bins=100).apply([torch.rand(60, 88)])
    assert network.sizes == [(1, 1, 64, 88)]
    network.sizes.clear()
    network.margin = None
    TiledNetwork(network, CPU, most_bins=100).apply([torch.rand(300, 300)])
    assert network.sizes == [(1, 1, 304, 304)]


class Limited(Scales):
    """Raises what a GPU without free memory raises, above a size."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def forward(self, x: Tensor) -> Tensor:
        if x.numel() > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().forward(x)


@pytest.mark.slow
@pytest.mark.parametrize("most", [3 * 200 * 200, 200 * 200, 110 * 110])
def test_out_of_memory_continues_in_smaller_pieces_with_one_notice(
    most: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_enabled", True)
    network = Limited(most).eval()
    pieces = TiledNetwork(network, CPU)
    views = [torch.rand(200, 200) for _ in range(4)]
    results = pieces.apply(views)
    plain = Scales().eval()
    for view, result in zip(views, results, strict=True):
        assert torch.allclose(result, whole(plain, view), atol=1e-6)
    # The next image profits from what was learnt.
    pieces.apply(views)
    notices = capsys.readouterr().err.splitlines()
    assert notices == ["Out of memory on device cpu: continuing in smaller pieces"]


def test_out_of_memory_for_the_smallest_piece_is_an_error() -> None:
    for margin in (43, None):
        network = Limited(10).eval()
        network.margin = margin
        with pytest.raises(MethodError, match=r"out of memory on device cpu.*device"):
            TiledNetwork(network, CPU).apply([torch.rand(200, 200)])


def test_another_error_of_a_network_is_not_taken_for_out_of_memory() -> None:
    class Broken(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        TiledNetwork(Broken(), CPU).apply([torch.rand(8, 8)])


@pytest.mark.slow
def test_an_image_in_tiles_is_denoised_as_the_whole() -> None:
    counts = np.random.default_rng(5).poisson(0.45, (597, 803)).astype(np.uint8)
    image = NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=0.45)
    denoiser = NetworkDenoiser(Scales(), binning=4, shifts=4, mirror=True, device=CPU)
    at_once = denoiser.denoise(image)
    assert at_once.std() > 0.001
    denoiser._tiled._most_bins = 128 * 128
    in_tiles = denoiser.denoise(image)
    np.testing.assert_allclose(in_tiles, at_once, atol=1e-6 * at_once.max())
