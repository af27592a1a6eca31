"""Other noise: a data set whose noisy images are recordings that no file keeps."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from tembench.dataset.storage import N_COPIES
from tembench.dataset.store import Store


def with_noise(store: Store, draw: int) -> Store:
    """The same clean images with other noise.

    Parameters
    ----------
    store : Store
        The data set.
    draw : int
        Number of the recordings, from 1; they are independent of each other, of what the store
        keeps, and of its copies.
    """
    return cast(Store, _OtherNoise(store, draw))


class _OtherNoise:
    """Reader of a data set with other noise; all but the noisy images is the store's own."""

    def __init__(self, store: Store, draw: int) -> None:
        self._store, self._draw = store, draw

    def __getattr__(self, name: str) -> Any:
        # Asked for by pickle before there is a store to ask.
        if name in ("_store", "_draw") or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._store, name)

    def noisy(self, image: int) -> np.ndarray:
        """Counts, (y, x), drawn from a seed of their own."""
        # The first numbers are those of the image that methods see and of its copies.
        return self._store.record(image, self._store.clean(image), N_COPIES + self._draw)

    noisy_image = Store.noisy_image

    def data_digest(self) -> str:
        """The store's, and the number of the recordings."""
        return f"{self._store.data_digest()} noise {self._draw}"
