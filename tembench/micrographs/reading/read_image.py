"""Reading of one image from a microscope file: its values and pixel size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import ImageError, available_memory_bytes
from tembench.micrographs.formats import SUFFIXES
from tembench.micrographs.reading.stack import Stack, open_stack
from tembench.micrographs.reading.units import checked

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
    pixel_sizes_A : tuple of float or None
        Pixel size along y and x in angstrom; None if unknown.
    in_electrons : bool
        Whether the file states that the values are electrons.
    notes : tuple of str
        One line for each choice made in interpreting the file.
    """

    path: Path
    values: np.ndarray
    pixel_sizes_A: tuple[float, float] | None
    in_electrons: bool = False
    notes: tuple[str, ...] = ()

    @property
    def pixel_size_A(self) -> float | None:
        """The smaller of the two pixel sizes."""
        return None if self.pixel_sizes_A is None else min(self.pixel_sizes_A)


def read_micrograph(
    path: Path,
    *,
    frame: int | tuple[int, int] | str | None = None,
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
    dataset, pixel_size_A, gain
        As for `tembench.micrographs.reading.stack.open_stack`.

    Raises
    ------
    ImageError
        If the file cannot be used, in one line.
    """
    options = {"dataset": dataset, "pixel_size_A": pixel_size_A, "gain": gain}
    with open_stack(path, **options) as stack:  # type: ignore[arg-type]
        check_memory(stack.shape)
        values = stack.sum() if frame == "sum" else stack.frame(_number(stack, frame))
        return micrograph_of(stack, values)


def micrograph_of(stack: Stack, values: np.ndarray) -> Micrograph:
    """Return values of a stack, such as a frame, with what its file says of them.

    Raises
    ------
    ImageError
        If atoms cannot be seen at the pixel size.
    """
    for size in stack.pixel_sizes_A or ():
        checked(size)
    return Micrograph(
        path=stack.path,
        values=values,
        pixel_sizes_A=stack.pixel_sizes_A,
        in_electrons=stack.in_electrons,
        notes=stack.notes,
    )


def _number(stack: Stack, frame: int | tuple[int, int] | str | None) -> int:
    if stack.frame_axis is None:
        if frame not in (None, 0):
            raise ImageError("has only one frame", got=f"--frame {frame}", remedy="Omit --frame")
        return 0
    if frame is None or isinstance(frame, tuple):
        stack.refuse_spectra()
        raise ImageError(
            f"is a stack of {stack.n_frames} frames",
            expected="one image",
            remedy=f"Choose one with --frame 0 to {stack.n_frames - 1}, or add them all with "
            "--frame sum",
        )
    return int(frame)


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
