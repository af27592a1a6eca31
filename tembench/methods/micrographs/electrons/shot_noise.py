"""Shot noise of any dose, drawn where a clean image is to be denoised."""

from __future__ import annotations

import numpy as np

from tembench.core import ImageError
from tembench.methods.micrographs.electrons.count_types import in_type_for
from tembench.simulate.detector import noise_generator

# Beyond, shot noise is less than the rounding of the image's single precision.
_MOST_E_PER_PX = 2.0**40


def check_drawable(most_e_per_px: float) -> None:
    """Refuse expected electrons beyond what shot noise can be drawn for."""
    if not most_e_per_px <= _MOST_E_PER_PX:
        raise ImageError(
            "has too many electrons to draw shot noise",
            expected=f"at most {_MOST_E_PER_PX:.2g} e/px",
            got=f"{most_e_per_px:.2g} e/px",
            remedy="Give a lower --dose",
        )


def shot_noise(clean: np.ndarray, seed: int) -> np.ndarray:
    """Return counts of an image of expected electrons, uint16 or as wide as they need."""
    return in_type_for(noise_generator(seed, 0, 0).poisson(clean), np.uint16)
