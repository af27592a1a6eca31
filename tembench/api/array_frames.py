"""Frames of a caller's array, as images of a file: those of HyperSpy's signals, napari's layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.micrographs.denoising.frame_denoiser import sampled_numbers
from tembench.micrographs.reading.read_image import Micrograph
from tembench.micrographs.reading.units import checked


@dataclass(frozen=True, kw_only=True)
class ArrayFrames:
    """What is known of all images of an array (..., y, x), without their values.

    Attributes
    ----------
    title : str
        Name of the array, for errors.
    shape : tuple of int
        Shape of the axes before y and x; none for a single image.
    pixel_sizes_A : tuple of float or None
        Pixel size along y and x in angstrom; None if unknown.
    offset : float
        Value of no electron, which is subtracted.
    notes : tuple of str
        One line for each choice made in interpreting the array.
    label : callable
        From the index of a frame to its name in errors.

    Raises
    ------
    ImageError
        If atoms cannot be seen at the pixel size.

    Examples
    --------
    >>> frames = ArrayFrames(title="movie", shape=(2, 3), pixel_sizes_A=(0.1, 0.1))
    >>> [index for index, _ in frames.samples(np.ones((2, 3, 8, 8)))]
    [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2)]
    """

    title: str
    shape: tuple[int, ...]
    pixel_sizes_A: tuple[float, float] | None
    offset: float = 0.0
    notes: tuple[str, ...] = ()
    label: Callable[[tuple[int, ...]], str] = str

    def __post_init__(self) -> None:
        """Refuse pixel sizes of other microscopes."""
        for size in self.pixel_sizes_A or ():
            checked(size)

    def __len__(self) -> int:
        """Number of frames."""
        return int(np.prod(self.shape, dtype=int))

    def indices(self) -> Iterator[tuple[int, ...]]:
        """Yield the index of each frame, in their order."""
        return np.ndindex(*self.shape)

    def number(self, index: tuple[int, ...]) -> int:
        """Return the number of a frame in their order."""
        return int(np.ravel_multi_index(index, self.shape)) if self.shape else 0

    def samples(self, data: Any) -> Iterator[tuple[tuple[int, ...], Micrograph]]:
        """Yield the index and the image of a few frames, those of `sampled_numbers`."""
        for number in sampled_numbers(len(self)):
            found = np.unravel_index(number, self.shape) if self.shape else ()
            index = tuple(int(i) for i in found)
            yield index, self.frame(data[index], index)

    def frame(self, stored: Any, index: tuple[int, ...]) -> Micrograph:
        """Return one frame as an image.

        Parameters
        ----------
        stored : array-like
            Values (y, x): an array of NumPy, dask or another library.
        index : tuple of int
            Its index.
        """
        values = np.array(stored)
        values = values.astype(values.dtype.newbyteorder("="), copy=False)
        if self.offset:
            whole = values.dtype.kind in "uib" and float(self.offset).is_integer()
            kind = np.int64 if whole else np.float64
            values = values.astype(kind) - kind(self.offset)
        name = f"{self.title}, {self.label(index)}" if index else self.title
        return Micrograph(
            path=Path(name), values=values, pixel_sizes_A=self.pixel_sizes_A, notes=self.notes
        )
