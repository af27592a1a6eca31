"""From a recipe to a store: one dask task a model, resumable at any moment."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from tembench.dataset.contrast import contrast_class
from tembench.dataset.layout import N_COPIES, Packing, coordinates, create_store, is_vacant
from tembench.dataset.store import Store, open_store
from tembench.errors import StoreError
from tembench.files import locked, naming
from tembench.progress import Advance, progress
from tembench.recipe import Recipe, recipe_id
from tembench.simulate.columns import find_columns
from tembench.simulate.detector import expose
from tembench.simulate.multislice import exit_waves
from tembench.simulate.optics import form_images
from tembench.simulate.structures import build_structure
from tembench.workers import worker_pool


@dataclass(frozen=True, kw_only=True)
class ModelImages:
    """All that is stored of one model.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (tilts, ky, kx)
        Exit waves.
    packed : ndarray of uint16, shape (images, y, x)
        Clean images, packed as in the store; condition outer, then defocus, tilt inner.
    contrast : tuple of str
        Contrast class of each image.
    """

    spectra: np.ndarray
    packed: np.ndarray
    contrast: tuple[str, ...]


def generate(recipe: Recipe, path: str | Path, *, workers: int = 1, repair: bool = False) -> int:
    """Generate a data set, or go on where an earlier run stopped.

    Parameters
    ----------
    recipe : Recipe
        What to generate.
    path : str or Path
        Folder of the store.
    workers : int
        Number of processes; 0 works in this process. If a `dask.distributed` client is active,
        its workers are used instead.
    repair : bool
        Whether to read everything back first and make again what does not match its digest.

    Returns
    -------
    int
        Number of models that were simulated; 0 if the store was complete.

    Raises
    ------
    StoreError
        If the folder holds something else than this recipe's data set, or another process is
        generating it.
    """
    path = Path(path)
    if is_vacant(path):
        create_store(path, recipe)
    store = open_store(path, complete=False)
    if store.recipe_id != recipe_id(recipe):
        raise StoreError(
            "holds the data set of another recipe",
            where=str(path),
            expected=f"{recipe.name} {recipe.version} ({recipe_id(recipe)[:12]})",
            got=f"{store.recipe.name} {store.recipe.version} ({store.recipe_id[:12]})",
            remedy="Choose another folder with --out",
        )
    if not repair and not store.missing_models():
        return 0
    with locked(path, StoreError):
        if repair:
            _forget_damaged(path)
        missing = open_store(path, complete=False).missing_models()
        total = len(recipe.models)
        done = total - len(missing)
        with progress(f"Simulating {recipe.name}", total, done) as advance, naming(path):
            _compute(path, missing, workers, advance)
    return len(missing)


def simulate_model(recipe: Recipe, number: int) -> ModelImages:
    """Simulate all images of a model; a function of the recipe alone.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    number : int
        Number of the model in it.
    """
    model = recipe.models[number]
    structure = build_structure(recipe, model)
    # The number of threads of a matrix product decides its last bits; one, here as in workers.
    with threadpool_limits(1):
        waves = exit_waves(
            structure, model.tilts_deg, recipe.simulation, recipe.microscope.energy_keV
        )
    images = form_images(waves, model.defocus_nm, recipe.microscope, recipe.box)
    conditions = [recipe.conditions[name] for name in model.conditions]
    pixel, dose = recipe.box.pixel_size_A, recipe.microscope.dose_e_per_px
    packing = Packing.for_dose(recipe.largest_dose_e_per_px)
    packed = np.stack(
        [packing.pack(expose(images, condition, dose, pixel)) for condition in conditions]
    ).reshape(-1, *recipe.box.shape)
    columns = find_columns(structure)
    taken = [
        (tilt, condition.dose_e_per_px)
        for condition in conditions
        for _ in model.defocus_nm
        for tilt in model.tilts_deg
    ]
    contrast = tuple(
        contrast_class(packing.unpack(image), columns, tilt, recipe.box, dose)
        for image, (tilt, dose) in zip(packed, taken, strict=True)
    )
    return ModelImages(spectra=waves.spectra, packed=packed, contrast=contrast)


def build_model(path: str, number: int) -> int:
    """Simulate one model and write it; its digests last, which makes it count as written."""
    store = open_store(path, complete=False, writable=True)
    recipe = store.recipe
    content = simulate_model(recipe, number)
    first = recipe.first_image(number)
    images = range(first, first + len(content.packed))
    store.array("exit_wave")[store.waves_of(number)] = content.spectra
    store.array("contrast")[first : images.stop] = np.array(content.contrast, dtype=object)
    store.array("clean")[first : images.stop] = content.packed
    for image, packed in zip(images, content.packed, strict=True):
        place = store.test_place.get(image)
        if place is not None:
            expected = store.packing.unpack(packed)
            store.array("noisy")[place] = store.pack_noisy(store.record(image, expected))
            for copy in range(1, N_COPIES + 1):
                noisy = store.pack_noisy(store.record(image, expected, copy))
                store.array("noisy_copies")[copy - 1, place] = noisy
    # The digests are taken from what can be read back, not from what was meant to be written.
    store.array("digests/waves")[number] = np.frombuffer(store.wave_digest(number), np.uint8)
    for shard in store.shards_of(number):
        store.array("digests/images")[shard] = np.frombuffer(store.digest(shard), np.uint8)
    return number


def damaged(store: Store) -> tuple[list[int], list[int]]:
    """Shards and models whose stored values do not match their recorded digest.

    Returns
    -------
    shards, waves : list of int
        Numbers of the damaged shards of images, and of the models with damaged exit waves.
        What is not written yet is not damaged.
    """
    recipe = store.recipe
    shards = recipe.n_images // recipe.images_per_shard
    with progress("Reading back", shards + len(recipe.models)) as advance:
        bad_shards = _mismatches(store, "images", range(shards), advance)
        bad_waves = _mismatches(store, "waves", range(len(recipe.models)), advance)
    return bad_shards, bad_waves


def damaged_coordinates(store: Store) -> list[str]:
    """Names of arrays that should follow from the store's recipe alone, and do not."""
    return [
        name for name, values in coordinates(store.recipe).items() if not store.holds(name, values)
    ]


