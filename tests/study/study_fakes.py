"""A store in memory of nearly flat images, as grey as their factors say; a method of one number."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from tembench.dataset import NoisyImage
from tembench.dataset.noisy_image import noisy_image_of
from tembench.recipe import Condition

DOSE = 0.45
SHAPE = (16, 20)
LEVELS = {"black": 0.30, "intermediate": 0.45, "white": 0.65}
CONTRASTS = tuple(LEVELS)
PER_MODEL = 6
PARTS = ("train", "train", "validation", "test")


def default_table() -> pd.DataFrame:
    """Models of three particles and two defects, four parts each; contrast goes with defocus."""
    models = [
        (particle, defect, part)
        for particle in ("P1", "P2", "P3")
        for defect in ("D0", "D1")
        for part in PARTS
    ]
    rows = [
        {
            "model": f"{particle}-{defect}_{number}",
            "particle": particle,
            "defect": defect,
            "defocus_nm": float(defocus),
            "contrast": CONTRASTS[defocus % 3],
            "split_model": part,
        }
        for number, (particle, defect, part) in enumerate(models)
        for defocus in range(PER_MODEL)
    ]
    table = pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="image"))
    table["tilt_x_deg"] = table["tilt_y_deg"] = 0.0
    table["condition"] = "standard"
    order = np.random.default_rng(3).permutation(len(table))
    table["split_paper"] = np.array(("train", "train", "train", "test", "validation"))[order % 5]
    return table


@dataclass
class FakeStore:
    """The reading side of `tembench.dataset.store.Store`, as far as a study needs it."""

    table: pd.DataFrame = field(default_factory=default_table)
    path: Path = Path("fake.zarr")
    recipe_id: str = "ab" * 32
    shape: tuple[int, int] = SHAPE
    pixel_size_A: float = 0.5
    dose_e_per_px: float = DOSE
    recipe: Any = field(
        default_factory=lambda: SimpleNamespace(
            name="fake",
            version="1.0.0",
            seed=5,
            # With drift, so that nobody asks for exit waves.
            conditions={
                "standard": Condition(dose_e_per_px=DOSE, drift_A=(1.0, 0.0), detector=None)
            },
        )
    )
    seen: list[int] = field(default_factory=list)

    def images(self, split: str, part: str) -> np.ndarray:
        return np.flatnonzero(self.table[f"split_{split}"] == part)

    def clean(self, image: int) -> np.ndarray:
        row = self.table.loc[image]
        level = LEVELS[row["contrast"]] + 0.01 * int(row["particle"][-1])
        ripple = 0.02 * np.sin(np.arange(SHAPE[1]) + row["defocus_nm"])
        return (level + np.broadcast_to(ripple, SHAPE)).astype(np.float32)

    def noisy(self, image: int) -> np.ndarray:
        self.seen.append(image)
        return np.random.default_rng(image).poisson(self.clean(image)).astype(np.uint8)

    def wave_of(self, image: int) -> None:
        """A detector stands between these images and any exit wave."""

    def noisy_image(self, image: int, *, series: bool = False) -> NoisyImage:
        return noisy_image_of(self, image, series=series)

    def dose_of(self, image: int) -> float:
        return self.dose_e_per_px

    def pixel_size_of(self, image: int) -> float:
        return self.pixel_size_A


TOML = """
name = "flat"
title = "Flat"
summary = "One value everywhere, the mean of the training images."
kind = "learned"
licence = "MIT"
[training]
data = "clean images"
[parameters]
offset = 0.0
steps = 10
loud = false
"""

# Notes what it does in files beside it, and stops where a file says so.
PYTHON = """
from pathlib import Path
import numpy as np

HERE = Path(__file__).parent

def note(text):
    with open(HERE / ".log.txt", "a") as file:
        file.write(text + "\\n")

class Flat:
    def __init__(self, level):
        self.level = level
    def denoise(self, image):
        limit = HERE / ".denoise-at-most.txt"
        if limit.exists() and image.counts.shape == (16, 20):
            left = int(limit.read_text())
            if left == 0:
                raise KeyboardInterrupt
            limit.write_text(str(left - 1))
        return np.full(image.counts.shape, self.level, np.float32)

def build(parameters):
    level = float(Path(parameters["weights"], "level.txt").read_text())
    return Flat(level + parameters["offset"])

def train(parameters, data, folder):
    if (HERE / f".stop-{folder.name}").exists():
        raise KeyboardInterrupt
    note(f"train {folder.name}")
    assert len(data.validation) > 0 and data.seed >= 0
    level = np.mean([data.train[i].mean() for i in range(len(data.train))])
    (folder / "level.txt").write_text(repr(float(level)))
"""


def write_method(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "method.toml").write_text(TOML)
    (folder / "method.py").write_text(PYTHON)
    return folder


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height in pixels."""
    with Image.open(picture) as image:
        return image.size
