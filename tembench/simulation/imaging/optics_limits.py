"""Limits of a microscope's aberrations and coherence: the padding they need, and what is refused.

Every function takes optics whose values may be distributions, and concerns the worst of them.
"""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import Optics, limits_of
from tembench.simulation.scattering import wavelength_A

MOST_PADDING_A = 30.0
"""Largest padding that a cell is given by itself: a frame of 50 A then costs five times its own."""
_LEAST_PADDING_A = 7.5
# Largest half-width over 2 times gradient that images were compared at with a fine average.
_MOST_DAMPING = 30.0
# What image spread must leave at a pixel's largest frequency, so that what lies beyond is below
# 60 dB, by that frequency as a multiple of the aperture: beams beyond the aperture are only
# interference of scattered beams with each other, 40 dB below the image from one aperture on and
# 59 dB from 1.5 on (SrTiO3 30 A thick, gold on carbon, no spread).
_TRANSFERRED = ((1.0, 1e-3), (1.5, 0.1))
_ROUND = (("C10_nm", 10.0, 1), ("C30_um", 1e4, 3), ("C50_mm", 1e7, 5))
_OTHERS = (
    ("C12_nm", 10.0, 1),
    ("C21_nm", 10.0, 2),
    ("C23_nm", 10.0, 2),
    ("C32_um", 1e4, 3),
    ("C34_um", 1e4, 3),
)


def largest_displacement_A(optics: Optics[Any]) -> float:
    """Bound of the distance that aberrations displace any beam within the aperture by.

    Parameters
    ----------
    optics : Optics
        The microscope; values may be distributions.

    Returns
    -------
    float
        In A: |gradient of chi by angle| lambda / 2 pi. Round aberrations may cancel each other;
        the others, whose azimuths differ, are added.
    """
    largest = 0.0
    for energy in limits_of(optics.energy_keV):
        angle = wavelength_A(energy) * limits_of(optics.aperture_per_A)[1] * np.linspace(0, 1, 101)
        low, high = (
            sum(limits_of(getattr(optics, name))[end] * unit * angle**n for name, unit, n in _ROUND)
            for end in (0, 1)
        )
        other = sum(
            max(map(abs, limits_of(getattr(optics, name)))) * unit * angle**n
            for name, unit, n in _OTHERS
        )
        largest = max(largest, float(np.max(np.maximum(np.abs(low), np.abs(high)) + other)))
    return largest


def padding_rule_A(optics: Optics[Any]) -> float:
    """Distance to the cell's edge that keeps what wraps round below 60 dB.

    Parameters
    ----------
    optics : Optics
        The microscope; values may be distributions.

    Returns
    -------
    float
        The smaller of 0.6 times the largest displacement of a beam and the coherence's reach
        1.2 lambda / (pi theta), theta the half-width of convergence; at least 7.5 A.

    Notes
    -----
    Measured against cells with 65 A of padding, worst of three or four foci, frames of 30 A, C3 and
    convergence as named: SrTiO3 20 A thick on zone and a film of carbon, both to the edges of the
    cell, have 72 to 80 dB in a corrected microscope; the film 61 to 62 dB at 0.6 mm and 0.5 mrad,
    and at 1.2 mm and 0.3 mrad. There, a crystal's diffracted beams are displaced by hundreds of
    angstrom, each an image of its own that does not interfere with the undisturbed beam: no
    padding that can be had holds them, and what the cell's edge does to them is a smooth variation
    of up to 1 % of vacuum, 37 to 50 dB.
    """
    reach = 0.6 * largest_displacement_A(optics)
    theta = limits_of(optics.convergence_mrad)[0] * 1e-3
    if theta > 0:
        wavelength = max(wavelength_A(energy) for energy in limits_of(optics.energy_keV))
        reach = min(reach, 1.2 * wavelength / (pi * theta))
    return max(_LEAST_PADDING_A, reach)


