"""Simulation of a window of specimens: the arrays of one task, and of one shard."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from tembench.dataset.contents import TaskArrays
from tembench.dataset.drawn import (
    FIELDS,
    DrawnContents,
    SpecimenImages,
    StoredWave,
    image_values,
    pack_columns,
    stored_spectrum_shape,
)
from tembench.dataset.drawn.simulate_specimen import simulate_specimen
from tembench.recipe import DrawnRecipe
from tembench.simulation import frequency_orders


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
    numbers, images = contents.specimens_of(task), contents.images_of(task)
    # The last bits of a matrix product depend on the number of threads: one, here as in workers.
    with threadpool_limits(1):
        made = [
            simulate_specimen(
                recipe, contents.place_of(number), stored if number < contents.n_waves else None
            )
            for number in range(numbers.start, numbers.stop)
        ]

    def noisy(index: int, copy: int) -> np.ndarray:
        image = images.start + index
        one = made[contents.specimen_of(image) - numbers.start]
        return one.noisy(contents.index_of(image), copy)

    begins = contents.written_with(task)
    first = int(contents.first_image[numbers.start])
    inside = slice(images.start - first, images.stop - first)
    values, texts = image_values(recipe, made)
    begun = made[begins.start - numbers.start : begins.stop - numbers.start]
    waves = contents.waves_of(task)
    return TaskArrays(
        spectra=_spectra(recipe, begun[: waves.stop - waves.start]),
        packed=np.concatenate([one.packed for one in made])[inside],
        others={
            "drawn/values": values[inside],
            "drawn/texts": texts[inside],
            "drawn/columns": _columns(contents, begins, begun),
            "mask": np.array([one.mask for one in begun]).reshape(-1, *recipe.shape),
        },
        record=noisy,
    )


def _columns(contents: DrawnContents, numbers: slice, made: list[SpecimenImages]) -> np.ndarray:
    """Columns of the states of specimens, one after the other."""
    packed = []
    for number, one in zip(range(numbers.start, numbers.stop), made, strict=True):
        states = contents.states_of(slice(number, number + 1))
        components = [
            contents.component_number(one.built.drawn.kind, name)
            for name in one.built.specimen.names
        ]
        for columns in one.columns[: states.stop - states.start]:
            packed.append(pack_columns(columns, np.array(components), contents.most_columns))
    return np.array(packed, np.float32).reshape(-1, contents.most_columns, len(FIELDS))


def _spectra(recipe: DrawnRecipe, made: list[SpecimenImages]) -> np.ndarray:
    """Exit waves on the grid of the store, which is that of the largest cell."""
    spectra = np.zeros((len(made), *stored_spectrum_shape(recipe)), dtype=np.complex64)
    for place, one in zip(spectra, made, strict=True):
        spectrum = one.wave.spectra[0]
        rows, columns = (frequency_orders(count) for count in spectrum.shape)
        place[rows[:, None], columns] = spectrum
    return spectra
