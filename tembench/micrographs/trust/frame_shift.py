"""Frame shift: how far other frames are displaced from the image that they are to judge."""

from __future__ import annotations

import numpy as np
from scipy import fft

from tembench.metrics import SIGMA_A, blob_response

_REACH_A = 1.2
"""Farther shifts are not told from a step of the lattice."""
_SIGNIFICANT = 5.0


def frame_shift_A(
    counts: np.ndarray, frames: np.ndarray, pixel_size_A: float
) -> tuple[float, float]:
    """Measure the displacement of other frames from an image.

    Parameters
    ----------
    counts, frames : numpy.ndarray
        Counts (y, x) with independent noise.
    pixel_size_A : float
        Angstrom per pixel.

    Returns
    -------
    y, x : float
        Displacement up to 1.2 A, angstrom; zero where the correlation of both images is not higher
        there by five standard errors of the noise than without a displacement.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> y, x = np.mgrid[:256, :256]
    >>> clean = 2 + np.cos(x / 3.5) * np.cos(y / 3.5)
    >>> moved = np.roll(clean, (3, 0), axis=(0, 1))
    >>> frame_shift_A(generator.poisson(clean), generator.poisson(moved), 0.1)
    (0.30000000000000004, 0.0)
    """
    sigma_px = SIGMA_A / pixel_size_A
    first, second = (
        fft.rfft2(blob_response(image, sigma_px).astype(np.float64), workers=1)
        for image in (counts, frames)
    )
    delta = np.zeros(counts.shape, dtype=np.float32)
    centre = tuple(side // 2 for side in counts.shape)
    delta[centre] = 1
    kernel = np.abs(fft.rfft2(blob_response(delta, sigma_px).astype(np.float64), workers=1)) ** 2
    correlation = fft.irfft2(first.conj() * second, counts.shape, workers=1)
    noises = [float(image.sum(dtype=np.float64)) * kernel for image in (counts, frames)]
    spread = np.abs(first) ** 2 * noises[1] + np.abs(second) ** 2 * noises[0]
    reach = max(1, round(_REACH_A / pixel_size_A))
    steps = np.arange(-reach, reach + 1)
    near = np.hypot(steps[:, None], steps) <= reach
    part = np.where(near, correlation[np.ix_(steps, steps)], -np.inf)
    y, x = np.unravel_index(int(part.argmax()), part.shape)
    down, right = int(steps[y]), int(steps[x])
    # Two values of the correlation differ by what turns in phase from one place to the other.
    rows, columns = fft.fftfreq(counts.shape[0]), fft.rfftfreq(counts.shape[1])
    phase = 2 * np.pi * (rows[:, None] * down + columns * right)
    # Half of the plane stands for the whole.
    error = np.sqrt(2 * float((spread * (2 - 2 * np.cos(phase))).sum())) / counts.size
    if part[y, x] - correlation[0, 0] <= _SIGNIFICANT * error:
        return 0.0, 0.0
    return down * pixel_size_A, right * pixel_size_A
