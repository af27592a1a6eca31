"""Options for image files, as the user gives them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tembench.core import ImageError


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """The user's options for image files.

    Attributes
    ----------
    frame : int, tuple of int, "sum" or None
        Index of the frame in a stack, the first and last of several, or the sum of all frames;
        None for every frame.
    dataset : int or None
        Index of the image in a file that contains several.
    pixel_size_A : float or None
        Pixel size in angstrom, instead of that in the file.
    dose_e_per_px : float or None
        Electrons per pixel in vacuum: of the file, or of the noise drawn for a clean image.
    gain : float or None
        Stored units per electron.
    offset : float or None
        Stored value without electrons.
    allow_negative : bool
        Accept negative counts, as read noise produces them.
    mask_outliers : bool
        Replace hot, dead and empty pixels by counts of their neighbours.
    add_noise : bool
        The files are clean images: draw shot noise first.
    vacuum : float or None
        Stored value of vacuum in a clean image.
    seed : int
        Seed of the shot noise, and of the positions of electrons resampled to other pixels.
    """

    frame: int | tuple[int, int] | str | None = None
    dataset: int | None = None
    pixel_size_A: float | None = None
    dose_e_per_px: float | None = None
    gain: float | None = None
    offset: float | None = None
    allow_negative: bool = False
    mask_outliers: bool = False
    add_noise: bool = False
    vacuum: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that are not finite, or not positive where they must be."""
        if self.offset is not None and not math.isfinite(self.offset):
            raise ImageError("impossible offset", expected="a finite number", got=f"{self.offset}")
        for name in ("pixel_size_A", "dose_e_per_px", "gain", "vacuum"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ImageError(
                    f"impossible {name}", expected="a finite number above 0", got=f"{value:g}"
                )
