"""Folder of outputs: checked against its store, then read image by image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import OutputError, Reader, first_few
from tembench.dataset import own_numbers, read_file
from tembench.methods import OUTPUTS_FORMAT, OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.ranking.untrusted import (
    PlainArray,
    RunDescription,
    plain_array,
    read_array,
    read_run_description,
    read_tables,
    refuse_links,
    short,
)

if TYPE_CHECKING:
    from tembench.dataset import Store

_WHOLE_NUMBERS = ("int64", "int32", "int16", "uint64", "uint32", "uint16")


@dataclass(frozen=True, kw_only=True)
class CheckedOutputs:
    """Folder of outputs that has passed all checks of its metadata.

    Attributes
    ----------
    path : Path
        The folder.
    description : RunDescription
        Method, data and run.
    content : dict
        ``outputs.toml`` as plain values.
    images : array of int
        The store's image numbers, ascending.
    arrays : OutputArrays
        The checked arrays of ``denoised.zarr``.
    numbers : array of int
        The store's number of each denoised image, in the order of `arrays`; -1 for one that was
        never written.
    """

    path: Path
    description: RunDescription
    content: dict[str, Any]
    images: np.ndarray
    arrays: OutputArrays
    numbers: np.ndarray

    def reader(self) -> OutputReader:
        """Open the arrays."""
        return OutputReader(self.arrays, self.numbers)


@dataclass(frozen=True, kw_only=True)
class OutputArrays:
    """Checked arrays of a folder of outputs, not yet opened.

    Attributes
    ----------
    root : Path
        The Zarr group.
    denoised : PlainArray
        Images, (image, y, x) float32.
    numbers : PlainArray
        Number of each image, (image,): the store's own, or the opaque one of inputs.
    seconds : PlainArray or None
        Run time of each image, (image,); None where it was not measured.
    """

    root: Path
    denoised: PlainArray
    numbers: PlainArray
    seconds: PlainArray | None


class OutputReader:
    """Denoised images of a checked folder, one at a time.

    Parameters
    ----------
    arrays : OutputArrays
        The checked arrays.
    numbers : array of int
        The store's number of each image; -1 for one that was never written.
    """

    def __init__(self, arrays: OutputArrays, numbers: np.ndarray) -> None:
        self._root, seconds = arrays.root, arrays.seconds
        self._plain, self._array = arrays.denoised, arrays.denoised.open()
        self._position = {int(number): i for i, number in enumerate(numbers) if number >= 0}
        self._seconds = np.full(len(numbers), np.nan) if seconds is None else seconds.read()

    def denoised(self, image: int) -> np.ndarray:
        """Image `image` of the store, (y, x) float32, expected e/px; OutputError as `found`."""
        pixels = self.found(image)
        if pixels is None:
            remedy = "run tembench denoise to the end"
            raise OutputError(f"image {image} is missing", where=str(self._root), remedy=remedy)
        return pixels

    def found(self, image: int) -> np.ndarray | None:
        """Image `image` as `denoised` returns it; None if it was never written, or is all NaN.

        Raises
        ------
        OutputError
            If some of its values are not finite.
        """
        if image not in self._position:
            return None
        pixels = self._pixels(image)
        finite = np.isfinite(pixels)
        if finite.all():
            return pixels
        if np.isnan(pixels).all():
            return None
        raise OutputError(
            f"image {image} has {int((~finite).sum())} pixels that are NaN or infinite",
            where=str(self._root),
            expected="finite values",
            remedy="fix the method and denoise again",
        )

    def _pixels(self, image: int) -> np.ndarray:
        position, shape = self._position[image], self._plain.shape[1:]
        if self._plain.is_bare_blosc and self._plain.chunk_shape == (1, *shape):
            whole = np.empty(shape, dtype=np.float32)
            # Five times as fast as Zarr, which reports whatever is wrong with the chunk.
            if read_file(self._plain.chunk(position, 0, 0), whole):
                return whole
        return read_array(self._array, position, self._plain.path)

    def seconds(self, image: int) -> float:
        """Run time of the method for an image, in seconds; NaN if it was not measured."""
        return float(self._seconds[self._position[image]])


def read_outputs(outputs: Path, store: Store) -> CheckedOutputs:
    """Check a folder of outputs against the store that it was made from.

    Parameters
    ----------
    outputs : Path
        Folder with ``outputs.toml`` and ``denoised.zarr``.
    store : tembench.dataset.store.Store
        Store of the noisy images.

    Raises
    ------
    OutputError
        One line with the mistake, the expected and the actual value. Pixel values are checked
        later, by `OutputReader.denoised`.
    """
    path = Path(outputs)
    if not path.is_dir():
        raise OutputError(
            "no such folder", where=str(path), remedy="make it with: tembench denoise METHOD STORE"
        )
    refuse_links(path)
    _refuse_incomplete(path)
    content = read_tables(path / OUTPUTS_TOML)
    reader = Reader(content)
    if reader.integer("format") != OUTPUTS_FORMAT and not reader.problems:
        reader.problem("format", f"expected {OUTPUTS_FORMAT}, got {content['format']!r}")
    description = read_run_description(reader, content)
    reader.finish()
    remedy = "docs/outputs.md lists the keys; tembench denoise writes them"
    reader.raise_problems(OutputError, str(path / OUTPUTS_TOML), remedy)
    _check_recipe(path, description, store)
    images = store.images(description.data.split, description.data.part)
    arrays = _checked_arrays(path, store.shape, len(images))
    numbers = own_numbers(store, arrays.numbers.read())
    _check_numbers(path, description, images, arrays, numbers)
    numbers[list(arrays.denoised.missing())] = -1
    # Those that are missing are scored too.
    content["data"]["images"] = images.size
    return CheckedOutputs(
        path=path,
        description=replace(description, data=replace(description.data, images=images.size)),
        content=content,
        images=images,
        arrays=arrays,
        numbers=numbers,
    )


def _refuse_incomplete(path: Path) -> None:
    """Refuse outputs whose description is not written yet, since denoising was interrupted."""
    if (path / OUTPUTS_ZARR).is_dir() and not (path / OUTPUTS_TOML).exists():
        raise OutputError(
            "not complete",
            where=str(path),
            expected=f"{OUTPUTS_TOML}, which is written when all images are denoised",
            remedy="run the same tembench denoise again, which resumes; or submit images of your "
            f"own as {OUTPUTS_ZARR} itself",
        )


def _check_recipe(path: Path, description: RunDescription, store: Store) -> None:
    data = description.data
    if data.recipe_id != store.recipe_id:
        raise OutputError(
            "made from a store of another recipe",
            where=str(path / OUTPUTS_TOML),
            expected=f"recipe_id {store.recipe_id} ({store.path})",
            got=f"{data.recipe_id} ({data.recipe} {data.version})",
            remedy="score the outputs against their own store, or denoise this one",
        )


def _checked_arrays(path: Path, shape: tuple[int, int], count: int) -> OutputArrays:
    root = path / OUTPUTS_ZARR
    if not root.is_dir():
        raise OutputError(
            "no such folder", where=str(root), expected="a Zarr group", remedy="denoise again"
        )
    arrays = _arrays(root)
    denoised, numbers, seconds = arrays.denoised, arrays.numbers, arrays.seconds
    if len(found := denoised.shape) != 3 or found[1:] != shape:
        raise OutputError(
            "wrong shape",
            where=str(denoised.path),
            expected=f"(images, {shape[0]}, {shape[1]})",
            got=short(found),
            remedy="write each image at the size of the store's images",
        )
    for array in (numbers, seconds):
        if array is not None and array.shape != found[:1]:
            raise OutputError(
                "wrong shape",
                where=str(array.path),
                expected=str(found[:1]),
                got=short(array.shape),
                remedy="write one value per denoised image",
            )
    # Checked before any array is read, since its length is untrusted.
    if found[0] > count:
        where = str(denoised.path)
        raise OutputError("too many images", where=where, expected=str(count), got=str(found[0]))
    for array in filter(None, (denoised, numbers, seconds)):
        array.refuse_bombs()
    times = seconds.read() if seconds is not None else np.zeros(0)
    if ((times < 0) | np.isinf(times)).any():
        raise OutputError(
            "impossible times",
            where=str(root / "seconds"),
            expected="0 or more; NaN where it was not measured",
        )
    return arrays


def _check_numbers(
    path: Path,
    description: RunDescription,
    expected: np.ndarray,
    arrays: OutputArrays,
    numbers: np.ndarray,
) -> None:
    where = str(arrays.root)
    part = f"{description.data.part} part of split {description.data.split}"
    unique = np.unique(numbers)
    if len(unique) != len(numbers):
        raise OutputError("an image appears more than once", where=where, remedy="denoise again")
    strange = np.setdiff1d(unique, expected)
    if strange.size:
        raise OutputError(
            f"{strange.size} of {unique.size} images not in the {part}: {first_few(strange)}",
            where=where,
            expected=f"images of the {part}",
            remedy="denoise the images of that part, or state another in outputs.toml",
        )
    if description.data.images not in (expected.size, unique.size):
        raise OutputError(
            "data.images disagrees with the split",
            where=str(path / OUTPUTS_TOML),
            expected=str(expected.size),
            got=str(description.data.images),
            remedy="denoise again",
        )


def _arrays(root: Path) -> OutputArrays:
    seconds = root / "seconds"
    return OutputArrays(
        root=root,
        denoised=plain_array(root / "denoised", "float32"),
        numbers=plain_array(root / "image", *_WHOLE_NUMBERS),
        seconds=plain_array(seconds, "float64") if seconds.is_dir() else None,
    )
