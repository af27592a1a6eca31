"""Image of an exit wave under any aberrations, with partial coherence in focus and in angle."""

from __future__ import annotations

from math import pi

import numpy as np
import scipy.fft

from tembench.core import compiled, stage
from tembench.recipe import Optics
from tembench.simulation.imaging.aberrations import aberration_gradient, aberration_phase
from tembench.simulation.imaging.coherence import (
    angular_modes,
    diffuse_blur,
    focal_nodes,
    mode_order,
)
from tembench.simulation.scattering import wavelength_A
from tembench.simulation.waves.padded_cell import PaddedCell
from tembench.simulation.waves.specimen_waves import SpecimenWave
from tembench.simulation.waves.wave_transforms import to_wave

# Order of the modes of angular coherence up to which their rest, at most 2 % of a beam's intensity,
# is spread evenly.
_EVEN_REST_UP_TO = 1


def form_image(
    wave: SpecimenWave,
    cell: PaddedCell,
    optics: Optics[float],
    *,
    shift_A: tuple[float, float] = (0.0, 0.0),
    motion_A: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Form the image of a specimen.

    Parameters
    ----------
    wave : SpecimenWave
        The exit wave.
    cell : PaddedCell
        The cell that it was computed in.
    optics : Optics
        The microscope; its energy is the wave's, its aperture at most the wave's.
    shift_A : tuple of float
        Displacement of the specimen in the frame, x and y.
    motion_A : tuple of float
        Even movement of the specimen during the exposure, from half of it before to half of it
        after the displacement.

    Returns
    -------
    ndarray of float32, shape (height, width)
        Expected intensity, 1 in vacuum: that of points at the middle of each pixel's cell of the
        lattice, not integrated over pixels, which is the detector's transfer function. The
        wave's background is added evenly.

    Examples
    --------
    >>> image = form_image(wave, cell, optics, shift_A=(1.2, 0.0))  # doctest: +SKIP
    """
    with stage("optics"):
        half = intensity_spectrum(wave, cell, optics)
        half[0, 0] += wave.background
        ky, kx = cell.frequencies(cell.image_shape)
        # The intensity holds nothing at the largest frequency of an even grid.
        kx = np.abs(kx[: half.shape[1]])
        along_y, along_x = (
            np.exp(-2 * (pi * optics.image_spread_A * k) ** 2 - 2j * pi * k * shift)
            for k, shift in ((ky, shift_A[1]), (kx, shift_A[0]))
        )
        half *= along_y.astype(np.complex64) * along_x.astype(np.complex64)
        if any(motion_A):
            half *= np.sinc(motion_A[0] * kx + motion_A[1] * ky).astype(np.float32)
        return _pixels(half, cell)


def intensity_spectrum(wave: SpecimenWave, cell: PaddedCell, optics: Optics[float]) -> np.ndarray:
    """Average the intensity over focal spread, angles of illumination and configurations.

    Parameters
    ----------
    wave, cell, optics
        As in `form_image`.

    Returns
    -------
    ndarray of complex64, shape (y, x // 2 + 1)
        Fourier coefficients over the whole cell, on half of the grid `cell.image_shape`, without
        image spread.
    """
    ky, kx = cell.frequencies(cell.spectrum_shape)
    wavelength = wavelength_A(optics.energy_keV)
    aperture = kx**2 + ky**2 <= optics.aperture_per_A**2
    transfer = (aperture * np.exp(-1j * aberration_phase(ky, kx, optics))).astype(np.complex64)
    spread_A = optics.focal_spread_nm * 10
    t, weights = focal_nodes(pi * wavelength * optics.aperture_per_A**2 * spread_A)
    half_width = optics.convergence_mrad * 1e-3 / 2
    x0 = half_width * aberration_gradient(ky, kx, optics)
    x_per_A = 2 * pi * half_width * (kx + 1j * ky)
    largest = max(np.abs((x0 + end * spread_A * x_per_A)[aperture]).max() for end in (t[0], t[-1]))
    order = mode_order(float(largest))
    total, rest = (np.zeros(cell.image_shape, np.float32) for _ in range(2))
    for focus, weight in zip(t * spread_A, weights / len(wave.spectra), strict=True):
        along_y, along_x = (
            np.exp(-1j * pi * wavelength * focus * k**2).astype(np.complex64) for k in (ky, kx)
        )
        *modes, left = (m.astype(np.float32) for m in angular_modes(x0 + focus * x_per_A, order))
        focused = transfer * (along_y * along_x)
        for spectrum in wave.spectra:
            in_focus = spectrum * focused
            for mode in modes:
                _add_intensity(total, _coherent(in_focus * mode, cell.image_shape), weight)
            if order > _EVEN_REST_UP_TO:
                _add_intensity(rest, _coherent(in_focus * left, cell.image_shape), weight)
            else:
                total += np.float32(weight * np.sum(np.abs(in_focus * left) ** 2))
    half: np.ndarray = scipy.fft.rfft2(total, norm="forward")
    if order > _EVEN_REST_UP_TO:
        *_, left = angular_modes(x0, order)
        beams = np.sum(np.abs(wave.spectra * transfer * left) ** 2, axis=0)
        half += scipy.fft.rfft2(rest, norm="forward") * _diffuse(x0, beams, cell)
    return half


def _diffuse(x: np.ndarray, beams: np.ndarray, cell: PaddedCell) -> np.ndarray:
    ky, kx = cell.frequencies(cell.image_shape)
    k = np.hypot(ky, kx[: cell.image_shape[1] // 2 + 1])
    width, height = cell.extent_A
    return diffuse_blur(x, beams, (1 / width, 1 / height), k).astype(np.float32)


def _coherent(spectrum: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    height, width = shape
    order = len(spectrum) // 2
    padded = np.zeros((height, spectrum.shape[1]), np.complex64)
    padded[: order + 1] = spectrum[: order + 1]
    padded[height - order :] = spectrum[order + 1 :]
    return to_wave(padded, width, norm="forward")


@compiled
def _add_intensity(total: np.ndarray, wave: np.ndarray, weight: float) -> None:
    share = np.float32(weight)
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            value = wave[i, j]
            total[i, j] += share * (value.real * value.real + value.imag * value.imag)


def _pixels(half: np.ndarray, cell: PaddedCell) -> np.ndarray:
    """Interpolate to the frame's pixels, exactly: pad or crop the spectrum, crop the image."""
    rows, columns = cell.cell_px
    keep_y, keep_x = (
        min((count - 1) // 2, (pixels - 1) // 2)
        for count, pixels in zip(cell.image_shape, cell.cell_px, strict=True)
    )
    padded = np.zeros((rows, keep_x + 1), np.complex64)
    padded[: keep_y + 1] = half[: keep_y + 1, : keep_x + 1]
    padded[rows - keep_y :] = half[len(half) - keep_y :, : keep_x + 1]
    lines = scipy.fft.ifft(padded, axis=0, norm="forward", overwrite_x=True)
    (top, left), (height, width) = cell.offset_px, cell.frame_px
    image = scipy.fft.irfft(lines[top : top + height], n=columns, axis=1, norm="forward")
    return np.ascontiguousarray(image[:, left : left + width])
