"""Exit waves of a drawn store, for the same specimens of a recipe with other images."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import StoreError
from tembench.dataset.drawn import (
    BuiltSpecimen,
    DrawnContents,
    Place,
    number_names,
    recipe_padding_A,
)
from tembench.dataset.storage import StoreFiles, open_files
from tembench.recipe import DRAWN_PARTS, DrawnRecipe, SpecimenKind
from tembench.simulation import SpecimenWave, frequency_orders


@dataclass(frozen=True)
class StoredSpecimenWaves:
    """Exit waves of a drawn store; a `StoredWave`.

    Attributes
    ----------
    path : Path
        The store.
    """

    path: Path
    # Waves and values of the window that was read last.
    _read: dict[int, tuple[np.ndarray, np.ndarray]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __call__(self, recipe: DrawnRecipe, place: Place, built: BuiltSpecimen) -> SpecimenWave:
        """The wave of a specimen, checked against the digest that was recorded with it."""
        files = self._files
        contents = DrawnContents(files.recipe)
        number = contents.number_of(place)
        task = contents.task_of(number)
        if task not in self._read:
            self._read.clear()
            self._read[task] = _window(files, contents, task)
        waves, values = self._read[task]
        inside = number - contents.waves_of(task).start
        row = values[contents.first_image[number] - contents.images_of(task).start]
        named = dict(zip(number_names(files.recipe), row, strict=True))
        if named["attempt"] != built.seed.attempt:
            raise StoreError(f"specimen {place.name} is another one here", where=str(self.path))
        orders = [frequency_orders(count) for count in built.cell.spectrum_shape]
        spectrum = waves[inside][orders[0][:, None], orders[1]]
        return SpecimenWave(spectra=spectrum[None], background=float(named["background"]))

    @functools.cached_property
    def _files(self) -> StoreFiles:
        return open_files(self.path)

    def __getstate__(self) -> dict[str, Any]:
        """The path alone, which is what worker processes need."""
        return {"path": self.path, "_read": {}}


def _window(files: StoreFiles, contents: DrawnContents, task: int) -> tuple[np.ndarray, np.ndarray]:
    """Exit waves and values of a window of specimens."""
    waves = files.read("exit_wave", contents.waves_of(task))
    if hashlib.sha256(waves.data).digest() != files.recorded_digest("waves", task):
        raise StoreError(
            f"the exit waves of {contents.task_name(task)} are damaged",
            where=str(files.path),
            remedy="Run 'tembench generate --repair' on it with its own recipe",
        )
    return waves, files.read("drawn/values", contents.images_of(task))


def wave_differences(source: StoreFiles, recipe: DrawnRecipe) -> Iterator[str]:
    """Differences between a store's recipe and another that its exit waves do not allow."""
    if not isinstance(source.contents, DrawnContents):
        yield "the store is not of a drawn recipe"
        return
    stored: DrawnRecipe = source.recipe
    if not source.contents.n_waves or not DrawnContents(recipe).n_waves:
        yield "frozen phonons and jumps have exit waves of their own, which are not stored"
    for name, before, after in (
        ("seed", (stored.seed, stored.redraw), (recipe.seed, recipe.redraw)),
        ("frame", stored.frame, recipe.frame),
        ("physics", stored.physics, recipe.physics),
        ("specimens", _kinds(stored), _kinds(recipe)),
        ("microscopes (energy and aperture)", _beams(stored), _beams(recipe)),
    ):
        if before != after:
            yield f"{name}: another in the store than in the recipe"
    # Both by the rule: other aberrations, drift or jitter may need more.
    paddings = recipe_padding_A(stored), recipe_padding_A(recipe)
    if stored.physics == recipe.physics and paddings[0] != paddings[1]:
        yield (
            f"padding: {paddings[0]:.3g} A in the store, {paddings[1]:.3g} A needed by the recipe "
            "(set physics.padding_A in both)"
        )
    for part in filter(DrawnContents(recipe).keeps_waves, DRAWN_PARTS):
        if recipe.specimens[part] and not source.contents.keeps_waves(part):
            yield f"draws.{part}: no exit waves in the store"
        elif stored.specimens[part] < recipe.specimens[part]:
            yield (
                f"draws.{part}: {stored.specimens[part]} in the store, "
                f"{recipe.specimens[part]} in the recipe"
            )


def _kinds(recipe: DrawnRecipe) -> dict[str, SpecimenKind]:
    """Kinds of specimens, but for the names that their images are grouped by."""
    return {name: replace(kind, material="") for name, kind in recipe.kinds.items()}


def _beams(recipe: DrawnRecipe) -> dict[str, tuple[object, ...]]:
    return {
        name: (share, optics.energy_keV, optics.aperture_per_A)
        for name, (share, optics) in recipe.microscopes.items()
    }
