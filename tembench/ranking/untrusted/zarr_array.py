"""Untrusted Zarr arrays: plain numbers of bounded size, or refused.

The metadata of an array are read as plain JSON and must describe a plain layout before zarr opens
it, so that no codec that could run code or unpickle an object is ever reached. Each chunk must
declare its decompressed size, since a few bytes can decompress to terabytes; and of Blosc, which
reads on behind the end of a buffer, that of the buffer. A chunk without a file counts as missing,
whatever the fill value.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tembench.core import OutputError
from tembench.ranking.untrusted.untrusted_files import short, walk

# No sharding: the index of a shard may point anywhere. No gzip: it declares no decompressed size.
_PLAIN_CODECS = {"transpose", "bytes", "blosc", "zstd", "crc32c"}
_COMPRESSORS = {"blosc", "zstd"}
_METADATA, _METADATA_LIMIT = "zarr.json", 1 << 20
# A chunk is decoded in one piece, so its size in bytes is bounded; where the array is small, by
# twice the array, since what is outside it is decoded too.
_CHUNK_LIMIT, _SMALL_CHUNK = 1 << 29, 1 << 24
_CHECKSUM_BYTES = 4
# Versions and flags, the size unpacked, that of a block, that of the buffer (c-blosc,
# README_CHUNK_FORMAT).
_BLOSC_HEADER = struct.Struct("<4xI4xI")
_NUMBER = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, kw_only=True)
class PlainArray:
    """Checked metadata of an array.

    Attributes
    ----------
    path : Path
        The array's folder.
    shape, chunk_shape : tuple of int
        Shape of the array and of a chunk.
    data_type : str
        Name of the data type.
    compressor : str
        "blosc", "zstd", or "" for none.
    behind : int
        Bytes of checksums behind what is compressed.
    is_bare_blosc : bool
        Whether the file of a chunk is a Blosc buffer of little-endian numbers and nothing else.
    metadata : bytes
        The ``zarr.json`` that was checked.
    """

    path: Path
    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...]
    data_type: str
    compressor: str
    behind: int
    is_bare_blosc: bool
    metadata: bytes = field(repr=False)

    def missing(self) -> Iterator[int]:
        """Indices along the first axis for which a chunk has no file."""
        grid = [-(-n // size) for n, size in zip(self.shape, self.chunk_shape, strict=True)]
        for first in range(grid[0]):
            rest = itertools.product(*map(range, grid[1:]))
            if not all(self.chunk(first, *others).is_file() for others in rest):
                start = first * self.chunk_shape[0]
                yield from range(start, min(start + self.chunk_shape[0], self.shape[0]))

    def chunk(self, *index: int) -> Path:
        """The file of a chunk, by its index along each axis."""
        return self.path.joinpath("c", *map(str, index))

    def is_chunk(self, path: Path) -> bool:
        """Whether a path in the array's folder is that of a chunk of its grid."""
        index = path.relative_to(self.path / "c").parts
        grid = [-(-n // size) for n, size in zip(self.shape, self.chunk_shape, strict=True)]
        return len(index) == len(grid) and all(
            _NUMBER.fullmatch(part) and int(part) < count
            for part, count in zip(index, grid, strict=True)
        )

    def refuse_bombs(self) -> None:
        """Raise OutputError if a chunk would decompress to more bytes than a chunk has."""
        limit = math.prod(self.chunk_shape) * np.dtype(self.data_type).itemsize + _CHECKSUM_BYTES
        for path in walk(self.path / "c"):
            # A killed writer, a file server or a desktop may have left other files there.
            if not (self.is_chunk(path) and path.is_file()):
                continue
            size = _unpacked_size(path, self.compressor, self.behind)
            if size is None or size > limit:
                raise OutputError(
                    "cannot be read: not of the size of a chunk",
                    where=str(path),
                    expected=f"at most {limit} bytes",
                    got="an unknown size" if size is None else f"{size} bytes",
                    remedy="denoise again",
                )

    def open(self) -> Any:
        """Open the array for reading; OutputError if its metadata changed since the check."""
        import zarr

        if _read_metadata(self.path) != self.metadata:
            raise OutputError("changed while it was read", where=str(self.path / _METADATA))
        with _as_output_error(self.path):
            return zarr.open_array(self.path, mode="r", zarr_format=3)

    def read(self) -> np.ndarray:
        """The whole array."""
        return read_array(self.open(), ..., self.path)


def plain_array(path: Path, *data_types: str) -> PlainArray:
    """Check an array's metadata.

    Parameters
    ----------
    path : Path
        The array's folder.
    *data_types : str
        Names of the data types that are allowed.

    Raises
    ------
    OutputError
        Unless it is a plain Zarr v3 array of an allowed data type.
    """
    file, content = path / _METADATA, _read_metadata(path)
    try:
        metadata = json.loads(content.decode("utf-8"))
        kind = (metadata["zarr_format"], metadata["node_type"])
        shape = _sizes(metadata["shape"])
        chunk_shape = _sizes(metadata["chunk_grid"]["configuration"]["chunk_shape"])
        encoding = metadata["chunk_key_encoding"]
        separator = encoding.get("configuration", {}).get("separator", "/")
        layout = (metadata["chunk_grid"]["name"], encoding["name"], separator)
        data_type = metadata["data_type"]
        codecs = [str(codec["name"]) for codec in metadata["codecs"]]
        transformers = metadata.get("storage_transformers", [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OutputError(
            "not the metadata of a Zarr v3 array", where=str(file), remedy="denoise again"
        ) from None
    if kind != (3, "array") or layout != ("regular", "default", "/") or transformers:
        got = short((*kind, *layout, transformers))
        raise OutputError("not a plain Zarr v3 array", where=str(file), got=got)
    _check_codecs(file, codecs)
    if data_type not in data_types:
        raise OutputError(
            "wrong data type",
            where=str(path),
            expected=" or ".join(data_types),
            got=short(data_type),
            remedy="write plain numbers of that type",
        )
    _check_sizes(file, shape, chunk_shape, np.dtype(data_type).itemsize)
    compressor = next((name for name in codecs if name in _COMPRESSORS), "")
    behind = codecs[codecs.index(compressor) :].count("crc32c") if compressor else 0
    return PlainArray(
        path=path,
        shape=shape,
        chunk_shape=chunk_shape,
        data_type=data_type,
        compressor=compressor,
        behind=_CHECKSUM_BYTES * behind,
        is_bare_blosc=codecs == ["bytes", "blosc"] and _is_little(metadata["codecs"][0]),
        metadata=content,
    )


def _read_metadata(path: Path) -> bytes:
    file = path / _METADATA
    if not file.is_file() or file.stat().st_size > _METADATA_LIMIT:
        raise OutputError(
            "not a Zarr v3 array",
            where=str(path),
            expected=f"a {_METADATA}",
            remedy="write Zarr format 3, as tembench denoise does",
        )
    return file.read_bytes()


def read_array(opened: Any, selection: Any, where: Path) -> np.ndarray:
    """Read part of an opened array; OutputError if its bytes cannot be decoded."""
    with _as_output_error(where):
        return np.asarray(opened[selection])


def _sizes(values: Any) -> tuple[int, ...]:
    sizes = tuple(values)
    if not all(type(size) is int for size in sizes):
        raise TypeError("a size must be a whole number")
    return sizes


def _is_little(codec: Any) -> bool:
    configuration = codec.get("configuration")
    return isinstance(configuration, dict) and configuration.get("endian") == "little"


def _check_codecs(file: Path, codecs: list[str]) -> None:
    foreign = sorted(set(codecs) - _PLAIN_CODECS)
    if foreign:
        raise OutputError(
            "a codec that is not allowed",
            where=str(file),
            expected=", ".join(sorted(_PLAIN_CODECS)),
            got=short(", ".join(foreign)),
            remedy="write plain numbers",
        )
    if sum(name in _COMPRESSORS for name in codecs) > 1:
        raise OutputError("compressed more than once", where=str(file), got=short(codecs))


def _check_sizes(
    file: Path, shape: tuple[int, ...], chunk_shape: tuple[int, ...], itemsize: int
) -> None:
    whole = len(shape) == len(chunk_shape) > 0
    if not whole or min(shape) < 0 or min(chunk_shape) < 1:
        raise OutputError("impossible shape", where=str(file), got=short((shape, chunk_shape)))
    limit = min(_CHUNK_LIMIT, max(_SMALL_CHUNK, 2 * math.prod(shape) * itemsize))
    if math.prod(chunk_shape) * itemsize > limit:
        raise OutputError(
            "chunks too large",
            where=str(file),
            expected=f"at most {limit >> 20} MiB",
            got=short(chunk_shape),
            remedy="write one image per chunk",
        )


def _unpacked_size(path: Path, compressor: str, behind: int) -> int | None:
    """Decompressed size that a chunk declares, in bytes; None if it declares none, or several."""
    if not compressor:
        return path.stat().st_size
    with path.open("rb") as file:
        if compressor == "zstd":
            return _zstd_size(file)
        head = file.read(_BLOSC_HEADER.size)
        if len(head) < _BLOSC_HEADER.size:
            return None
        unpacked, packed = _BLOSC_HEADER.unpack(head)
        return int(unpacked) if packed == path.stat().st_size - behind else None


def _zstd_size(file: BinaryIO) -> int | None:
    """Size in the header of a file's only Zstandard frame (RFC 8878, 3.1.1); None otherwise."""
    if file.read(4) != b"\x28\xb5\x2f\xfd":
        return None
    descriptor = int.from_bytes(file.read(1), "little")
    single_segment, checksum = descriptor >> 5 & 1, descriptor >> 2 & 1
    length = (single_segment, 2, 4, 8)[descriptor >> 6]
    file.seek((not single_segment) + (0, 1, 2, 4)[descriptor & 3], 1)
    field = file.read(length)
    if not field:
        return None
    # A second frame would be decompressed too: only a checksum may follow the last block.
    last = False
    while not last:
        header = file.read(3)
        if len(header) < 3:
            return None
        last, kind = bool(header[0] & 1), header[0] >> 1 & 3
        file.seek(1 if kind == 1 else int.from_bytes(header, "little") >> 3, 1)
    file.seek(4 * checksum, 1)
    if len(file.read(_CHECKSUM_BYTES + 1)) > _CHECKSUM_BYTES:
        return None
    return int.from_bytes(field, "little") + (256 if length == 2 else 0)


@contextmanager
def _as_output_error(array: Path) -> Iterator[None]:
    # Codecs fail in many ways; for the user, each of them means a damaged array.
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
