"""Arrays that one task of a generation makes, as they are written to a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Record = Callable[[int, int], np.ndarray]
"""Draws a noisy image, given the index of its clean image in the task and the copy's number."""


@dataclass(frozen=True, kw_only=True)
class TaskArrays:
    """Arrays of one task: a model, or a window of specimens.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (waves, ky, kx)
        Its exit waves.
    packed : ndarray of uint16, shape (images, y, x)
        Clean images, packed as in the store.
    others : mapping of str to ndarray
        Values of other arrays of the store, by name, for the selection that `Contents.others_of`
        gives.
    record : callable
        Draws noisy images.
    """

    spectra: np.ndarray
    packed: np.ndarray
    others: Mapping[str, np.ndarray]
    record: Record
