"""Contents of a recipe of models: a task is an atomic model with its factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.dataset.contents import Contents
from tembench.dataset.image_table import factors_under_test, image_table
from tembench.dataset.splits import images_under_test
from tembench.dataset.storage import (
    SIMULATED,
    Packing,
    columns_of,
    create_arrays,
    create_factors_under_test,
)
from tembench.recipe import Recipe
from tembench.simulation import Columns

if TYPE_CHECKING:
    import pandas as pd
    import zarr


class ModelContents(Contents):
    """Contents of the data set of a recipe of models."""

    recipe: Recipe
    task_kind = "models"
    groups = ("columns", "digests")
    simulated = SIMULATED
    counted_dtype = np.uint8

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.shape = recipe.box.shape
        self.pixel_size_A = recipe.box.pixel_size_A
        self.dose_e_per_px = recipe.microscope.dose_e_per_px
        self.energy_keV = recipe.microscope.energy_keV
        self.n_images = recipe.n_images
        self.n_tasks = len(recipe.models)
        self.n_waves = sum(len(model.tilts_deg) for model in recipe.models)
        self.images_per_shard = recipe.images_per_shard
        self.step = Packing.for_doses(recipe.doses_e_per_px).step
        self.counts_dtype = np.int16 if recipe.has_detector else np.uint8
        self.whole_counts = not recipe.has_detector

    def task_name(self, task: int) -> str:
        """Name of the model."""
        return self.recipe.models[task].name

    def images_of(self, task: int) -> slice:
        """Numbers of the model's images."""
        first = self.recipe.first_image(task)
        return slice(first, first + self.recipe.models[task].n_images)

    def waves_of(self, task: int) -> slice:
        """One exit wave for each tilt of the model."""
        first = sum(len(other.tilts_deg) for other in self.recipe.models[:task])
        return slice(first, first + len(self.recipe.models[task].tilts_deg))

    def table(self) -> pd.DataFrame:
        """Factors and splits of every image; see `image_table`."""
        return image_table(self.recipe)

    def under_test(self) -> np.ndarray:
        """Numbers of the images under test in any split, ascending."""
        return images_under_test(image_table(self.recipe))

    def create_arrays(self, group: zarr.Group, *, with_columns: bool = True) -> None:
        """Create all arrays and fill factors, splits and true columns."""
        create_arrays(group, self.recipe, columns_of(self.recipe) if with_columns else _ONE_COLUMN)

    def optional_names(self) -> tuple[str, ...]:
        """Factors and splits along `test_image`."""
        return tuple(factors_under_test(self.recipe))

    def create_optional(self, group: zarr.Group) -> None:
        """Create the factors and splits along `test_image`."""
        create_factors_under_test(group, self.recipe)

    def others_of(self, task: int) -> dict[str, slice]:
        """The contrast classes of a model's images."""
        return {"contrast": self.images_of(task)}

    def shard_arrays(self, shard: int) -> list[tuple[str, Any]]:
        """The contrast classes."""
        return [("contrast", self.images_of_shard(shard))]


_NUMBER = np.zeros(1)
_ONE_COLUMN = {
    "": Columns(
        x_A=_NUMBER,
        y_A=_NUMBER,
        depth_A=_NUMBER,
        element=np.array(["Pt"]),
        atoms=_NUMBER.astype(int),
        in_particle=_NUMBER.astype(bool),
        at_surface=_NUMBER.astype(bool),
    )
}
