"""Reimaging: another recipe's data set from stored exit waves, with other optics, dose or splits.

The multislice depends only on the atoms, the beam energy and the settings of the simulation. Where
these agree, images are formed from the stored waves, and are identical to those of a simulation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from tembench.core import StoreError, absolute, refuse_inputs, together
from tembench.dataset.drawn import StoredSpecimenWaves, wave_differences
from tembench.dataset.generation import Generation, is_vacant, simulate_waves
from tembench.dataset.generation.create_store import create_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.storage import StoreFiles, open_files
from tembench.dataset.store import Store
from tembench.recipe import BLANK, AnyRecipe, Model, Recipe, recipe_id
from tembench.simulation import ExitWaves, Structure, build_structure

_MOST_REPORTED = 10
_ORIGIN_ATTRIBUTE = "waves_from"


@dataclass(frozen=True, kw_only=True)
class StoredWaves:
    """The exit waves of a store, for the models of another recipe.

    Attributes
    ----------
    path : Path
        The store.
    sources : tuple of (int, tuple of int)
        For each model of the other recipe: the number of the same model in the store, and the
        indices of that model's exit waves for its tilts; None for a blank model.
    """

    path: Path
    sources: tuple[tuple[int, tuple[int, ...]] | None, ...]

    def __call__(self, recipe: Recipe, number: int, structure: Structure, device: str) -> ExitWaves:
        """Exit waves of a model, checked against the digest that was recorded with them."""
        source = self.sources[number]
        if source is None:
            return simulate_waves(recipe, number, structure, device)
        files = open_files(self.path)
        model, tilts = source
        waves = files.read("exit_wave", files.contents.waves_of(model))
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
    source: Store,
    recipe: AnyRecipe,
    path: str | Path,
    *,
    workers: int = 1,
    device: str = "cpu",
    scheduler: str | None = None,
) -> Generation:
    """Generate a data set from the exit waves of another, or resume an earlier run.

    Parameters
    ----------
    source : Store
        Complete data set that contains every model of `recipe` with all its tilts, except blank
        models, whose wave is undisturbed; or every specimen of a drawn recipe.
    recipe : Recipe or DrawnRecipe
        The recipe of the new data set.
    path : str or Path
        Folder of the new store. Its attribute ``waves_from`` records the source of its waves.
    workers, device, scheduler
        As for `generate`.

    Raises
    ------
    StoreError
        If `source` lacks waves of `recipe` (all differences in one line), or `path` is the folder
        of `source` or contains something else.
    """
    path = absolute(path)
    refuse_inputs([path], [source.path], StoreError)
    waves = _waves_for(source, recipe)
    origin = {"recipe_id": source.recipe_id, "data_digest": source.data_digest()}
    if is_vacant(path):
        create_store(path, recipe, {_ORIGIN_ATTRIBUTE: origin})
    files = open_files(path)
    # `generate` reports a store of another recipe in more detail.
    if files.recipe_id == recipe_id(recipe) and files.group.attrs.get(_ORIGIN_ATTRIBUTE) != origin:
        raise StoreError(
            "was not made from these exit waves",
            where=str(path),
            expected=f"the waves of the data set {origin['data_digest'][:12]}",
            got=_origin_text(files),
            remedy="Choose another folder with --out",
        )
    return generate(recipe, path, workers=workers, waves=waves, device=device, scheduler=scheduler)


def _waves_for(source: Store, recipe: AnyRecipe) -> StoredWaves | StoredSpecimenWaves:
    """Source of the exit waves of a recipe."""
    if isinstance(recipe, Recipe) and isinstance(source.recipe, Recipe):
        return StoredWaves(path=source.path.resolve(), sources=_sources(source, recipe))
    if isinstance(recipe, Recipe):
        _refuse(source, recipe, ["the store is of a drawn recipe"])
    elif problems := list(wave_differences(source.files, recipe)):
        _refuse(source, recipe, problems)
    return StoredSpecimenWaves(source.path.resolve())


def _refuse(source: Store, recipe: AnyRecipe, problems: list[str]) -> NoReturn:
    raise StoreError(
        f"no exit waves for {recipe.name} {recipe.version}: {together(problems, _MOST_REPORTED)}",
        where=str(source.path),
        remedy="Run 'tembench generate' with this recipe instead",
    )


def _sources(source: Store, recipe: Recipe) -> tuple[tuple[int, tuple[int, ...]] | None, ...]:
    """Number of each model in the source and the indices of its tilts; None for a blank model."""
    stored = {_atoms(source.recipe, m): n for n, m in enumerate(source.recipe.models)}
    names = {model.name for model in source.recipe.models}
    matched: list[tuple[int, tuple[int, ...]] | None] = []
    models: dict[str, list[str]] = {}
    for model in recipe.models:
        if model.particle == BLANK:
            matched.append(None)
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
            matched.append((number, tuple(tilts.index(tilt) for tilt in model.tilts_deg)))
    problems = list(_differences(source.recipe, recipe))
    for what, concerned in models.items():
        others = f" and {len(concerned) - 1} more models" if len(concerned) > 1 else ""
        problems.append(f"{concerned[0]}{others}: {what}")
    if problems:
        _refuse(source, recipe, problems)
    return tuple(matched)


def _differences(stored: Recipe, new: Recipe) -> Iterator[str]:
    """Settings that exit waves depend on, besides atoms and tilt, in which two recipes differ."""
    for path, before, after in (
        ("box.width_A", stored.box.width_A, new.box.width_A),
        ("box.cell_height_A", stored.box.cell_height_A, new.box.cell_height_A),
        ("microscope.energy_keV", stored.microscope.energy_keV, new.microscope.energy_keV),
        *(
            (f"simulation.{key}", before, asdict(new.simulation)[key])
            for key, before in asdict(stored.simulation).items()
        ),
    ):
        if before != after:
            yield f"{path}: {before} in the store, {after} in the recipe"


def _atoms(recipe: Recipe, model: Model) -> bytes:
    """Digest of the atoms, exact and in their order: both affect the last bits of a wave."""
    structure = build_structure(recipe, model)
    content = hashlib.sha256(np.array(structure.cell_A).tobytes())
    content.update(structure.positions_A.tobytes())
    content.update(" ".join(structure.symbols).encode())
    return content.digest()


def _origin_text(files: StoreFiles) -> str:
    origin = files.group.attrs.get(_ORIGIN_ATTRIBUTE)
    if not isinstance(origin, dict):
        return "waves of its own"
    return f"the waves of {str(origin.get('data_digest'))[:12]}"
