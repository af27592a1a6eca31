"""Workload of a recipe: its tasks, one of which can be simulated without a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tembench.core import stage
from tembench.dataset.expected_arrays import declared_metadata
from tembench.dataset.generation.simulate_model import simulate_model
from tembench.dataset.image_table import image_table, spread
from tembench.dataset.layout import N_COPIES
from tembench.dataset.packing import Packing, pack_noisy
from tembench.dataset.splits import images_under_test
from tembench.recipe import Recipe
from tembench.simulate import record

# A generation holds one at a time; all of a model would raise the peak of memory by half.
_MOST_NOISY = 8


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Tasks of the generation of a data set.

    Attributes
    ----------
    name : str
        Name and version of the recipe.
    images : tuple of int
        Number of images of each task.
    arrays : mapping of str to mapping
        Zarr metadata of the store's arrays, of which `simulate` returns parts.
    simulate : callable
        Simulates the task of a number and returns the values that it would write, by the name of
        their array, shaped as there except along the first dimensions. A few of its noisy images
        will do; without an image under test, one of another, so that their size is known.
    """

    name: str
    images: tuple[int, ...]
    arrays: Mapping[str, Mapping[str, Any]]
    simulate: Callable[[int], Mapping[str, np.ndarray]]


def model_workload(recipe: Recipe, device: str = "cpu") -> Workload:
    """Workload of a recipe of models: a task for each."""
    return Workload(
        name=f"{recipe.name} {recipe.version}",
        images=tuple(model.n_images for model in recipe.models),
        arrays=declared_metadata(recipe),
        simulate=partial(_arrays_of_model, recipe, device),
    )


def _arrays_of_model(recipe: Recipe, device: str, number: int) -> dict[str, np.ndarray]:
    content = simulate_model(recipe, number, device=device)
    table, first = image_table(recipe), recipe.first_image(number)
    tested = images_under_test(table)
    last = first + len(content.packed)
    own = [int(image) for image in tested if first <= image < last] or [first]
    drawn = [own[position] for position in spread(len(own), _MOST_NOISY)]
    packing = Packing.for_doses(recipe.doses_e_per_px)

    def noisy(image: int, copy: int) -> np.ndarray:
        expected = packing.unpack(content.packed[image - first])
        detector = recipe.conditions[str(table["condition"][image])].detector
        return pack_noisy(record(expected, detector, recipe.seed, image, copy), recipe)

    with stage("noise"):
        copies = np.array([[noisy(i, copy) for i in drawn] for copy in range(N_COPIES + 1)])
    return {
        "clean": content.packed,
        "exit_wave": content.spectra,
        "noisy": copies[0],
        "noisy_copies": copies[1:],
    }
