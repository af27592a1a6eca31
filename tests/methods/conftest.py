from __future__ import annotations

import functools
import operator
import types
from pathlib import Path

import numpy as np
import pytest

from tembench.methods.protocol import NoisyImage

PIXEL_SIZE_A = 0.0625
DOSE_E_PER_PX = 0.45


def lattice(shape: tuple[int, int], phase: float = 0.0) -> np.ndarray:
    """Columns 2.4 A apart below a surface, vacuum above: expected e/px, float32."""
    y, x = np.mgrid[: shape[0], : shape[1]] * (2 * np.pi * PIXEL_SIZE_A / 2.4)
    matter = np.arange(shape[0])[:, None] > shape[0] / 3
    image = DOSE_E_PER_PX * (1 + 0.18 * matter * (np.cos(x + phase) + np.cos(y - phase)))
    return image.astype(np.float32)


class FakeStore:
    """A store in memory, with the reading side of `tembench.dataset.store.Store`."""

    def __init__(self, path: Path, shape: tuple[int, int] = (96, 120), count: int = 9) -> None:
        self.path = path
        self.shape = shape
        self.pixel_size_A = PIXEL_SIZE_A
        self.dose_e_per_px = DOSE_E_PER_PX
        self.recipe_id = "0123456789abcdef" * 4
        self.recipe = types.SimpleNamespace(name="fake", version="1.0.0", seed=7)
        self._clean = [lattice(shape, 0.3 * number) for number in range(count)]
        self._noisy = [
            np.random.default_rng(number).poisson(clean).astype(np.uint8)
            for number, clean in enumerate(self._clean)
        ]

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        third = len(self._clean) // 3
        first = {"train": 0, "validation": third, "test": 2 * third}[part]
        return np.arange(first, first + third)

    def clean(self, image: int) -> np.ndarray:
        return self._clean[image]

    def noisy(self, image: int) -> np.ndarray:
        return self._noisy[image]

    def __reduce__(self) -> tuple[object, ...]:
        # A worker process cannot import this file: it gets a look-alike of standard parts.
        state = {
            "clean": functools.partial(operator.getitem, self._clean),
            "noisy": functools.partial(operator.getitem, self._noisy),
            "shape": self.shape,
            "pixel_size_A": self.pixel_size_A,
            "dose_e_per_px": self.dose_e_per_px,
        }
        return types.SimpleNamespace, (), state


@pytest.fixture
def store(tmp_path: Path) -> FakeStore:
    return FakeStore(tmp_path / "fake.zarr")


@pytest.fixture
def write_method(tmp_path: Path):
    """Write a method folder; keys of method.toml and lines of method.py can be replaced."""

    def write(toml: str | None = None, python: str | None = None, name: str = "mine") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if toml is None:
            toml = GOOD_TOML
        (folder / "method.toml").write_text(toml)
        if python is None:
            python = GOOD_PYTHON
        if python:
            (folder / "method.py").write_text(python)
        return folder

    return write


GOOD_TOML = """
name = "mine"
title = "Mine"
summary = "A method."
kind = "classical"
licence = "MIT"
[parameters]
scale = 1.0
[search]
scale = [0.5, 1.0]
"""

GOOD_PYTHON = """
import numpy as np

class Mine:
    def __init__(self, scale):
        self.scale = scale
    def denoise(self, image):
        return np.full(image.counts.shape, self.scale * image.counts.mean(), np.float32)

def build(parameters):
    return Mine(parameters["scale"])
"""


def noisy_image(clean: np.ndarray, seed: int = 0) -> NoisyImage:
    counts = np.random.default_rng(seed).poisson(clean).astype(np.uint8)
    return NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=DOSE_E_PER_PX)


@pytest.fixture(name="lattice")
def lattice_fixture():
    return lattice


@pytest.fixture(name="noisy_image")
def noisy_image_fixture():
    return noisy_image


@pytest.fixture
def good_toml() -> str:
    return GOOD_TOML
