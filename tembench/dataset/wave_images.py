"""Images at any defocus, formed from the exit waves of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tembench.core import StoreError
from tembench.dataset.stored_images import stored_wave
from tembench.simulation import ExitWaves, form_images

if TYPE_CHECKING:
    from tembench.dataset.store import Store


class WaveImages:
    """Images of a closed recipe, formed from their exit waves.

    Parameters
    ----------
    store : Store
        The data set.
    images : ndarray of int
        Numbers of the images.

    Raises
    ------
    StoreError
        If an image does not follow from its exit wave by the optics alone.
    """

    def __init__(self, store: Store, images: np.ndarray) -> None:
        waves = [store.wave_of(int(image)) for image in images]
        self._waves = [wave for wave in waves if wave is not None]
        if len(self._waves) < len(waves):
            raise StoreError(
                "its images do not follow from the exit waves by the defocus alone",
                where=str(store.path),
                expected="a closed recipe without detector and drift",
                remedy="leave out from_waves",
            )
        self._store, self._images = store, images
        self._shape = store.files.array("exit_wave").shape[1:]

    def image(self, index: int, defocus_nm: float) -> np.ndarray:
        """Return image `index` of `images` at another defocus, float32 (y, x), e/px."""
        recipe, image = self._store.recipe, int(self._images[index])
        wave = stored_wave(self._store, self._waves[index], self._shape)
        box = recipe.box
        waves = ExitWaves(
            spectra=wave[None],
            extent_A=(box.width_A, box.cell_height_A),
            energy_keV=recipe.microscope.energy_keV,
        )
        formed = form_images(waves, (defocus_nm,), recipe.microscope, box)[0, 0]
        return formed * np.float32(self._store.dose_of(image) / recipe.microscope.dose_e_per_px)
