"""Verification of a store: against its digests, its recipe, and a new simulation of a sample."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import Advance, StoreError, progress, seed_sequence
from tembench.dataset.drawn import damaged_final, not_final
from tembench.dataset.generation.simulate_task import simulate_task
from tembench.dataset.storage import (
    REPAIR,
    SEALED_IDS,
    StoreFiles,
    chunk_file,
    declared_metadata,
    kind_of,
    open_files,
)
from tembench.dataset.store import Store

TOLERANCE_STEPS = 1
"""Packed values may differ by one step (0.2 % of the dose or less): transforms differ in the last
bits of a float between machines, and a value may then be rounded to the neighbour."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One task, as stored and as simulated again.

    Attributes
    ----------
    task : str
        Name of the model, or of the window of specimens.
    verdict : str
        ``"exact"``, ``"within tolerance"`` or ``"different"``.
    largest_e_per_px : float
        Largest difference of a clean pixel.
    """

    task: str
    verdict: str
    largest_e_per_px: float


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Result of `verify`.

    Attributes
    ----------
    shards, tasks : int
        Number of shards and of tasks (models, or windows of specimens) that were read back.
    damaged_shards, damaged_waves : tuple of int
        Shards and tasks whose values do not match their digest.
    damaged_coordinates : tuple of str
        Arrays that do not follow from the recipe, such as a factor or the true columns.
    sample : tuple of Comparison
        The tasks that were simulated again; none of a sealed test without its secret.
    commitment : str
        Public commitment to the seed of a sealed test; empty where the seed is open.
    unsealed : bool
        Whether the secret that opens the commitment was given.
    """

    shards: int
    tasks: int
    damaged_shards: tuple[int, ...]
    damaged_waves: tuple[int, ...]
    damaged_coordinates: tuple[str, ...]
    sample: tuple[Comparison, ...]
    commitment: str
    unsealed: bool

    @property
    def good(self) -> bool:
        """Whether nothing is damaged or different."""
        return not (
            self.damaged_shards
            or self.damaged_waves
            or self.damaged_coordinates
            or any(comparison.verdict == "different" for comparison in self.sample)
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "good": self.good}


def verify(store: Store, *, sample: int = 0) -> Verification:
    """Read a whole store back and simulate some of its tasks again.

    Parameters
    ----------
    store : Store
        The data set.
    sample : int
        Number of tasks to simulate, spread over the recipe; always the same ones for a recipe.
        None of a sealed test that was opened without its secret.
    """
    redraw, secret = (getattr(store.recipe, name, None) for name in ("redraw", "secret"))
    commitment = redraw.commitment if redraw else ""
    sample = 0 if commitment and not secret else sample
    other_ids = secret is not None and store.files.group.attrs.get(SEALED_IDS) != secret.ids
    shards, waves = damaged(store.files)
    contents = store.files.contents
    # What is damaged is known to differ, and may not even be readable.
    whole = [
        number
        for number in range(contents.n_tasks)
        if number not in waves and not {*contents.shards_of(number)} & {*shards}
    ]
    generator = np.random.default_rng(seed_sequence(store.recipe.seed, "verification"))
    order = generator.permutation(contents.n_tasks).tolist()
    chosen = sorted([number for number in order if number in whole][:sample])
    comparisons = []
    with progress("Simulating again", len(chosen)) as advance:
        for number in chosen:
            comparisons.append(_compare(store, number))
            advance(1)
    return Verification(
        shards=contents.n_shards,
        tasks=contents.n_tasks,
        damaged_shards=tuple(shards),
        damaged_waves=tuple(waves),
        # What repeats the values of a damaged shard is not to be compared with them.
        damaged_coordinates=(
            *damaged_coordinates(store.files),
            *(() if shards else damaged_final(store.files)),
            *([SEALED_IDS] if other_ids else []),
        ),
        sample=tuple(comparisons),
        commitment=commitment,
        unsealed=secret is not None,
    )


def _compare(store: Store, number: int) -> Comparison:
    simulated = simulate_task(store.recipe, number)
    first = store.contents.images_of(number).start
    largest = 0
    for index, packed in enumerate(simulated.packed):
        stored = store.packed(first + index).astype(np.int32)
        largest = max(largest, int(np.abs(stored - packed).max()))
    same_waves = np.array_equal(store.waves(number), simulated.spectra)
    if largest == 0 and same_waves:
        verdict = "exact"
    else:
        verdict = "within tolerance" if largest <= TOLERANCE_STEPS else "different"
    return Comparison(
        task=store.contents.task_name(number),
        verdict=verdict,
        largest_e_per_px=largest * store.packing.step,
    )


