"""One image through one denoiser: what it may see, and what it must return."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import MethodError
from tembench.methods.method import Method
from tembench.methods.protocol import Denoiser, NoisyImage, NoisySeries
from tembench.methods.third_party import foreign_code

if TYPE_CHECKING:
    from tembench.dataset import Store

SAME_OF_DOSE = 1e-3
"""Two results for one image are the same below this: 60 dB under the dose."""
_WARM_UP_PX, _WARM_UP_SERIES = 128, 3


def view(method: Method, store: Store, number: int) -> NoisyImage:
    """Return what the method may see: counts, and truth for the oracle control alone."""
    oracle = method.kind == "control" and method.input == "clean"
    series = _series(store, number) if method.input == "series" else None
    if series is not None:
        counts = series.counts[series.position]
    else:
        counts = store.clean(number) if oracle else store.noisy(number)
    return NoisyImage(
        counts=counts,
        pixel_size_A=store.pixel_size_A,
        dose_e_per_px=store.dose_of(number),
        series=series,
    )


def _series(store: Store, number: int) -> NoisySeries:
    """The noisy images that differ from one in defocus alone."""
    images = store.defocus_series(number)
    return NoisySeries(
        counts=np.stack([store.noisy(image) for image in images]),
        axis="defocus",
        values_nm=tuple(store.table.loc[images, "defocus_nm"].tolist()),
        position=images.index(number),
    )


def apply(method: Method, denoiser: Denoiser, image: NoisyImage, where: str) -> np.ndarray:
    """Denoise one image and hold the result to the protocol.

    Raises
    ------
    MethodError
        Names the method and `where`, and what is wrong with the result.
    """
    place = f"method {method.name}, {where}"
    with foreign_code("denoise", place):
        result = _plain(denoiser.denoise(_of_its_own(image)), place)
    if result.shape != image.counts.shape:
        raise _wrong("the output's shape is wrong", place, image.counts.shape, result.shape)
    if not np.isfinite(result).all():
        number = int(np.count_nonzero(~np.isfinite(result)))
        raise _wrong(
            "the output is not finite", place, "finite values", f"{number} NaN or infinite"
        )
    return result


def _of_its_own(image: NoisyImage) -> NoisyImage:
    """The same image in memory that a method may write to: counts are needed after it."""
    series = image.series
    if series is not None:
        series = replace(series, counts=series.counts.copy())
    return replace(image, counts=image.counts.copy(), series=series)


def _plain(result: Any, place: str) -> np.ndarray:
    """A result's values as an array of its own, which nothing else hides or changes."""
    # Not isinstance: an object may claim to be of another class.
    if not issubclass(type(result), np.ndarray):
        got = type(result).__name__
        raise _wrong("the output's type is wrong", place, "a float32 array", got)
    if isinstance(result, np.ma.MaskedArray) and np.ma.is_masked(result):
        got = "a masked array with masked pixels"
        raise _wrong("the output's type is wrong", place, "a value for every pixel", got)
    values = np.asarray(result)
    if values.dtype.kind != "f" or values.dtype.itemsize != 4:
        raise _wrong("the output's type is wrong", place, "a float32 array", values.dtype)
    return np.array(values, dtype=np.float32, order="C")


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square of the difference of two images, in their unit."""
    return float(np.sqrt(np.mean((one.astype(np.float64) - other) ** 2)))


def refuse_other_result(
    method: Method, denoiser: Denoiser, image: NoisyImage, result: np.ndarray, where: str
) -> None:
    """Denoise an image once more, and raise MethodError if the result is another one.

    Sums in another order, as on a GPU, may differ in the last bits; that is let pass.
    """
    differ = difference(apply(method, denoiser, image, where), result)
    if differ > SAME_OF_DOSE * image.dose_e_per_px:
        raise MethodError(
            "denoise gave two results for one image",
            where=f"method {method.name}, {where}",
            expected=f"a difference of at most {SAME_OF_DOSE:g} of the dose (root mean square)",
            got=f"{differ / image.dose_e_per_px:.2g}",
            remedy="make it deterministic: draw its random numbers from a fixed seed each time",
        )


def _wrong(what: str, where: str, expected: object, got: object) -> MethodError:
    return MethodError(
        what,
        where=where,
        expected=str(expected),
        got=str(got),
        remedy="denoise must return electrons per pixel, float32, in the input's shape",
    )


def warm_up(method: Method, denoiser: Denoiser, store: Store) -> None:
    """Compile and load what a method does on its first call: the time of no image."""
    size = [min(_WARM_UP_PX, side) for side in store.shape]
    counts = np.ones((_WARM_UP_SERIES, *size), dtype=np.uint8)
    values_nm = tuple(map(float, range(_WARM_UP_SERIES)))
    series = NoisySeries(counts=counts, axis="defocus", values_nm=values_nm, position=0)
    # What is wrong with the method shows on the first image, with its number.
    with suppress(Exception), foreign_code("denoise", method.name):
        denoiser.denoise(
            NoisyImage(
                counts=counts[0],
                pixel_size_A=store.pixel_size_A,
                dose_e_per_px=store.dose_e_per_px,
                series=series if method.input == "series" else None,
            )
        )