def _mismatches(store: Store, kind: str, numbers: Iterable[int], advance: Advance) -> list[int]:
    bad = []
    for number in numbers:
        recorded = found = b"unreadable"
        try:
            recorded = store.recorded_digest(kind, number)
            found = b""
            found = store.digest(number) if kind == "images" else store.wave_digest(number)
        except StoreError:
            pass
        if recorded == b"unreadable" or (any(recorded) and found != recorded):
            bad.append(number)
        advance(1)
    return bad


def _forget_damaged(path: Path) -> None:
    store = open_store(path, complete=False, writable=True)
    expected = coordinates(store.recipe)
    for name in damaged_coordinates(store):
        store.array(name)[...] = expected[name]
    shards, waves = damaged(store)
    for shard in shards:
        # Zarr reads a shard before it writes into it, and cannot read this one.
        (path / "clean" / "c" / str(shard) / "0" / "0").unlink(missing_ok=True)
    for kind, numbers in (("images", shards), ("waves", waves)):
        for number in numbers:
            store.array(f"digests/{kind}")[number] = 0


def _compute(path: Path, models: list[int], workers: int, advance: Advance) -> None:
    """Run one dask task a model: on a cluster if there is a client, else on this machine."""
    import dask
    from dask.callbacks import Callback

    build = dask.delayed(build_model)
    # Named by number, so that dask takes the models in their order.
    tasks = [build(str(path), number, dask_key_name=f"model-{number:06}") for number in models]
    if not tasks:
        return
    if _has_client():
        from distributed import as_completed, get_client

        for _ in as_completed(get_client().compute(tasks), raise_errors=True):
            advance(1)
        return

    def done(key: Any, *rest: Any) -> None:
        advance(1)

    with Callback(posttask=done):
        if workers == 0:
            dask.compute(*tasks, scheduler="synchronous")
            return
        with worker_pool(min(workers, len(tasks)), error=StoreError, where=str(path)) as pool:
            dask.compute(*tasks, scheduler="processes", pool=pool, chunksize=1)


def _has_client() -> bool:
    # Without the module loaded there is no client, and loading it takes a second.
    if "distributed" not in sys.modules:
        return False
    from distributed import get_client

    try:
        get_client()
    except ValueError:
        return False
    return True
