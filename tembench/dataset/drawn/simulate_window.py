"""Simulation of a window of specimens: the arrays of one task, and of one shard."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from tembench.dataset.contents import TaskArrays
from tembench.dataset.drawn import (
    DrawnContents,
    SpecimenImages,
    StoredWave,
    image_values,
    pack_columns,
    stored_spectrum_shape,
)
from tembench.dataset.drawn.simulate_specimen import simulate_specimen
from tembench.recipe import DrawnRecipe
from tembench.simulate import frequency_orders


def simulate_window(recipe: DrawnRecipe, task: int, stored: StoredWave | None = None) -> TaskArrays:
    """Simulate the specimens of a window; the arrays depend on the recipe alone.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    task : int
        Number of the window.
    stored : callable, optional
        Source of exit waves, instead of a simulation.
    """
    contents = DrawnContents(recipe)
    numbers = contents.specimens_of(task)
    # The last bits of a matrix product depend on the number of threads: one, here as in workers.
    with threadpool_limits(1):
        made = [
            simulate_specimen(recipe, contents.place_of(number), stored)
            for number in range(numbers.start, numbers.stop)
        ]

    def noisy(index: int, copy: int) -> np.ndarray:
        number, inside = divmod(index, contents.images_each)
        return made[number].noisy(inside, copy)

    values, texts = image_values(recipe, made)
    return TaskArrays(
        spectra=_spectra(contents, made),
        packed=np.concatenate([one.packed for one in made]),
        others={
            "drawn/values": values,
            "drawn/texts": texts,
            "drawn/columns": np.concatenate([_columns(contents, one) for one in made]),
            "mask": np.stack([one.mask for one in made]),
        },
        record=noisy,
    )


def _columns(contents: DrawnContents, one: SpecimenImages) -> np.ndarray:
    numbers = [
        contents.component_number(one.built.drawn.kind, name) for name in one.built.specimen.names
    ]
    states = one.columns[: contents.states_each]
    packed = [pack_columns(one, np.array(numbers), contents.most_columns) for one in states]
    return np.stack(packed)


def _spectra(contents: DrawnContents, made: list[SpecimenImages]) -> np.ndarray:
    """Exit waves on the grid of the store, which is that of the largest cell."""
    shape = stored_spectrum_shape(contents.recipe)
    if not contents.n_waves:
        return np.zeros((0, *shape), dtype=np.complex64)
    spectra = np.zeros((len(made), *shape), dtype=np.complex64)
    for place, one in zip(spectra, made, strict=True):
        spectrum = one.wave.spectra[0]
        rows, columns = (frequency_orders(count) for count in spectrum.shape)
        place[rows[:, None], columns] = spectrum
    return spectra
