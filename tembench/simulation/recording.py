"""Recording of an expected image by any detector of a recipe."""

from __future__ import annotations

import numpy as np

from tembench.recipe import Camera, Detector
from tembench.simulation.detector import detect
from tembench.simulation.imaging.camera import record_with_camera


def draw_recording(
    expected: np.ndarray, detector: Detector | Camera[float] | None, draw: np.random.Generator
) -> np.ndarray:
    """Draw a noisy image.

    Parameters
    ----------
    expected : ndarray, shape (y, x)
        Expected electrons per pixel.
    detector : Detector, Camera or None
        None counts every electron in the pixel that it hits.
    draw : numpy.random.Generator
        Source of the noise.

    Returns
    -------
    ndarray, shape (y, x)
        Counts, or electrons per pixel in float32.
    """
    if detector is None:
        return draw.poisson(expected)
    if isinstance(detector, Detector):
        return detect(expected, detector, draw)
    return record_with_camera(expected, detector, draw)
