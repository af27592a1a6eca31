"""Chunk files of a store, and a fast reader of single images.

Training and scoring read single images in random order. For each, Zarr opens a shard twice, goes
through two threads and copies the image three times: 2.8 ms, of which decoding is 0.8. The reader
here takes 1.0 ms; a chunk that it cannot read is left to Zarr, which handles every case and reports
the fault.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import google_crc32c
import numcodecs.blosc
import numpy as np

REPAIR = "Run 'tembench generate --repair' with the same recipe and store"
# Zarr's shards end in an index, with offset and length of each chunk, and its checksum.
_ENTRY_BYTES = 16
_CHECKSUM_BYTES = 4
# Offset and length of a chunk that was never written.
_ABSENT = 2**64 - 1


def chunk_file(array: Path, index: Iterable[int]) -> Path:
    """The file of a chunk in an array's folder, by its index in the grid of chunks."""
    return array.joinpath("c", *map(str, index))


def is_lost(file: Path, inner: int = 0, filled: int | None = None) -> bool:
    """Whether a chunk is missing: not a plain file, or a shard that lacks one of its chunks.

    A shard has room for `inner` chunks, and the first `filled` of them (None: all) have values.
    """
    try:
        # Opening anything else, such as a pipe, may block for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            return True
        return inner > 0 and any(n == _ABSENT for _, n in _index(file, inner)[:filled])
    except (FileNotFoundError, NotADirectoryError):
        return True
    except ValueError:
        # Not lost, but damaged: decoding it will fail.
        return False


def kind_of(file: Path) -> str:
    """Description of what is found in place of a chunk's file."""
    if file.is_file():
        return "one that lacks an image"
    if file.is_dir():
        return "a folder"
    return "not a plain file" if file.exists() else "nothing"


def read_chunk(shard: Path, index: int, chunks: int, out: np.ndarray) -> bool:
    """Decode one chunk of a shard.

    Parameters
    ----------
    shard : Path
        File of the shard.
    index : int
        Index of the chunk in it.
    chunks : int
        Number of chunks that it holds.
    out : ndarray
        Array for the values; of the chunk's dtype and size, contiguous.

    Returns
    -------
    bool
        Whether it was read; if not, the content of `out` is undefined.
    """
    try:
        if not stat.S_ISREG(shard.stat().st_mode):
            return False
        with shard.open("rb", buffering=0) as file:
            offset, length = _read_index(file, chunks)[index].tolist()
            if length == _ABSENT:
                return False
            file.seek(offset)
            return _decode(file.read(length), out)
    except (OSError, ValueError, OverflowError):
        return False


def read_file(path: Path, out: np.ndarray) -> bool:
    """Decode a chunk that is a file of its own, as `read_chunk` does."""
    try:
        return stat.S_ISREG(path.stat().st_mode) and _decode(path.read_bytes(), out)
    except OSError:
        return False


def _index(shard: Path, chunks: int) -> list[list[int]]:
    with shard.open("rb", buffering=0) as file:
        return _read_index(file, chunks).tolist()


def _read_index(file: Any, chunks: int) -> np.ndarray:
    """Offset and length of every chunk of an open shard; ValueError if its checksum is wrong."""
    size = _ENTRY_BYTES * chunks
    try:
        file.seek(-(size + _CHECKSUM_BYTES), os.SEEK_END)
    except OSError as problem:
        raise ValueError("shorter than its index") from problem
    stored = file.read(size + _CHECKSUM_BYTES)
    if google_crc32c.value(stored[:size]) != int.from_bytes(stored[size:], "little"):
        raise ValueError("an index that does not match its checksum")
    return np.frombuffer(stored[:size], dtype="<u8").reshape(chunks, 2)


def _decode(encoded: bytes, out: np.ndarray) -> bool:
    try:
        # Blosc's header: sizes after and before decoding, which Blosc itself does not check.
        decoded, _, whole = struct.unpack_from("<3I", encoded, 4)
        if (decoded, whole) != (out.nbytes, len(encoded)):
            return False
        numcodecs.blosc.decompress(encoded, out)
    except (OverflowError, RuntimeError, ValueError, struct.error):
        return False
    return True
