"""Distance of contrast transfer functions: how far a microscope is from others it is compared with.

An image of a thin specimen is the specimen's potential filtered by the contrast transfer function.
Methods that were trained with one such function lose as images of another are farther from it
(Rangel DaCosta and Scott, arXiv 2512.09067, whose idea this is; the definition is our own).
"""

from __future__ import annotations

import functools
from math import pi

import numpy as np

from tembench.recipe import Optics
from tembench.simulation.imaging.aberrations import aberration_gradient, aberration_phase
from tembench.simulation.scattering import wavelength_A

# Rings are 0.017 1/A apart up to 1.6 1/A: 25 nm of defocus turn the phase by 0.8 rad from one to
# the next, at the edge, where coherence has damped it.
_RINGS, _AZIMUTHS = 96, 24


def contrast_transfer(ky: np.ndarray, kx: np.ndarray, optics: Optics[float]) -> np.ndarray:
    """Contrast transfer function of a weak phase object, damped by partial coherence.

    Parameters
    ----------
    ky, kx : ndarray
        Spatial frequencies, 1/A, that broadcast to the result.
    optics : Optics
        The microscope.

    Returns
    -------
    ndarray of complex128
        T(k) = i / 2 (H(k) - conj(H(-k))) with H = A E exp(-i chi): A is 1 within the aperture, E
        the product of exp(-(pi lambda k^2 s / 2)^2), s the focal spread, exp(-(theta / 2)^2
        |grad chi|^2) by angle, theta the convergence, and exp(-2 pi^2 u^2 k^2), u the image
        spread. Without coma and threefold astigmatism it is A E sin(chi).
    """
    k2 = kx**2 + ky**2
    focal = pi * wavelength_A(optics.energy_keV) * optics.focal_spread_nm * 10 * k2 / 2
    angular = optics.convergence_mrad * 1e-3 / 2 * np.abs(aberration_gradient(ky, kx, optics))
    spread = 2 * (pi * optics.image_spread_A) ** 2 * k2
    inside = k2 <= optics.aperture_per_A**2
    envelope = inside * np.exp(-(focal**2) - angular**2 - spread)
    # The gradients at k and -k differ where odd aberrations meet even ones.
    opposite = optics.convergence_mrad * 1e-3 / 2 * np.abs(aberration_gradient(-ky, -kx, optics))
    mirrored = inside * np.exp(-(focal**2) - opposite**2 - spread)
    forward = envelope * np.exp(-1j * aberration_phase(ky, kx, optics))
    backward = mirrored * np.exp(1j * aberration_phase(-ky, -kx, optics))
    return np.asarray(0.5j * (forward - backward))


def transfer_distance(optics: Optics[float], others: tuple[Optics[float], ...]) -> float:
    """Distance of a microscope's contrast transfer function from the nearest of others.

    Parameters
    ----------
    optics : Optics
        The microscope.
    others : tuple of Optics
        Those that it is compared with, such as one microscope at a series of defoci.

    Returns
    -------
    float
        The least of sqrt(sum |T - T'|^2 / (sum |T|^2 + sum |T'|^2)), the root mean square
        difference of the two functions over that of functions that have nothing in common. The
        sums are over the disc of the largest aperture, in two dimensions. 0: the same function; 1:
        uncorrelated ones; 1.41: the same with inverted contrast.

    Examples
    --------
    >>> from tembench.recipe import MICROSCOPE_PRESETS, Optics
    >>> from dataclasses import fields, replace
    >>> names = [field.name for field in fields(Optics)]
    >>> values = dict.fromkeys(names, 0.0) | MICROSCOPE_PRESETS["300kV-corrected"].optics
    >>> at_5_nm = Optics(**values | {"aperture_per_A": 1.6, "C10_nm": 5.0})
    >>> transfer_distance(at_5_nm, (at_5_nm,))
    0.0
    >>> round(transfer_distance(replace(at_5_nm, C10_nm=6.0), (at_5_nm,)), 2)
    0.12
    """
    aperture = max(one.aperture_per_A for one in (optics, *others))
    ky, kx, weight = _disc(aperture)
    known, powers = _transfers(others, aperture)
    own = contrast_transfer(ky, kx, optics) * np.sqrt(weight)
    power = float(np.sum(np.abs(own) ** 2))
    if power == 0 and not powers.any():
        return 0.0
    differences = np.sum(np.abs(known - own) ** 2, axis=1)
    return float(np.sqrt(np.min(differences / (powers + power))))


@functools.lru_cache(maxsize=8)
def _transfers(others: tuple[Optics[float], ...], aperture: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted functions of the others, (others, points), and the sums of their squares."""
    ky, kx, weight = _disc(aperture)
    known = np.stack([contrast_transfer(ky, kx, one) for one in others]) * np.sqrt(weight)
    return known, np.sum(np.abs(known) ** 2, axis=1)


@functools.lru_cache(maxsize=8)
def _disc(aperture: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of a disc of frequencies, (points,) each, and their shares of its area."""
    k = (np.arange(_RINGS) + 0.5) / _RINGS * aperture
    azimuth = (np.arange(_AZIMUTHS) + 0.5) / _AZIMUTHS * 2 * pi
    ky, kx = (np.outer(k, turned(azimuth)).ravel() for turned in (np.sin, np.cos))
    weight = np.repeat(k / k.sum(), _AZIMUTHS) / _AZIMUTHS
    return ky, kx, weight
