"""Denoised images that are looked at: a few of all, each with its noisy and its clean image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tembench.dataset import Store

_LOOKED_AT = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class DenoisedImages:
    """Denoised images of a part.

    Attributes
    ----------
    numbers : array of int
        The store's numbers of the images that are there, ascending.
    read : callable
        From a number to the denoised image, (y, x), expected e/px; None if it is missing.
    is_control : bool
        Whether they are those of a control, which may be constant, or the truth.
    """

    numbers: np.ndarray
    read: Callable[[int], np.ndarray | None]
    is_control: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LookedAt:
    """One denoised image with its truth; all in float64, (y, x).

    Attributes
    ----------
    number : int
        Number in the store.
    denoised, noisy, clean : array
        The images, e/px.
    dose_e_per_px, pixel_size_A : float
        Vacuum, and sampling.
    """

    number: int
    denoised: np.ndarray
    noisy: np.ndarray
    clean: np.ndarray
    dose_e_per_px: float
    pixel_size_A: float

    @property
    def is_constant(self) -> bool:
        """Whether the denoised image is the same everywhere."""
        return bool(np.ptp(self.denoised) <= 1e-6 * np.abs(self.denoised).max())


def look_at(images: DenoisedImages, store: Store) -> list[LookedAt]:
    """Read a few images, evenly spread over all; those that are missing are left out.

    Parameters
    ----------
    images : DenoisedImages
        The denoised images.
    store : tembench.dataset.store.Store
        The store that they were made from.
    """
    positions = np.linspace(0, len(images.numbers) - 1, _LOOKED_AT).round().astype(int)
    chosen = np.unique(images.numbers[positions]).tolist()
    found = {number: denoised for number in chosen if (denoised := images.read(number)) is not None}
    return [
        LookedAt(
            number=number,
            denoised=np.asarray(denoised, dtype=np.float64),
            noisy=np.asarray(store.noisy(number), dtype=np.float64),
            clean=np.asarray(store.clean(number), dtype=np.float64),
            dose_e_per_px=store.dose_of(number),
            pixel_size_A=store.pixel_size_of(number),
        )
        for number, denoised in found.items()
    ]
