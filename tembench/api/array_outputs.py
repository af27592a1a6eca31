"""Folder of outputs from arrays or a function: what ``tembench denoise`` writes for a method."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench import __version__
from tembench.api.denoised_arrays import Denoised, denoised_images
from tembench.core import (
    OutputError,
    Reader,
    absolute,
    progress,
    put_in_place,
    refuse_inputs,
    staging,
    write_toml,
)
from tembench.methods import (
    METHOD_NAME,
    OUTPUTS_FORMAT,
    OUTPUTS_TOML,
    OUTPUTS_ZARR,
    create_output_arrays,
    data_table,
)
from tembench.ranking import metadata_tables, read_run_description

if TYPE_CHECKING:
    from tembench.dataset import Store


def write_outputs(
    folder: str | Path,
    store: Store,
    denoised: Denoised,
    metadata: Mapping[str, Any] | None = None,
    *,
    split: str = "model",
    part: str = "test",
    overwrite: bool = False,
) -> Path:
    """Write denoised images and their description to a folder, for scoring and submission.

    Parameters
    ----------
    folder : str or Path
        Appears when all images are written; see *docs/outputs.md* for its files.
    store : Store
        The data set, from `tembench.open_store` or `tembench.open_inputs`.
    denoised : callable, Denoiser, mapping or sequence of arrays
        As for `score_all`. The run time of a function is measured, image by image.
    metadata : mapping, optional
        Keys of the tables ``[method]`` and ``[run]`` of ``outputs.toml``, such as ``name``,
        ``title``, ``kind`` ("classical" or "learned"), ``licence``, ``training_data``,
        ``parameters``; see `submit` for all that a submission states. By default the name is that
        of the folder, the title is the name, and the kind is "learned".
    split, part : str
        The images, as in `Store.images`. A table is of the part "test".
    overwrite : bool
        Whether to replace a folder of outputs that is there already.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        If the folder exists, an image is missing, has another shape or is not finite, or a key of
        the metadata is wrong: all wrong keys are reported together, before anything is denoised.

    Examples
    --------
    >>> import tembench as tb
    >>> store = tb.open_store("quickstart.zarr")  # doctest: +SKIP
    >>> tb.write_outputs(  # doctest: +SKIP
    ...     "outputs/mine", store, my_function, {"title": "My filter", "kind": "classical"}
    ... )
    """
    folder = absolute(folder)
    images = store.images(split, part)
    content = _content(folder, store, metadata or {}, split, part, len(images))
    refuse_inputs([folder], [store.path], OutputError, replaced=overwrite)
    if folder.exists() and not (overwrite and _holds_outputs(folder)):
        raise OutputError(
            "exists already",
            where=str(folder),
            remedy="name another folder"
            + (" or pass overwrite=True" if _holds_outputs(folder) else ""),
        )
    with staging(folder, OutputError) as aside:
        staged = aside / folder.name
        staged.mkdir()
        seconds = _write_arrays(staged / OUTPUTS_ZARR, store, denoised, images)
        if np.isfinite(seconds).all():
            content["run"].setdefault("seconds_per_image", statistics.median(seconds.tolist()))
        write_toml(staged / OUTPUTS_TOML, content)
        put_in_place(staged, folder)
    return folder


def _write_arrays(root: Path, store: Store, denoised: Denoised, images: np.ndarray) -> np.ndarray:
    import zarr

    numbers = [int(number) for number in images]
    create_output_arrays(root, numbers, store.shape, store.pixel_size_A, {})
    written = zarr.open_array(root / "denoised", mode="r+", zarr_format=3)
    seconds = np.full(len(numbers), np.nan)
    with progress("Writing outputs", len(numbers)) as advance:
        for position, (_, array, taken) in enumerate(denoised_images(denoised, store, images)):
            written[position] = array
            seconds[position] = taken
            advance(1)
    zarr.open_array(root / "seconds", mode="r+", zarr_format=3)[:] = seconds
    return seconds


def _holds_outputs(folder: Path) -> bool:
    return (folder / OUTPUTS_TOML).is_file() and (folder / OUTPUTS_ZARR).is_dir()


def _content(
    folder: Path, store: Store, metadata: Mapping[str, Any], split: str, part: str, images: int
) -> dict[str, Any]:
    """Content of ``outputs.toml``, checked as scoring will check it."""
    name = str(metadata.get("name", _as_name(folder.name)))
    method, run = metadata_tables(metadata)
    content = {
        "format": OUTPUTS_FORMAT,
        "method": {"name": name, "title": name, "kind": "learned", **method},
        "data": data_table(store, split, part, images),
        "run": {"tembench": __version__, "device": "unknown", **run},
    }
    reader = Reader(content)
    reader.integer("format")
    read_run_description(reader, content)
    reader.finish()
    reader.raise_problems(OutputError, "metadata", "docs/outputs.md lists the keys")
    return content


def _as_name(text: str) -> str:
    """A name for a method from that of a folder."""
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:64]
    return name if re.fullmatch(METHOD_NAME, name) else "outputs"
