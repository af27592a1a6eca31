"""Another recipe's data set from the exit waves of a store: other optics, dose, defoci, splits.

The multislice depends on the atoms, the beam's energy and the settings of the simulation alone.
Where those agree, images are formed from the stored waves, and are the very ones that a simulation
would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tembench.core import StoreError, absolute, refuse_inputs, together
from tembench.dataset.generation.create_store import create_store, is_vacant
from tembench.dataset.generation.generate import Generation, generate
from tembench.dataset.generation.simulate_model import simulate_waves
from tembench.dataset.store import Store
from tembench.dataset.store_files import StoreFiles, open_files
from tembench.recipe import BLANK, Model, Recipe, recipe_id
from tembench.simulate.multislice import ExitWaves
from tembench.simulate.structures import Structure, build_structure

_MOST_TOLD = 10
_ORIGIN = "waves_from"


@dataclass(frozen=True, kw_only=True)
class StoredWaves:
    """The exit waves of a store, for the models of another recipe.

    Attributes
    ----------
    path : Path
        The store.
    places : tuple of (int, tuple of int)
        For each model of the other recipe: which of the store's models it is, and which of that
        model's exit waves belong to its tilts; None for a blank model.
    """

    path: Path
    places: tuple[tuple[int, tuple[int, ...]] | None, ...]

    def __call__(self, recipe: Recipe, number: int, structure: Structure, device: str) -> ExitWaves:
        """Exit waves of a model, checked against the digest that was written down with them."""
        place = self.places[number]
        if place is None:
            return simulate_waves(recipe, number, structure, device)
        files = open_files(self.path)
        model, tilts = place
        waves = files.read("exit_wave", files.waves_of(model))
        if hashlib.sha256(waves.data).digest() != files.recorded_digest("waves", model):
            raise StoreError(
                f"the exit waves of {files.recipe.models[model].name} are damaged",
                where=str(self.path),
                remedy="Run 'tembench generate --repair' on it with its own recipe",
            )
        return ExitWaves(
            spectra=np.ascontiguousarray(waves[list(tilts)]),
            extent_A=(recipe.box.width_A, recipe.box.cell_height_A),
            energy_keV=recipe.microscope.energy_keV,
        )


def reimage(
    source: Store, recipe: Recipe, path: str | Path, *, workers: int = 1, device: str = "cpu"
) -> Generation:
    """Generate a data set from the exit waves of another, or go on where an earlier run stopped.

    Parameters
    ----------
    source : Store
        Complete; holds every model of `recipe`, with all tilts wanted, but for blank ones, whose
        wave is undisturbed.
    recipe : Recipe
        What to generate.
    path : str or Path
        Folder of the new store. Its attribute ``waves_from`` says what it was made from.
    workers, device
        As for `generate`.

    Raises
    ------
    StoreError
        If the waves wanted are not in `source` (all differences in one line), or `path` is the
        folder of `source` or holds something else.
    """
    path = absolute(path)
    refuse_inputs([path], [source.path], StoreError)
    waves = StoredWaves(path=source.path.resolve(), places=_places(source, recipe))
    origin = {"recipe_id": source.recipe_id, "data_digest": source.data_digest()}
    if is_vacant(path):
        create_store(path, recipe, {_ORIGIN: origin})
    files = open_files(path)
    # Of another recipe's store, `generate` tells more.
    if files.recipe_id == recipe_id(recipe) and files.group.attrs.get(_ORIGIN) != origin:
        raise StoreError(
            "was not made from these exit waves",
            where=str(path),
            expected=f"those of the data set {origin['data_digest'][:12]}",
            got=_origin_text(files),
            remedy="Choose another folder with --out",
        )
    return generate(recipe, path, workers=workers, waves=waves, device=device)


def _places(source: Store, recipe: Recipe) -> tuple[tuple[int, tuple[int, ...]] | None, ...]:
    """Of each model its number in the source and those of its tilts; None of a blank one."""
    stored = {_atoms(source.recipe, m): n for n, m in enumerate(source.recipe.models)}
    names = {model.name for model in source.recipe.models}
    places: list[tuple[int, tuple[int, ...]] | None] = []
    models: dict[str, list[str]] = {}
    for model in recipe.models:
        if model.particle == BLANK:
            places.append(None)
            continue
        number = stored.get(_atoms(recipe, model))
        if number is None:
            what = "other atoms than in the store" if model.name in names else "not in the store"
            models.setdefault(what, []).append(model.name)
            continue
        tilts = source.recipe.models[number].tilts_deg
        absent = [tilt for tilt in model.tilts_deg if tilt not in tilts]
        if absent:
            listed = ", ".join(f"({x:g}, {y:g})" for x, y in absent)
            models.setdefault(f"no exit wave for the tilts {listed}", []).append(model.name)
        else:
            places.append((number, tuple(tilts.index(tilt) for tilt in model.tilts_deg)))
    problems = list(_differences(source.recipe, recipe))
    for what, concerned in models.items():
        others = f" and {len(concerned) - 1} more models" if len(concerned) > 1 else ""
        problems.append(f"{concerned[0]}{others}: {what}")
    if problems:
        raise StoreError(
            f"no exit waves for {recipe.name} {recipe.version}: {together(problems, _MOST_TOLD)}",
            where=str(source.path),
            remedy="Run 'tembench generate' with this recipe instead",
        )
    return tuple(places)


def _differences(stored: Recipe, wanted: Recipe) -> Iterator[str]:
    """What exit waves depend on besides the atoms and the tilt, where two recipes differ in it."""
    for path, before, after in (
        ("box.width_A", stored.box.width_A, wanted.box.width_A),
        ("box.cell_height_A", stored.box.cell_height_A, wanted.box.cell_height_A),
        ("microscope.energy_keV", stored.microscope.energy_keV, wanted.microscope.energy_keV),
        *(
            (f"simulation.{key}", before, asdict(wanted.simulation)[key])
            for key, before in asdict(stored.simulation).items()
        ),
    ):
        if before != after:
            yield f"{path}: {before} in the store, {after} wanted"


def _atoms(recipe: Recipe, model: Model) -> bytes:
    """Digest of the atoms to the last bit and in their order: both decide a wave's last bits."""
    structure = build_structure(recipe, model)
    content = hashlib.sha256(np.array(structure.cell_A).tobytes())
    content.update(structure.positions_A.tobytes())
    content.update(" ".join(structure.symbols).encode())
    return content.digest()


def _origin_text(files: StoreFiles) -> str:
    origin = files.group.attrs.get(_ORIGIN)
    if not isinstance(origin, dict):
        return "waves of its own"
    return f"those of {str(origin.get('data_digest'))[:12]}"
