"""A network on registered sums of frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tembench.core import baselines_folder
from tembench.methods import NoisyImage, NoisySeries
from tembench.methods.method_code import import_method

pytest.importorskip("torch")

DOSE = 0.6


class Echo:
    """A denoiser that returns what it gets, and remembers its dose."""

    device, network = "cpu", None

    def __init__(self) -> None:
        self.doses: list[float] = []

    def denoise(self, image: NoisyImage) -> np.ndarray:
        assert image.series is None
        self.doses.append(image.dose_e_per_px)
        return image.counts.astype(np.float32)


def scene(side: int = 160) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    inside = np.hypot(y - side / 2, x - side / 2) < side / 3
    return np.asarray(DOSE * (1 + 0.3 * inside * np.cos(x / 4.3) * np.cos(y / 4.9)))


def frame(position: int, axis: str = "time", count: int = 9) -> NoisyImage:
    generator = np.random.default_rng(1)
    moved = [np.roll(scene(), (2 * n, n), (0, 1)) for n in range(count)]
    counts = np.stack([generator.poisson(one) for one in moved]).astype(np.uint8)
    series = NoisySeries(counts=counts, axis=axis, values_nm=(0.0,) * count, position=position)
    return NoisyImage(counts=counts[position], pixel_size_A=0.1, dose_e_per_px=DOSE, series=series)


def denoise(image: NoisyImage, reach: int) -> tuple[np.ndarray, list[float]]:
    folder: Path = baselines_folder() / "unet-movie"
    echo = Echo()
    result = import_method(folder).FrameDenoiser(echo, reach).denoise(image)
    return np.asarray(result), echo.doses


def test_a_frame_is_denoised_with_its_neighbours_where_it_is() -> None:
    result, doses = denoise(frame(4), reach=3)
    assert doses == [pytest.approx(7 * DOSE)]
    expected = np.roll(scene(), (8, 4), (0, 1))
    inner = slice(24, -24), slice(24, -24)
    error = np.std((result - expected)[inner])
    assert error < 1.3 * np.sqrt(DOSE / 7)
    assert result.mean() == pytest.approx(DOSE, rel=0.03)


def test_the_first_frame_has_neighbours_on_one_side() -> None:
    _, doses = denoise(frame(0), reach=3)
    assert doses == [pytest.approx(4 * DOSE)]


@pytest.mark.parametrize(("axis", "reach"), [("defocus", 3), ("time", 0)])
def test_a_frame_without_neighbours_is_denoised_alone(axis: str, reach: int) -> None:
    image = frame(4, axis)
    result, doses = denoise(image, reach)
    np.testing.assert_array_equal(result, image.counts)
    assert doses == [DOSE]
