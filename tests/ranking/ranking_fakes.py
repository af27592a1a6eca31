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

from tembench.core.files import write_toml
from tembench.dataset.ground_truth import particle_mask, vacuum_mask
from tembench.metrics import Sites
from tembench.recipe import Condition, Detector

DOSE = 0.45
SIDE = 72
MODELS = ("alpha", "beta", "gamma", "delta")
DEFECTS = ("D0", "D1", "D0", "Dh")
PER_MODEL = 3
PARTICLE_A = 5.0
SUPPORT_A = 22.0
_CLEAN: dict[tuple[float, ...], np.ndarray] = {}


@dataclass(frozen=True)
class FakeStore:
    """Four models with three images each; a support, and a particle in the middle.

    Both are lattices of columns, those of the particle the thicker and brighter the nearer to its
    middle. Model beta lacks one surface column, delta has one of half its atoms.
    """

    path: Path = Path("fake.zarr")
    side: int = SIDE
    recipe_id: str = "ab" * 32
    pixel_size_A: float = 0.4
    dose_e_per_px: float = DOSE
    recipe: Any = field(default_factory=lambda: SimpleNamespace(name="tiny", version="1.0.0"))
    files: Any = field(default_factory=lambda: SimpleNamespace(group=SimpleNamespace(attrs={})))

    @property
    def shape(self) -> tuple[int, int]:
        return (self.side, self.side)

    @property
    def table(self) -> pd.DataFrame:
        rows = [
            {
                "model": model,
                "particle": "Round",
                "defect": defect,
                "support": "flat",
                "thickness_A": 30.0,
                "defocus_nm": 2.0 * i,
                "tilt_x_deg": float(i),
                "tilt_y_deg": 0.0,
                "condition": "standard",
                "dose_e_per_px": self.dose_e_per_px,
                "contrast": "bright",
            }
            for model, defect in zip(MODELS, DEFECTS, strict=True)
            for i in range(PER_MODEL)
        ]
        return pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="image"))

    @property
    def contents(self) -> Any:
        return SimpleNamespace(n_images=len(self.table))

    def series(self, image: int) -> list[int]:
        return [image]

    def data_digest(self) -> str:
        return "cd" * 32

    def pixel_size_of(self, image: int) -> float:
        return self.pixel_size_A

    def detector_of(self, image: int) -> Detector | None:
        return self.condition(image).detector

    def undefined(self, image: int) -> frozenset[str]:
        return frozenset()

    def training_columns(self, image: int) -> np.ndarray:
        return self.sites(image).xy_A[:1]

    def varying_columns(self, image: int) -> np.ndarray | None:
        return None

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        test = np.arange(2, len(self.table))
        return test[::2] if part == "test-subset" else test

    def condition(self, image: int) -> Condition:
        return Condition(dose_e_per_px=self.dose_e_per_px, drift_A=(0.0, 0.0), detector=None)

    def dose_of(self, image: int) -> float:
        return self.dose_e_per_px

    def clean(self, image: int) -> np.ndarray:
        """Vacuum and a Gaussian for each column, as bright as its atoms."""
        key = (self.side, self.pixel_size_A, self.dose_e_per_px, image)
        if key not in _CLEAN:
            _CLEAN[key] = self._drawn(image)
        return _CLEAN[key].copy()

    def _drawn(self, image: int) -> np.ndarray:
        sites = self.sites(image)
        y, x = np.mgrid[: self.side, : self.side] * self.pixel_size_A
        sum_of_columns = sum(
            atoms * np.exp(-((x - x_A) ** 2 + (y - y_A) ** 2) / (2 * 0.5**2))
            for x_A, y_A, atoms in zip(sites.x_A, sites.y_A, sites.atoms, strict=True)
        )
        return (self.dose_e_per_px * (1 + 0.1 * sum_of_columns)).astype(np.float32)

    def noisy(self, image: int) -> np.ndarray:
        return self.noisy_copy(image, 0)

    def noisy_copy(self, image: int, copy: int) -> np.ndarray:
        return np.random.default_rng([image, copy]).poisson(self.clean(image)).astype(np.uint8)

    def sites(self, image: int) -> Sites:
        """A centred lattice, cut to a disc (the particle) above a half plane (the support)."""
        spacing = 2.4 + 0.1 * (image % 4)
        corners = np.stack(np.meshgrid(np.arange(11), np.arange(11)), axis=-1).reshape(-1, 2)
        x, y = spacing * np.concatenate([corners, corners + 0.5]).T
        middle_A = self.side * self.pixel_size_A * np.array([0.45 + 0.02 * (image % 3), 0.5])
        radius = np.hypot(x - middle_A[0], y - middle_A[1])
        in_particle, in_support = radius < PARTICLE_A, (y > SUPPORT_A) & (y < 28)
        kept = (in_particle | in_support) & (x < 28)
        radius, in_particle = radius[kept], in_particle[kept]
        whole = np.where(in_particle, np.round(8 - radius), 2).astype(int)
        atoms = whole.copy()
        surface = in_particle & (radius > PARTICLE_A - 1.5)
        changed = np.flatnonzero(surface)[0]
        atoms[changed] = {"D0": whole[changed], "D1": 0, "Dh": whole[changed] // 2}[
            DEFECTS[image // PER_MODEL]
        ]
        return Sites(
            x_A=x[kept],
            y_A=y[kept],
            atoms=atoms,
            whole_atoms=whole,
            in_particle=in_particle,
            at_surface=surface,
        )

    def particle_mask(self, image: int) -> np.ndarray:
        return particle_mask(self.sites(image), self.shape, self.pixel_size_A)

    def vacuum_mask(self, image: int) -> np.ndarray:
        return vacuum_mask(self.sites(image), self.shape, self.pixel_size_A)


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
