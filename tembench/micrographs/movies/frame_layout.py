"""Layout of a denoised movie: shape, pixel sizes, time, and the record that goes with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.micrographs.formats import Axis

NM_PER_A = 0.1


@dataclass(frozen=True, kw_only=True)
class FrameLayout:
    """Layout of the frames of a denoised movie, float32, electrons per pixel.

    Attributes
    ----------
    shape : tuple of int
        (frames, y, x).
    pixel_sizes_A : tuple of float
        Pixel size along y and x.
    frame_axis : Axis
        Axis of the frames in the file: its name, step and unit.
    title : str
        Title of the movie.
    record : str
        The record of what made it, JSON.
    """

    shape: tuple[int, int, int]
    pixel_sizes_A: tuple[float, float]
    frame_axis: Axis
    title: str
    record: str

    @property
    def frame_bytes(self) -> int:
        """Size of a frame."""
        return 4 * self.shape[1] * self.shape[2]

    @property
    def interval_s(self) -> float | None:
        """Time from frame to frame in seconds; None if the file does not state it."""
        axis = self.frame_axis
        return abs(axis.scale) if axis.scale and axis.units == "s" else None

    @property
    def axes(self) -> tuple[tuple[str, float, str], ...]:
        """Name, step and unit of each axis: time (or frame), y, x."""
        first = ("frame", 1.0, "")
        if self.interval_s is not None:
            first = ("time", self.interval_s, "s")
        down, across = (size * NM_PER_A for size in self.pixel_sizes_A)
        return first, ("y", down, "nm"), ("x", across, "nm")

    def checked_frame(self, frame: np.ndarray) -> np.ndarray:
        """Return a frame as it is stored; ValueError for another shape."""
        if frame.shape != self.shape[1:]:
            raise ValueError(f"a frame of {self.shape[1:]} expected, got {frame.shape}")
        return np.ascontiguousarray(frame, dtype="<f4")
