"""One image from a file of a microscope's software.

RosettaSciIO reads the formats; here it is asked for the description first, and for the values only
once they are known to be one image that fits into memory.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.errors import ImageError, MissingPackage
from tembench.methods.code import one_line
from tembench.methods.memory import available_memory_bytes
from tembench.methods.micrographs.units import checked, pixel_size_of
from tembench.packages import missing_package

_READERS = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".mrc": "mrc",
    ".dm3": "digitalmicrograph",
    ".dm4": "digitalmicrograph",
    ".emd": "emd",
}
SUFFIXES = (*_READERS, ".npy")
# Of an image at once: as read, as counts, denoised, and splines in double precision between.
_BYTES_PER_PX = 40


@dataclass(frozen=True, kw_only=True)
class Micrograph:
    """An image as its file has it.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    values : numpy.ndarray
        (y, x), whole or real numbers, as stored.
    pixel_size_A : float or None
        Sampling, angstrom per pixel; None where nobody says it.
    """

    path: Path
    values: np.ndarray
    pixel_size_A: float | None


def read_micrograph(
    path: Path,
    *,
    frame: int | str | None = None,
    dataset: int | None = None,
    pixel_size_A: float | None = None,
) -> Micrograph:
    """Read one image.

    Parameters
    ----------
    path : pathlib.Path
        The file; its suffix says the format, one of `SUFFIXES`.
    frame : int or "sum", optional
        Which of a stack of frames, or their sum.
    dataset : int, optional
        Which of several images in a file.
    pixel_size_A : float, optional
        Instead of what the file says.

    Raises
    ------
    ImageError
        Whatever is wrong with the file, in one line.
    """
    path = Path(path)
    try:
        image = _choose(_images(path), dataset)
        data, axes = _select_frame(_grey(image["data"]), list(image["axes"]), frame)
        needs_memory(data.shape)
        if pixel_size_A is None:
            pixel_size_A = pixel_size_of(axes, _description(image))
        if pixel_size_A is not None:
            checked(pixel_size_A)
        values = _values(data, path.suffix.lower())
    except (ImageError, MissingPackage) as problem:
        raise problem.at(path) from problem.__cause__
    return Micrograph(path=path, values=values, pixel_size_A=pixel_size_A)


def needs_memory(*shapes: tuple[int, ...]) -> None:
    """Refuse images of these shapes, before anything is allocated, if they cannot fit."""
    needed = _BYTES_PER_PX * sum(int(np.prod(shape, dtype=np.float64)) for shape in shapes)
    available = available_memory_bytes()
    if needed > available:
        size = " and ".join(f"{' x '.join(map(str, shape[::-1]))} px" for shape in shapes)
        raise ImageError(
            "is larger than memory",
            expected=f"at most {available / 1e9:.1f} GB",
            got=f"{needed / 1e9:.1f} GB for {size}",
            remedy="Cut the image into parts",
        )


def _images(path: Path) -> list[Mapping[str, Any]]:
    """Return all data sets of a file as RosettaSciIO describes them, values not yet read."""
    suffix = path.suffix.lower()
    if not path.is_file():
        raise ImageError("is not a file" if path.exists() else "no such file")
    if suffix not in SUFFIXES:
        raise ImageError(
            "is of an unknown format",
            expected=", ".join(SUFFIXES),
            got=suffix or "no suffix",
            remedy="Save it as TIFF with its pixel size",
        )
    if path.stat().st_size == 0:
        raise ImageError("is empty", remedy="Copy it again")
    if suffix == ".npy":
        return [_npy(path)]
    with _as_image_error(suffix):
        reader = importlib.import_module(f"rsciio.{_READERS[suffix]}")
    # A file of this name may bring others with it, which are no images of ours.
    options = {"metadata_file": None} if suffix == ".mrc" else {}
    lazy = not suffix.startswith(".tif")
    with _as_image_error(suffix):
        if not lazy:
            # The lazy reader leaves its file open.
            _try_tiff(path)
        images: list[Mapping[str, Any]] = reader.file_reader(str(path), lazy=lazy, **options)
    if suffix == ".mrc":
        _forget_unstated_size(images)
    return images


def _try_tiff(path: Path) -> None:
    """Read once in a way that closes the file if that fails; RosettaSciIO's reader does not."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        for series in file.series:
            needs_memory(tuple(series.shape))
            series.asarray()


