"""Input store: the noisy images of a part and nothing else, for running untrusted methods.

It contains no clean image, exit wave or column, no recipe and no seed, so that third-party code
cannot return the truth by opening the store that it is run on. The code could still simulate the
truth from the recipe, whose name and id are stored: that takes the recipe and hours of computing
time. A machine without tembench and without a network prevents it, and so does a sealed test, whose
seed only its organiser has.

Images of a drawn recipe are in shuffled order under opaque numbers, see `opaque_numbers`; of them
methods are told sampling and dose. Two images of one specimen stay recognisable by what they show.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tembench.core import StoreError, staging
from tembench.dataset.generation.opaque_numbers import opaque_numbers
from tembench.dataset.opening import open_store
from tembench.dataset.storage import consolidate
from tembench.dataset.store import Store
from tembench.recipe import DrawnRecipe, RecipeName, public_ids

if TYPE_CHECKING:
    import zarr

_INPUTS_FORMAT = 3
_INPUTS_ATTRIBUTE = "tembench_inputs"
_ARRAYS = (
    "image", "under_test", "series", "place", "whole_counts", "dose", "pixel_size_A", "digest",
)  # fmt: skip
_DEFOCUS = "defocus_nm"


def write_inputs(store: Store, out: Path, *, split: str = "model", part: str = "test") -> int:
    """Write the inputs that methods may see of the images in a part.

    Parameters
    ----------
    store : Store
        Data set to take the noisy images from.
    out : Path
        The new folder.
    split, part : str
        As `Store.images` takes them.

    Returns
    -------
    int
        Number of images of the part. The other images of their defocus series are written too,
        for methods that use them.

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
    series = [store.series(image) for image in sorted(tested)]
    images = sorted(tested.union(*series))
    written = dict(sorted(zip(opaque_numbers(store, images), images, strict=True)))
    with staging(out, StoreError) as aside:
        _write(aside, store, written, tested, (split, part))
        aside.rename(out)
    return len(tested)


def _write(
    folder: Path, store: Store, written: dict[int, int], tested: set[int], where: tuple[str, str]
) -> None:
    """Write the inputs of a store's images, given by the numbers under which they are written."""
    import zarr

    images, drawn = list(written.values()), isinstance(store.recipe, DrawnRecipe)
    attributes = {
        _INPUTS_ATTRIBUTE: _INPUTS_FORMAT,
        "recipe": store.recipe.name,
        "version": store.recipe.version,
        "recipe_id": store.recipe_id,
        "ids": public_ids(store.recipe) if drawn else [store.recipe_id],
        "is_drawn": drawn,
        "split": where[0],
        "part": where[1],
        "pixel_size_A": store.pixel_size_A,
        "dose_e_per_px": store.dose_e_per_px,
        "series_axis": store.series_axis,
        "counted_dtype": np.dtype(store.contents.counted_dtype).name,
    }
    group = zarr.create_group(str(folder), zarr_format=3, attributes=attributes)
    first = store.noisy(images[0])
    noisy = group.create_array(
        "noisy",
        shape=(len(images), *store.shape),
        chunks=(1, *store.shape),
        dtype=first.dtype if store.contents.whole_counts else "float32",
        dimension_names=("image", "y", "x"),
        attributes={"units": "electron / pixel"},
    )
    digests, whole = [], []
    for position, image in enumerate(images):
        seen = store.noisy(image)
        noisy[position] = seen
        digests.append(list(hashlib.sha256(np.ascontiguousarray(seen).data).digest()))
        whole.append(seen.dtype.kind == "u")
    series = [tuple(store.series(image)) for image in images]
    ranks = {members: rank for rank, members in enumerate(dict.fromkeys(series))}
    columns: dict[str, Any] = {
        "image": np.array(list(written), dtype=np.int64),
        "under_test": np.array([image in tested for image in images]),
        "series": np.array([ranks[members] for members in series], dtype=np.int64),
        "whole_counts": np.array(whole),
        "dose": np.array([store.dose_of(image) for image in images]),
        "pixel_size_A": np.array([store.pixel_size_of(image) for image in images]),
        "place": np.array([series[i].index(image) for i, image in enumerate(images)]),
        "digest": np.array(digests, dtype=np.uint8),
    }
    if not drawn:
        columns[_DEFOCUS] = np.array([store.defocus_of(image) for image in images])
    for name, values in columns.items():
        group.create_array(name, data=values, chunks=values.shape)
    consolidate(folder)


def open_inputs(path: str | Path) -> Store:
    """Open the images that methods are run on: a data set, or a folder of `write_inputs`.

    Inputs have the part of a store's interface that denoising uses, without clean images.

    Parameters
    ----------
    path : Path
        The folder.

    Raises
    ------
    StoreError
        If it is neither, or damaged.

    Examples
    --------
    >>> import tembench as tb
    >>> inputs = tb.open_inputs("inputs.zarr")  # doctest: +SKIP
    >>> tb.write_outputs("outputs/mine", inputs, my_function)  # doctest: +SKIP
    """
    import zarr

    try:
        group = zarr.open_group(str(path), mode="r", zarr_format=3)
    except Exception:  # `open_store` reports what is wrong with it
        return open_store(path)
    return cast(Store, Inputs(Path(path))) if _INPUTS_ATTRIBUTE in group.attrs else open_store(path)


