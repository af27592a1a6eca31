from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tembench.methods.classical.bm3d import BM3D, GuidedBM3D
from tembench.methods.counts.bin_side import BinSide
from tembench.methods.protocol import NoisyImage

SETTINGS = {"stride": 4, "window": 21, "matches": (16, 16)}


@dataclass
class Known:
    """A method that returns one image."""

    image: np.ndarray

    def denoise(self, image: NoisyImage) -> np.ndarray:
        return self.image


@pytest.fixture
def clean() -> np.ndarray:
    y, x = np.mgrid[:96, :96]
    return (2 + np.sin(x / 5) * np.cos(y / 7)).astype(np.float32)


@pytest.fixture
def image(clean: np.ndarray) -> NoisyImage:
    counts = np.random.default_rng(1).poisson(clean).astype(np.uint8)
    return NoisyImage(counts=counts, pixel_size_A=0.2, dose_e_per_px=2.0)


def error(denoised: np.ndarray, clean: np.ndarray) -> float:
    return float(np.square(denoised - clean)[4:-4, 4:-4].mean())


@pytest.mark.slow
def test_a_good_guide_makes_a_better_filter(clean: np.ndarray, image: NoisyImage) -> None:
    bm3d = BM3D(BinSide(0.4, 0.0), 1.0, SETTINGS)
    plain = bm3d.denoise(image)
    # The mean of the guide and of what it guides.
    guided = 2 * GuidedBM3D(Known(clean), bm3d).denoise(image) - clean
    assert error(guided, clean) < 0.7 * error(plain, clean)


@pytest.mark.slow
def test_a_guide_without_structure_leaves_the_counts_mean(image: NoisyImage) -> None:
    bm3d = BM3D(BinSide(0.4, 0.0), 1.0, SETTINGS)
    flat = np.full(image.counts.shape, 2.0, dtype=np.float32)
    guided = GuidedBM3D(Known(flat), bm3d).denoise(image)
    assert guided.mean() == pytest.approx(image.counts.mean(), rel=0.03)
    assert guided.dtype == np.float32
