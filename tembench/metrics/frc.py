"""Fourier ring correlation (FRC), and the resolution of a denoised image derived from it.

The spectra of the clean and the denoised image are correlated ring by ring. The resolution is
the length 1/k at the first frequency k, from coarse to fine, at which the correlation falls below
0.5. This is the usual threshold if one of the two images is perfect: it corresponds to 0.143
between two noisy halves (Rosenthal and Henderson), and means that the error has three times the
power of the signal.

Three choices adapt the rings to lattice images:

- Rings are 0.2 1/A wide and overlap, one every 0.02 1/A. A lattice has its power in a few
  reflections; between them a clean image is almost empty, and any denoiser would fail there:
  with rings of 0.1 1/A, the mean of a clean and a Gaussian-filtered image was resolved to 7 to 9 A,
  white noise of about the same error to 1.0 A. A ring of 0.2 1/A always contains a reflection of
  ceria or platinum, and detail invented between reflections still lowers its correlation.
- Rings start at 0.2 1/A (5 A), coarser than any lattice plane here. Coarser features are the
  outline of the particle and the shading of the support, which do not concern the resolution. Rings
  end at 1.5 1/A, where the clean images contain only rounding errors.
- Images are periodic along x but not along y: the top row is vacuum, the bottom row support. Both
  edges are tapered by half a cosine over 5 A; otherwise the step between them would produce a
  streak in both spectra, which correlates.

A gain that depends only on the frequency cancels in a narrow ring and nearly cancels in these: the
correlation measures whether details are right, not how strong they are. A Gaussian filter therefore
hardly changes the resolution of a noisy image.

References
----------
W. O. Saxton, W. Baumeister, J. Microsc. 127, 127-138 (1982),
doi 10.1111/j.1365-2818.1982.tb00405.x. P. B. Rosenthal, R. Henderson,
J. Mol. Biol. 333, 721-745 (2003), doi 10.1016/j.jmb.2003.07.013: the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft

BAND_PER_A = (0.2, 1.5)
STEP_PER_A = 0.02
STEPS_PER_RING = 10
TAPER_A = 5.0
THRESHOLD = 0.5
# Centres of the first and the last ring: a crossing beyond them cannot be observed.
COARSEST_A = 1 / (BAND_PER_A[0] + STEP_PER_A * STEPS_PER_RING / 2)
FINEST_A = 1 / (BAND_PER_A[1] - STEP_PER_A * STEPS_PER_RING / 2)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Fourier coefficients of one image within the band of the rings.

    Attributes
    ----------
    coefficients : array of complex (coefficients,)
        Coefficients of half the plane, sorted by annuli of 0.02 1/A.
    shape : tuple of int
        Rows and columns of the image.
    pixel_size_A : float
        Pixel size in angstrom.
    """

    coefficients: np.ndarray
    shape: tuple[int, int]
    pixel_size_A: float


@dataclass(frozen=True, eq=False)
class _Grid:
    """Positions of the band in the half plane of a real transform, sorted by annulus."""

    rows: np.ndarray
    columns: np.ndarray
    columns_kept: int
    weights: np.ndarray
    annuli: np.ndarray
    taper: np.ndarray


def spectrum(image: np.ndarray, *, pixel_size_A: float) -> Spectrum:
    """Transform an image once, for comparison with any number of others.

    Parameters
    ----------
    image : array (y, x)
        Periodic along x; any scale.
    pixel_size_A : float
        Pixel size.

    Returns
    -------
    Spectrum
        Coefficients of zero for a constant image.
    """
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"an image (y, x) expected, got shape {image.shape}")
    rows, columns = image.shape
    grid = _grid(rows, columns, float(pixel_size_A))
    # Relative to one of its own pixels, a constant image is exactly zero.
    deviation = np.subtract(image, image[0, 0], dtype=np.float64)
    mean = (grid.taper @ deviation.mean(axis=1)) / grid.taper.sum()
    deviation -= mean
    deviation *= grid.taper[:, np.newaxis]
    # The band is a small part of the plane: columns outside it are not transformed along y.
    along_x = fft.rfft(deviation, axis=1, workers=1)[:, : grid.columns_kept]
    plane = fft.fft(along_x, axis=0, workers=1)
    return Spectrum(plane[grid.rows, grid.columns], (rows, columns), float(pixel_size_A))


def ring_correlation(clean: Spectrum, denoised: Spectrum) -> tuple[np.ndarray, np.ndarray]:
    """Correlate two spectra ring by ring; see `fourier_ring_correlation`."""
    if (clean.shape, clean.pixel_size_A) != (denoised.shape, denoised.pixel_size_A):
        raise ValueError(
            f"two images of one shape and pixel size expected, got {clean.shape} at "
            f"{clean.pixel_size_A} A and {denoised.shape} at {denoised.pixel_size_A} A"
        )
    grid = _grid(*clean.shape, clean.pixel_size_A)
    a, b = clean.coefficients, denoised.coefficients
    common = _ring_sums(grid, a.real * b.real + a.imag * b.imag)
    # Square roots first: the product of two powers could underflow.
    powers = [np.sqrt(_ring_sums(grid, s.real**2 + s.imag**2)) for s in (a, b)]
    scale = powers[0] * powers[1]
    correlation = np.divide(common, scale, out=np.zeros_like(common), where=scale > 0)
    middles = BAND_PER_A[0] + STEP_PER_A * (STEPS_PER_RING / 2 + np.arange(common.size))
    seen = _ring_sums(grid, grid.weights) > 0
    return middles[seen], np.clip(correlation[seen], -1.0, 1.0)


