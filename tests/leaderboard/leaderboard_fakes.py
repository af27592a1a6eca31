"""A tiny store with the read API of the real one, and outputs folders to score against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import zarr

from tembench.files import write_toml

DOSE = 0.45
SIDE = 72
MODELS = ("alpha", "beta", "gamma", "delta")
PER_MODEL = 3


@dataclass(frozen=True)
class FakeStore:
    """Four models with three images each; a lattice, and a particle in the middle."""

    path: Path = Path("fake.zarr")
    side: int = SIDE
    recipe_id: str = "ab" * 32
    pixel_size_A: float = 0.4
    dose_e_per_px: float = DOSE
    recipe: Any = field(default_factory=lambda: SimpleNamespace(name="tiny", version="1.0.0"))

    @property
    def shape(self) -> tuple[int, int]:
        return (self.side, self.side)

    @property
    def table(self) -> pd.DataFrame:
        rows = [
            {
                "model": model,
                "defocus_nm": 2.0 * i,
                "tilt_x_deg": float(i),
                "tilt_y_deg": 0.0,
                "condition": "standard",
            }
            for model in MODELS
            for i in range(PER_MODEL)
        ]
        return pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="image"))

    def data_digest(self) -> str:
        return "cd" * 32

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        return np.arange(2, len(self.table))

    def dose_of(self, image: int) -> float:
        return self.dose_e_per_px

    def clean(self, image: int) -> np.ndarray:
        y, x = np.mgrid[: self.side, : self.side] * self.pixel_size_A
        period = 2.4 + 0.1 * (image % 4)
        lattice = np.cos(2 * np.pi * x / period) * np.cos(2 * np.pi * y / period)
        ground = DOSE + 0.05 * lattice * (y > 0.7 * y.max())
        return (ground + 0.12 * lattice * self.particle_mask(image)).astype(np.float32)

    def noisy(self, image: int) -> np.ndarray:
        return np.random.default_rng(image).poisson(self.clean(image)).astype(np.uint8)

    def particle_mask(self, image: int) -> np.ndarray:
        y, x = np.mgrid[: self.side, : self.side] / self.side
        return (y - 0.5) ** 2 + (x - 0.45 - 0.02 * (image % 3)) ** 2 < 0.04


def identity_tables(store: FakeStore, name: str, kind: str, images: int) -> dict[str, Any]:
    return {
        "format": 1,
        "method": {
            "name": name,
            "title": name.capitalize(),
            "summary": f"The method {name}.",
            "kind": kind,
            "input": "clean" if name == "clean" else "noisy",
            "licence": "GPL-3.0-or-later",
            "training_data": "none",
            "paper": {"title": "A paper", "year": 2020, "doi": "10.1000/xyz"},
            "parameters": {"sigma_px": 6.0, "scales": [1, 2]},
        },
        "data": {
            "recipe": store.recipe.name,
            "version": store.recipe.version,
            "recipe_id": store.recipe_id,
            "split": "model",
            "part": "test",
            "images": images,
        },
        "run": {
            "tembench": "0.1.0",
            "device": "cpu",
            "seconds_per_image": 0.25,
            "peak_memory_MB": 300.0,
            "threads": 1,
            "workers": 2,
        },
    }


def denoisers(store: FakeStore) -> dict[str, tuple[str, Callable[[int], np.ndarray]]]:
    """Kind and denoised image by method: three controls, and truth plus some error."""

    def wrong_by(size: float, seed: int) -> Callable[[int], np.ndarray]:
        def denoise(image: int) -> np.ndarray:
            noise = np.random.default_rng([seed, image]).normal(0, size, store.shape)
            return store.clean(image) + noise

        return denoise

    return {
        "noisy": ("control", store.noisy),
        "vacuum": ("control", lambda image: np.full(store.shape, DOSE)),
        "clean": ("control", store.clean),
        "good": ("learned", wrong_by(0.01, 1)),
        "twin": ("classical", wrong_by(0.01, 2)),
        "poor": ("classical", wrong_by(0.03, 3)),
    }


def write_arrays(folder: Path, images: np.ndarray, denoised: np.ndarray) -> None:
    """``denoised.zarr`` as the methods room writes it."""
    group = zarr.create_group(folder / "denoised.zarr", zarr_format=3)
    group.create_array(
        "denoised",
        data=denoised,
        chunks=(1, *denoised.shape[1:]),
        fill_value=np.nan if denoised.dtype.kind in "fc" else 0,
        dimension_names=("image", "y", "x"),
    )
    group.create_array("image", data=images.astype(np.int64), dimension_names=("image",))
    group.create_array("seconds", data=np.full(len(images), 0.25), dimension_names=("image",))


def write_outputs(folder: Path, store: FakeStore, name: str) -> Path:
    kind, denoise = denoisers(store)[name]
    images = store.images()
    folder.mkdir(parents=True)
    write_arrays(folder, images, np.stack([denoise(i) for i in images]).astype(np.float32))
    write_toml(folder / "outputs.toml", identity_tables(store, name, kind, len(images)))
    return folder
