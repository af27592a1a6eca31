"""Frames of a caller's array, as those of a file: of HyperSpy's signals, of napari's layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.micrographs import Axis, Stack, StoredImage, pixel_sizes_of


@dataclass(frozen=True, kw_only=True)
class ArrayFrames:
    """What is known of the frames of an array (..., y, x), without their values.

    Attributes
    ----------
    title : str
        Name of the array, for errors.
    shape : tuple of int
        Shape of the array.
    dtype : numpy.dtype
        Type of its values.
    pixel_sizes_A : tuple of float or None
        Pixel size along y and x in angstrom; None if unknown.
    notes : tuple of str
        One line for each choice made in interpreting the array.
    label : callable
        From the index of a frame to its name in errors.

    Examples
    --------
    >>> data = np.ones((2, 3, 64, 64), np.uint8)
    >>> frames = ArrayFrames(
    ...     title="movie", shape=data.shape, dtype=data.dtype, pixel_sizes_A=(0.1, 0.1)
    ... )
    >>> frames.stack(data).n_frames, frames.index(5), frames.where(5)
    (6, (1, 2), 'movie, (1, 2)')
    """

    title: str
    shape: tuple[int, ...]
    dtype: np.dtype
    pixel_sizes_A: tuple[float, float] | None
    notes: tuple[str, ...] = ()
    label: Callable[[tuple[int, ...]], str] = str

    def __len__(self) -> int:
        """Number of frames."""
        return int(np.prod(self.shape[:-2], dtype=int))

    def indices(self) -> Iterator[tuple[int, ...]]:
        """Yield the index of each frame, in the order of their numbers."""
        return np.ndindex(*self.shape[:-2])

    def index(self, number: int) -> tuple[int, ...]:
        """Return the index of a frame in the array, without those of its pixels."""
        return tuple(int(i) for i in np.unravel_index(number, self.shape[:-2] or (1,)))[
            : len(self.shape) - 2
        ]

    def number(self, index: tuple[int, ...]) -> int:
        """Return the number of the frame of an index."""
        return int(np.ravel_multi_index(index, self.shape[:-2])) if index else 0

    def where(self, number: int) -> str:
        """Return the name of a frame, for errors."""
        index = self.index(number)
        return f"{self.title}, {self.label(index)}" if index else self.title

    def stack(self, data: Any, first: int | None = None) -> Stack:
        """Return the frames as those of an open file.

        Parameters
        ----------
        data : array-like
            The array, of NumPy, dask or another library; read by frame.
        first : int, optional
            Number of the first frame of `data`, where that has only some of the frames (n, y, x).
        """

        def read(index: tuple[int, ...]) -> np.ndarray:
            number = index[0] if index else 0
            return np.asarray(data[self.index(number) if first is None else number - first])

        height, width = self.shape[-2:]
        several = len(self) > 1
        return Stack(
            path=Path(self.title),
            image=StoredImage(
                y=Axis(name="y", size=height),
                x=Axis(name="x", size=width),
                frames=(Axis(name="frame", size=len(self)),) if several else (),
                dtype=np.dtype(self.dtype),
                read=read,
                notes=self.notes,
            ),
            pixel_sizes_A=self.pixel_sizes_A,
            keep_slope=True,
        )


def pixel_sizes_from_units(
    scales: Sequence[float | None], units: Sequence[str]
) -> tuple[float, float] | None:
    """Return the pixel sizes along y and x in angstrom; None if there is no unit.

    Parameters
    ----------
    scales : sequence of float or None
        Steps along y and x.
    units : sequence of str
        Their units.

    Raises
    ------
    ImageError
        If a unit cannot be used, or pixels are far from square.

    Examples
    --------
    >>> pixel_sizes_from_units([0.01, 0.01], ["nm", "nm"])
    (0.1, 0.1)
    """
    y, x = (
        Axis(size=1, scale=scale, units=unit) for scale, unit in zip(scales, units, strict=True)
    )
    return pixel_sizes_of((y, x))