def check_padding(optics: Optics[Any], where: str, padding_A: float | None = None) -> None:
    """Refuse optics whose images would need more padding than the cell has.

    Parameters
    ----------
    optics : Optics
        The microscope; values may be distributions.
    where : str
        Its place in the recipe.
    padding_A : float or None
        The recipe's own padding; None: what is needed, up to `MOST_PADDING_A`.

    Raises
    ------
    RecipeError
        With the padding needed, the bound and a remedy.
    """
    needed, given = padding_rule_A(optics), padding_A is not None
    most = MOST_PADDING_A if padding_A is None else padding_A
    if needed > most * (1 + 1e-9):
        own = "physics.padding_A" if given else "the largest padding that is given"
        raise RecipeError(
            "aberrations and coherence carry more than 60 dB round the cell's edge",
            where=where,
            expected=f"at most {most:g} A ({own})",
            got=f"{needed:.1f} A needed",
            remedy="Raise convergence_mrad, lower C30_um, the defocus or aperture_per_A, or set "
            "physics.padding_A to what is needed",
        )


def check_coherence(optics: Optics[Any], where: str) -> None:
    """Refuse a convergence that the average over angles was not tested for.

    Half the half-width times the largest gradient of the aberrations, at the ends of the focal
    average too, may be 30. Up to 3 the image is within 1 % of its standard deviation of a fine
    average over 2,048 angles and foci (0.2 % with an image spread of 0.5 A), up to 15 within 2 %,
    up to 30 within 4 % (SrTiO3 30 A thick on zone; gold on carbon half of that). At 300 kV,
    1.6 1/A and 0.5 mrad, 15 is C3 = 0.6 mm.

    Parameters
    ----------
    optics : Optics
        The microscope; values may be distributions.
    where : str
        Its place in the recipe.

    Raises
    ------
    RecipeError
        With the largest convergence that is possible.
    """
    half_width = limits_of(optics.convergence_mrad)[1] * 1e-3 / 2
    wavelength = min(wavelength_A(energy) for energy in limits_of(optics.energy_keV))
    gradient = 2 * pi / wavelength * largest_displacement_A(optics)
    gradient += (
        4 * pi * limits_of(optics.focal_spread_nm)[1] * 10 * (limits_of(optics.aperture_per_A)[1])
    )
    if half_width * gradient > _MOST_DAMPING:
        raise RecipeError(
            "partial coherence in angle is not accurate for such aberrations",
            where=where,
            expected=f"convergence_mrad at most {2e3 * _MOST_DAMPING / gradient:.2g}",
            got=f"up to {2e3 * half_width:g}",
            remedy="Lower convergence_mrad, C30_um, the defocus or aperture_per_A",
        )


def check_pixel(optics: Optics[Any], pixel_size_A: Any, where: str) -> None:
    """Refuse pixels that are too coarse for what the lens transfers.

    Images are sampled, not integrated over pixels, and frequencies beyond a pixel's are left out:
    the image spread has to make them negligible, below 60 dB.

    Parameters
    ----------
    optics : Optics
        The microscope; values may be distributions.
    pixel_size_A : number or distribution
        Size of a pixel.
    where : str
        Its place in the recipe.

    Raises
    ------
    RecipeError
        With the least image spread and the largest aperture that would do.
    """
    aperture = limits_of(optics.aperture_per_A)[1]
    pixel = limits_of(pixel_size_A)[1]
    spread = limits_of(optics.image_spread_A)[0]
    for multiple, left in _TRANSFERRED:
        least = float(np.sqrt(-np.log(left) / 2)) / pi * 2 * pixel
        if 0.5 / pixel < multiple * aperture and spread < least:
            raise RecipeError(
                f"pixels of {pixel:g} A are too coarse for an aperture of {aperture:g} 1/A",
                where=where,
                expected=f"image_spread_A of at least {least:.2g}, or aperture_per_A of at most "
                f"{0.5 / pixel / multiple:.3g}",
                got=f"image_spread_A {spread:g}",
                remedy="Take smaller pixels, a smaller aperture, or state the blur of the image",
            )
