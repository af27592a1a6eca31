"""An OUTPUTS folder, checked against its store and read image by image."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.errors import OutputError
from tembench.files import read_toml
from tembench.leaderboard.identity import Identity, read_identity
from tembench.leaderboard.untrusted import (
    array_metadata,
    open_array,
    read_array,
    refuse_foreign_links,
    short,
    walk,
)
from tembench.schema import Reader

FORMAT = 1
ARRAYS = "denoised.zarr"
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Checked outputs of one method.

    Attributes
    ----------
    path : Path
        The folder.
    identity : Identity
        Method, data and run.
    content : dict
        ``outputs.toml`` as plain values.
    images : array of int
        The store's image numbers, ascending.
    """

    path: Path
    identity: Identity
    content: dict[str, Any]
    images: np.ndarray

    def reader(self) -> OutputReader:
        """Open the arrays."""
        return OutputReader(self.path)


class OutputReader:
    """Denoised images of a checked folder, one at a time.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path / ARRAYS / "denoised"
        self._array = open_array(self._path)
        numbers = _whole(path, "image")
        self._position = {int(number): i for i, number in enumerate(numbers)}
        known = (path / ARRAYS / "seconds").is_dir()
        self._seconds = _whole(path, "seconds") if known else np.full(len(numbers), np.nan)

    def denoised(self, image: int) -> np.ndarray:
        """Image `image` of the store, (y, x) float32, expected e/px."""
        return read_array(self._array, self._position[image], self._path)

    def seconds(self, image: int) -> float:
        """Time that the method took for it; NaN if it was not measured."""
        return float(self._seconds[self._position[image]])


def read_outputs(outputs: Path, store: Any) -> Outputs:
    """Check an OUTPUTS folder against the store that it claims to denoise.

    Parameters
    ----------
    outputs : Path
        Folder with ``outputs.toml`` and ``denoised.zarr``.
    store : tembench.dataset.layout.Store
        Where the noisy images came from.

    Raises
    ------
    OutputError
        One line that says what is wrong, with what was expected and found. Values of the images
        themselves are checked as they are read, by `checked_image`.
    """
    path = Path(outputs)
    if not path.is_dir():
        raise OutputError(
            "no such folder", where=str(path), remedy="make it with: tembench denoise METHOD STORE"
        )
    refuse_foreign_links(path)
    content = read_toml(path / "outputs.toml", OutputError)
    reader = Reader(content)
    if reader.integer("format") != FORMAT and not reader.problems:
        reader.problem("format", f"expected {FORMAT}, got {content['format']!r}")
    identity = read_identity(reader, content)
    reader.finish()
    reader.raise_problems(OutputError, str(path / "outputs.toml"), "denoise again")
    _check_recipe(path, identity, store)
    images = store.images(identity.data.split, identity.data.part)
    _check_arrays(path, tuple(store.shape))
    _check_numbers(path, identity, np.asarray(images, dtype=np.int64))
    return Outputs(path=path, identity=identity, content=content, images=np.asarray(images))


def checked_image(path: Path, reader: OutputReader, image: int) -> np.ndarray:
    """One denoised image, refused if it was never written or is not finite."""
    array = reader.denoised(image)
    finite = np.isfinite(array)
    if finite.all():
        return array
    where = str(path / ARRAYS)
    if np.isnan(array).all():
        raise OutputError(
            f"image {image} is missing", where=where, remedy="run tembench denoise to the end"
        )
    raise OutputError(
        f"image {image} has {int((~finite).sum())} pixels that are NaN or infinite",
        where=where,
        expected="finite values",
        remedy="mend the method and denoise again",
    )


def fingerprint(outputs: Path, data_digest: str) -> str:
    """Identify what scores depend on, without reading the arrays.

    Parameters
    ----------
    outputs : Path
        The folder.
    data_digest : str
        Identifies the content of the store.

    Returns
    -------
    str
        sha256 over the store's digest, ``outputs.toml``, and the names, sizes and times of the
        arrays' files.
    """
    digest = hashlib.sha256(data_digest.encode())
    digest.update((outputs / "outputs.toml").read_bytes())
    root = outputs / ARRAYS
    for path in sorted(walk(root)):
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            name = path.relative_to(root).as_posix()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _check_recipe(path: Path, identity: Identity, store: Any) -> None:
    if identity.data.recipe_id != store.recipe_id:
        raise OutputError(
            "made from another recipe than the store",
            where=str(path / "outputs.toml"),
            expected=f"recipe_id {store.recipe_id} ({store.path})",
            got=f"{identity.data.recipe_id} ({identity.data.recipe} {identity.data.version})",
            remedy="score it against its own store, or denoise this one",
        )


def _check_arrays(path: Path, shape: tuple[int, int]) -> None:
    root = path / ARRAYS
    if not root.is_dir():
        raise OutputError(
            "no such folder", where=str(root), expected="a Zarr group", remedy="denoise again"
        )
    denoised = array_metadata(root / "denoised")
    numbers = array_metadata(root / "image")
    if denoised["data_type"] != "float32":
        raise OutputError(
            "wrong data type",
            where=str(root / "denoised"),
            expected="float32",
            got=short(denoised["data_type"]),
            remedy="write expected e/px as float32",
        )
    found = tuple(denoised["shape"])
    if len(found) != 3 or found[1:] != shape:
        raise OutputError(
            "wrong shape",
            where=str(root / "denoised"),
            expected=f"(images, {shape[0]}, {shape[1]})",
            got=str(found),
            remedy="write each image at the size of the store's",
        )
    if numbers["data_type"] not in {"int64", "int32", "uint32", "uint16", "int16", "uint64"}:
        raise OutputError(
            "wrong data type",
            where=str(root / "image"),
            expected="integers",
            got=short(numbers["data_type"]),
        )
    if tuple(numbers["shape"]) != found[:1]:
        raise OutputError(
            "wrong shape",
            where=str(root / "image"),
            expected=str(found[:1]),
            got=str(tuple(numbers["shape"])),
            remedy="one image number per denoised image",
        )
    if (root / "seconds").is_dir():
        seconds = array_metadata(root / "seconds")
        if seconds["data_type"] != "float64" or tuple(seconds["shape"]) != found[:1]:
            raise OutputError(
                "wrong data type or shape",
                where=str(root / "seconds"),
                expected=f"float64 {found[:1]}",
                got=f"{short(seconds['data_type'])} {tuple(seconds['shape'])}",
            )


def _check_numbers(path: Path, identity: Identity, expected: np.ndarray) -> None:
    where = str(path / ARRAYS)
    remedy = "run tembench denoise to the end"
    numbers = _whole(path, "image").astype(np.int64)
    unique = np.unique(numbers)
    if len(unique) != len(numbers):
        raise OutputError("an image appears more than once", where=where, remedy="denoise again")
    part = f"{identity.data.part} part of split {identity.data.split}"
    for text, wrong in (
        ("missing", np.setdiff1d(expected, unique)),
        (f"not in the {part}", np.setdiff1d(unique, expected)),
    ):
        if wrong.size:
            raise OutputError(
                f"{wrong.size} of {expected.size} images {text}: {_few(wrong)}",
                where=where,
                expected=f"all images of the {part}",
                remedy=remedy,
            )
    if identity.data.images != expected.size:
        raise OutputError(
            "data.images disagrees with the split",
            where=str(path / "outputs.toml"),
            expected=str(expected.size),
            got=str(identity.data.images),
            remedy="denoise again",
        )
    array = path / ARRAYS / "denoised"
    metadata = array_metadata(array)
    if metadata["chunk_grid"]["configuration"]["chunk_shape"][0] == 1:
        gone = [int(n) for i, n in enumerate(numbers) if not (array / "c" / str(i)).exists()]
        if gone and metadata["chunk_key_encoding"]["name"] == "default":
            raise OutputError(
                f"{len(gone)} of {expected.size} images missing: {_few(np.sort(gone))}",
                where=where,
                expected=f"all images of the {part}",
                remedy=remedy,
            )


def _whole(path: Path, name: str) -> np.ndarray:
    array = path / ARRAYS / name
    return read_array(open_array(array), ..., array)


def _few(numbers: np.ndarray) -> str:
    shown = ", ".join(str(int(n)) for n in numbers[:_SHOWN])
    return shown + (", ..." if len(numbers) > _SHOWN else "")
