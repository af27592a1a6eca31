"""Sites and masks of a drawn image, displaced as the specimen is in its frame."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from tembench.metrics import Sites
from tembench.simulate import Columns


def drawn_sites(columns: Columns, shift_A: tuple[float, float], *, chosen: bool) -> Sites:
    """Sites of a specimen's columns in an image; scored columns count as those of a particle.

    The recipe chooses which columns there are. Where it chooses no components, those of particles
    are scored, and all of a specimen without particles.

    Parameters
    ----------
    columns : Columns
        True columns of the specimen at rest, where they appear in the image.
    shift_A : tuple of float
        Displacement of the specimen in the image's frame, along x and y.
    chosen : bool
        Whether the recipe chooses components, so that all columns are scored.
    """
    every = chosen or not columns.in_particle.any()
    return Sites(
        x_A=columns.x_A + shift_A[0],
        y_A=columns.y_A + shift_A[1],
        atoms=columns.atoms,
        whole_atoms=columns.atoms.copy(),
        in_particle=np.ones_like(columns.in_particle) if every else columns.in_particle,
        at_surface=columns.at_surface,
    )


def displaced(mask: np.ndarray, shift_px: tuple[float, float]) -> np.ndarray:
    """A mask displaced along x and y, by whole pixels; what enters continues the mask's edge."""
    rows, columns = round(shift_px[1]), round(shift_px[0])
    if not (rows or columns):
        return mask
    return scipy.ndimage.shift(mask, (rows, columns), order=0, mode="nearest")
