"""A store of inputs alone: what a method may see of a part's images, and nothing else.

Third-party code is run on such a folder: there is no clean image in it, no exit wave, no column, no
recipe and no seed, so that no code can return the truth by opening the store that it is run on.
What it can still do is simulate the truth again: the recipe's name and id and the images' numbers
are in it, and the recipe and hours of computing time are enough. A machine without tembench and
without a network keeps code from that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tembench.core import StoreError, staging
from tembench.dataset.layout import consolidate
from tembench.dataset.store import Store, open_store

if TYPE_CHECKING:
    import pandas as pd
    import zarr

_FORMAT = 1
_KEY = "tembench_inputs"


@dataclass(frozen=True, kw_only=True)
class RecipeName:
    """What is known here of a recipe."""

    name: str
    version: str


def write_inputs(store: Store, out: Path, *, split: str = "model", part: str = "test") -> int:
    """Write what methods may see of the images in a part.

    Parameters
    ----------
    store : Store
        Where the noisy images are.
    out : Path
        The new folder.
    split, part : str
        As `Store.images` takes them.

    Returns
    -------
    int
        Number of images of the part. The other images of their defocus series are written too,
        for methods that see those.

    Raises
    ------
    StoreError
        If `out` exists, or there is no such part.
    """
    out = Path(out).absolute()
    if out.exists():
        raise StoreError(
            "exists already", where=str(out), remedy="Remove it, or name another folder with --out"
        )
    tested = {int(image) for image in store.images(split, part)}
    series = {image: tuple(store.defocus_series(image)) for image in sorted(tested)}
    written = sorted(tested.union(*series.values()))
    with staging(out, StoreError) as aside:
        _write(aside, store, written, tested, (split, part))
        aside.rename(out)
    return len(tested)


def _write(
    folder: Path, store: Store, images: list[int], tested: set[int], where: tuple[str, str]
) -> None:
    import zarr

    attributes = {
        _KEY: _FORMAT,
        "recipe": store.recipe.name,
        "version": store.recipe.version,
        "recipe_id": store.recipe_id,
        "split": where[0],
        "part": where[1],
        "pixel_size_A": store.pixel_size_A,
        "dose_e_per_px": store.dose_e_per_px,
    }
    group = zarr.create_group(str(folder), zarr_format=3, attributes=attributes)
    first = store.noisy(images[0])
    noisy = group.create_array(
        "noisy",
        shape=(len(images), *store.shape),
        chunks=(1, *store.shape),
        dtype="float32" if store.recipe.has_detector else first.dtype,
        dimension_names=("image", "y", "x"),
        attributes={"units": "electron / pixel"},
    )
    digests, whole = [], []
    for place, image in enumerate(images):
        seen = store.noisy(image)
        noisy[place] = seen
        digests.append(list(hashlib.sha256(np.ascontiguousarray(seen).data).digest()))
        whole.append(seen.dtype.kind == "u")
    ranks = {members: n for n, members in enumerate(sorted({*map(tuple, _series(store, images))}))}
    columns: dict[str, Any] = {
        "image": np.array(images, dtype=np.int64),
        "under_test": np.array([image in tested for image in images]),
        "series": np.array([ranks[m] for m in _series(store, images)], dtype=np.int64),
        "whole_counts": np.array(whole),
        "dose": np.array([store.dose_of(image) for image in images]),
        "defocus_nm": store.table.loc[images, "defocus_nm"].to_numpy(dtype=np.float64),
        "digest": np.array(digests, dtype=np.uint8),
    }
    for name, values in columns.items():
        group.create_array(name, data=values, chunks=values.shape)
    consolidate(folder)


def _series(store: Store, images: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(store.defocus_series(image)) for image in images]


def open_images(path: Path) -> Store:
    """Open what methods are run on: a data set, or a folder of `write_inputs`.

    Inputs have as much of a store as denoising takes, and refuse what they have not.
    """
    import zarr

    try:
        group = zarr.open_group(str(path), mode="r", zarr_format=3)
    except Exception:  # `open_store` has the words for whatever is wrong with it
        return open_store(path)
    return cast(Store, Inputs(path)) if _KEY in group.attrs else open_store(path)


class Inputs:
    """Inputs alone, as methods are run on them; made by `open_images`.

    Attributes
    ----------
    path : Path
        The folder.
    recipe : RecipeName
        Name and version of the recipe.
    recipe_id : str
        Its identity.
    shape : tuple of int
        Size of an image in pixels, (y, x).
    pixel_size_A, dose_e_per_px : float
        Size of a pixel in angstrom; expected electrons per pixel in vacuum.
    table : pandas.DataFrame
        ``defocus_nm``, by the images' numbers.
    """

    def __init__(self, path: Path) -> None:
        import pandas as pd
        import zarr

        self.path = Path(path).absolute()
        self._group = zarr.open_group(str(self.path), mode="r", zarr_format=3)
        attributes = self._group.attrs
        try:
            if attributes[_KEY] != _FORMAT:
                raise ValueError(f"format {attributes[_KEY]!r}, expected {_FORMAT}")
            self.recipe = RecipeName(
                name=str(attributes["recipe"]), version=str(attributes["version"])
            )
            self.recipe_id = str(attributes["recipe_id"])
            self._part = (str(attributes["split"]), str(attributes["part"]))
            self.pixel_size_A = float(attributes["pixel_size_A"])  # type: ignore[arg-type]
            self.dose_e_per_px = float(attributes["dose_e_per_px"])  # type: ignore[arg-type]
            self._noisy: zarr.Array = self._group["noisy"]  # type: ignore[assignment]
            numbers, self._tested, self._series, self._whole, self._dose, defocus, digests = (
                np.asarray(self._group[name][...])  # type: ignore[index]
                for name in (
                    *("image", "under_test", "series", "whole_counts", "dose", "defocus_nm"),
                    "digest",
                )
            )
        except Exception as problem:
            raise StoreError(
                "not a folder of inputs",
                where=str(self.path),
                got=f"{type(problem).__name__}: {problem}",
                remedy="Write it again with: tembench inputs STORE --out FOLDER",
            ) from problem
        self.shape = (int(self._noisy.shape[1]), int(self._noisy.shape[2]))
        self._digests = [bytes(row) for row in digests]
        self._place = {int(number): place for place, number in enumerate(numbers)}
        self.table: pd.DataFrame = pd.DataFrame(
            {"defocus_nm": defocus}, index=pd.Index(numbers, name="image")
        )

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        """Numbers of the images in the part that was written, ascending."""
        if (split, part) != self._part:
            raise StoreError(
                "no such part",
                where=str(self.path),
                expected=f"the {self._part[1]} part of split {self._part[0]}, which it holds",
                got=f"{split}, {part}",
                remedy="Write another folder with: tembench inputs STORE --split --part",
            )
        return self.table.index.to_numpy()[self._tested]

    def noisy(self, image: int) -> np.ndarray:
        """Counts, (y, x), as `Store.noisy` gives them."""
        place = self._place[int(image)]
        try:
            found = np.asarray(self._noisy[place])
        except Exception as problem:
            raise self._damaged(image, f"{type(problem).__name__}: {problem}") from problem
        found = found.astype(np.uint8) if self._whole[place] else found
        # Zarr takes a lost file for zeros.
        if hashlib.sha256(np.ascontiguousarray(found).data).digest() != self._digests[place]:
            raise self._damaged(image, "other values than were written")
        return found

    def clean(self, image: int) -> np.ndarray:
        """Raise StoreError: there are no clean images here."""
        raise StoreError(
            f"no clean image {image}",
            where=str(self.path),
            expected="inputs alone, which is what this folder holds",
            remedy="The oracle is run on the data set itself",
        )

    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""
        return float(self._dose[self._place[int(image)]])

    def defocus_series(self, image: int) -> list[int]:
        """Numbers of the images that differ from one in defocus alone, ascending in it."""
        mates = self._series == self._series[self._place[int(image)]]
        return [int(i) for i in self.table[mates].sort_values("defocus_nm", kind="stable").index]

    def _damaged(self, image: int, got: str) -> StoreError:
        return StoreError(
            f"image {image} is damaged",
            where=str(self.path),
            got=got,
            remedy="Write it again with: tembench inputs STORE --out FOLDER",
        )
