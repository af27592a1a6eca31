"""Seeds of random numbers: one seed sequence per (recipe seed, stage, image, copy).

Every random draw starts here, so that workers, chunks and order change no value.
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_sequence(seed: int, stage: str, image: int = 0, copy: int = 0) -> np.random.SeedSequence:
    """Return the seed sequence of one draw.

    Parameters
    ----------
    seed : int
        The recipe's seed, non-negative.
    stage : str
        Purpose of the numbers, such as ``"noise"`` or ``"training"``.
    image : int
        Number of the image in the store.
    copy : int
        Number of the independent copy; 0 is the image that methods see.

    Returns
    -------
    numpy.random.SeedSequence
        Independent of the sequence of every other combination.
    """
    stage_word = int.from_bytes(hashlib.sha256(stage.encode()).digest()[:4], "little")
    return np.random.SeedSequence(seed, spawn_key=(stage_word, image, copy))
