"""Contents of a data set, as far as its recipe determines them: tasks, shards, tables and arrays.

A data set is made in tasks, each of which fills whole shards of images. A task is an atomic model
of a recipe of models, or a window of specimens of a drawn recipe.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import zarr

    from tembench.recipe import AnyRecipe


class Contents(ABC):
    """Contents of a recipe's data set; made by `contents_of`.

    Attributes
    ----------
    recipe : Recipe or DrawnRecipe
        The recipe.
    shape : tuple of int
        Size of an image in pixels, (y, x).
    pixel_size_A, dose_e_per_px, energy_keV : float
        Nominal values; those of an image may differ in a drawn data set.
    task_kind : str
        What a task simulates, in the plural.
    n_images, n_tasks, n_waves : int
        Numbers of images, tasks and exit waves.
    images_per_shard : int
        Images stored together; the last shard of a drawn data set may have fewer.
    groups : tuple of str
        Groups of arrays that a store has from the beginning.
    simulated : tuple of str
        Arrays that are written as tasks are simulated; all others follow from the recipe, or from
        these.
    step : float
        Step of the packed clean images.
    counts_dtype : type
        Data type of the stored noisy images.
    counted_dtype : type
        Data type of a noisy image of whole counts, once it is read.
    whole_counts : bool
        Whether all noisy images are counts of electrons; if not, they are stored in steps.
    """

    recipe: AnyRecipe
    shape: tuple[int, int]
    pixel_size_A: float
    dose_e_per_px: float
    energy_keV: float
    task_kind: str
    n_images: int
    n_tasks: int
    n_waves: int
    images_per_shard: int
    groups: tuple[str, ...]
    simulated: tuple[str, ...]
    step: float
    counts_dtype: type[np.generic]
    counted_dtype: type[np.generic]
    whole_counts: bool

    @property
    def n_shards(self) -> int:
        """Number of shards of images."""
        return -(-self.n_images // self.images_per_shard)

    def images_of_shard(self, shard: int) -> slice:
        """Numbers of the images of a shard."""
        first = shard * self.images_per_shard
        return slice(first, min(first + self.images_per_shard, self.n_images))

    def shards_of(self, task: int) -> range:
        """Numbers of the shards that a task fills."""
        images = self.images_of(task)
        return range(
            images.start // self.images_per_shard, -(-images.stop // self.images_per_shard)
        )

    @abstractmethod
    def task_name(self, task: int) -> str:
        """Name of a task, for messages."""

    @abstractmethod
    def images_of(self, task: int) -> slice:
        """Numbers of a task's images."""

    @abstractmethod
    def waves_of(self, task: int) -> slice:
        """Positions along `wave` of a task's exit waves."""

    @abstractmethod
    def table(self) -> pd.DataFrame:
        """Factors and splits of every image that are known before it is simulated."""

    @abstractmethod
    def under_test(self) -> np.ndarray:
        """Numbers of the images under test, whose noisy images are stored, ascending."""

    @abstractmethod
    def create_arrays(self, group: zarr.Group, *, with_columns: bool = True) -> None:
        """Create all arrays in an empty group, and fill those that need no simulation.

        Without columns the lists of atomic columns have the length 1: their length would take the
        atoms of all models.
        """

    def optional_names(self) -> tuple[str, ...]:
        """Coordinates that stores made by earlier versions lack, and are as valid."""
        return ()

    def create_optional(self, group: zarr.Group) -> None:
        """Create the arrays of `optional_names`, where there are any."""
        del group

    def selections_of_shard(self, shard: int, positions: dict[int, int]) -> list[tuple[str, Any]]:
        """Every array that a shard of images has values in, with the selection of them.

        `positions` are those of the images under test along `test_image`.
        """
        images = self.images_of_shard(shard)
        selections: list[tuple[str, Any]] = [("clean", images), *self.shard_arrays(shard)]
        for image in range(images.start, images.stop):
            if (position := positions.get(image)) is not None:
                selections += [("noisy", position), ("noisy_copies", (slice(None), position))]
        return selections

    @abstractmethod
    def others_of(self, task: int) -> dict[str, slice]:
        """Arrays beside images, counts and waves that a task writes, and where in them."""

    @abstractmethod
    def shard_arrays(self, shard: int) -> list[tuple[str, Any]]:
        """Arrays beside images and counts that a shard has values in, with their selections."""


Record = Callable[[int, int], np.ndarray]
"""Draws a noisy image, given the index of its clean image in the task and the copy's number."""


@dataclass(frozen=True, kw_only=True)
class TaskArrays:
    """Arrays of one task: a model, or a window of specimens.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (waves, ky, kx)
        Its exit waves.
    packed : ndarray of uint16, shape (images, y, x)
        Clean images, packed as in the store.
    others : mapping of str to ndarray
        Values of other arrays of the store, by name, for the selection that `Contents.others_of`
        gives.
    record : callable
        Draws noisy images.
    """

    spectra: np.ndarray
    packed: np.ndarray
    others: Mapping[str, np.ndarray]
    record: Record


def contents_of(recipe: AnyRecipe) -> Contents:
    """Contents of a recipe's data set."""
    from tembench.dataset.drawn import DrawnContents
    from tembench.dataset.model_contents import ModelContents
    from tembench.recipe import Recipe

    return ModelContents(recipe) if isinstance(recipe, Recipe) else DrawnContents(recipe)
