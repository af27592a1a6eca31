"""TIFF files read page by page: uncompressed, or deflated to no more than a page holds.

Other compressions are refused, since their decoders take memory before they can be bounded.
"""

from __future__ import annotations

import logging
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import OutputError
from tembench.ranking.untrusted_images.image_stack import (
    ImageStack,
    as_float32,
    check_count,
    check_shape,
    plain_dtype,
    reading,
)

_PLAIN = 1
_DEFLATED = (8, 32946)
_GREY = 1  # MINISBLACK
_AS_IT_IS = 1
_PIECE = 1 << 20


def tiff_images(path: Path, shape: tuple[int, int], most: int) -> ImageStack:
    """All pages of a file; parameters as of `open_images`."""
    pages = 0
    with _opened(path) as file:
        for page in file.pages:
            pages += 1
            check_count(pages, most, path)
            _check_page(page, shape, f"{path}: page {pages}")
    if not pages:
        raise OutputError("has no image", where=str(path))

    def images(start: int) -> Iterator[np.ndarray]:
        with _opened(path) as file:
            for position in range(start, pages):
                page = file.pages[position]
                _check_page(page, shape, f"{path}: page {position + 1}")
                _refuse_bombs(page)
                yield as_float32(page.asarray(maxworkers=1))

    return ImageStack(
        path=path,
        kind="pages of a TIFF file",
        shape=(pages, *shape),
        read=lambda position: next(images(position)),
        stream=images,
    )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An opened file; whatever is wrong with it is an OutputError."""
    import tifffile

    logger, faults = logging.getLogger("tifffile"), _Faults()
    logger.addHandler(faults)
    try:
        with reading(path):
            with tifffile.TiffFile(path) as file:
                yield file
            # The library reports a damaged page, and goes on as if the file ended there.
            if faults.texts:
                raise ValueError(faults.texts[0])
    finally:
        logger.removeHandler(faults)


class _Faults(logging.Handler):
    """Errors that the library reports without raising them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def _check_page(page: Any, shape: tuple[int, int], where: str) -> None:
    plain_dtype(np.dtype(page.dtype or "V1").str, where)
    check_shape(tuple(page.shape), shape, where)
    compression, photometric = int(page.compression), int(page.photometric)
    if compression != _PLAIN and compression not in _DEFLATED:
        raise _refused("compressed in a way that is not read", where, "no compression, or Deflate")
    if photometric != _GREY or page.samplesperpixel != 1:
        raise _refused("not a grey image", where, "one number per pixel, black as 0")
    orientation = page.tags.get("Orientation")
    if orientation is not None and orientation.value != _AS_IT_IS:
        raise _refused("has the tag Orientation", where, "the first row at the top")
    stored = sum(page.databytecounts)
    whole = math.prod(shape) * np.dtype(page.dtype).itemsize
    if compression == _PLAIN and stored != whole and not page.is_tiled:
        raise _refused("not of the size that its shape needs", where, f"{whole} bytes")
    if stored > 2 * whole + _PIECE:
        raise _refused("larger than its shape needs", where, f"{whole} bytes")


def _refuse_bombs(page: Any) -> None:
    """Unpack each part of a deflated page, to no more than the page holds."""
    if int(page.compression) not in _DEFLATED:
        return
    # A tile may reach beyond the page.
    limit = max(page.nbytes, math.prod(page.chunks) * page.dtype.itemsize)
    for start, size in zip(page.dataoffsets, page.databytecounts, strict=True):
        file, packed = zlib.decompressobj(), 0
        page.parent.filehandle.seek(start)
        pending = page.parent.filehandle.read(size)
        while pending and not file.eof:
            packed += len(file.decompress(pending, _PIECE))
            pending = file.unconsumed_tail
            if packed > limit:
                raise ValueError("it unpacks to more than a page")


def _refused(what: str, where: str, expected: str) -> OutputError:
    return OutputError(
        what,
        where=where,
        expected=expected,
        remedy="save it with: tifffile.imwrite(file, array.astype('float32'))",
    )
