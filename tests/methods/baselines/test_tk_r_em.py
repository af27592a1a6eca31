from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx_files import BOX_FILTER, network_file
from scipy import ndimage

from tembench.core.errors import MethodError, MissingPackage
from tembench.methods.method import load_method
from tembench.methods.protocol import NoisyImage


def of_file(path: Path, content: bytes, **parameters):
    path.write_bytes(content)
    return load_method("tk-r-em").build(weights_file=str(path), **parameters)


def image(shape=(64, 48), seed=1) -> NoisyImage:
    counts = np.random.default_rng(seed).poisson(5, shape).astype(np.uint8)
    return NoisyImage(counts=counts, pixel_size_A=0.1, dose_e_per_px=5.0)


def box_mean(values: np.ndarray) -> np.ndarray:
    """Means over 3 x 3 pixels, of those inside the image at its edges."""
    inside = ndimage.uniform_filter(np.ones(values.shape), 3, mode="constant")
    return ndimage.uniform_filter(values.astype(float), 3, mode="constant") / inside


def test_the_file_of_the_tests_is_the_one_encoded_here():
    assert BOX_FILTER.read_bytes() == network_file(("n", "y", "x", 1))


@pytest.mark.parametrize("shape", [("n", "y", "x", 1), ("n", 1, "y", "x"), (1, 1, 64, 48)])
def test_the_channel_is_where_the_file_has_it(tmp_path, shape):
    pytest.importorskip("onnxruntime")
    seen = image()
    out = of_file(tmp_path / "n.onnx", network_file(shape)).denoise(seen)
    np.testing.assert_allclose(out, box_mean(seen.counts), rtol=1e-4)
    assert out.dtype == np.float32


def test_odd_sides_are_padded_with_the_mirror_image(tmp_path):
    pytest.importorskip("onnxruntime")
    seen = image((33, 47))
    out = of_file(tmp_path / "n.onnx", network_file(("n", "y", "x", 1))).denoise(seen)
    mirrored = np.pad(seen.counts, ((0, 1), (0, 1)), mode="symmetric")
    np.testing.assert_allclose(out, box_mean(mirrored)[:33, :47], rtol=1e-4)


@pytest.mark.parametrize(
    ("shape", "tile"), [(("n", "y", "x", 1), 32), ((1, 32, 32, 1), 0), ((1, 1, 40, 32), 0)]
)
def test_tiles_agree_with_the_whole_image_but_at_their_edges(tmp_path, shape, tile):
    pytest.importorskip("onnxruntime")
    seen = image((80, 64))
    out = of_file(tmp_path / "n.onnx", network_file(shape), tile=tile).denoise(seen)
    # The edge of a tile has a small weight.
    np.testing.assert_allclose(out, box_mean(seen.counts), atol=0.1)


def test_bins_are_summed_before(tmp_path):
    pytest.importorskip("onnxruntime")
    seen = image()
    out = of_file(tmp_path / "n.onnx", network_file(("n", "y", "x", 1)), bin_A=0.4).denoise(seen)
    assert out.shape == seen.counts.shape
    assert out.mean() == pytest.approx(seen.counts.mean(), rel=0.01)
    assert out.std() < box_mean(seen.counts).std() / 2


def test_a_file_is_needed(tmp_path):
    pytest.importorskip("onnxruntime")
    with pytest.raises(MethodError, match=r"no file of a network.*--set weights_file=PATH"):
        load_method("tk-r-em").build()
    with pytest.raises(MethodError, match=r"nowhere\.onnx: no such file"):
        load_method("tk-r-em").build(weights_file=str(tmp_path / "nowhere.onnx"))


@pytest.mark.parametrize("content", [b"version https://git-lfs\noid", b""])
def test_a_file_that_is_no_network_is_named(tmp_path, content):
    pytest.importorskip("onnxruntime")
    with pytest.raises(MethodError, match=r"n\.onnx: is not a network") as caught:
        of_file(tmp_path / "n.onnx", content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [network_file(("n", 3, "y", "x")), network_file((1, 2, 9, "x"))]
)
def test_other_networks_are_refused(tmp_path, content):
    pytest.importorskip("onnxruntime")
    with pytest.raises(MethodError, match=r"n\.onnx: the network does not take one grey image"):
        of_file(tmp_path / "n.onnx", content)


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPackage, match="onnxruntime"):
        load_method("tk-r-em").build(weights_file=str(BOX_FILTER))
