"""TIFF files, read page by page by tifffile.

Pixel sizes are in ``tiff_tags``, calibrations of values in ``tiff_values``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from tembench.core import ImageError
from tembench.micrographs.formats import frame_steps, tiff_tags, tiff_values
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import StoredImage, arranged, colour_image

_NAMES = {"Y": "y", "X": "x", "T": "time", "C": "channel", "Z": "z", "L": "wavelength"}
_GREY = ("MINISBLACK", "PALETTE", "LINEAR_RAW")
_WITH_LOSS = ("JPEG", "OJPEG", "JPEGXR", "JPEG_2000_LOSSY", "WEBP", "JETRAW", "LERC")


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield all images and stacks of a TIFF file; it stays open until the end."""
    with tifffile.TiffFile(path) as file:
        yield [_image(path, file, i) for i in range(len(file.series))]


def _image(path: Path, file: Any, position: int) -> StoredImage:
    series = file.series[position]
    page = series.keyframe
    # Of several samples per pixel, the first is the grey value.
    axes = [
        Axis(name=_NAMES.get(code, ""), size=1 if code == "S" else size)
        for code, size in zip(series.axes, series.shape, strict=True)
    ]
    notes: list[str] = []
    stated = tiff_tags.pixel_size(file, page, position, notes)
    axes = [
        replace(axis, scale=stated[axis.name][0], units=stated[axis.name][1])
        if axis.name in stated
        else axis
        for axis in axes
    ]
    axes = frame_steps.with_frame_steps(axes, file, page, position)
    refusal = _refusal(page)
    if refusal is None:
        notes += _remarks(page)
    array = _Pages(path, file, series, page)
    image = arranged(
        array,
        axes,
        title=str(series.name or ""),
        calibration=tiff_values.calibration_of(page, notes),
        refusal=refusal,
        minor=_minor(page, refusal),
    )
    return _turned(replace(image, notes=tuple(notes)), page)


def _refusal(page: Any) -> ImageError | None:
    kind = getattr(page.photometric, "name", str(page.photometric))
    if kind == "MINISWHITE":
        return ImageError(
            "is stored as a negative, with white as 0",
            expected="larger values for more electrons",
            remedy="Invert it in the program that wrote it, and save it with black as 0",
        )
    if kind not in _GREY or _samples(page) > 1:
        return colour_image()
    return None


def _samples(page: Any) -> int:
    """Number of samples per pixel without extra ones such as transparency."""
    return int(page.samplesperpixel) - len(page.extrasamples)


def _remarks(page: Any) -> list[str]:
    found = []
    if page.samplesperpixel > 1:
        found.append("its second channel, transparency, is ignored")
    if getattr(page.photometric, "name", "") == "PALETTE":
        found.append("it has a colour table: its stored numbers are used, not the colours")
    if getattr(page.compression, "name", "") in _WITH_LOSS:
        found.append(
            f"its compression ({page.compression.name}) may be lossy: the numbers may differ from "
            "those that the camera recorded"
        )
    return found


def _minor(page: Any, refusal: ImageError | None) -> str:
    if page.is_reduced:
        return "thumbnail"
    return "picture" if refusal is not None and "colour" in refusal.what else ""


class _Pages:
    """A series as an array of pages, read one page at a time.

    Indexed by an integer for each leading axis, then by any index within the page.
    """

    def __init__(self, path: Path, file: Any, series: Any, page: Any) -> None:
        self.dtype = np.dtype(series.dtype or "V1")
        self._series, self._page = series, page
        self._whole = self._mapped(path, file, series)

    def _mapped(self, path: Path, file: Any, series: Any) -> Callable[[], Any] | None:
        """Return a memory map of values that are stored uncompressed and contiguous."""
        if series.dataoffset is None:
            return None
        dtype = self.dtype.newbyteorder(file.byteorder)
        end = series.dataoffset + int(np.prod(series.shape, dtype=object)) * dtype.itemsize
        if end > file.filehandle.size:
            raise _truncated(end, file.filehandle.size)
        return lambda: np.memmap(
            path, dtype=dtype, mode="r", offset=series.dataoffset, shape=series.shape
        )

    def __getitem__(self, where: tuple[Any, ...]) -> np.ndarray:
        if self._whole is not None:
            return np.asarray(self._whole()[where])
        leading = self._series.shape[: len(self._series.shape) - self._page.ndim]
        index, within = where[: len(leading)], where[len(leading) :]
        as_pages = self._page.shape == self._series.shape[len(leading) :]
        if not as_pages or len(self._series) != int(np.prod(leading, dtype=object)):
            return np.asarray(self._series.asarray()[where])
        if not all(isinstance(i, int) for i in index):
            return np.asarray(self._series.asarray()[where])
        page = self._series[int(np.ravel_multi_index(index, leading)) if leading else 0]
        if page is None:
            raise ImageError("lacks this frame", got="no page for it", remedy="Copy it again")
        _check_length(page)
        return np.asarray(page.asarray()[within])


def _check_length(page: Any) -> None:
    ends = zip(page.dataoffsets, page.databytecounts, strict=False)
    end = max((offset + count for offset, count in ends), default=0)
    size = page.parent.filehandle.size
    if end > size:
        raise _truncated(end, size)


def _truncated(expected: int, got: int) -> ImageError:
    return ImageError(
        "is truncated", expected=f"{expected} bytes", got=str(got), remedy="Copy it again"
    )


def _turned(image: StoredImage, page: Any) -> StoredImage:
    """Orient the image with its first row at the top and its first column at the left."""
    tag = page.tags.get("Orientation")
    orientation = int(tag.value) if tag is not None else 1
    if not 2 <= orientation <= 8:
        return image
    transposed = orientation >= 5
    flips = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
    down, across = flips[orientation]

    def read(index: tuple[int, ...]) -> np.ndarray:
        plane = image.read(index)
        return (plane.T if transposed else plane)[::down, ::across]

    note = f"it was rotated or mirrored according to its tag Orientation ({orientation})"
    y, x = (image.x, image.y) if transposed else (image.y, image.x)
    return replace(image, y=y, x=x, read=read, notes=(*image.notes, note))
