"""From expected electrons to counts."""

from __future__ import annotations

import numpy as np

from tembench.core import seed_sequence

STAGE = "noise"


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
        Counts. They depend on nothing but the arguments.
    """
    counts = generator(seed, image, copy).poisson(expected)
    if counts.max(initial=0) > 255:
        raise ValueError("counts beyond 255 do not fit into uint8")
    return counts.astype(np.uint8)


def generator(seed: int, image: int, copy: int) -> np.random.Generator:
    """The generator of one noisy image; arguments as in `draw_counts`."""
    return np.random.Generator(np.random.PCG64(seed_sequence(seed, STAGE, image, copy)))
