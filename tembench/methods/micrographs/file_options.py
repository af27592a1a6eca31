"""Options of image files: what the user says of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tembench.core import ImageError


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What the user says of files.

    Attributes
    ----------
    frame : int, "sum" or None
        Of a stack.
    dataset : int or None
        Of several images in a file.
    pixel_size_A : float or None
        Instead of what a file says.
    dose_e_per_px : float or None
        Electrons per pixel in vacuum: of the file, or of the noisy image made from a clean one.
    gain : float or None
        Stored value of one electron.
    allow_negative : bool
        Take negative counts.
    mask_outliers : bool
        Replace pixels that are no counts of the image, such as hot ones, by their neighbours'.
    add_noise : bool
        The files are clean images: noise is drawn first.
    vacuum : float or None
        Stored value of vacuum in a clean image.
    seed : int
        Of the noise, and of the places of electrons on pixels of another size.
    """

    frame: int | str | None = None
    dataset: int | None = None
    pixel_size_A: float | None = None
    dose_e_per_px: float | None = None
    gain: float | None = None
    allow_negative: bool = False
    mask_outliers: bool = False
    add_noise: bool = False
    vacuum: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that no file can have."""
        for name in ("pixel_size_A", "dose_e_per_px", "gain", "vacuum"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ImageError(
                    f"impossible {name}", expected="a finite number above 0", got=f"{value:g}"
                )
