"""Simulation of one task of a generation: the arrays that it writes to a store."""

from __future__ import annotations

from typing import Any

import numpy as np

from tembench.dataset.contents import TaskArrays
from tembench.dataset.drawn.simulate_window import simulate_window
from tembench.dataset.generation import simulate_waves
from tembench.dataset.generation.simulate_model import simulate_model
from tembench.dataset.storage import Packing
from tembench.recipe import AnyRecipe, Recipe
from tembench.simulation import record


def simulate_task(
    recipe: AnyRecipe, number: int, waves_of: Any = simulate_waves, device: str = "cpu"
) -> TaskArrays:
    """Simulate one task of a recipe; the arrays depend on the recipe alone.

    Parameters
    ----------
    recipe : Recipe or DrawnRecipe
        The recipe.
    number : int
        Number of the model, or of the window of specimens.
    waves_of : callable
        Source of its exit waves: a `WaveSource`, or a `SpecimenWaves` for a drawn recipe.
    device : str
        ``"cpu"``, or for a recipe of models ``"cuda"``.
    """
    if not isinstance(recipe, Recipe):
        source = None if waves_of is simulate_waves else waves_of
        return simulate_window(recipe, number, source)
    content = simulate_model(recipe, number, waves_of, device)
    model = recipe.models[number]
    packing = Packing.for_doses(recipe.doses_e_per_px)
    first, per_condition = recipe.first_image(number), len(model.tilts_deg) * len(model.defocus_nm)

    def noisy(index: int, copy: int) -> np.ndarray:
        detector = recipe.conditions[model.conditions[index // per_condition]].detector
        expected = packing.unpack(content.packed[index])
        return record(expected, detector, recipe.seed, first + index, copy)

    return TaskArrays(
        spectra=content.spectra,
        packed=content.packed,
        others={"contrast": np.array(content.contrast, dtype=object)},
        record=noisy,
    )
