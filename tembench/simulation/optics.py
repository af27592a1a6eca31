"""Image formation: from exit waves to expected electrons per pixel, at a series of defoci.

Temporal coherence is an incoherent average over the defocus axis, not an envelope: for a crystal
tens of angstrom thick the quasi-coherent envelope is wrong by 11 to 18 dB. The wave is multiplied
by exp(-i chi), chi = 2 pi / lambda (C10 a^2 / 2 + C30 a^4 / 4 + C50 a^6 / 6) at the angle
a = lambda k: positive C10 is overfocus, `defocus = -C10` in abTEM.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tembench.core import stage
from tembench.recipe import Box, Microscope
from tembench.simulation.array_backend import open_device
from tembench.simulation.multislice import ExitWaves, frequencies
from tembench.simulation.scattering import wavelength_A

# The average extends to 2.25 half-widths, where the weight is 0.6 % of its largest, in steps of
# a quarter half-width.
_STEPS = 9
_STEPS_PER_SPREAD = 4
# Frequencies that the image spread damps below this are left out: a float has no more digits.
_NEGLIGIBLE = 1e-7


def form_images(
    waves: ExitWaves,
    defocus_nm: tuple[float, ...],
    microscope: Microscope,
    box: Box,
    device: str = "cpu",
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
    device : str
        ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    ndarray of float32, shape (defoci, tilts, y, x)
        Expected electrons per pixel; `microscope.dose_e_per_px` where there is no specimen.
    """
    lens = Lens(waves.spectra.shape[-2:], waves.extent_A, defocus_nm, microscope, box, device)
    images = np.empty((len(defocus_nm), len(waves.spectra), *box.shape), dtype=np.float32)
    for tilt, spectrum in enumerate(waves.spectra):
        for number, image in enumerate(lens.images(spectrum)):
            images[number, tilt] = image
    return images


