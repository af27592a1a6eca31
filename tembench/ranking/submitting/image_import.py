"""Images of a caller's own, written as a folder of outputs; an interrupted import is resumed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import OutputError, progress, staging, write_toml
from tembench.methods import OUTPUTS_TOML, OUTPUTS_ZARR, create_output_arrays
from tembench.ranking.submitting.image_numbers import LEFT_OUT
from tembench.ranking.submitting.unscored import UnscoredImages

if TYPE_CHECKING:
    from tembench.dataset import Store

_SOURCE = "tembench_source"


def import_images(
    images: UnscoredImages, store: Store, folder: Path, content: Mapping[str, Any]
) -> None:
    """Write images as outputs, one at a time.

    Parameters
    ----------
    images : UnscoredImages
        Images of a stack.
    store : tembench.dataset.store.Store
        Data set that they belong to.
    folder : Path
        Folder of the outputs. An import of the same images is resumed, another one replaced.
    content : Mapping
        Content of ``outputs.toml``.
    """
    import zarr

    assert images.stack is not None
    kept = images.placed != LEFT_OUT
    arrays, source = folder / OUTPUTS_ZARR, _fingerprint(images)
    if arrays.exists() and _source(arrays) != source:
        shutil.rmtree(folder)
    if not arrays.exists():
        with staging(arrays, OutputError) as aside:
            numbers = images.placed[kept].tolist()
            create_output_arrays(aside, numbers, store.shape, store.pixel_size_A, {_SOURCE: source})
            aside.rename(arrays)
    chunks = [arrays / "denoised" / "c" / str(i) / "0" / "0" for i in range(int(kept.sum()))]
    missing = [position for position, chunk in enumerate(chunks) if not chunk.is_file()]
    array: Any = zarr.open_array(arrays / "denoised", mode="r+", zarr_format=3)
    positions = np.flatnonzero(kept)
    first = int(positions[missing[0]]) if missing else len(kept)
    with progress("Reading images", len(chunks), len(chunks) - len(missing)) as advance:
        target = iter(missing)
        wanted = next(target, None)
        for position, image in enumerate(images.stack.images(first), first):
            if wanted is None:
                break
            if position == positions[wanted]:
                array[wanted] = image
                advance(1)
                wanted = next(target, None)
    write_toml(folder / OUTPUTS_TOML, content)


def _source(arrays: Path) -> object:
    import zarr

    try:
        return zarr.open_group(arrays, mode="r", zarr_format=3).attrs.get(_SOURCE)
    except (FileNotFoundError, ValueError):
        return None


def _fingerprint(images: UnscoredImages) -> str:
    """Names, sizes and times of the files, and the images that they are taken for."""
    digest = hashlib.sha256(images.placed.tobytes())
    for path in _files(images.path):
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    return iter(sorted(path.rglob("*"))) if path.is_dir() else iter([path])
