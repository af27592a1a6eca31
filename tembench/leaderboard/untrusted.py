"""A stranger's folder: what may be opened in it, and how.

Nothing in it is trusted. Links that lead out of it are refused before anything is opened; an
array's metadata are read as plain JSON and must name a plain numeric layout before zarr is let
near it, so that no codec that could run code or unpickle an object is ever reached.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tembench.errors import OutputError

_PLAIN_CODECS = {"bytes", "blosc", "zstd", "gzip", "crc32c", "transpose", "sharding_indexed"}
_METADATA_LIMIT = 1 << 20
# A chunk is decoded whole: no more than this at a time, whatever the metadata promise.
_CHUNK_LIMIT = 1 << 29


def refuse_foreign_links(folder: Path) -> None:
    """Raise OutputError for a link out of `folder`, or for anything that is no plain file."""
    root = folder.resolve()
    for path in walk(root):
        if path.is_symlink():
            target = path.resolve()
            if not target.is_relative_to(root):
                raise OutputError(
                    f"{path.relative_to(root)} is a link that leads out of the folder",
                    where=str(folder),
                    got=os.readlink(path),
                    remedy="put the file itself there",
                )
        elif not stat.S_ISREG(path.lstat().st_mode) and not path.is_dir():
            raise OutputError(
                f"{path.relative_to(root)} is neither a file nor a folder", where=str(folder)
            )


def walk(root: Path) -> Iterator[Path]:
    """Everything inside a folder; links are yielded, never followed."""
    for folder, folders, files in os.walk(root, followlinks=False):
        for name in (*folders, *files):
            yield Path(folder) / name


def array_metadata(array: Path) -> dict[str, Any]:
    """Zarr v3 metadata as plain JSON; OutputError unless it is a plain numeric array."""
    path = array / "zarr.json"
    if not path.is_file() or path.stat().st_size > _METADATA_LIMIT:
        raise OutputError(
            "no Zarr v3 array",
            where=str(array),
            expected="a zarr.json",
            remedy="write Zarr format 3, as tembench denoise does",
        )
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
        kind = (metadata["zarr_format"], metadata["node_type"])
        shape = [int(n) for n in metadata["shape"]]
        chunk = [int(n) for n in metadata["chunk_grid"]["configuration"]["chunk_shape"]]
        encoding = metadata["chunk_key_encoding"]["name"]
        data_type = metadata["data_type"]
        codecs = set(_codec_names(metadata["codecs"]))
        transformers = metadata.get("storage_transformers", [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OutputError(
            "not the metadata of a Zarr v3 array", where=str(path), remedy="denoise again"
        ) from None
    if kind != (3, "array") or transformers or not isinstance(encoding, str):
        raise OutputError("not a plain Zarr v3 array", where=str(path), got=short(kind))
    if foreign := sorted(codecs - _PLAIN_CODECS):
        raise OutputError(
            "a codec that is not opened here",
            where=str(path),
            expected=", ".join(sorted(_PLAIN_CODECS)),
            got=short(", ".join(foreign)),
            remedy="write plain numbers",
        )
    size = _bytes_per_value(data_type)
    if min(shape, default=0) < 0 or min(chunk, default=1) < 1 or len(chunk) != len(shape):
        raise OutputError("impossible shape", where=str(path), got=short((shape, chunk)))
    if math.prod(chunk) * size > _CHUNK_LIMIT:
        raise OutputError(
            "chunks too large",
            where=str(path),
            expected=f"at most {_CHUNK_LIMIT >> 20} MiB",
            got=short(chunk),
            remedy="write one image per chunk",
        )
    return dict(metadata)


def open_array(array: Path) -> Any:
    """Open a plain Zarr v3 array for reading, its metadata checked first."""
    import zarr

    array_metadata(array)
    with _told(array):
        return zarr.open_array(array, mode="r", zarr_format=3)


def read_array(opened: Any, selection: Any, where: Path) -> np.ndarray:
    """Read part of an opened array; OutputError if its bytes cannot be decoded."""
    with _told(where):
        return np.asarray(opened[selection])


@contextmanager
def _told(array: Path) -> Iterator[None]:
    # Codecs fail in many ways; to the user all of them are a damaged array.
    try:
        yield
    except OSError:
        raise
    except Exception as problem:
        raise OutputError(
            f"cannot be read: {type(problem).__name__}: {problem}",
            where=str(array),
            remedy="denoise again",
        ) from problem


def short(value: Any) -> str:
    """A stranger's value, cut to fit into a message."""
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _codec_names(codecs: Any) -> Iterator[str]:
    for codec in codecs:
        yield str(codec["name"])
        inner = codec.get("configuration", {})
        for key in ("codecs", "index_codecs"):
            yield from _codec_names(inner.get(key, ()))


def _bytes_per_value(data_type: Any) -> int:
    try:
        return np.dtype(data_type).itemsize if isinstance(data_type, str) else 1
    except TypeError:  # a name that is no number's; whoever opens the array asks for one
        return 1
