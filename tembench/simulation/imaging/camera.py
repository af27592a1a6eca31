"""Camera: the image that it records of an expected one, with its noise power and its DQE.

An expected image holds the electrons per pixel that arrive; its transfer MTF(k) is the camera's,
the pixel's own area included. MTF(0) = 1. With a dose of N electrons per pixel, in cycles per pixel
for k and in squared electrons per pixel for the noise power W (W = N for an ideal camera):

=========== ====================================================== ===========================
kind        W(k)                                                   DQE(k) = N MTF(k)^2 / W(k)
=========== ====================================================== ===========================
ideal       N                                                      1
counting    N / dqe                                                dqe MTF(k)^2
integrating N MTF(k)^2 / dqe + (read_noise^2 + 1 / 12) / gain^2    dqe, less by read noise
=========== ====================================================== ===========================

Counting removes the variance of an electron's signal and the read noise, and with them the falling
noise power that belongs to the MTF; cameras of both kinds are measured and compared by McMullan et
al., Ultramicroscopy 109, 1126 (2009) and 147, 156 (2014). Losses of a counting camera at high dose
rates (coincidences) are not part of the model.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import scipy.fft

from tembench.core import RecipeError

if TYPE_CHECKING:
    from tembench.recipe import Camera

DIGITAL_RANGE = 65535
"""Largest digital count of an integrating camera, of 16 bits."""


def record_with_camera(
    expected_e_per_px: np.ndarray, camera: Camera[float], generator: np.random.Generator
) -> np.ndarray:
    """Draw the image that a camera records.

    Parameters
    ----------
    expected_e_per_px : ndarray of float32, shape (y, x)
        Expected electrons per pixel that arrive.
    camera : Camera
        Its kind decides: ``"ideal"`` counts every electron in its pixel and uses no other value.
        ``"counting"`` loses electrons with the probability 1 - dqe, and places the others with an
        error whose transfer is the MTF; a count stands for 1 / dqe electrons. ``"integrating"``
        gives every electron a random signal of mean 1 and variance 1 / dqe - 1 (gamma distributed;
        lost electrons would have the same effect on the noise power), spreads it by the MTF, adds
        read noise and offset, rounds to whole digital counts between 0 and `DIGITAL_RANGE`, and
        corrects for offset and gain.
    generator : numpy.random.Generator
        All that is random comes from it.

    Returns
    -------
    ndarray, shape (y, x)
        Electrons per pixel: counts in uint8, uint16 or uint32, the smallest that holds them, if the
        camera is ideal, else float32. The image is mirrored at its edges, so that the spread
        loses no electron there.

    Raises
    ------
    RecipeError
        If the expected signal itself is beyond the range of an integrating camera, or the MTF is
        not defined.

    Examples
    --------
    >>> import numpy as np
    >>> from tembench.recipe import Camera
    >>> camera = Camera(kind="counting", dqe=0.8, mtf=(1, 0, 0.4, 3), gain=1, offset=0,
    ...                 read_noise=0)
    >>> flat = np.full((256, 256), 0.5, dtype=np.float32)
    >>> image = record_with_camera(flat, camera, np.random.default_rng(0))
    >>> print(f"{image.mean():.2f} {image.var():.2f} {noise_variance(camera, 0.5):.3f}")
    0.50 0.62 0.625
    """
    if camera.kind == "ideal":
        counts = generator.poisson(expected_e_per_px)
        return counts.astype(np.min_scalar_type(counts.max(initial=0)))
    if camera.kind == "counting":
        # A transfer that falls steeply rings; no place expects fewer electrons than none.
        blurred = np.maximum(_spread_by_mtf(expected_e_per_px, camera), 0)
        return generator.poisson(camera.dqe * blurred).astype(np.float32) / np.float32(camera.dqe)
    if camera.kind == "integrating":
        return _integrated(expected_e_per_px, camera, generator)
    raise ValueError(f"unknown kind of camera: {camera.kind}")


def modulation_transfer(camera: Camera[float], frequencies: np.ndarray) -> np.ndarray:
    """Modulation transfer function of a camera, 1 at frequency 0.

    Parameters
    ----------
    camera : Camera
        Its MTF is that of abTEM's ``default_mtf_func``, divided by its value at frequency 0 (c0 for
        c3 other than 0): ((c0 - c1) / (1 + (k / (2 c2))^|c3|) + c1) / c0.
    frequencies : ndarray
        Spatial frequencies in cycles per pixel; Nyquist's is 0.5.

    Returns
    -------
    ndarray
        Transfer at each frequency. abTEM 1.0.11 multiplies an image's spectrum by the root of this
        function; here it is the transfer itself.
    """
    frequencies = np.asarray(frequencies, dtype=np.result_type(frequencies, np.float32))
    if camera.kind == "ideal":
        return np.ones_like(frequencies)
    return _mtf(frequencies, camera.mtf) / _mtf(np.zeros((), frequencies.dtype), camera.mtf)


def noise_power(camera: Camera[float], frequencies: np.ndarray, dose: float) -> np.ndarray:
    """Noise power of an evenly lit image.

    Parameters
    ----------
    camera : Camera
        The camera.
    frequencies : ndarray
        Spatial frequencies in cycles per pixel.
    dose : float
        Electrons per pixel.

    Returns
    -------
    ndarray
        Power in squared electrons per pixel, the squared modulus of the noise's Fourier transform
        over the number of pixels. Rounding to digital counts is taken as noise of 1 / 12 squared
        counts, which holds for a read noise above half a count; clipping at count 0 is not part of
        it, so that the offset should be four times the read noise or more.
    """
    frequencies = np.asarray(frequencies, dtype=float)
    if camera.kind == "ideal":
        return np.full_like(frequencies, dose)
    if camera.kind == "counting":
        return np.full_like(frequencies, dose / camera.dqe)
    signal = dose / camera.dqe * modulation_transfer(camera, frequencies) ** 2
    return signal + _readout_variance(camera)


def detective_quantum_efficiency(
    camera: Camera[float], frequencies: np.ndarray, dose: float
) -> np.ndarray:
    """Detective quantum efficiency DQE(k) = dose MTF(k)^2 / W(k), read noise included.

    Parameters
    ----------
    camera : Camera
        The camera.
    frequencies : ndarray
        Spatial frequencies in cycles per pixel.
    dose : float
        Electrons per pixel, above 0.

    Returns
    -------
    ndarray
        Share of the electrons that an ideal camera would need for the same ratio of signal to
        noise.
    """
    transfer = modulation_transfer(camera, np.asarray(frequencies, dtype=float))
    return dose * transfer**2 / noise_power(camera, frequencies, dose)


def noise_variance(camera: Camera[float], dose: float) -> float:
    """Variance of a pixel of an evenly lit image: the mean of `noise_power` over all frequencies.

    Parameters
    ----------
    camera : Camera
        The camera.
    dose : float
        Electrons per pixel.

    Returns
    -------
    float
        Squared electrons per pixel.
    """
    if camera.kind != "integrating":
        return float(noise_power(camera, np.zeros(()), dose))
    return float(dose / camera.dqe * _mean_square_transfer(camera) + _readout_variance(camera))


def _integrated(
    expected: np.ndarray, camera: Camera[float], generator: np.random.Generator
) -> np.ndarray:
    _within_range(float(expected.max(initial=0)), camera)
    signal = _signals(generator.poisson(expected), 1 / camera.dqe - 1, generator)
    signal = camera.gain * _spread_by_mtf(signal, camera) + np.float32(camera.offset)
    signal += np.float32(camera.read_noise) * generator.standard_normal(
        signal.shape, dtype=np.float32
    )
    digital = np.clip(np.rint(signal), 0, DIGITAL_RANGE)
    return ((digital - np.float32(camera.offset)) / np.float32(camera.gain)).astype(np.float32)


def _signals(electrons: np.ndarray, variance: float, generator: np.random.Generator) -> np.ndarray:
    """Sum of the signals of each pixel's electrons, of mean 1 and a variance, as float32."""
    signals = electrons.astype(np.float32)
    if variance > 1e-6:
        # A sum of n gamma variates of shape 1 / v is one of shape n / v.
        hit = electrons > 0
        shapes = signals[hit] / np.float32(variance)
        signals[hit] = generator.standard_gamma(shapes, dtype=np.float32) * np.float32(variance)
    return signals


