"""Aberrations of the objective lens: their phase, and the phase's gradient by angle.

Names and signs are abTEM's: the wave is multiplied by exp(-i chi), C10 > 0 is overfocus, and
azimuths run from x towards y, which is clockwise in our images.
"""

from __future__ import annotations

import numpy as np

from tembench.recipe import Optics
from tembench.simulation.scattering import wavelength_A


def aberration_coefficients(optics: Optics[float]) -> tuple[tuple[int, int, complex], ...]:
    """Return order, multiplicity and complex coefficient C exp(-i m phi) in A of each aberration.

    Those that are zero are left out.
    """
    turned = np.deg2rad
    terms = (
        (1, 0, optics.C10_nm * 10, 0.0),
        (1, 2, optics.C12_nm * 10, optics.phi12_deg),
        (2, 1, optics.C21_nm * 10, optics.phi21_deg),
        (2, 3, optics.C23_nm * 10, optics.phi23_deg),
        (3, 0, optics.C30_um * 1e4, 0.0),
        (3, 2, optics.C32_um * 1e4, optics.phi32_deg),
        (3, 4, optics.C34_um * 1e4, optics.phi34_deg),
        (5, 0, optics.C50_mm * 1e7, 0.0),
    )
    return tuple((n, m, C * np.exp(-1j * m * turned(phi))) for n, m, C, phi in terms if C)


def aberration_phase(ky: np.ndarray, kx: np.ndarray, optics: Optics[float]) -> np.ndarray:
    """Phase chi of the aberrations.

    Parameters
    ----------
    ky, kx : ndarray
        Spatial frequencies, 1/A, that broadcast to the result.
    optics : Optics
        Energy and aberrations.

    Returns
    -------
    ndarray of float64
        chi = 2 pi / lambda sum |w|^2p Re(a w^m) / (n + 1), in radians: w = lambda (kx + i ky),
        a = C exp(-i m phi), 2 p = n + 1 - m.
    """
    wavelength = wavelength_A(optics.energy_keV)
    w, squared = _powers(wavelength * (kx + 1j * ky))
    phase = np.zeros(w[0].shape)
    for n, m, a in aberration_coefficients(optics):
        phase += squared[(n + 1 - m) // 2] * (a / (n + 1) * w[m]).real
    return 2 * np.pi / wavelength * phase


def aberration_gradient(ky: np.ndarray, kx: np.ndarray, optics: Optics[float]) -> np.ndarray:
    """Gradient of chi by the angle of the wave.

    Parameters
    ----------
    ky, kx, optics
        As in `aberration_phase`.

    Returns
    -------
    ndarray of complex128
        Radians per radian: real part along x, imaginary part along y. Times lambda / 2 pi it is
        the displacement, in A, of a beam in the image.
    """
    wavelength = wavelength_A(optics.energy_keV)
    w, squared = _powers(wavelength * (kx + 1j * ky))
    gradient = np.zeros(w[0].shape, complex)
    for n, m, a in aberration_coefficients(optics):
        p = (n + 1 - m) // 2
        if p:
            gradient += squared[p - 1] * (2 * p / (n + 1) * a * w[m]).real * w[1]
        if m:
            gradient += squared[p] * np.conj(m / (n + 1) * a * w[m - 1])
    return 2 * np.pi / wavelength * gradient


def _powers(w: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Powers of w up to 4 and of |w|^2 up to 3, by products: `**` is slow."""
    powers, squared = [np.ones_like(w), w], [np.ones(w.shape), w.real**2 + w.imag**2]
    for _ in range(3):
        powers.append(powers[-1] * w)
    for _ in range(2):
        squared.append(squared[-1] * squared[1])
    return powers, squared