class Inputs:
    """Reader of an input store; made by `open_inputs`.

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
    series_axis : str
        As in `Store`.
    """

    def __init__(self, path: Path) -> None:
        import zarr

        self.path = Path(path).absolute()
        self._group = zarr.open_group(str(self.path), mode="r", zarr_format=3)
        attributes = self._group.attrs
        try:
            if attributes[_INPUTS_ATTRIBUTE] != _INPUTS_FORMAT:
                raise ValueError(
                    f"format {attributes[_INPUTS_ATTRIBUTE]!r}, expected {_INPUTS_FORMAT}"
                )
            self.recipe = RecipeName(
                name=str(attributes["recipe"]),
                version=str(attributes["version"]),
                is_drawn=bool(attributes["is_drawn"]),
                pixel_size_A=float(attributes["pixel_size_A"]),  # type: ignore[arg-type]
                ids=tuple(map(str, attributes["ids"])),  # type: ignore[arg-type]
            )
            self.recipe_id = str(attributes["recipe_id"])
            self._part = (str(attributes["split"]), str(attributes["part"]))
            self.pixel_size_A = float(attributes["pixel_size_A"])  # type: ignore[arg-type]
            self.dose_e_per_px = float(attributes["dose_e_per_px"])  # type: ignore[arg-type]
            self._noisy: zarr.Array = self._group["noisy"]  # type: ignore[assignment]
            self.series_axis = str(attributes["series_axis"])
            self._counted = np.dtype(str(attributes["counted_dtype"]))
            self._values = {
                name: np.asarray(self._group[name][...])  # type: ignore[index]
                for name in (*_ARRAYS, *([] if self.recipe.is_drawn else [_DEFOCUS]))
            }
        except Exception as problem:
            raise StoreError(
                "not a folder of inputs",
                where=str(self.path),
                got=f"{type(problem).__name__}: {problem}",
                remedy="Write it again with: tembench inputs STORE --out FOLDER",
            ) from problem
        self.shape = (int(self._noisy.shape[1]), int(self._noisy.shape[2]))
        self._numbers = self._values["image"]
        self._position = {int(number): position for position, number in enumerate(self._numbers)}

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        """Numbers of the images in the part that was written, ascending."""
        if (split, part) != self._part:
            raise StoreError(
                "no such part",
                where=str(self.path),
                expected=f"the {self._part[1]} part of split {self._part[0]}, which it contains",
                got=f"{split}, {part}",
                remedy="Write another folder with: tembench inputs STORE --split --part",
            )
        return self._numbers[self._values["under_test"]]

    def noisy(self, image: int) -> np.ndarray:
        """Counts, (y, x), as `Store.noisy` gives them."""
        position = self._position[int(image)]
        try:
            noisy = np.asarray(self._noisy[position])
        except Exception as problem:
            raise self._damaged(image, f"{type(problem).__name__}: {problem}") from problem
        if self._values["whole_counts"][position]:
            noisy = noisy.astype(self._counted)
        # Zarr reads a missing file as zeros.
        if hashlib.sha256(np.ascontiguousarray(noisy).data).digest() != bytes(
            self._values["digest"][position]
        ):
            raise self._damaged(image, "values that differ from those written")
        return noisy

    noisy_image = Store.noisy_image

    def clean(self, image: int) -> np.ndarray:
        """Raise StoreError: there are no clean images here."""
        raise StoreError(
            f"no clean image {image}",
            where=str(self.path),
            expected="a data set, since this folder contains noisy images alone",
            remedy="Run the oracle on the data set itself",
        )

    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""
        return self._value("dose", image)

    def pixel_size_of(self, image: int) -> float:
        """Pixel size of an image, in angstrom."""
        return self._value("pixel_size_A", image)

    def defocus_of(self, image: int) -> float:
        """Defocus of an image in nm, positive for overfocus; drawn images do not tell theirs."""
        if self.recipe.is_drawn:
            raise StoreError(f"the defocus of image {image} is not told", where=str(self.path))
        return self._value(_DEFOCUS, image)

    def _value(self, name: str, image: int) -> float:
        return float(self._values[name][self._position[int(image)]])

    def series(self, image: int) -> list[int]:
        """Numbers of the images of a series, as `Store.series` gives them."""
        series = self._values["series"]
        mates = series == series[self._position[int(image)]]
        order = np.argsort(self._values["place"][mates], kind="stable")
        return [int(i) for i in self._numbers[mates][order]]

    def _damaged(self, image: int, got: str) -> StoreError:
        return StoreError(
            f"image {image} is damaged",
            where=str(self.path),
            got=got,
            remedy="Write it again with: tembench inputs STORE --out FOLDER",
        )
