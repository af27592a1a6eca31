"""Denoised images as a caller has them: a function of noisy images, a method, or arrays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import OutputError
from tembench.methods import Denoiser, NoisyImage

if TYPE_CHECKING:
    from tembench.dataset import Store

Denoised = Callable[[NoisyImage], Any] | Denoiser | Mapping[int, Any] | Sequence[Any] | np.ndarray
"""A function of a `NoisyImage` or an object with `denoise`; arrays by image number; or a sequence
of arrays in the order of ``store.images(split, part)``."""
_REMEDY = "give electrons per pixel, one number for every pixel of the noisy image"


def denoised_images(
    denoised: Denoised, store: Store, images: np.ndarray
) -> Iterator[tuple[int, np.ndarray, float]]:
    """Yield (number, denoised image, seconds) of images of a store, in their order.

    Parameters
    ----------
    denoised : callable, Denoiser, mapping, sequence or ndarray
        See `Denoised`.
    store : Store
        Holds the noisy images.
    images : ndarray of int
        Numbers of the images.

    Yields
    ------
    number, array, seconds : int, ndarray, float
        float32 (y, x), e/px; NaN seconds for arrays.

    Raises
    ------
    OutputError
        If an image is missing, or an array is not finite or has another shape.
    """
    function = getattr(denoised, "denoise", denoised)
    if callable(function):
        for number in map(int, images):
            image = store.noisy_image(number)
            start = time.perf_counter()
            result = function(image)
            seconds = time.perf_counter() - start
            yield number, checked_image(result, store, number), seconds
        return
    given = _by_number(denoised, images)
    for number in map(int, images):
        yield number, checked_image(given[number], store, number), float("nan")


def checked_image(array: Any, store: Store, number: int) -> np.ndarray:
    """Return a denoised image as float32 (y, x).

    Raises
    ------
    OutputError
        If it has another shape, is not of real numbers, or not finite.
    """
    where = f"denoised image {number}"
    try:
        values = np.asarray(array)
    except Exception as problem:  # such as a tensor on a GPU, which says how to become an array
        said = str(problem)
        raise OutputError("is not an array", where=where, got=said, remedy=_REMEDY) from problem
    if values.dtype.kind not in "fiu":
        raise OutputError(
            "is not an array of real numbers",
            where=where,
            expected=f"shape {store.shape}, such as float32",
            got=f"{type(array).__name__} of {values.dtype}",
            remedy=_REMEDY,
        )
    if values.shape != tuple(store.shape):
        raise OutputError(
            "has the wrong shape",
            where=where,
            expected=str(tuple(store.shape)),
            got=str(values.shape),
            remedy=_REMEDY,
        )
    result = values.astype(np.float32)
    bad = int(np.count_nonzero(~np.isfinite(result) | np.ma.getmaskarray(array)))
    if bad:
        raise OutputError(
            f"has {bad} pixels that are NaN, infinite or masked", where=where, remedy=_REMEDY
        )
    return result


def _by_number(denoised: Any, images: np.ndarray) -> Mapping[int, Any]:
    if isinstance(denoised, Mapping):
        missing = [int(number) for number in images if int(number) not in denoised]
        if missing:
            raise OutputError(
                f"{len(missing)} of {len(images)} images are missing, the first is {missing[0]}",
                where="denoised images",
                expected="a mapping with the numbers that store.images(split, part) gives",
                remedy="denoise all images of the part",
            )
        return denoised
    if not hasattr(denoised, "__len__"):
        raise OutputError(
            "cannot be read as denoised images",
            expected="a function of a noisy image, a mapping by image number, or a sequence",
            got=type(denoised).__name__,
        )
    if len(denoised) != len(images):
        raise OutputError(
            "another number of images",
            where="denoised images",
            expected=f"{len(images)}, in the order of store.images(split, part)",
            got=str(len(denoised)),
            remedy="denoise all images of the part, or choose the part that they are from",
        )
    return dict(zip(map(int, images), denoised, strict=True))
