"""From exit waves and a lens to expected electrons per pixel.

Temporal coherence is an incoherent average over the defocus axis, not an envelope: for a crystal
tens of angstrom thick the quasi-coherent envelope is wrong by 11 to 18 dB. The wave is multiplied
by exp(-i chi), chi = 2 pi / lambda (C10 a^2 / 2 + C30 a^4 / 4 + C50 a^6 / 6) at the angle
a = lambda k: positive C10 is overfocus, `defocus = -C10` in abTEM.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from tembench.recipe import Box, Microscope
from tembench.simulate.multislice import ExitWaves, frequencies, wavelength_A

# The average reaches to 2.25 half-widths, where the weight is 0.6 % of its largest, in steps of
# a quarter half-width.
_STEPS = 9
_STEPS_PER_SPREAD = 4


def form_images(
    waves: ExitWaves, defocus_nm: tuple[float, ...], microscope: Microscope, box: Box
) -> np.ndarray:
    """Form the image of every tilt at every defocus.

    Parameters
    ----------
    waves : ExitWaves
        Exit waves of all tilts.
    defocus_nm : tuple of float
        Defoci in nm, positive for overfocus: C10 = +defocus.
    microscope : Microscope
        Aberrations, coherence, image spread and dose.
    box : Box
        Size and sampling of the image.

    Returns
    -------
    ndarray of float32, shape (defoci, tilts, y, x)
        Expected electrons per pixel; `microscope.dose_e_per_px` where there is no specimen.
    """
    c10, weights = focal_average(defocus_nm, microscope.focal_spread_nm)
    images = np.empty((len(defocus_nm), len(waves.spectra), *box.shape), dtype=np.float32)
    for tilt, spectrum in enumerate(waves.spectra):
        coherent = _intensity_spectra(spectrum, c10, weights, waves, microscope)
        images[:, tilt] = _interpolate(coherent, waves.extent_A, box)
    images *= microscope.dose_e_per_px
    return images


def focal_average(
    defocus_nm: tuple[float, ...], focal_spread_nm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the average over the focal spread.

    Parameters
    ----------
    defocus_nm : tuple of float
        The defoci wanted.
    focal_spread_nm : float
        Half-width at which the weight falls to 1/e.

    Returns
    -------
    c10_A : ndarray, shape (nodes,)
        C10 in angstrom at which coherent images are needed, ascending; nodes that several
        defoci share occur once.
    weights : ndarray, shape (defoci, nodes)
        Rows sum to 1.
    """
    c10 = 10 * np.asarray(defocus_nm, dtype=np.float64)
    steps = np.arange(-_STEPS, _STEPS + 1) if focal_spread_nm else np.zeros(1)
    offsets = steps * 10 * focal_spread_nm / _STEPS_PER_SPREAD
    # Rounded, so that nodes that should coincide do.
    wanted = np.round(c10[:, None] + offsets, 6)
    nodes, place = np.unique(wanted, return_inverse=True)
    weights = np.zeros((len(c10), len(nodes)))
    share = np.exp(-((steps / _STEPS_PER_SPREAD) ** 2))
    rows = np.arange(len(c10))[:, None]
    weights[rows, place.reshape(wanted.shape)] = share / share.sum()
    return nodes, weights


def _intensity_spectra(
    spectrum: np.ndarray,
    c10: np.ndarray,
    weights: np.ndarray,
    waves: ExitWaves,
    microscope: Microscope,
) -> np.ndarray:
    """Fourier coefficients of the averaged intensity, half-plane, shape (defoci, y, x // 2 + 1)."""
    ky, kx = frequencies(spectrum.shape, waves.extent_A)
    wavelength = wavelength_A(waves.energy_keV)
    alpha = wavelength * np.sqrt(kx**2 + ky**2)
    c3, c5 = microscope.c3_um * 1e4, microscope.c5_mm * 1e7
    fixed = 2 * np.pi / wavelength * (c3 * alpha**4 / 4 + c5 * alpha**6 / 6)
    slope = 2 * np.pi / wavelength * (c3 * alpha**3 + c5 * alpha**5)
    defocusing = np.pi / wavelength * alpha**2
    wave = (spectrum * np.exp(-1j * fixed)).astype(np.complex64)
    total = np.zeros((len(weights), *spectrum.shape), dtype=np.float32)
    step = np.complex64(1)
    before = None
    for node, value in enumerate(c10):
        gap = value if before is None else c10[node] - c10[node - 1]
        if gap != before or node == 0:
            step = np.exp(-1j * gap * defocusing).astype(np.complex64)
        before = gap
        wave = wave * step
        coherence = _convergence(slope, value, alpha, wavelength, microscope.convergence_mrad)
        image = scipy.fft.ifft2(wave * coherence, norm="forward", overwrite_x=True)
        intensity = image.real**2 + image.imag**2
        for row in np.flatnonzero(weights[:, node]):
            total[row] += np.float32(weights[row, node]) * intensity
    half = scipy.fft.rfft2(total, norm="forward", overwrite_x=True)
    k2 = kx[: half.shape[-1]] ** 2 + ky**2
    # At an even number of points the last half-plane frequency is stored as negative; its square
    # is the same.
    return half * np.exp(-2 * np.pi**2 * microscope.image_spread_A**2 * k2).astype(np.float32)


def _convergence(
    slope: np.ndarray, c10: float, alpha: np.ndarray, wavelength: float, convergence_mrad: float
) -> np.ndarray | np.float32:
    """Envelope of a Gaussian source of angular half-width `convergence_mrad` (to 1/e).

    exp(-(theta / 2 * d chi / d a)^2), exact for interference with the undisturbed wave; at
    0.2 mrad that is enough.
    """
    if convergence_mrad == 0:
        return np.float32(1)
    total = slope + 2 * np.pi / wavelength * c10 * alpha
    return np.exp(-((convergence_mrad * 1e-3 / 2 * total) ** 2)).astype(np.float32)


def _interpolate(spectra: np.ndarray, extent_A: tuple[float, float], box: Box) -> np.ndarray:
    """Exact interpolation to the image's pixels: zero-padding, then cropping to the image."""
    height, width = box.shape
    rows = round(extent_A[1] / box.pixel_size_A)
    count, ny, half = spectra.shape
    padded = np.zeros((count, rows, width // 2 + 1), dtype=np.complex64)
    keep_y = min(ny, rows) // 2
    keep_x = min(half - 1, width // 2)
    padded[:, :keep_y, :keep_x] = spectra[:, :keep_y, :keep_x]
    padded[:, -keep_y + 1 :, :keep_x] = spectra[:, -keep_y + 1 :, :keep_x]
    return scipy.fft.irfft2(padded, s=(rows, width), norm="forward", overwrite_x=True)[:, :height]