def _npy(path: Path) -> Mapping[str, Any]:
    with _as_image_error(".npy"):
        data = np.load(path, mmap_mode="r", allow_pickle=False)
    return {"data": data, "axes": [{"scale": 1.0, "units": ""}] * data.ndim}


@contextmanager
def _as_image_error(form: str) -> Iterator[None]:
    """Tell in one line whatever a reader of files raises on one that it cannot read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (MemoryError, ImageError, MissingPackage):
        raise
    except Exception as problem:
        if missing := missing_package(problem, form):
            raise missing from problem
        raise ImageError(
            f"cannot be read as {form}",
            got=f"{type(problem).__name__}: {one_line(problem)[:200]}",
            remedy="It may be truncated or of another format: open it where it was made",
        ) from problem


def _forget_unstated_size(images: list[Mapping[str, Any]]) -> None:
    # RosettaSciIO takes 1 nm where the header has no sampling.
    for image in images:
        header = image.get("original_metadata", {}).get("std_header", {})
        if not header.get("MX") and "fei_header" not in image.get("original_metadata", {}):
            for axis in image["axes"]:
                axis["units"] = ""


def _choose(images: list[Mapping[str, Any]], dataset: int | None) -> Mapping[str, Any]:
    planar = [image for image in images if np.ndim(image["data"]) >= 2]
    if not planar:
        raise ImageError("has no image in it", got=f"{len(images)} data sets that are none")
    if dataset is not None:
        if not 0 <= dataset < len(planar):
            raise ImageError(
                f"has no image {dataset}",
                expected=f"0 to {len(planar) - 1}",
                remedy="Choose another with --dataset",
            )
        return planar[dataset]
    if len(planar) > 1:
        listed = "; ".join(f"{i}: {_label(image)}" for i, image in enumerate(planar[:8]))
        raise ImageError(
            f"has {len(planar)} images in it", got=listed, remedy="Choose one with --dataset N"
        )
    return planar[0]


def _label(image: Mapping[str, Any]) -> str:
    title = image.get("metadata", {}).get("General", {}).get("title", "")
    shape = " x ".join(str(side) for side in np.shape(image["data"]))
    return f"{title} {shape}".strip()


def _grey(data: Any) -> Any:
    """Refuse what is not one real number a pixel."""
    kind = data.dtype.kind
    if data.dtype.names or (data.ndim == 3 and data.shape[-1] in (3, 4) and data.shape[0] > 4):
        raise ImageError(
            "is a colour image",
            expected="one count per pixel",
            remedy="Take the file that the camera wrote; a picture of it has lost the counts",
        )
    if kind not in "uifb":
        raise ImageError("has no real numbers in it", expected="counts", got=str(data.dtype))
    return data


def _select_frame(data: Any, axes: list[Any], frame: int | str | None) -> tuple[Any, list[Any]]:
    """Return one image of a stack, and its axes."""
    if data.ndim == 2:
        if frame not in (None, 0, "sum"):
            raise ImageError("has one frame only", got=f"--frame {frame}", remedy="Leave it out")
        return data, axes
    if data.ndim > 3:
        shape = " x ".join(map(str, data.shape))
        raise ImageError("is no image", expected="two dimensions, or a stack", got=shape)
    along = next((i for i, axis in enumerate(axes) if axis.get("navigate")), 0)
    count = data.shape[along]
    axes = [axis for i, axis in enumerate(axes) if i != along]
    if frame == "sum":
        return data.sum(axis=along), axes
    if frame is None:
        raise ImageError(
            f"is a stack of {count} frames",
            expected="one image",
            remedy=f"Choose one with --frame 0 to {count - 1}, or add them up with --frame sum",
        )
    if not 0 <= int(frame) < count:
        raise ImageError(
            f"has no frame {frame}", expected=f"0 to {count - 1}", remedy="Choose another --frame"
        )
    where: list[Any] = [slice(None)] * 3
    where[along] = int(frame)
    return data[tuple(where)], axes


def _description(image: Mapping[str, Any]) -> str:
    found = image.get("original_metadata", {}).get("ImageDescription", "")
    return found if isinstance(found, str) else ""


def _values(data: Any, suffix: str) -> np.ndarray:
    if 0 in data.shape:
        raise ImageError("has no pixels")
    with _as_image_error(suffix):
        values = np.asarray(data)
    # Byte orders of other machines are refused by compiled code.
    return values.astype(values.dtype.newbyteorder("="), copy=False)
