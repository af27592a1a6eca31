"""Workload of a recipe: its tasks, one of which can be simulated without a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tembench.core import stage
from tembench.dataset.contents import Contents, contents_of
from tembench.dataset.generation.simulate_task import simulate_task
from tembench.dataset.image_table import spread
from tembench.dataset.storage import N_COPIES, declared_metadata, pack_noisy
from tembench.recipe import AnyRecipe

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


def workload_of(recipe: AnyRecipe, device: str = "cpu") -> Workload:
    """Workload of a recipe: a task for each model, or each window of specimens."""
    contents = contents_of(recipe)
    images = [contents.images_of(task) for task in range(contents.n_tasks)]
    return Workload(
        name=f"{recipe.name} {recipe.version}",
        images=tuple(one.stop - one.start for one in images),
        arrays=declared_metadata(contents),
        simulate=partial(_arrays_of_task, contents, device),
    )


def _arrays_of_task(contents: Contents, device: str, number: int) -> dict[str, np.ndarray]:
    content = simulate_task(contents.recipe, number, device=device)
    images = contents.images_of(number)
    tested = contents.under_test()
    inside = tested[(tested >= images.start) & (tested < images.stop)] - images.start
    own = inside.tolist() or [0]
    drawn = [own[position] for position in spread(len(own), _MOST_NOISY)]
    with stage("noise"):
        copies = np.array(
            [
                [pack_noisy(content.record(index, copy), contents) for index in drawn]
                for copy in range(N_COPIES + 1)
            ]
        )
    others = {name: values for name, values in content.others.items() if values.dtype != object}
    return {
        "clean": content.packed,
        "exit_wave": content.spectra,
        "noisy": copies[0],
        "noisy_copies": copies[1:],
        **others,
    }
