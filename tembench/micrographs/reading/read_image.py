"""Reading of one image from a microscope file: the image chosen, its values and pixel size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from tembench.core import ImageError, MissingPackage, available_memory_bytes
from tembench.micrographs.formats import SUFFIXES, Axis, StoredImage, open_images
from tembench.micrographs.reading.units import checked, is_energy, pixel_size_of

__all__ = ["SUFFIXES", "Micrograph", "check_memory", "read_micrograph"]

# Peak memory per pixel: values as read, counts, result, and splines in double precision.
_BYTES_PER_PX = 40


@dataclass(frozen=True, kw_only=True)
class Micrograph:
    """An image as read from its file.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    values : numpy.ndarray
        (y, x), integers or real numbers: the stored numbers, or the calibrated values if the file
        has a calibration.
    pixel_size_A : float or None
        Pixel size in angstrom; None if unknown.
    in_electrons : bool
        Whether the file states that the values are electrons.
    notes : tuple of str
        One line for each choice made in interpreting the file.
    """

    path: Path
    values: np.ndarray
    pixel_size_A: float | None
    in_electrons: bool = False
    notes: tuple[str, ...] = ()


def read_micrograph(
    path: Path,
    *,
    frame: int | str | None = None,
    dataset: int | None = None,
    pixel_size_A: float | None = None,
    gain: float | None = None,
) -> Micrograph:
    """Read one image; of a stack, only the frames that are needed.

    Parameters
    ----------
    path : pathlib.Path
        The file; its suffix, one of `SUFFIXES`, determines the format.
    frame : int or "sum", optional
        Index of a frame in a stack, or the sum of all frames.
    dataset : int, optional
        Index of an image in a file that contains several.
    pixel_size_A : float, optional
        Pixel size in angstrom, instead of that in the file.
    gain : float, optional
        Stored value of one electron, by which the caller will divide: the file's own value of it
        is then ignored.

    Raises
    ------
    ImageError
        If the file cannot be used, in one line.
    """
    path = Path(path)
    log: list[str] = []
    notes: list[str] = []
    try:
        with open_images(path, log) as images:
            image = _choose(images, dataset, notes)
            planes = _planes(image, frame)
            check_memory((image.y.size, image.x.size))
            if pixel_size_A is None:
                pixel_size_A = pixel_size_of((image.y, image.x))
            if pixel_size_A is not None:
                checked(pixel_size_A)
            values, in_electrons = _values(image, planes, gain, notes)
    except (ImageError, MissingPackage) as problem:
        raise problem.at(path) from problem.__cause__
    return Micrograph(
        path=path,
        values=values,
        pixel_size_A=pixel_size_A,
        in_electrons=in_electrons,
        notes=(*image.notes, *notes, *log),
    )


def check_memory(*shapes: tuple[int, ...]) -> None:
    """Refuse images of these shapes if they do not fit into memory, before allocating any."""
    needed = _BYTES_PER_PX * sum(int(np.prod(shape, dtype=np.float64)) for shape in shapes)
    available = available_memory_bytes()
    if needed > available:
        size = " and ".join(f"{' x '.join(map(str, shape[::-1]))} px" for shape in shapes)
        raise ImageError(
            "does not fit into memory",
            expected=f"at most {available / 1e9:.1f} GB",
            got=f"{needed / 1e9:.1f} GB for {size}",
            remedy="Split the image into parts",
        )


def _choose(images: Sequence[StoredImage], dataset: int | None, notes: list[str]) -> StoredImage:
    """Return the image asked for, or the only one that is not a thumbnail or picture of another."""
    if not images:
        raise ImageError("contains no image", expected="an array of at least two dimensions")
    if dataset is not None:
        if not 0 <= dataset < len(images):
            raise ImageError(
                f"has no image {dataset}",
                expected=f"0 to {len(images) - 1}",
                remedy="Choose another with --dataset",
            )
        return images[dataset]
    main = [image for image in images if not image.minor] or images
    if len(main) > 1:
        listed = "; ".join(f"{i}: {_label(image)}" for i, image in enumerate(images[:16]))
        raise ImageError(
            f"contains {len(images)} images", got=listed, remedy="Choose one with --dataset N"
        )
    if len(images) > 1:
        left = ", ".join(f"{image.minor} {_label(image)}" for image in images if image.minor)
        notes.append(f"the file contains more, which is ignored: {left}")
    return main[0]


def _label(image: StoredImage) -> str:
    return f"{image.title} {' x '.join(map(str, image.shape))}".strip()


def _planes(image: StoredImage, frame: int | str | None) -> Iterator[tuple[int, ...]]:
    """Return the indices of the frames to add up."""
    _refuse_other_data(image)
    if not image.frames:
        if frame not in (None, 0, "sum"):
            raise ImageError("has only one frame", got=f"--frame {frame}", remedy="Omit --frame")
        return iter([()])
    if len(image.frames) > 1:
        raise ImageError(
            "is not an image",
            expected="two dimensions, or a stack of frames",
            got=" x ".join(_named(axis) for axis in (*image.frames, image.y, image.x)),
        )
    (along,) = image.frames
    if frame == "sum":
        return product(range(along.size))
    if frame is None:
        raise ImageError(
            f"is a stack of {along.size} {_kind(along)}",
            expected="one image",
            remedy=f"Choose one with --frame 0 to {along.size - 1}, or add them all with "
            "--frame sum",
        )
    if not 0 <= int(frame) < along.size:
        raise ImageError(
            f"has no frame {frame}",
            expected=f"0 to {along.size - 1}",
            remedy="Choose another --frame",
        )
    return iter([(int(frame),)])


def _named(axis: Axis) -> str:
    return f"{axis.size} ({axis.name})" if axis.name else str(axis.size)


def _kind(axis: Axis) -> str:
    """Return the word for the frames along an axis."""
    if is_energy(axis.name, axis.units):
        return f"energies or wavelengths ({axis.units or axis.name}), probably a spectrum image"
    return "frames"


def _refuse_other_data(image: StoredImage) -> None:
    if image.refusal is not None:
        raise image.refusal
    for axis in (image.y, image.x):
        if is_energy(axis.name, axis.units):
            raise ImageError(
                "is a set of spectra",
                expected="an image",
                got=f"an axis of {axis.size} energies or wavelengths ({axis.units or axis.name})",
            )
    if image.dtype.names or image.dtype.kind not in "uifb":
        kind = "complex numbers" if image.dtype.kind == "c" else str(image.dtype)
        raise ImageError("does not contain real numbers", expected="counts", got=kind)
    if 0 in (image.y.size, image.x.size):
        raise ImageError("has no pixels")


def _values(
    image: StoredImage, planes: Iterator[tuple[int, ...]], gain: float | None, notes: list[str]
) -> tuple[np.ndarray, bool]:
    """Read frame by frame; return the sum of the values, and whether they are electrons."""
    line = image.calibration
    keep_slope = gain is None or line is None or not line.in_electrons
    if line is not None:
        notes.append(line.note(keep_slope=keep_slope))
    total = np.zeros(0)
    for i, index in enumerate(planes):
        # A copy in the native byte order: compiled code accepts no other.
        values = np.array(image.read(index), dtype=image.dtype.newbyteorder("="))
        if line is not None:
            values = line.apply(values, keep_slope=keep_slope)
        if i == 0:
            total, kind = values, values.dtype
        else:
            total = total.astype(_wide(kind), copy=False)
            total += values
    if kind.kind == "f":
        total = total.astype(kind, copy=False)
    return total, line is not None and line.in_electrons and keep_slope


def _wide(dtype: np.dtype) -> np.dtype:
    """Return the type in which sums of a type do not overflow."""
    return np.dtype({"f": "f8", "u": "u8"}.get(dtype.kind, "i8"))
