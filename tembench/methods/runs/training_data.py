"""Training data from a store: clean and noisy images, exit waves, focal series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import seed_sequence
from tembench.methods.protocol import FocalSeries, TrainingData
from tembench.recipe import DrawnRecipe

if TYPE_CHECKING:
    from tembench.dataset import Store
    from tembench.recipe import Box, Camera, Microscope


@dataclass(frozen=True)
class CleanImages:
    """Clean images of a store at its nominal dose."""

    store: Store
    images: Sequence[int]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> np.ndarray:
        """Return clean image `index`, float32 (y, x), e/px."""
        image = self.images[index]
        clean, dose = self.store.clean(image), self.store.dose_of(image)
        nominal = self.store.dose_e_per_px
        return clean if dose == nominal else clean * np.float32(nominal / dose)


@dataclass(frozen=True)
class NoisyImages:
    """One noisy image of each, drawn from its own seed."""

    store: Store
    images: Sequence[int]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> np.ndarray:
        """Return the counts of image `index`, (y, x)."""
        return self.store.noisy(self.images[index])


@dataclass(frozen=True)
class StoreCameras:
    """Cameras of images of a store."""

    store: Store
    images: Sequence[int]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> Camera[float] | None:
        """Return the camera of image `index`; None where every electron is counted."""
        return self.store.detector_of(self.images[index])


class StoreWaves:
    """Exit waves of images of a store, see `tembench.methods.protocol.TrainingWaves`.

    Parameters
    ----------
    store : Store
        The store.
    images : ndarray of int
        Numbers of the images.
    """

    def __init__(self, store: Store, images: np.ndarray) -> None:
        """Look up the wave and the defocus of every image."""
        recipe = store.recipe
        self._store = store
        self.microscope: Microscope = recipe.microscope
        self.box: Box = recipe.box
        self.aperture_per_A: float = recipe.simulation.aperture_per_A
        waves = np.array([store.wave_of(image) for image in images.tolist()], dtype=np.int64)
        chosen = store.table.iloc[images]
        self._waves, self.wave_of = np.unique(waves, return_inverse=True)
        self.defocus_nm: np.ndarray = chosen["defocus_nm"].to_numpy(dtype=np.float64)

    def __len__(self) -> int:
        """Return the number of waves."""
        return len(self._waves)

    def __getitem__(self, index: int) -> np.ndarray:
        """Return the Fourier coefficients of wave `index`, complex64 (y, x)."""
        return self._store.wave(self._waves[index])


def focal_series(store: Store, images: Sequence[int]) -> list[FocalSeries]:
    """Return the focal series among `images`, with the images as indices into `images`.

    Drawn images form none.
    """
    if isinstance(store.recipe, DrawnRecipe):
        return []
    chosen = store.table.iloc[list(images)].reset_index(drop=True)
    chosen = chosen.sort_values("defocus_nm", kind="stable")
    together = chosen.groupby(["model", "tilt_x_deg", "tilt_y_deg", "condition"], sort=False)
    series = [
        FocalSeries(images=tuple(group.index), defocus_nm=tuple(group["defocus_nm"]))
        for _, group in together
    ]
    return sorted(series, key=lambda one: one.images)


def training_data(
    store: Store, split: str = "model", *, train: np.ndarray | None = None
) -> TrainingData:
    """Return the training data of a split.

    Parameters
    ----------
    store : Store
        The data set.
    split : str
        "model", "paper" or a track of the recipe.
    train : ndarray of int, optional
        Numbers of the images to train on, instead of the whole train part.

    Returns
    -------
    TrainingData
        From the split's parts "train" and "validation".
    """
    images = store.images(split, "train") if train is None else train
    numbers = tuple(int(image) for image in images)
    validation = tuple(int(image) for image in store.images(split, "validation"))
    drawn = isinstance(store.recipe, DrawnRecipe)
    plain = all(store.wave_of(number) is not None for number in numbers)
    doses, validation_doses = (
        tuple(map(store.dose_of, part)) if drawn else None for part in (numbers, validation)
    )
    sizes, validation_sizes = (
        tuple(map(store.pixel_size_of, part)) if drawn else None for part in (numbers, validation)
    )
    seed = seed_sequence(store.recipe.seed, "training").generate_state(1)[0]
    return TrainingData(
        train=CleanImages(store, numbers),
        validation=CleanImages(store, validation),
        noisy=NoisyImages(store, numbers),
        noisy_validation=NoisyImages(store, validation),
        waves=StoreWaves(store, np.asarray(numbers)) if plain else None,
        series=focal_series(store, numbers),
        validation_series=focal_series(store, validation),
        doses_e_per_px=doses,
        validation_doses_e_per_px=validation_doses,
        cameras=StoreCameras(store, numbers) if drawn and store.recipe.has_camera else None,
        pixel_sizes_A=sizes,
        validation_pixel_sizes_A=validation_sizes,
        pixel_size_A=store.pixel_size_A,
        dose_e_per_px=store.dose_e_per_px,
        seed=int(seed),
    )
