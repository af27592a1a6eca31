"""Sites and masks of a drawn image, displaced as the specimen is in its frame."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from tembench.metrics import Sites
from tembench.simulation import Columns


def drawn_sites(
    columns: Columns,
    shift_A: tuple[float, float],
    frame_A: tuple[float, float],
    *,
    chosen: bool,
) -> Sites:
    """Sites of the columns in an image; scored columns count as those of a particle.

    The recipe chooses which columns there are. Where it chooses no components, those of particles
    are scored, and all of a specimen without particles.

    Parameters
    ----------
    columns : Columns
        True columns of the specimen at rest.
    shift_A : tuple of float
        Displacement of the specimen in the image's frame, along x and y.
    frame_A : tuple of float
        Width and height of the frame; columns that have left it are left out.
    chosen : bool
        Whether the recipe chooses components, so that all columns are scored.
    """
    every = chosen or not columns.in_particle.any()
    x_A, y_A = columns.x_A + shift_A[0], columns.y_A + shift_A[1]
    inside = (x_A >= 0) & (x_A < frame_A[0]) & (y_A >= 0) & (y_A < frame_A[1])
    atoms = columns.atoms[inside]
    return Sites(
        x_A=x_A[inside],
        y_A=y_A[inside],
        atoms=atoms,
        whole_atoms=atoms.copy(),
        in_particle=columns.in_particle[inside] | every,
        at_surface=columns.at_surface[inside],
    )


def displaced(mask: np.ndarray, shift_px: tuple[float, float]) -> np.ndarray:
    """A mask displaced along x and y, by whole pixels; what enters continues the mask's edge."""
    rows, columns = round(shift_px[1]), round(shift_px[0])
    if not (rows or columns):
        return mask
    return scipy.ndimage.shift(mask, (rows, columns), order=0, mode="nearest")