def _within_range(electrons: float, camera: Camera[float]) -> None:
    needed = camera.gain * electrons + camera.offset
    if needed > DIGITAL_RANGE:
        raise RecipeError(
            "the image is beyond the range of its camera",
            where="detector",
            expected=f"at most {DIGITAL_RANGE} digital counts (16 bits)",
            got=f"{needed:.0f}, for {electrons:.4g} electrons per pixel",
            remedy="lower the dose, the gain or the offset",
        )


def _spread_by_mtf(image: np.ndarray, camera: Camera[float]) -> np.ndarray:
    # The cosine transform is the Fourier transform of the image extended by its mirror images.
    transfer = modulation_transfer(camera, _cosine_frequencies(image.shape))
    spectrum = scipy.fft.dctn(image.astype(np.float32), norm="ortho", overwrite_x=True)
    spectrum *= transfer
    return scipy.fft.idctn(spectrum, norm="ortho", overwrite_x=True)


@functools.lru_cache(maxsize=4)
def _cosine_frequencies(shape: tuple[int, ...]) -> np.ndarray:
    """Frequencies of a cosine transform in cycles per pixel, float32."""
    fy, fx = (np.arange(size, dtype=np.float32) / (2 * size) for size in shape)
    found = np.hypot(fy[:, None], fx).astype(np.float32)
    found.flags.writeable = False
    return found


def _mtf(frequencies: np.ndarray, mtf: tuple[float, float, float, float]) -> np.ndarray:
    c0, c1, c2, c3 = (frequencies.dtype.type(c) for c in mtf)
    if not (c0 > 0 and c2 > 0):
        raise RecipeError(
            "no transfer function",
            where="detector mtf",
            expected="c0 and c2 above 0",
            got=f"c0 {c0:g}, c2 {c2:g}",
        )
    return (c0 - c1) / (1 + (frequencies / (2 * c2)) ** abs(c3)) + c1


def _mean_square_transfer(camera: Camera[float]) -> float:
    """Mean of MTF^2 over all frequencies of a pixel grid, by midpoints (to 1e-4 or better)."""
    axis = (np.arange(256) + 0.5) / 512
    return float(np.mean(modulation_transfer(camera, np.hypot(axis[:, None], axis)) ** 2))


def _readout_variance(camera: Camera[float]) -> float:
    """Variance of read noise and rounding, in squared electrons."""
    return (camera.read_noise**2 + 1 / 12) / camera.gain**2
