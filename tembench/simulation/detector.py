"""Exposure and detection of an image: dose and drift of its condition, noise of the detector.

Dose and drift change the expected image, which is the ground truth of a denoiser. The detector
changes how it is recorded, in this order:

1. Detection: each electron is counted with the probability `dqe`, and a count stands for 1 / dqe
   electrons. The mean stays, the variance is 1 / dqe times that of shot noise.
2. Spread: a count is spread over its neighbours by a Gaussian, whose transfer function falls to
   `mtf_nyquist` at half the sampling frequency. It correlates the noise of neighbouring pixels and
   blurs the image; the ground truth is the image before the blur.
3. Read noise: Gaussian, independent in each pixel, of mean zero; values may be negative.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from tembench.core import seed_sequence
from tembench.recipe import Condition, Detector

_NOISE_STAGE = "noise"
NOISE_STEP_E = 2.0**-7
"""Recorded values are rounded to this step, so that a store holds them as 16-bit integers.

The range is 256 electrons per pixel, and rounding adds 0.002 electrons of noise (root mean square).
"""


def expose(
    images: np.ndarray, condition: Condition, dose_e_per_px: float, pixel_size_A: float
) -> np.ndarray:
    """Expected images under a condition.

    Parameters
    ----------
    images : ndarray of float32, shape (..., y, x)
        Expected electrons per pixel of a specimen at rest.
    condition : Condition
        Its dose and drift are applied.
    dose_e_per_px : float
        The dose that `images` were formed at.
    pixel_size_A : float
        Pixel size of the images.

    Returns
    -------
    ndarray of float32, shape (..., y, x)
        `images` itself where the condition changes nothing.
    """
    if condition.drift_A != (0.0, 0.0):
        images = drifted(images, condition.drift_A, pixel_size_A)
    if condition.dose_e_per_px != dose_e_per_px:
        images = images * np.float32(condition.dose_e_per_px / dose_e_per_px)
    return images


def drifted(images: np.ndarray, drift_A: tuple[float, float], pixel_size_A: float) -> np.ndarray:
    """Images of a specimen that moves evenly during the exposure.

    Parameters
    ----------
    images : ndarray of float32, shape (..., y, x)
        Images of the specimen at rest.
    drift_A : tuple of float
        Displacement along x and y from the beginning of the exposure to its end.
    pixel_size_A : float
        Pixel size of the images.

    Returns
    -------
    ndarray of float32, shape (..., y, x)
        The average over the drift, centred: at half time the specimen is at its position at rest.
        The transfer function is sinc(k d) = sin(pi k d) / (pi k d) for the displacement d.

    Notes
    -----
    Images are periodic along x and not along y, where they are extended by their mirror image; it
    appears within half the drift of the upper and the lower edge.
    """
    height, width = images.shape[-2:]
    ky = scipy.fft.fftfreq(2 * height, pixel_size_A)[:, None]
    kx = scipy.fft.rfftfreq(width, pixel_size_A)
    transfer = np.sinc(kx * drift_A[0] + ky * drift_A[1]).astype(np.float32)
    moved = np.empty_like(images)
    for index in np.ndindex(images.shape[:-2]):
        whole = np.concatenate([images[index], images[index][::-1]])
        spectrum = scipy.fft.rfft2(whole, overwrite_x=True) * transfer
        moved[index] = scipy.fft.irfft2(spectrum, s=whole.shape, overwrite_x=True)[:height]
    return moved


def record(
    expected: np.ndarray, detector: Detector | None, seed: int, image: int, copy: int = 0
) -> np.ndarray:
    """Draw the recorded image of an expected one.

    Parameters
    ----------
    expected : ndarray, shape (y, x)
        Expected electrons per pixel.
    detector : Detector or None
        None counts every electron in the pixel that it hits.
    seed : int
        The recipe's seed.
    image : int
        Number of the image in the store.
    copy : int
        Number of the independent copy; methods see copy 0.

    Returns
    -------
    ndarray of uint8 or float32, shape (y, x)
        Counts, or with a detector electrons per pixel in whole steps of `NOISE_STEP_E`. They depend
        on the arguments alone.
    """
    if detector is None:
        return draw_counts(expected, seed, image, copy)
    return detect(expected, detector, noise_generator(seed, image, copy))


def draw_counts(expected: np.ndarray, seed: int, image: int, copy: int = 0) -> np.ndarray:
    """Draw shot noise.

    Parameters
    ----------
    expected : ndarray, shape (y, x)
        Expected electrons per pixel.
    seed : int
        The recipe's seed.
    image : int
        Number of the image in the store.
    copy : int
        Number of the independent copy; methods see copy 0.

    Returns
    -------
    ndarray of uint8, shape (y, x)
        Counts; they depend on the arguments alone.
    """
    counts = noise_generator(seed, image, copy).poisson(expected)
    if counts.max(initial=0) > 255:
        raise ValueError("counts beyond 255 do not fit into uint8")
    return counts.astype(np.uint8)


def noise_generator(seed: int, image: int, copy: int) -> np.random.Generator:
    """Random generator of one noisy image; arguments as in `draw_counts`."""
    return np.random.Generator(np.random.PCG64(seed_sequence(seed, _NOISE_STAGE, image, copy)))


def detect(expected: np.ndarray, detector: Detector, draw: np.random.Generator) -> np.ndarray:
    """Draw the image that a detector records, float32, (y, x); see `record`."""
    electrons = draw.poisson(detector.dqe * expected).astype(np.float32) / np.float32(detector.dqe)
    if detector.mtf_nyquist < 1:
        electrons = _spread(electrons, detector.mtf_nyquist)
    electrons += np.float32(detector.read_noise_e) * draw.standard_normal(
        electrons.shape, dtype=np.float32
    )
    steps = np.rint(electrons / np.float32(NOISE_STEP_E))
    if np.abs(steps).max(initial=0) > 32767:
        raise ValueError("recorded electrons beyond 256 per pixel do not fit into 16 bits")
    return steps * np.float32(NOISE_STEP_E)


def _spread(electrons: np.ndarray, mtf_nyquist: float) -> np.ndarray:
    """Spread counts by a Gaussian, mirrored at the edges, so that no electron is lost there."""
    # The cosine transform is the Fourier transform of the image extended by its mirror images.
    fy, fx = (np.arange(size, dtype=np.float32) / size for size in electrons.shape)
    transfer = np.float32(mtf_nyquist) ** (fy[:, None] ** 2 + fx**2)
    spectrum = scipy.fft.dctn(electrons, norm="ortho", overwrite_x=True) * transfer
    return scipy.fft.idctn(spectrum, norm="ortho", overwrite_x=True)
