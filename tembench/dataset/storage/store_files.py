"""Files of a store: its arrays, shards and digests, and the positions of images and waves in them.

Zarr takes a missing chunk for one of zeros, so the files of a selection are looked for before it is
read.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import zarr

from tembench.core import StoreError, absolute
from tembench.dataset.contents import contents_of
from tembench.dataset.storage import (
    REPAIR,
    check_arrays,
    chunk_file,
    expected_coordinates,
    is_lost,
    kind_of,
    open_group,
    read_recipe,
)


def open_files(path: str | Path, *, writable: bool = False) -> StoreFiles:
    """Open the files of a data set, complete or not.

    Parameters
    ----------
    path : str or Path
        Folder of the store.
    writable : bool
        Whether its arrays may be written to.

    Raises
    ------
    StoreError
        If there is no store, it has another layout version or is damaged.
    """
    return StoreFiles(absolute(path), open_group(Path(path), "r+" if writable else "r"))


STORED_PARTS = "parts"
"""Attribute of a store that has some parts of a drawn recipe only."""


class StoreFiles:
    """Arrays, shards and digests of a data set; made by `open_files`.

    Attributes
    ----------
    path : Path
        Folder of the store.
    group : zarr.Group
        Its arrays and attributes.
    recipe : Recipe or DrawnRecipe
        The recipe that the store was made from.
    recipe_id : str
        Identity of the recipe.
    contents : Contents
        What follows from the recipe.
    """

    def __init__(self, path: Path, group: zarr.Group) -> None:
        self.path = path
        self.group = group
        self.recipe: Any = read_recipe(path, group)
        self.recipe_id = str(group.attrs["recipe_id"])
        self.contents = contents_of(self.recipe)
        check_arrays(path, self.contents)
        self._cached_digests: dict[str, np.ndarray] = {}

    # --- arrays ---

    def array(self, name: str) -> zarr.Array:
        """An array of the store, by its path."""
        return cast(zarr.Array, self.group[name])

    def read(self, name: str, selection: Any) -> np.ndarray:
        """Decode a selection of an array.

        Parameters
        ----------
        name : str
            Path of the array in the store.
        selection : int, slice, Ellipsis, or tuple of int and slice
            Part to read; axes that it leaves out are read whole.

        Raises
        ------
        StoreError
            If a chunk is missing or cannot be decoded.
        """
        for file in self.lost(name, selection):
            raise StoreError(
                f"array '{name}' has lost a chunk",
                where=str(file),
                expected="a file with all of it",
                got=kind_of(file),
                remedy=REPAIR,
            )
        # Codecs and files fail in many ways; to the user all of them are a damaged array.
        try:
            return np.asarray(self.array(name)[selection])
        except (FileNotFoundError, IndexError, KeyError):
            raise
        except Exception as problem:
            # The length of a damaged list of texts may be anything; numbers have the array's own.
            if isinstance(problem, MemoryError) and self.array(name).dtype.kind not in "OUT":
                raise
            where_in_array = "" if selection is ... else f" at {selection}"
            raise StoreError(
                f"array '{name}' is damaged{where_in_array}",
                where=str(self.path),
                got=f"{type(problem).__name__}: {problem}",
                remedy=REPAIR,
            ) from problem

    def read_images(self, name: str, blank: float | str) -> np.ndarray:
        """Decode all of an array along `image`, blank in parts that the store does not have."""
        if not self.parts:
            return self.read(name, ...)
        array = self.array(name)
        dtype = object if isinstance(blank, str) else array.dtype
        values = np.full(array.shape, blank, dtype=dtype)
        for task in self.written_tasks():
            images = self.contents.images_of(task)
            values[images] = self.read(name, images)
        return values

    def lost(self, name: str, selection: Any) -> Iterator[Path]:
        """Files that should be there for a selection of an array, as in `read`, and are not."""
        array = self.array(name)
        # A missing digest means that its shard or model is not written yet.
        optional = name.startswith("digests/")
        inner = array.shards[0] // array.chunks[0] if array.shards else 0
        for index, file in self.chunk_files(name, selection):
            # The last shard of a drawn data set may have fewer images than there is room for.
            filled = min(inner, array.shape[0] - index[0] * inner) if array.shards else None
            if not is_lost(file, inner, filled) or (optional and not file.exists()):
                continue
            if optional or not self._is_of_zeros(name, file):
                yield file

    def chunk_files(self, name: str, selection: Any) -> Iterator[tuple[tuple[int, ...], Path]]:
        """Index and file of each chunk, or shard, of a selection of an array, as in `read`."""
        array = self.array(name)
        for index in _chunks(array.shape, array.shards or array.chunks, selection):
            yield index, chunk_file(self.path / name, index)

    def _is_of_zeros(self, name: str, file: Path) -> bool:
        """Whether a coordinate's chunk is absent because Zarr leaves out those of zeros."""
        if name in self.contents.simulated or file.exists():
            return False
        values = self.coordinates.get(name)
        return values is not None and values.dtype.kind in "biuf" and not values.any()

    def holds(self, name: str, values: np.ndarray) -> bool:
        """Whether an array has just these values; floats to their last bits."""
        try:
            stored = self.read(name, ...)
        except (StoreError, KeyError):
            return False
        texts = [array.dtype.kind in "OUT" for array in (stored, values)]
        kinds = stored.dtype.kind, values.dtype.kind
        if stored.shape != values.shape or not (all(texts) or kinds[0] == kinds[1]):
            return False
        if kinds[1] == "f":
            return bool(np.allclose(stored, values, rtol=1e-12, atol=1e-12, equal_nan=True))
        return bool((stored == values).all())

    # --- what follows from the recipe ---

    @functools.cached_property
    def factors(self) -> pd.DataFrame:
        """Factors and splits of every image that are known before it is simulated."""
        return self.contents.table()

    @functools.cached_property
    def coordinates(self) -> dict[str, np.ndarray]:
        """Every array that follows from the recipe alone, by its path in the store."""
        return expected_coordinates(self.contents)

    @functools.cached_property
    def test_positions(self) -> dict[int, int]:
        """Positions along `test_image` of the images under test, by their numbers."""
        return {int(image): i for i, image in enumerate(self.contents.under_test())}

    def selections_of_shard(self, shard: int) -> list[tuple[str, Any]]:
        """Every array that a shard of images has values in, with the selection of them."""
        return self.contents.selections_of_shard(shard, self.test_positions)

    # --- digests ---

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts that the store has of a drawn recipe; none named are all."""
        named = self.group.attrs.get(STORED_PARTS)
        return tuple(map(str, named)) if isinstance(named, list) else ()

    def refuse_absent(self, images: np.ndarray, part: str) -> None:
        """Raise StoreError for images of a part that was not generated."""
        parts = self.parts
        if parts and not self.factors["split_model"].iloc[images].isin(parts).all():
            raise StoreError(
                f"its {part} part was not generated",
                where=str(self.path),
                expected=f"a part of {', '.join(parts)}",
                remedy="Run 'tembench generate' again with this part among --parts",
            )

    def tasks(self) -> list[int]:
        """Numbers of the tasks that the store is complete with: those of its parts."""
        every = range(self.contents.n_tasks)
        if not self.parts:
            return list(every)
        wanted = self.factors["split_model"].isin(self.parts).to_numpy()
        return [task for task in every if wanted[self.contents.images_of(task)].any()]

    def missing_tasks(self) -> list[int]:
        """Numbers of the tasks (models, or windows of specimens) that are not wholly written."""
        written = self.written_tasks()
        return [task for task in self.tasks() if task not in written]

    def written_tasks(self) -> frozenset[int]:
        """Numbers of the tasks that are wholly written, of whatever part."""
        images, waves = self.written("images"), self.written("waves")
        return frozenset(
            task
            for task in range(self.contents.n_tasks)
            if waves[task] and images[self.contents.shards_of(task)].all()
        )

    def written(self, kind: str) -> np.ndarray:
        """Whether each shard (``"images"``) or task (``"waves"``) is recorded as done."""
        return np.asarray(self._digests(kind).any(axis=1))

    def digest(self, kind: str, number: int) -> bytes:
        """SHA-256 of the decoded values of a shard (``"images"``) or a task (``"waves"``).

        For a shard: the clean images, what else is simulated with them, counts and copies.
        """
        if kind == "waves":
            waves = self.read("exit_wave", self.contents.waves_of(number))
            return hashlib.sha256(waves.data).digest()
        content = hashlib.sha256()
        for name, selection in self.selections_of_shard(number):
            values = self.read(name, selection)
            texts = values.dtype.kind in "OUT"
            content.update("\n".join(values.ravel()).encode() if texts else values.data)
        return content.digest()

    def recorded_digest(self, kind: str, number: int) -> bytes:
        """The digest that was recorded when a shard or task was written; zeros before that."""
        return self.read(f"digests/{kind}", number).tobytes()

    def data_digest(self) -> str:
        """SHA-256 over all recorded digests: equal for stores of equal content."""
        content = hashlib.sha256(self._digests("images").tobytes())
        content.update(self._digests("waves").tobytes())
        return content.hexdigest()

    def _digests(self, kind: str) -> np.ndarray:
        """All recorded digests: thousands of small files, read once if the store is read only."""
        if not self.group.read_only:
            return self.read(f"digests/{kind}", ...)
        if kind not in self._cached_digests:
            self._cached_digests[kind] = self.read(f"digests/{kind}", ...)
        return self._cached_digests[kind]


def _chunks(
    shape: tuple[int, ...], chunk_shape: tuple[int, ...], selection: Any
) -> Iterator[tuple[int, ...]]:
    """Indices, in the grid of chunks, of those that a selection touches."""
    parts = () if selection is ... else selection if isinstance(selection, tuple) else (selection,)
    axes = []
    for axis, (length, size) in enumerate(zip(shape, chunk_shape, strict=True)):
        part = parts[axis] if axis < len(parts) else slice(None)
        if isinstance(part, slice):
            start, stop, _ = part.indices(length)
        else:
            # Zarr itself refuses an index beyond the end.
            start = int(part) % length
            stop = start + 1
        axes.append(range(start // size, -(-stop // size)) if stop > start else range(0))
    return itertools.product(*axes)
