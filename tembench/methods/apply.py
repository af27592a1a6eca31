"""One image through one denoiser: what it may see, and what it must return."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from tembench.errors import MethodError, TembenchError
from tembench.methods.code import one_line
from tembench.methods.protocol import Denoiser, Method, NoisyImage, NoisySeries
from tembench.packages import missing_package

if TYPE_CHECKING:
    from tembench.dataset.store import Store

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
    try:
        result = denoiser.denoise(image)
    except TembenchError:
        raise
    # A method that ends the program has failed like any other.
    except (Exception, SystemExit) as error:
        if missing := missing_package(error, f"method {method.name}"):
            raise missing from error
        raise MethodError(
            f"denoise failed: {type(error).__name__}: {one_line(error)}",
            where=place,
            remedy="--debug shows the traceback",
        ) from error
    if not isinstance(result, np.ndarray) or result.dtype != np.float32:
        got = getattr(result, "dtype", type(result).__name__)
        raise _wrong("the output's type is wrong", place, "a float32 array", got)
    if result.shape != image.counts.shape:
        raise _wrong("the output's shape is wrong", place, image.counts.shape, result.shape)
    if not np.isfinite(result).all():
        number = int(np.count_nonzero(~np.isfinite(result)))
        raise _wrong(
            "the output is not finite", place, "finite values", f"{number} NaN or infinite"
        )
    return result


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
    with suppress(Exception, SystemExit):
        denoiser.denoise(
            NoisyImage(
                counts=counts[0],
                pixel_size_A=store.pixel_size_A,
                dose_e_per_px=store.dose_e_per_px,
                series=series if method.input == "series" else None,
            )
        )
