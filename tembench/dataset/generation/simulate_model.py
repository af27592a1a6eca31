"""Simulation of one atomic model: its exit waves, clean images and contrast classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from tembench.core import stage
from tembench.dataset.contrast_class import contrast_class
from tembench.dataset.storage import Packing
from tembench.recipe import Recipe
from tembench.simulation import (
    ExitWaves,
    Lens,
    Structure,
    build_structure,
    exit_waves,
    expose,
    find_columns,
)

WaveSource = Callable[[Recipe, int, Structure, str], ExitWaves]
"""Returns the exit waves of a model, given its number, its atoms and a device; picklable."""


@dataclass(frozen=True, kw_only=True)
class ModelImages:
    """Waves, images and contrast classes of one model, as they are stored.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (tilts, ky, kx)
        Exit waves of its tilts.
    packed : ndarray of uint16, shape (images, y, x)
        Clean images, packed as in the store; condition outermost, then defocus, then tilt.
    contrast : tuple of str
        Contrast class of each image.
    """

    spectra: np.ndarray
    packed: np.ndarray
    contrast: tuple[str, ...]


def simulate_waves(
    recipe: Recipe, number: int, structure: Structure, device: str = "cpu"
) -> ExitWaves:
    """Exit waves of a model by multislice; the `WaveSource` of `generate`."""
    tilts, energy = recipe.models[number].tilts_deg, recipe.microscope.energy_keV
    return exit_waves(structure, tilts, recipe.simulation, energy, device)


def simulate_model(
    recipe: Recipe, number: int, waves_of: WaveSource = simulate_waves, device: str = "cpu"
) -> ModelImages:
    """Simulate all images of a model; they depend on the recipe alone.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    number : int
        Number of the model in it.
    waves_of : callable
        Source of its exit waves.
    device : str
        ``"cpu"`` or ``"cuda"``.
    """
    model = recipe.models[number]
    structure = build_structure(recipe, model)
    # The last bits of a matrix product depend on the number of threads: one, here as in workers.
    with threadpool_limits(1):
        waves = waves_of(recipe, number, structure, device)
        packed = _packed_images(recipe, number, waves, device)
    columns = find_columns(structure)
    step = Packing.for_doses(recipe.doses_e_per_px).step
    # In steps, as the images are.
    doses = [recipe.conditions[name].dose_e_per_px / step for name in model.conditions]
    contrast = [
        contrast_class(image, columns, tilt, recipe.box, dose)
        for dose, series in zip(doses, packed, strict=True)
        for tilts in series
        for tilt, image in zip(model.tilts_deg, tilts, strict=True)
    ]
    return ModelImages(
        spectra=waves.spectra,
        packed=packed.reshape(-1, *recipe.box.shape),
        contrast=tuple(contrast),
    )


def _packed_images(recipe: Recipe, number: int, waves: ExitWaves, device: str) -> np.ndarray:
    """Images as they are stored, uint16, shape (conditions, defoci, tilts, y, x)."""
    model, microscope, box = recipe.models[number], recipe.microscope, recipe.box
    conditions = [recipe.conditions[name] for name in model.conditions]
    packing = Packing.for_doses(recipe.doses_e_per_px)
    counts = (len(conditions), len(model.defocus_nm), len(model.tilts_deg))
    packed = np.empty((*counts, *box.shape), dtype=np.uint16)
    with stage("optics"):
        grid = (waves.spectra.shape[1], waves.spectra.shape[2])
        lens = Lens(grid, waves.extent_A, model.defocus_nm, microscope, box, device)
    for tilt, spectrum in enumerate(waves.spectra):
        for focus, image in enumerate(lens.images(spectrum)):
            for index, condition in enumerate(conditions):
                exposed = expose(image, condition, microscope.dose_e_per_px, box.pixel_size_A)
                packed[index, focus, tilt] = packing.pack(exposed)
    return packed