def damaged(files: StoreFiles) -> tuple[list[int], list[int]]:
    """Shards and models whose stored values do not match their recorded digest.

    Returns
    -------
    shards, waves : list of int
        Numbers of the damaged shards of images, and of the models with damaged exit waves.
        What is not written yet is not damaged.
    """
    shards, tasks = files.contents.n_shards, files.contents.n_tasks
    with progress("Reading back", shards + tasks) as advance:
        bad_shards = _mismatches(files, "images", range(shards), advance)
        bad_waves = _mismatches(files, "waves", range(tasks), advance)
    return bad_shards, bad_waves


def _mismatches(
    files: StoreFiles, kind: str, numbers: Iterable[int], advance: Advance
) -> list[int]:
    bad = []
    for number in numbers:
        try:
            recorded = files.recorded_digest(kind, number)
            if any(recorded) and files.digest(kind, number) != recorded:
                bad.append(number)
        except StoreError:
            bad.append(number)
        advance(1)
    return bad


def damaged_coordinates(files: StoreFiles) -> list[str]:
    """Names of arrays that should follow from the store's recipe alone, and do not."""
    names = set(files.coordinates)
    if _lacks_optional(files):
        names -= set(files.contents.optional_names())
    return [
        name
        for name, values in files.coordinates.items()
        if name in names and not files.holds(name, values)
    ]


def _lacks_optional(files: StoreFiles) -> bool:
    """Whether a store was made by a version without coordinates along `test_image`."""
    return not any(name in files.group for name in files.contents.optional_names())


def lost(files: StoreFiles) -> list[Path]:
    """Files of chunks that are recorded as written, or follow from the recipe, and are not there.

    The files are only looked for, not read: that takes a second for thousands of them.
    """
    contents = files.contents
    names = [name for name in declared_metadata(contents) if name not in contents.simulated]
    if not _lacks_optional(files):
        names += contents.optional_names()
    selections: list[tuple[str, Any]] = [(name, ...) for name in names]
    for shard in np.flatnonzero(files.written("images")).tolist():
        selections += files.selections_of_shard(shard)
    for task in np.flatnonzero(files.written("waves")).tolist():
        selections.append(("exit_wave", contents.waves_of(task)))
    return [file for name, selection in selections for file in files.lost(name, selection)]


def refuse_lost(files: StoreFiles) -> None:
    """Raise StoreError if a store lacks chunks that are recorded as written."""
    absent = lost(files)
    if absent:
        raise StoreError(
            f"{len(absent)} chunks are recorded as written and are missing",
            where=str(files.path),
            got=f"{kind_of(absent[0])} at {absent[0].relative_to(files.path)}",
            remedy=REPAIR,
        )


def forget_damaged(path: Path) -> None:
    """Repair the coordinates of a store, and mark what is damaged as not written."""
    files = open_files(path, writable=True)
    _forget_unreadable_digests(files)
    for file in lost(files):
        _make_way(file, path)
    for name in damaged_coordinates(files):
        files.array(name)[...] = files.coordinates[name]
    if damaged_final(files):
        not_final(files)
    shards, waves = damaged(files)
    for shard in shards:
        for name, selection in files.selections_of_shard(shard):
            # Zarr reads a file before it writes into a part of it, and cannot read these.
            for _, file in files.chunk_files(name, selection):
                file.unlink(missing_ok=True)
    for kind, numbers in (("images", shards), ("waves", waves)):
        for number in numbers:
            files.array(f"digests/{kind}")[number] = 0


def _forget_unreadable_digests(files: StoreFiles) -> None:
    for kind in ("images", "waves"):
        digests = files.array(f"digests/{kind}")
        for number in range(digests.shape[0]):
            try:
                files.recorded_digest(kind, number)
            except StoreError:
                _make_way(chunk_file(files.path / "digests" / kind, (number, 0)), files.path)
                digests[number] = 0


def _make_way(file: Path, path: Path) -> None:
    """Remove what blocks a chunk's file: a folder of its name, or a file in place of a folder."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        with suppress(NotADirectoryError):
            file.unlink(missing_ok=True)
    for folder in file.parents[: len(file.relative_to(path).parts) - 1]:
        if not folder.is_dir():
            with suppress(NotADirectoryError):
                folder.unlink(missing_ok=True)
