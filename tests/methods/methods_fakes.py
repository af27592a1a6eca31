"""A store in memory, images of a lattice, and helpers for the tests of methods."""

from __future__ import annotations

import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tembench.core.errors import MethodError
from tembench.dataset.noisy_image import noisy_image_of
from tembench.methods.method import Method, load_method
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
        if part == "test-subset":
            return self.images(split)[::2]
        first = {"train": 0, "validation": third, "test": 2 * third, "test-full": third}[part]
        return np.arange(first, first + third)

    @property
    def table(self) -> pd.DataFrame:
        numbers = np.arange(len(self._clean))
        factors = {
            "model": [f"model-{number // 3}" for number in numbers],
            "tilt_x_deg": 0.0,
            "tilt_y_deg": 0.0,
            "defocus_nm": 2.0 * numbers,
            "condition": "standard",
        }
        return pd.DataFrame(factors, index=numbers)

    def series(self, image: int) -> list[int]:
        """Three neighbours are a series."""
        first = 3 * (image // 3)
        return [first, first + 1, first + 2]

    series_axis = "defocus"

    def dose_of(self, image: int) -> float:
        return self.dose_e_per_px

    def pixel_size_of(self, image: int) -> float:
        return self.pixel_size_A

    def defocus_of(self, image: int) -> float:
        return 2.0 * image

    def clean(self, image: int) -> np.ndarray:
        return self._clean[image]

    def noisy(self, image: int) -> np.ndarray:
        return self._noisy[image]

    def wave_of(self, image: int) -> None:
        """A detector stands between these images and any exit wave."""

    def noisy_image(self, image: int, *, series: bool = False) -> NoisyImage:
        return noisy_image_of(self, image, series=series)


def noisy_image(clean: np.ndarray, seed: int = 0) -> NoisyImage:
    counts = np.random.default_rng(seed).poisson(clean).astype(np.uint8)
    return NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=DOSE_E_PER_PX)


def arrays(out: Path) -> xr.Dataset:
    return xr.open_zarr(out / "denoised.zarr").load()


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def refusal(kind, function, *args, **kwargs) -> str:
    with pytest.raises(kind) as caught:
        function(*args, **kwargs)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def load_refusal(folder: Path) -> str:
    with pytest.raises(MethodError) as caught:
        load_method(folder)
    assert caught.value.exit_code == 5
    assert "\n" not in str(caught.value)
    return str(caught.value)


ODD_METHOD = """
import os
import numpy as np
from tembench.core.errors import TembenchError

class Own(BaseException):
    pass
class OwnError(TembenchError):
    pass
class Silent(Exception):
    def __str__(self):
        raise Own
class Odd:
    def __repr__(self):
        raise RuntimeError
    dtype = property(lambda self: 1 / 0)
class D:
    {attributes}
    def denoise(self, image):
        {denoise}
        return image.counts.astype(np.float32)
def build(parameters):
    {build}
    return D()
"""


def odd_method(write_method, *, attributes="pass", denoise="pass", build="pass") -> Method:
    """Load a method whose parts raise or return unusual objects."""
    python = ODD_METHOD.format(attributes=attributes, denoise=denoise, build=build)
    return load_method(write_method(python=python))
