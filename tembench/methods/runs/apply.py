"""One image denoised by one method, with the checks of the contract in `protocol.Denoiser`."""

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

SAME_TO_DOSE = 1e-3
"""Two results for one image agree below this fraction of the dose, 60 dB under it."""
_WARM_UP_PX, _WARM_UP_SERIES = 128, 3


def view(method: Method, store: Store, number: int) -> NoisyImage:
    """Return an image as a method sees it: counts, or the truth for the oracle control.

    Parameters
    ----------
    method : Method
        Its ``input`` decides what it sees.
    store : Store
        Holds the image.
    number : int
        Number of the image in the store.
    """
    image = store.noisy_image(number, series=method.input == "series")
    if method.kind == "control" and method.input == "clean":
        return replace(image, counts=store.clean(number))
    return image


def apply(method: Method, denoiser: Denoiser, image: NoisyImage, where: str) -> np.ndarray:
    """Denoise one image and check the result.

    Parameters
    ----------
    method : Method
        The method, for errors.
    denoiser : Denoiser
        Built from it.
    image : NoisyImage
        Counts of shape (y, x).
    where : str
        Name of the image, for errors.

    Returns
    -------
    numpy.ndarray
        Expected electrons per pixel, float32 (y, x).

    Raises
    ------
    MethodError
        Names the method, the image and the fault of the result.
    """
    location = f"method {method.name}, {where}"
    with foreign_code("denoise", location):
        result = _checked_array(denoiser.denoise(_copied(image)), location)
    if result.shape != image.counts.shape:
        raise _wrong("the output's shape is wrong", location, image.counts.shape, result.shape)
    if not np.isfinite(result).all():
        number = int(np.count_nonzero(~np.isfinite(result)))
        raise _wrong(
            "the output is not finite", location, "finite values", f"{number} NaN or infinite"
        )
    return result


def _copied(image: NoisyImage) -> NoisyImage:
    """Copy the image: a method may write to its arrays, and the counts are needed afterwards."""
    series = image.series
    if series is not None:
        series = replace(series, counts=series.counts.copy())
    return replace(image, counts=image.counts.copy(), series=series)


def _checked_array(result: Any, location: str) -> np.ndarray:
    """Return a copy of a result's values, after checks of its type."""
    # Not isinstance: an object may claim another class.
    if not issubclass(type(result), np.ndarray):
        got = type(result).__name__
        raise _wrong("the output's type is wrong", location, "a float32 array", got)
    if isinstance(result, np.ma.MaskedArray) and np.ma.is_masked(result):
        got = "a masked array with masked pixels"
        raise _wrong("the output's type is wrong", location, "a value for every pixel", got)
    values = np.asarray(result)
    if values.dtype.kind != "f" or values.dtype.itemsize != 4:
        raise _wrong("the output's type is wrong", location, "a float32 array", values.dtype)
    return np.array(values, dtype=np.float32, order="C")


def rms_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the root mean square difference of two images, in their unit."""
    return float(np.sqrt(np.mean((one.astype(np.float64) - other) ** 2)))


def refuse_other_result(
    method: Method, denoiser: Denoiser, image: NoisyImage, result: np.ndarray, where: str
) -> None:
    """Denoise an image a second time and raise MethodError if the result differs.

    Differences in the last bits, from the order of sums on a GPU, are tolerated.

    Parameters
    ----------
    method, denoiser, image, where
        As for `apply`; so are further errors.
    result : numpy.ndarray
        The first result, float32 (y, x).
    """
    change = rms_difference(apply(method, denoiser, image, where), result)
    if change > SAME_TO_DOSE * image.dose_e_per_px:
        raise MethodError(
            "denoise returned two results for one image",
            where=f"method {method.name}, {where}",
            expected=f"a difference of at most {SAME_TO_DOSE:g} of the dose (root mean square)",
            got=f"{change / image.dose_e_per_px:.2g}",
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
    """Denoise a constant image, so that compiling and loading do not count as an image's time.

    Parameters
    ----------
    method, denoiser
        As for `apply`; errors are suppressed here.
    store : Store
        Gives sampling, dose and the greatest size, which is 128 px at most.
    """
    size = [min(_WARM_UP_PX, side) for side in store.shape]
    counts = np.ones((_WARM_UP_SERIES, *size), dtype=np.uint8)
    values_nm = tuple(map(float, range(_WARM_UP_SERIES)))
    series = NoisySeries(counts=counts, axis="defocus", values_nm=values_nm, position=0)
    # Errors of the method will appear at the first image, with its number.
    with suppress(Exception), foreign_code("denoise", method.name):
        denoiser.denoise(
            NoisyImage(
                counts=counts[0],
                pixel_size_A=store.pixel_size_A,
                dose_e_per_px=store.dose_e_per_px,
                series=series if method.input == "series" else None,
            )
        )
