"""Panel of a submission: one test image as noisy, denoised, clean and error tiles."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tembench.dataset import Store

PANEL_PX = 256
PANEL_TILES = ("noisy", "denoised", "clean", "error")
"""Tiles of a panel, from left to right."""
# A palette halves the size of the file, and submissions are kept in a repository.
_GREYS, _ERRORS = 193, 63
# Colours of errors: too low, none, too high.
_LOW, _MIDDLE, _HIGH = (33, 102, 172), (247, 247, 247), (178, 24, 43)


def panel_image(store: Store, images: np.ndarray) -> int:
    """Number of the image that the panels of all methods show.

    The first image with the least tilt, closest to the median defocus, at the store's own dose. Of
    a drawn data set, whose images differ in all of these, that with the dose closest to the store's
    among those that show a particle.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        Provides defocus, tilt and dose.
    images : array of int
        Numbers of the images to choose from.
    """
    factors = store.table.loc[images]
    off_dose = np.array([abs(store.dose_of(int(i)) - store.dose_e_per_px) for i in images])
    if "tilt_x_deg" not in factors:
        lacking = np.array(["particle" in store.undefined(int(i)) for i in images])
        return int(images[np.lexsort((images, off_dose, lacking))[0]])
    off_focus = (factors["defocus_nm"] - factors["defocus_nm"].median()).abs().to_numpy()
    tilt = np.hypot(factors["tilt_x_deg"], factors["tilt_y_deg"]).to_numpy()
    return int(images[np.lexsort((images, tilt, off_focus, off_dose))[0]])


def draw_panel(store: Store, image: int, denoised: np.ndarray) -> bytes:
    """Draw the surroundings of the particle in one image: noisy, denoised, clean, error.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        Provides the noisy image, the clean image and the mask of the particle.
    image : int
        Number of the image.
    denoised : array (y, x)
        Denoised image, expected e/px.

    Returns
    -------
    bytes
        A PNG of four square tiles in a row, one pixel per pixel. Denoised and clean share the grey
        scale of the clean crop; counts are black at 0, white four standard deviations above the
        dose; the error is blue where too low, red where too high, full at half the clean range. The
        truth of a sealed test is not shown: the last two tiles are even.
    """
    crop = particle_crop(store.particle_mask(image))
    clean = np.asarray(store.clean(image)[crop], dtype=np.float64)
    noisy = np.asarray(store.noisy(image)[crop], dtype=np.float64)
    estimate = np.asarray(denoised[crop], dtype=np.float64)
    low, high = float(clean.min()), float(clean.max())
    reach = max(high - low, 1e-6)
    dose = store.dose_of(image)
    error = (estimate - clean) / (reach / 2)
    if getattr(store.recipe, "is_sealed", False):
        clean, error = np.full_like(clean, dose), np.zeros_like(error)
    tiles = (
        _grey(noisy, 0.0, dose + 4 * dose**0.5),
        _grey(estimate, low, low + reach),
        _grey(clean, low, low + reach),
        _diverging(error),
    )
    return _png(np.concatenate(tiles, axis=1))


def particle_crop(mask: np.ndarray, size: int = PANEL_PX) -> tuple[slice, slice]:
    """Square of `size` px (less in a smaller image) around the free surface of a particle.

    Centred on the mask horizontally, and starting a sixth of its height above the top of the mask,
    so that vacuum, surface and particle are in view. The centre of the image if the mask is empty.
    """
    size = min(size, *mask.shape)
    where = np.argwhere(mask)
    if len(where):
        corner = (where[:, 0].min() - size / 6, where[:, 1].mean() - size / 2)
    else:
        corner = ((mask.shape[0] - size) / 2, (mask.shape[1] - size) / 2)
    y, x = (
        int(np.clip(round(start), 0, side - size))
        for start, side in zip(corner, mask.shape, strict=True)
    )
    return slice(y, y + size), slice(x, x + size)


def _grey(image: np.ndarray, low: float, high: float) -> np.ndarray:
    grey = np.clip((image - low) / (high - low), 0.0, 1.0)
    return np.rint(grey * (_GREYS - 1)).astype(np.uint8)


def _diverging(value: np.ndarray) -> np.ndarray:
    share = (np.clip(value, -1.0, 1.0) + 1) / 2
    return (_GREYS + np.rint(share * (_ERRORS - 1))).astype(np.uint8)


def _palette() -> np.ndarray:
    """Colours from black to white, then from too low to too high, uint8 (256, 3)."""
    greys = np.repeat(np.linspace(0, 255, _GREYS)[:, None], 3, axis=1)
    value = np.linspace(-1, 1, _ERRORS)[:, None]
    end = np.where(value < 0, np.array(_LOW), np.array(_HIGH))
    errors = np.array(_MIDDLE) * (1 - np.abs(value)) + end * np.abs(value)
    return np.rint(np.concatenate([greys, errors])).astype(np.uint8)


def _png(indices: np.ndarray) -> bytes:
    from PIL import Image

    image = Image.fromarray(indices)
    image.putpalette(_palette().tobytes())
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
