"""Periodic cell of a frame: its padding, and the grids of the wave, its spectrum and its image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from tembench.recipe import Frame, Physics

# Atoms are spread and transmission functions are multiplied within two thirds of a grid's band.
_BAND = 2 / 3


@dataclass(frozen=True, kw_only=True)
class PaddedCell:
    """Periodic cell that a frame lies in, a whole number of pixels wide and high.

    Shapes are (y, x), lengths (x, y), as everywhere.

    Attributes
    ----------
    frame_px, cell_px : tuple of int
        Height and width of the frame and of the cell, in pixels.
    offset_px : tuple of int
        Row and column of the cell where the frame begins.
    pixel_size_A : float
        Size of a pixel.
    wave_shape : tuple of int
        Grid of the multislice.
    spectrum_shape : tuple of int
        Grid of the stored spectrum: odd, the least that holds all frequencies in the aperture.
    image_shape : tuple of int
        Grid that intensities are formed on. They hold twice the aperture, without aliasing.
    """

    frame_px: tuple[int, int]
    cell_px: tuple[int, int]
    offset_px: tuple[int, int]
    pixel_size_A: float
    wave_shape: tuple[int, int]
    spectrum_shape: tuple[int, int]
    image_shape: tuple[int, int]

    @property
    def extent_A(self) -> tuple[float, float]:
        """Width and height of the cell."""
        return self.cell_px[1] * self.pixel_size_A, self.cell_px[0] * self.pixel_size_A

    @property
    def origin_A(self) -> tuple[float, float]:
        """Place of the frame's upper left corner in the cell, x and y."""
        return self.offset_px[1] * self.pixel_size_A, self.offset_px[0] * self.pixel_size_A

    def frequencies(self, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies of a grid of this cell: ky of shape (y, 1) and kx of shape (x,), in 1/A."""
        width, height = self.extent_A
        ky = np.fft.fftfreq(shape[0], height / shape[0])
        return ky[:, None], np.fft.fftfreq(shape[1], width / shape[1])


def plan_cell(
    frame: Frame[float], physics: Physics, padding_A: float, aperture_per_A: float
) -> PaddedCell:
    """Plan the cell of a frame.

    Parameters
    ----------
    frame : Frame
        Size of the image and of a pixel.
    physics : Physics
        Its `wave_sampling_A` is the coarsest sampling of the wave.
    padding_A : float
        Least distance from the frame to the cell's edge, on each side.
    aperture_per_A : float
        Largest frequency of the stored spectrum.

    Returns
    -------
    PaddedCell
        Numbers of points have no prime factor above 5, so that transforms are fast, that of the
        cell's pixels none above 13: larger cells cost more. The padding is the larger for it.
    """
    from scipy.fft import next_fast_len

    pixel = frame.pixel_size_A
    margin = ceil(padding_A / pixel - 1e-9)
    cell = tuple(padded_pixels(count, margin) for count in frame.shape)
    lengths = [count * pixel for count in cell]
    # The antialiasing aperture ends in a taper, a hundredth of the sampling frequency wide.
    finest = aperture_per_A / (_BAND - 0.02) * 2
    sampling = max(1 / physics.wave_sampling_A, finest)
    orders = [floor(aperture_per_A * length + 1e-9) for length in lengths]
    return PaddedCell(
        frame_px=frame.shape,
        cell_px=_pair(cell),
        offset_px=_pair((all_px - own) // 2 for all_px, own in zip(cell, frame.shape, strict=True)),
        pixel_size_A=pixel,
        wave_shape=_pair(
            next_fast_len(ceil(length * sampling - 1e-9), real=True) for length in lengths
        ),
        spectrum_shape=_pair(2 * order + 1 for order in orders),
        image_shape=_pair(next_fast_len(4 * order + 1, real=True) for order in orders),
    )


def padded_pixels(count: int, margin: int) -> int:
    """Pixels of a cell along one side: the frame's with a margin, and without primes above 13.

    Parameters
    ----------
    count, margin : int
        Pixels of the frame, and the least number on each side of it.
    """
    least = count + 2 * margin
    for pixels in range(least, 2 * least + 1):
        rest = pixels
        for prime in (2, 3, 5, 7, 11, 13):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return pixels
    return least


def _pair(values: Iterable[int]) -> tuple[int, int]:
    first, second = values
    return int(first), int(second)
