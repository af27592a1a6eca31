"""Exit waves of a drawn store, for the same specimens of a recipe with other images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import StoreError
from tembench.dataset.drawn.drawn_contents import DrawnContents, Place
from tembench.dataset.drawn.drawn_values import number_names
from tembench.dataset.drawn.simulate_specimen import BuiltSpecimen
from tembench.dataset.store_files import StoreFiles, open_files
from tembench.recipe import DRAWN_PARTS, DrawnRecipe
from tembench.simulate import SpecimenWave


@dataclass(frozen=True)
class StoredSpecimenWaves:
    """Exit waves of a drawn store; a `StoredWave`.

    Attributes
    ----------
    path : Path
        The store.
    """

    path: Path

    def __call__(self, recipe: DrawnRecipe, place: Place, built: BuiltSpecimen) -> SpecimenWave:
        """The wave of a specimen, checked against the digest that was recorded with it."""
        files = open_files(self.path)
        contents = DrawnContents(files.recipe)
        number = contents.number_of(place)
        task = number // contents.specimens_per_window
        waves = files.read("exit_wave", contents.waves_of(task))
        if hashlib.sha256(waves.data).digest() != files.recorded_digest("waves", task):
            raise StoreError(
                f"the exit waves of {contents.task_name(task)} are damaged",
                where=str(self.path),
                remedy="Run 'tembench generate --repair' on it with its own recipe",
            )
        values = files.read("drawn/values", number * contents.images_each)
        named = dict(zip(number_names(files.recipe), values, strict=True))
        if named["attempt"] != built.seed.attempt:
            raise StoreError(f"specimen {place.name} is another one here", where=str(self.path))
        stored = waves[number - contents.waves_of(task).start]
        orders = [np.fft.ifftshift(np.arange(n) - n // 2) for n in built.cell.spectrum_shape]
        spectrum = stored[orders[0][:, None], orders[1]]
        return SpecimenWave(spectra=spectrum[None], background=float(named["background"]))


def wave_differences(source: StoreFiles, recipe: DrawnRecipe) -> Iterator[str]:
    """Differences between a store's recipe and another that its exit waves do not allow."""
    if not isinstance(source.contents, DrawnContents):
        yield "the store is not of a drawn recipe"
        return
    stored: DrawnRecipe = source.recipe
    if not source.contents.n_waves or not DrawnContents(recipe).n_waves:
        yield "frozen phonons and jumps have exit waves of their own, which are not stored"
    for name, before, after in (
        ("seed", stored.seed, recipe.seed),
        ("frame", stored.frame, recipe.frame),
        ("physics", stored.physics, recipe.physics),
        ("specimens", stored.kinds, recipe.kinds),
        ("microscopes (energy and aperture)", _beams(stored), _beams(recipe)),
    ):
        if before != after:
            yield f"{name}: another in the store than in the recipe"
    for part in DRAWN_PARTS:
        if stored.specimens[part] < recipe.specimens[part]:
            yield (
                f"draws.{part}: {stored.specimens[part]} in the store, "
                f"{recipe.specimens[part]} in the recipe"
            )


def _beams(recipe: DrawnRecipe) -> dict[str, tuple[object, ...]]:
    return {
        name: (share, optics.energy_keV, optics.aperture_per_A)
        for name, (share, optics) in recipe.microscopes.items()
    }
