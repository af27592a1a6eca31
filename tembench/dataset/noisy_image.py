"""Noisy image as a method sees it: counts, sampling and dose, and the series that it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tembench.dataset.store import Store


@dataclass(frozen=True, kw_only=True)
class NoisySeries:
    """Noisy images of one specimen, tilt and condition along an axis, all of them under test.

    Attributes
    ----------
    counts : numpy.ndarray
        As in `NoisyImage`, shape (n, y, x), ascending along the axis; n is 1 where a specimen was
        imaged once.
    axis : str
        Quantity that varies: "defocus", or "time" for the frames of one exposure.
    values_nm : tuple of float
        Defocus of each image along "defocus", in nm; zeros along "time".
    position : int
        Index of the image to denoise.
    """

    counts: np.ndarray
    axis: str
    values_nm: tuple[float, ...]
    position: int


@dataclass(frozen=True, kw_only=True)
class NoisyImage:
    """One noisy image as a method sees it.

    Attributes
    ----------
    counts : numpy.ndarray
        Electrons counted per pixel, shape (y, x): integers of the smallest sufficient unsigned
        type, usually uint8 or uint16, uint32 or uint64 beyond 65,535; or float32, some of them
        negative, from a detector that spreads counts and adds read noise. (The oracle control
        alone receives expected counts, float32.)
    pixel_size_A : float
        Sampling, angstrom per pixel.
    dose_e_per_px : float
        Counts expected per pixel in vacuum.
    series : NoisySeries or None
        Series that contains the image, for a method whose input is "series"; otherwise None.
    """

    counts: np.ndarray
    pixel_size_A: float
    dose_e_per_px: float
    series: NoisySeries | None = None


def noisy_image_of(store: Store, image: int, *, series: bool) -> NoisyImage:
    """Return image `image` of a store, with the series that it is from if `series` is set."""
    whole = _series_of(store, image) if series else None
    return NoisyImage(
        counts=store.noisy(image) if whole is None else whole.counts[whole.position],
        pixel_size_A=store.pixel_size_of(image),
        dose_e_per_px=store.dose_of(image),
        series=whole,
    )


def _series_of(store: Store, image: int) -> NoisySeries:
    images, axis = store.series(image), store.series_axis
    return NoisySeries(
        counts=np.stack([store.noisy(other) for other in images]),
        axis=axis,
        # Frames of an exposure share one defocus, which methods are not told.
        values_nm=tuple(store.defocus_of(n) if axis == "defocus" else 0.0 for n in images),
        position=images.index(image),
    )
