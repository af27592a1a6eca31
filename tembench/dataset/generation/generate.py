"""Generation of a store from a recipe: one task per model or window of specimens, resumable."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from tembench.core import (
    Advance,
    FunctionJob,
    StoreError,
    absolute,
    locked,
    naming,
    progress,
    run_tasks,
    stage,
    timed_stages,
    watched_memory,
)
from tembench.dataset.contents import TaskArrays
from tembench.dataset.drawn import finalize, is_final
from tembench.dataset.generation import (
    forget_damaged,
    is_vacant,
    load_checked_recipe,
    refuse_lost,
    simulate_waves,
)
from tembench.dataset.generation.create_store import create_store
from tembench.dataset.generation.simulate_task import simulate_task
from tembench.dataset.generation.store_parts import choose_parts, refuse_parts
from tembench.dataset.storage import N_COPIES, StoreFiles, open_files, pack_noisy
from tembench.recipe import AnyRecipe, DrawnRecipe, Recipe, SecretSeed, recipe_id
from tembench.simulation import open_device

_SECONDS_TO_SEE_RESULTS = 90
# Each worker uses one thread and holds one encoded shard. Images of zeros are written like any
# other: looking for them would take a quarter of the time of encoding.
ZARR_SETTINGS = {
    "async.concurrency": 1,
    "threading.max_workers": 1,
    "array.write_empty_chunks": True,
}


@dataclass(frozen=True, kw_only=True)
class Generation:
    """Time and memory that a run of `generate` used.

    Attributes
    ----------
    tasks, images : int
        Numbers of tasks (models, or windows of specimens) and images simulated; 0 if the store
        was complete.
    seconds : float
        Wall-clock time.
    stages : mapping of str to float
        Seconds that all workers together spent on each stage of the work.
    peak_memory_bytes : int or None
        Highest memory of this process and its workers together; see `tembench.core.resource_use`.
        None on a cluster.
    memory_of_all : bool
        Whether the peak is that of all processes, or (without /proc) of the largest alone.
    """

    tasks: int
    images: int
    seconds: float
    stages: Mapping[str, float]
    peak_memory_bytes: int | None
    memory_of_all: bool


def generate(
    recipe: AnyRecipe | str | Path,
    path: str | Path,
    *,
    workers: int = 1,
    parts: Sequence[str] = (),
    repair: bool = False,
    waves: Any = simulate_waves,
    device: str = "cpu",
    scheduler: str | None = None,
) -> Generation:
    """Generate a data set, or resume an earlier run.

    Parameters
    ----------
    recipe : Recipe, DrawnRecipe, str or Path
        The recipe, its name or file; with its secret from `tembench.recipe.sealed_recipe`.
    path : str or Path
        Folder of the store.
    workers : int
        Number of worker processes; 0 runs in this process.
    parts : sequence of str
        Parts of a drawn recipe to generate, beside those that the store has; empty: all.
    repair : bool
        Whether to read everything back first, and generate again what differs from its digest.
    waves : callable
        Source of the exit waves.
    device : str
        Device of waves and images: ``"cpu"``, or for closed recipes ``"cuda"``.
    scheduler : str, optional
        Address of a dask.distributed scheduler, whose workers see the folder under the same path.

    Raises
    ------
    StoreError
        If the folder contains anything but this recipe's data set, has lost chunks (which `repair`
        generates again), or is locked by another process.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.generate("quickstart", "quickstart.zarr", workers=0)  # doctest: +SKIP
    """
    path = absolute(path)
    if isinstance(recipe, str | Path):
        recipe = load_checked_recipe(recipe)
    if device != "cpu" and not isinstance(recipe, Recipe):
        raise StoreError(
            "drawn recipes are simulated on the processor",
            where=f"{recipe.name} {recipe.version}",
            expected="--device cpu",
            got=device,
            remedy="Leave --device out; --workers and --scheduler use more processors",
        )
    secret = None if isinstance(recipe, Recipe) else recipe.secret
    if secret and scheduler:
        raise StoreError(
            "a sealed test is drawn on this machine",
            where=str(path),
            remedy="Leave --scheduler out: its messages would carry the secret",
        )
    open_device(device)
    created = is_vacant(path)
    if created:
        refuse_parts(recipe, parts)
        create_store(path, recipe)
    elif not (path / "zarr.json").exists():
        raise StoreError(
            "exists already, and is not a data set",
            where=str(path),
            remedy="Choose another folder with --out",
        )
    files = open_files(path)
    if files.recipe_id != recipe_id(recipe):
        raise StoreError(
            "contains the data set of another recipe",
            where=str(path),
            expected=f"{recipe.name} {recipe.version} ({recipe_id(recipe)[:12]})",
            got=f"{files.recipe.name} {files.recipe.version} ({files.recipe_id[:12]})",
            remedy=_other_recipe_remedy(files.recipe),
        )
    if not repair:
        refuse_lost(files)
    choose_parts(path, recipe, parts, created=created)
    files = open_files(path)
    started = time.perf_counter()
    missing: list[int] = []
    stages: dict[str, float] = {}
    with watched_memory() as memory:
        if repair or files.missing_tasks() or not is_final(files):
            with locked(path, StoreError), naming(path):
                if repair:
                    forget_damaged(path)
                # Opened again, since another process may have written to it before the lock.
                missing = open_files(path).missing_tasks()
                total = len(files.tasks())
                with progress(f"Simulating {recipe.name}", total, total - len(missing)) as advance:
                    build = partial(
                        build_task, str(path), waves_of=waves, device=device, secret=secret
                    )
                    stages = _compute(path, build, missing, workers, scheduler, advance)
                if not is_final(written := open_files(path, writable=True)):
                    finalize(written)
    return Generation(
        tasks=len(missing),
        images=sum(images.stop - images.start for images in map(files.contents.images_of, missing)),
        seconds=time.perf_counter() - started,
        stages=stages,
        # Of the processes here; those of a cluster may be on other machines.
        peak_memory_bytes=None if scheduler else memory.peak_bytes,
        memory_of_all=memory.of_all,
    )


def _other_recipe_remedy(stored: AnyRecipe) -> str:
    other = "Choose another folder with --out"
    if isinstance(stored, DrawnRecipe) and stored.is_sealed:
        return f"{other}, or give the seed file with --seal that this test was drawn from"
    return other


def build_task(
    path: str,
    number: int,
    waves_of: Any = simulate_waves,
    device: str = "cpu",
    secret: SecretSeed | None = None,
) -> tuple[int, dict[str, float]]:
    """Simulate one model and write it; its digests come last and mark it as written.

    Returns
    -------
    number : int
        Number of the model.
    stages : dict of str to float
        Seconds spent on each stage.
    """
    with timed_stages() as stages, zarr.config.set(ZARR_SETTINGS):
        files = open_files(path, writable=True)
        recipe = replace(files.recipe, secret=secret) if secret else files.recipe
        content = simulate_task(recipe, number, waves_of, device)
        with stage("encoding"):
            _write_task(files, number, content)
    return number, stages


def _write_task(files: StoreFiles, number: int, content: TaskArrays) -> None:
    first = files.contents.images_of(number).start
    files.array("exit_wave")[files.contents.waves_of(number)] = content.spectra
    for name, selection in files.contents.others_of(number).items():
        files.array(name)[selection] = content.others[name]
    # Digests are computed from the values read back, not from the values to be written.
    with stage("digests"):
        digest = files.digest("waves", number)
    files.array("digests/waves")[number] = np.frombuffer(digest, np.uint8)
    for shard in files.contents.shards_of(number):
        images = files.contents.images_of_shard(shard)
        files.array("clean")[images] = content.packed[images.start - first : images.stop - first]
        for image in range(images.start, images.stop):
            _write_counts(files, image, image - first, content)
        with stage("digests"):
            digest = files.digest("images", shard)
        files.array("digests/images")[shard] = np.frombuffer(digest, np.uint8)


def _write_counts(files: StoreFiles, image: int, index: int, content: TaskArrays) -> None:
    position = files.test_positions.get(image)
    if position is None:
        return
    for copy in range(N_COPIES + 1):
        with stage("noise"):
            noisy = pack_noisy(content.record(index, copy), files.contents)
        if copy == 0:
            files.array("noisy")[position] = noisy
        else:
            files.array("noisy_copies")[copy - 1, position] = noisy


def _compute(
    path: Path,
    build: Callable[[int], tuple[int, dict[str, float]]],
    tasks: list[int],
    workers: int,
    scheduler: str | None,
    advance: Advance,
) -> dict[str, float]:
    """Run the tasks, and return the seconds of each stage of all of them."""
    stages: dict[str, float] = defaultdict(float)
    results = run_tasks(
        FunctionJob(build), tasks, workers, StoreError, where=path, scheduler=scheduler
    )
    # Closed before the lock on the store is released, also where this function is interrupted.
    with closing(results):
        for _, seconds_of in results:
            for name, seconds in seconds_of.items():
                stages[name] += seconds
            advance(1)
    if scheduler:
        _await_results(path)
    return dict(stages)


def _await_results(path: Path) -> None:
    """Wait until this machine sees what the workers wrote.

    A network file system may remember for a minute that a file is absent.
    """
    deadline = time.monotonic() + _SECONDS_TO_SEE_RESULTS
    while missing := open_files(path).missing_tasks():
        if time.monotonic() > deadline:
            raise StoreError(
                f"{len(missing)} tasks that workers have finished are not seen here",
                where=str(path),
                expected="a file system that all workers share",
                remedy="Run the same command again; completed work is kept",
            )
        time.sleep(1)
