"""Opaque numbers of images: their names in inputs; neither number nor order reveals anything.

The upper bits are a keyed hash of the image's series, the lower ones its place in the series.
Ascending numbers are therefore series in shuffled order, each with its frames in their own. The key
of a sealed test follows from its secret seed, and the organiser's store keeps it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tembench.dataset.storage import SEALED_IDS
from tembench.recipe import Recipe

if TYPE_CHECKING:
    from tembench.dataset.store import Store

# No store has so many images: an opaque number is never a store's own.
_LEAST = 1 << 62
_HASHED_BITS, _PLACE_BITS = 52, 10


def opaque_numbers(store: Store, images: Iterable[int]) -> list[int]:
    """Numbers that inputs give to a store's images; those of a closed recipe stay as they are.

    Parameters
    ----------
    store : Store
        The data set.
    images : iterable of int
        Numbers of images in the store.

    Returns
    -------
    list of int
        2^62 or more for a drawn store, below 2^63.
    """
    images = [int(image) for image in images]
    if isinstance(store.recipe, Recipe):
        return images
    kept = store.files.group.attrs.get(SEALED_IDS)
    # Whoever has the seed of an open test can draw its truth, so the order need not be secret.
    key = str(kept or f"open {store.recipe_id}").encode()
    return [_opaque(key, store.series(image), image) for image in images]


def _opaque(key: bytes, series: list[int], image: int) -> int:
    digest = hmac.digest(key, str(series[0]).encode(), hashlib.sha256)
    hashed = int.from_bytes(digest[:8]) >> (64 - _HASHED_BITS)
    return _LEAST | hashed << _PLACE_BITS | series.index(image)


def own_numbers(store: Store, numbers: np.ndarray) -> np.ndarray:
    """The store's numbers of images that outputs name by its own or by opaque numbers.

    Parameters
    ----------
    store : Store
        The data set.
    numbers : ndarray of int, shape (images,)
        Numbers as in outputs; those that are of no image of the store stay as they are.
    """
    numbers = numbers.astype(np.int64)
    if not (numbers >= _LEAST).any():
        return numbers
    images = range(store.contents.n_images)
    own = dict(zip(opaque_numbers(store, images), images, strict=True))
    return np.array([own.get(number, number) for number in numbers.tolist()], dtype=np.int64)