class Lens:
    """Lens at a series of defoci: the transfer functions that all exit waves of a recipe share.

    Parameters
    ----------
    grid : tuple of int
        Points of the exit waves' grid, (y, x).
    extent_A : tuple of float
        Extent of the cell along x and y.
    defocus_nm, microscope, box, device
        As in `form_images`.
    """

    def __init__(
        self,
        grid: tuple[int, int],
        extent_A: tuple[float, float],
        defocus_nm: tuple[float, ...],
        microscope: Microscope,
        box: Box,
        device: str = "cpu",
    ) -> None:
        self._device = open_device(device)
        self._grid = grid
        self._box = box
        self._rows = round(extent_A[1] / box.pixel_size_A)
        c10, weights = focal_average(defocus_nm, microscope.focal_spread_nm)
        self._weights = self._device.xp.asarray(weights.astype(np.float32))
        ky, kx = frequencies(grid, extent_A)
        self._transfer = self._device.xp.asarray(_transfer(ky, kx, c10, microscope))
        k2 = kx[: grid[1] // 2 + 1] ** 2 + ky**2
        # At an even number of points the last half-plane frequency is stored as negative; its
        # square is the same.
        spread = np.exp(-2 * np.pi**2 * microscope.image_spread_A**2 * k2)
        self._keep_y, self._keep_x = _transmitted(spread, (self._rows, box.image_width_px))
        dose = microscope.dose_e_per_px
        self._spread = self._device.xp.asarray((dose * spread).astype(np.float32))

    def images(self, spectrum: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the image of one exit wave at each defocus, float32, (y, x), e/px.

        Parameters
        ----------
        spectrum : ndarray of complex64, shape (y, x)
            Fourier coefficients as in `ExitWaves`.
        """
        for half in self.spectra(spectrum):
            with stage("optics"):
                image = self._device.to_host(self._interpolate(half))
            yield image

    def spectra(self, spectrum: np.ndarray) -> Iterator[Any]:
        """Yield the Fourier coefficients of those images over the whole cell.

        Yields
        ------
        array of complex64, shape (y, x // 2 + 1)
            On the device: the half-plane of frequencies, the dose at frequency 0 in vacuum.
        """
        xp, fft = self._device.xp, self._device.fft
        with stage("optics"):
            wave = xp.asarray(spectrum)
            nodes = xp.empty((len(self._transfer), *self._grid), dtype=np.float32)
            # A loop over nodes, since one of them fits into the processor's cache.
            for node, transfer in zip(nodes, self._transfer, strict=True):
                coherent = fft.ifft2(wave * transfer, norm="forward", overwrite_x=True)
                xp.multiply(coherent.real, coherent.real, out=node)
                node += coherent.imag**2
            averages = (self._weights @ nodes.reshape(len(nodes), -1)).reshape(-1, *self._grid)
        for average in averages:
            with stage("optics"):
                half = fft.rfft2(average, norm="forward")
                half *= self._spread
            yield half

    def _interpolate(self, spectrum: Any) -> Any:
        """Interpolate to the image's pixels, exactly: zero-pad the spectrum, crop the image."""
        fft = self._device.fft
        height, width = self._box.shape
        keep_y, keep_x = self._keep_y, self._keep_x
        padded = self._device.xp.zeros((self._rows, keep_x), dtype=np.complex64)
        padded[:keep_y] = spectrum[:keep_y, :keep_x]
        padded[-keep_y + 1 :] = spectrum[-keep_y + 1 :, :keep_x]
        lines = fft.ifft(padded, axis=0, norm="forward", overwrite_x=True)[:height]
        return fft.irfft(lines, n=width, axis=1, norm="forward")


def focal_average(
    defocus_nm: tuple[float, ...], focal_spread_nm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the average over the focal spread.

    Parameters
    ----------
    defocus_nm : tuple of float
        Defoci of the images, in nm.
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
    c10_of = np.round(c10[:, None] + offsets, 6)
    nodes, node_of = np.unique(c10_of, return_inverse=True)
    weights = np.zeros((len(c10), len(nodes)))
    share = np.exp(-((steps / _STEPS_PER_SPREAD) ** 2))
    rows = np.arange(len(c10))[:, None]
    weights[rows, node_of.reshape(c10_of.shape)] = share / share.sum()
    return nodes, weights


def _transfer(
    ky: np.ndarray, kx: np.ndarray, c10: np.ndarray, microscope: Microscope
) -> np.ndarray:
    """Transfer function of the lens at each node of the focal average: complex64, (nodes, y, x).

    The phase is exp(-i chi); a Gaussian source of angular half-width `convergence_mrad` (to 1/e)
    damps by exp(-(theta / 2 * d chi / d a)^2), exact for interference with the undisturbed wave;
    at 0.2 mrad that is enough.
    """
    fixed, per_A, slope, slope_per_A = lens_phases(ky, kx, microscope)
    transfer = np.empty((len(c10), *fixed.shape), dtype=np.complex64)
    for node, value in enumerate(c10):
        transfer[node] = np.exp(-1j * (fixed + value * per_A) - (slope + value * slope_per_A) ** 2)
    return transfer


def lens_phases(
    ky: np.ndarray, kx: np.ndarray, microscope: Microscope
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Phase and damping of a lens as functions that are linear in C10.

    Parameters
    ----------
    ky, kx : ndarray
        Spatial frequencies, 1/A, of shapes (y, 1) and (x,).
    microscope : Microscope
        Its energy, C30, C50 and convergence.

    Returns
    -------
    fixed, per_A, slope, slope_per_A : ndarray of float64, shape (y, x)
        At C10 in angstrom the wave is multiplied by exp(-i (fixed + C10 per_A)) and damped by
        exp(-(slope + C10 slope_per_A)^2).
    """
    wavelength = wavelength_A(microscope.energy_keV)
    alpha = wavelength * np.sqrt(kx**2 + ky**2)
    c3, c5 = microscope.c3_um * 1e4, microscope.c5_mm * 1e7
    turns = 2 * np.pi / wavelength
    source = microscope.convergence_mrad * 1e-3 / 2
    fixed = turns * (c3 * alpha**4 / 4 + c5 * alpha**6 / 6)
    slope = source * turns * (c3 * alpha**3 + c5 * alpha**5)
    return fixed, turns * alpha**2 / 2, slope, source * turns * alpha


def _transmitted(spread: np.ndarray, pixels: tuple[int, int]) -> tuple[int, int]:
    """Number of frequencies along y (of either sign) and x that the grid and the blur leave."""
    left = spread > _NEGLIGIBLE
    keep_y = min(int(left[: len(left) // 2, 0].sum()), pixels[0] // 2)
    keep_x = min(int(left[0, :-1].sum()), pixels[1] // 2)
    return keep_y, keep_x