def fourier_ring_correlation(
    clean: np.ndarray, denoised: np.ndarray, *, pixel_size_A: float
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of two images' spectra in rings of spatial frequency.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Periodic along x. Scale and offset of either change nothing.
    pixel_size_A : float
        Pixel size.

    Returns
    -------
    frequency_per_A : array (rings,)
        Middles of the rings, 0.3 to 1.4 1/A in steps of 0.02; rings without a single coefficient
        (pixels too coarse, image too small) are left out.
    correlation : array (rings,)
        Between -1 and 1; 0 where either image has no power.
    """
    return ring_correlation(
        spectrum(clean, pixel_size_A=pixel_size_A), spectrum(denoised, pixel_size_A=pixel_size_A)
    )


def crossing_A(frequency_per_A: np.ndarray, correlation: np.ndarray) -> float:
    """Length 1/k at which a ring correlation first falls below 0.5; see `resolution_A`."""
    low = np.flatnonzero(~(correlation >= THRESHOLD))  # so that NaN is low, too
    if correlation.size == 0 or (low.size and low[0] == 0):
        return COARSEST_A
    if low.size == 0:
        return FINEST_A
    k0, k1 = frequency_per_A[low[0] - 1 : low[0] + 1]
    c0, c1 = correlation[low[0] - 1 : low[0] + 1]
    return float(1 / (k0 + (k1 - k0) * (c0 - THRESHOLD) / (c0 - c1)))


def resolution_A(clean: np.ndarray, denoised: np.ndarray, *, pixel_size_A: float) -> float:
    """Finest detail down to which a denoised image agrees with the clean one.

    Parameters
    ----------
    clean, denoised : array (y, x)
        Periodic along x.
    pixel_size_A : float
        Pixel size.

    Returns
    -------
    float
        1/k at the first fall below 0.5, linear between rings: `FINEST_A` (0.71 A) where no ring
        is below, `COARSEST_A` (3.33 A) where the first one is, as for a constant image.

    Examples
    --------
    >>> import numpy as np
    >>> lattice = np.cos(np.arange(96) * np.pi / 6) + np.zeros((96, 1))
    >>> round(resolution_A(lattice, lattice, pixel_size_A=0.2), 3)
    0.714
    >>> round(resolution_A(lattice, np.zeros((96, 96)), pixel_size_A=0.2), 3)
    3.333
    """
    return crossing_A(*fourier_ring_correlation(clean, denoised, pixel_size_A=pixel_size_A))


@lru_cache(maxsize=8)
def _grid(rows: int, columns: int, pixel_size_A: float) -> _Grid:
    ky = fft.fftfreq(rows, pixel_size_A)
    kx = fft.rfftfreq(columns, pixel_size_A)
    kx = kx[kx < BAND_PER_A[1]]
    # In a box of 50 A, whole columns of coefficients are on ring edges: 1e-6 absorbs rounding.
    annulus = np.floor((np.hypot(ky[:, np.newaxis], kx) - BAND_PER_A[0]) / STEP_PER_A + 1e-6)
    inside = (annulus >= 0) & (annulus < _annuli())
    row, column = np.nonzero(inside)
    order = np.argsort(annulus[row, column], kind="stable")
    row, column = row[order], column[order]
    # Half the plane is kept: each coefficient represents its conjugate too, unless it is its own.
    own = (column == 0) | (2 * column == columns)
    return _Grid(
        rows=row,
        columns=column,
        columns_kept=kx.size,
        weights=np.where(own, 1.0, 2.0),
        annuli=annulus[row, column].astype(np.intp),
        taper=_taper(rows, pixel_size_A),
    )


def _annuli() -> int:
    return round((BAND_PER_A[1] - BAND_PER_A[0]) / STEP_PER_A)


def _taper(rows: int, pixel_size_A: float) -> np.ndarray:
    """Weight of each row: 1, with a half-cosine taper over the outermost 5 A (Tukey window)."""
    to_edge_A = pixel_size_A * (np.minimum(np.arange(rows), np.arange(rows)[::-1]) + 0.5)
    share = np.minimum(to_edge_A / min(TAPER_A, rows * pixel_size_A / 2), 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * share)


def _ring_sums(grid: _Grid, values: np.ndarray) -> np.ndarray:
    """Sums over rings of ten adjacent annuli."""
    sums = np.bincount(grid.annuli, weights=grid.weights * values, minlength=_annuli())
    return np.convolve(sums, np.ones(STEPS_PER_RING), mode="valid")
