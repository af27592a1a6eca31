"""Numbers of the store that images belong to: by their own numbers, or by their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import OutputError, first_few
from tembench.dataset import opaque_numbers, own_numbers
from tembench.ranking.untrusted_images import ImageStack

if TYPE_CHECKING:
    from tembench.dataset import Store

ORDERS = ("inputs", "store")
"""Orders that images without numbers may be in."""
LEFT_OUT = -1
"""Number of an image that is not of the part."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PartImages:
    """Images of a part of a store, in the orders that images may come in.

    Attributes
    ----------
    images : array of int
        Numbers of the part's images, ascending.
    inputs : array of int
        Numbers in the order of ``tembench inputs``, which also has the other images of a series.
    """

    images: np.ndarray
    inputs: np.ndarray

    @classmethod
    def of(cls, store: Store, split: str, part: str) -> PartImages:
        """Look up the images of a part."""
        images = store.images(split, part)
        written = sorted({int(i) for one in images for i in store.series(int(one))})
        order = np.argsort(opaque_numbers(store, written), kind="stable")
        return cls(images=images, inputs=np.array(written, dtype=np.int64)[order])


def numbers_in_store(
    stack: ImageStack, store: Store, part: PartImages, order: str
) -> tuple[np.ndarray, str]:
    """Find the image of the store that each image of a stack belongs to.

    Parameters
    ----------
    stack : ImageStack
        The images.
    store : tembench.dataset.store.Store
        Data set that they were made from.
    part : PartImages
        Images of the part that is submitted.
    order : {"inputs", "store"}
        Order of images that come without numbers.

    Returns
    -------
    numbers : array of int
        The store's number of each image; `LEFT_OUT` for one of a series that is not of the part.
    assumed : str
        How they were found, as a sentence.

    Raises
    ------
    OutputError
        If it cannot be known: there are fewer images than the part has, and no numbers.
    """
    count, where = stack.shape[0], str(stack.path)
    if stack.numbers is not None:
        own = own_numbers(store, np.array(stack.numbers, dtype=np.int64))
        if np.isin(own, part.inputs).all():
            _refuse_repeated(own, where)
            kept = np.where(np.isin(own, part.images), own, LEFT_OUT)
            return kept, f"{where}: images are taken by their numbers"
        if not _is_enumeration(stack.numbers):
            strange = own[~np.isin(own, part.inputs)]
            raise OutputError(
                f"{strange.size} of {count} images are not of this part: {first_few(strange)}",
                where=where,
                expected=f"numbers such as {part.images[0]}, or those of tembench inputs",
                remedy="name each image by its number, or name another part with --part",
            )
    named = {"inputs": "that of tembench inputs", "store": "ascending numbers of the store"}[order]
    said = f"{where}: images have no numbers of the store, so their order is taken to be {named}"
    own_order = part.inputs[np.isin(part.inputs, part.images)] if order == "inputs" else part.images
    if count == part.images.size:
        return own_order, said
    if count == part.inputs.size and order == "inputs":
        return np.where(np.isin(part.inputs, part.images), part.inputs, LEFT_OUT), said
    raise OutputError(
        "another number of images, and nothing says which they are",
        where=where,
        expected=str(part.images.size),
        got=str(count),
        remedy="name each image by its number, such as "
        f"{part.images[0]}.npy, or give all images in the order of tembench inputs",
    )


def _is_enumeration(numbers: tuple[int, ...]) -> bool:
    """Whether numbers count the images, from 0 or from 1."""
    return sorted(numbers) in (list(range(len(numbers))), list(range(1, len(numbers) + 1)))


def _refuse_repeated(numbers: np.ndarray, where: str) -> None:
    unique, counts = np.unique(numbers, return_counts=True)
    if (counts > 1).any():
        raise OutputError(
            f"images appear more than once: {first_few(unique[counts > 1])}",
            where=where,
            expected="one image for each number",
            remedy="remove the others",
        )
