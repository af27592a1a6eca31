"""Training crops formed from exit waves on the device: any defocus, spread, position and rotation.

A store holds 21 images of a specimen at one tilt; the exit wave contains all of them and those in
between. Forming a crop takes a few small Fourier transforms, less time than reading an image, and
the waves of a whole training set fit into a few hundred megabytes.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.fft
import torch
from torch import Tensor
from torch.nn import functional

from tembench.methods.counts.binning import refuse_less_than_a_bin
from tembench.simulation import frequencies, lens_phases

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingWaves

# Gauss-Hermite nodes of the average over the focal spread.
_NODES = 5
# Factor of the image spread below which a frequency is dropped.
_NEGLIGIBLE = 1e-4


@dataclass(frozen=True, kw_only=True)
class CropOptics:
    """Random variations of the images formed.

    Attributes
    ----------
    defocus_jitter_nm : float
        The defocus is that of a training image, shifted by up to this much in either direction.
    spread_range : tuple of float
        Range of factors on the focal spread, drawn uniformly.
    rotation_deg : float
        Images are rotated by up to this much in either direction.
    overhang_px : int
        Crops may reach this far beyond the image, native px, where the wave continues: its cell is
        periodic along x and taller than the image along y. At most half of that surplus.
    """

    defocus_jitter_nm: float = 0.0
    spread_range: tuple[float, float] = (1.0, 1.0)
    rotation_deg: float = 0.0
    overhang_px: int = 0


class WaveCrops:
    """Crops of images formed from exit waves, see `CropSource` of `batches`.

    Parameters
    ----------
    waves : TrainingWaves
        Exit waves, and the defoci at which the training has images of them.
    optics : CropOptics
        Random variations.
    binning : int
        Side of a bin, native px.
    crop : int
        Side of a crop, bins; at most the image's shorter side.
    device : torch.device
        Device where crops are formed.

    Notes
    -----
    The grid holds all frequencies of a wave, and those of its intensity that the image spread does
    not suppress; higher ones alias but are too faint to matter: with five nodes of focal spread the
    images agree with those of the store to 65 dB or better (peak 1 e/px).

    A crop is the Fourier series of the image evaluated at the centres of its bins, so that it may
    begin anywhere; the mean over a bin is exactly that of the pixels in it.
    """

    def __init__(
        self,
        waves: TrainingWaves,
        optics: CropOptics,
        *,
        binning: int,
        crop: int,
        device: torch.device,
    ) -> None:
        """Load the waves, cropped to their aperture, and precompute the optics."""
        box, microscope = waves.box, waves.microscope
        refuse_less_than_a_bin(box.shape, binning)
        self._side = min(crop, *(side // binning for side in box.shape))
        # Farther out, the periodic cell would repeat the area below the image above it.
        beyond_px = int((box.cell_height_A - box.image_height_A) / box.pixel_size_A / 2)
        self._overhang_px = min(optics.overhang_px, beyond_px)
        self._waves, self._optics, self._binning, self._device = waves, optics, binning, device
        self._pixel_A = box.pixel_size_A
        extent_A = (box.width_A, box.cell_height_A)
        self._room_px = [side - self._side * binning for side in box.shape]
        self._spread_nm = microscope.focal_spread_nm
        # The image spread suppresses all higher frequencies.
        cut_off = math.sqrt(-math.log(_NEGLIGIBLE) / 2) / (math.pi * microscope.image_spread_A)
        aperture = waves.aperture_per_A
        widest = max(aperture, min(2 * aperture, cut_off))
        width, height = (
            scipy.fft.next_fast_len(math.ceil(2 * widest * length)) for length in extent_A
        )
        self._grid = (height, width)
        spectra = [crop_spectrum(waves[number], self._grid) for number in range(len(waves))]
        self._spectra = torch.from_numpy(np.stack(spectra)).to(device)
        self._digest = _digest(waves)
        fixed, per_A, slope, slope_per_A = (
            torch.from_numpy(values.astype(np.float32)).to(device)
            for values in lens_phases(*frequencies(self._grid, extent_A), microscope)
        )
        self._phases, self._slopes = (fixed, per_A), (slope, slope_per_A)
        nodes, weights = np.polynomial.hermite.hermgauss(_NODES)
        self._nodes = torch.from_numpy(nodes.astype(np.float32)).to(device)
        self._weights = torch.from_numpy((weights / weights.sum()).astype(np.float32)).to(device)
        ky, kx = frequencies(self._grid, extent_A)
        half = kx[: self._grid[1] // 2]
        spread = np.exp(-2 * np.pi**2 * microscope.image_spread_A**2 * (ky**2 + half**2))
        keep_y = int((spread[: len(ky) // 2, 0] > _NEGLIGIBLE).sum())
        self._rows = np.r_[0:keep_y, len(ky) - keep_y + 1 : len(ky)]
        self._columns = np.arange(int((spread[0] > _NEGLIGIBLE).sum()))
        self._ky, self._kx = ky[self._rows, 0], half[self._columns]
        kept = spread[np.ix_(self._rows, self._columns)]
        # Negative frequencies along x are the conjugates of the positive ones.
        kept[:, 1:] *= 2
        self._spread = torch.from_numpy(kept.astype(np.float32)).to(device)

    def random_crops(self, random: np.random.Generator, count: int) -> Tensor:
        """Form crops of training images drawn with equal chance."""
        images = random.integers(len(self._waves.wave_of), size=count)
        jitter = self._optics.defocus_jitter_nm * random.uniform(-1, 1, count)
        defocus_nm = self._waves.defocus_nm[images] + jitter
        spread_nm = self._spread_nm * random.uniform(*self._optics.spread_range, count)
        spectra = self.image_spectra(self._waves.wave_of[images], defocus_nm, spread_nm)
        over = self._overhang_px
        origins = np.stack(
            [random.integers(-over, room + over + 1, size=count) for room in self._room_px], 1
        )
        angles = self._optics.rotation_deg * random.uniform(-1, 1, count)
        if not self._optics.rotation_deg:
            return self._evaluate(spectra, origins, self._side, self._binning)
        return self._rotated(spectra, origins, angles)

    def image_spectra(
        self, wave: np.ndarray, defocus_nm: np.ndarray, spread_nm: np.ndarray
    ) -> Tensor:
        """Return the Fourier coefficients of images formed from waves.

        Parameters
        ----------
        wave : ndarray of int, shape (n,)
            Indices of the exit waves.
        defocus_nm, spread_nm : ndarray, shape (n,)
            Defocus (positive is overfocus) and focal spread (half-width to 1/e).

        Returns
        -------
        Tensor of complex64, shape (n, rows, columns)
            Coefficients of the frequencies kept; vacuum is 1 at frequency 0.
        """
        spectra = []
        for index, focus, spread in zip(wave, defocus_nm, spread_nm, strict=True):
            c10_A = 10 * (float(focus) + float(spread) * self._nodes[:, None, None])
            damping = torch.exp(-((self._slopes[0] + c10_A * self._slopes[1]) ** 2))
            lens = torch.polar(damping, -(self._phases[0] + c10_A * self._phases[1]))
            coherent = torch.fft.ifft2(self._spectra[int(index)] * lens, norm="forward")
            intensity = coherent.real.square() + coherent.imag.square()
            image = torch.einsum("n,nyx->yx", self._weights, intensity)
            half = torch.fft.rfft2(image, norm="forward")[self._rows][:, self._columns]
            spectra.append(half * self._spread)
        return torch.stack(spectra)

    def digest(self) -> str:
        """Return a digest of the waves and defoci."""
        return self._digest

    def _evaluate(self, spectra: Tensor, origins: np.ndarray, side: int, step_px: float) -> Tensor:
        """Evaluate the Fourier series at bins that begin at `origins` px; (n, 2, side, side).

        The bins are `step_px` apart and `binning` wide.
        """
        centres_px = np.arange(side) * step_px + (self._binning - 1) / 2
        y, x = (self._pixel_A * (origins[:, axis, None] + centres_px) for axis in (0, 1))
        to_y = self._tensor(np.exp(2j * np.pi * y[:, :, None] * self._ky))
        to_x = self._tensor(np.exp(2j * np.pi * x[:, :, None] * self._kx))
        mean_y, mean_x = (
            self._tensor(_mean_over_bin(k * self._pixel_A, self._binning))
            for k in (self._ky, self._kx)
        )
        centre = (to_y @ spectra @ to_x.mT).real
        mean = (to_y @ (mean_y[:, None] * spectra * mean_x) @ to_x.mT).real
        return torch.stack([mean, centre], dim=1)

    def _rotated(self, spectra: Tensor, origins: np.ndarray, angles: np.ndarray) -> Tensor:
        """Rotate crops about their centres, by cubic interpolation from half-bins around them."""
        reach = math.ceil(self._side * (math.sqrt(2) - 1) / 2) + 2
        around = self._evaluate(
            spectra,
            origins - reach * self._binning,
            2 * (self._side + 2 * reach),
            self._binning / 2,
        )
        # Half-bin j of the surroundings is at bin j / 2 - reach of the crop.
        radians = np.deg2rad(angles)
        cos, sin = np.cos(radians), np.sin(radians)
        offsets = np.arange(self._side) - (self._side - 1) / 2
        middle = (self._side - 1) / 2
        y, x = offsets[:, None], offsets[None, :]
        rows = cos[:, None, None] * y + sin[:, None, None] * x + middle
        columns = -sin[:, None, None] * y + cos[:, None, None] * x + middle
        last = around.shape[-1] - 1
        grid = np.stack([columns, rows], axis=-1)
        normal = torch.from_numpy((4 * (grid + reach) / last - 1).astype(np.float32))
        return functional.grid_sample(
            around, normal.to(self._device), mode="bicubic", align_corners=True
        )

    def _tensor(self, values: np.ndarray) -> Tensor:
        kind = np.complex64 if np.iscomplexobj(values) else np.float32
        return torch.from_numpy(values.astype(kind)).to(self._device)


def crop_spectrum(spectrum: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Crop or pad Fourier coefficients to another grid.

    Parameters
    ----------
    spectrum : ndarray of complex64, shape (y, x)
        Frequency 0 first.
    grid : tuple of int
        (y, x) of the result.

    Returns
    -------
    ndarray of complex64, shape `grid`
    """
    cropped = np.zeros(grid, dtype=np.complex64)
    halves = [
        (slice(0, (min(new, old) + 1) // 2), slice(-(min(new, old) - 1) // 2, None))
        for new, old in zip(grid, spectrum.shape, strict=True)
    ]
    for rows in halves[0]:
        for columns in halves[1]:
            cropped[rows, columns] = spectrum[rows, columns]
    return cropped


def _mean_over_bin(cycles_per_px: np.ndarray, binning: int) -> np.ndarray:
    """Return the factor of the mean over `binning` pixels on a frequency."""
    half = np.pi * cycles_per_px
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sin(binning * half) / (binning * np.sin(half))
    return np.where(cycles_per_px == 0, 1.0, ratio)


def _digest(waves: TrainingWaves) -> str:
    state = hashlib.sha256(np.ascontiguousarray(waves.wave_of).tobytes())
    state.update(np.ascontiguousarray(waves.defocus_nm).tobytes())
    for number in sorted({0, len(waves) // 2, len(waves) - 1}):
        state.update(np.ascontiguousarray(waves[number]).tobytes())
    return state.hexdigest()[:16]
