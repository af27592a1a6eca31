"""Counted image: a file's image as electron counts on square pixels, with their dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tembench.core import ImageError
from tembench.methods import NoisyImage, foreign_code
from tembench.micrographs.camera_noise import Counting, counting_of
from tembench.micrographs.domain import ReadyMethod, at_ratio
from tembench.micrographs.electrons import (
    check_finite,
    fill,
    find_outliers,
    find_vacuum,
    likeliest_dose,
    resample,
)
from tembench.micrographs.reading import FileOptions, Micrograph

# Sources of a pixel size or a dose.
OPTION, FILE, FOUND, METHOD = "option", "file", "found in the image", "default of the method"


@dataclass(frozen=True, kw_only=True)
class CountedImage:
    """Counts of a file's image on square pixels, and what leads back to the file.

    Attributes
    ----------
    image : NoisyImage
        The counts with their pixel size and dose.
    file_counts : numpy.ndarray
        Counts (y, x) on the file's pixels; those of `image` where these are square.
    file_pixel_sizes_A : tuple of float
        Pixel size of the file along y and x, angstrom.
    counting : Counting
        How stored values became electrons.
    bad : numpy.ndarray or None
        Mask (y, x) of outlying pixels of the file.
    doubt : str or None
        Reason why the dose may be wrong.
    taken : str
        The part of the image that was taken for vacuum.
    pixel_size_from, dose_from : str
        Source of the pixel size and of the dose: an option, the file or the image.
    warnings : sequence of str
        Unusual properties of the image, one line each.
    """

    image: NoisyImage
    file_counts: np.ndarray
    file_pixel_sizes_A: tuple[float, float]
    counting: Counting
    bad: np.ndarray | None = None
    doubt: str | None = None
    taken: str = ""
    pixel_size_from: str = FILE
    dose_from: str = FOUND
    warnings: Sequence[str] = ()

    def on_file_pixels(self, denoised: np.ndarray) -> np.ndarray:
        """Return a denoised image on the file's pixels, in electrons per pixel of the file."""
        ratios = square_ratios(self.file_pixel_sizes_A)
        if ratios == (1, 1):
            return denoised
        height, width = self.file_counts.shape
        back = resample(denoised, (1 / ratios[0], 1 / ratios[1]), (height, width))
        return back * np.float32(ratios[0] * ratios[1])

    def on_square_pixels(self, denoised: np.ndarray) -> np.ndarray:
        """Return a denoised image of the file's pixels on those of the counts."""
        ratios = square_ratios(self.file_pixel_sizes_A)
        if ratios == (1, 1):
            return denoised
        height, width = self.image.counts.shape
        return resample(denoised, ratios, (height, width)) / np.float32(ratios[0] * ratios[1])


def square_ratios(pixel_sizes_A: tuple[float, float]) -> tuple[float, float]:
    """Return the pixel sizes along y and x over the smaller of the two."""
    least = min(pixel_sizes_A)
    return pixel_sizes_A[0] / least, pixel_sizes_A[1] / least


def counting_by(
    options: FileOptions,
    frames: Sequence[np.ndarray],
    in_electrons: bool,
    bad: np.ndarray | None,
) -> Counting:
    """Return how stored values become electrons.

    Parameters
    ----------
    options : FileOptions
        The user's options.
    frames : sequence of numpy.ndarray
        Stored values (y, x) of an image, or of some frames of a movie.
    in_electrons : bool
        Whether the file states that they are electrons.
    bad : numpy.ndarray or None
        Mask (y, x) of pixels to ignore.
    """
    return counting_of(
        frames,
        gain=options.gain,
        offset=options.offset,
        in_electrons=in_electrons,
        allow_negative=options.allow_negative,
        outliers=bad,
    )


def described_pixels(pixel_sizes_A: tuple[float, float], source: str) -> dict[str, Any]:
    """Return the pixel size with its source, for the record of a result; both sizes if oblong."""
    down, across = pixel_sizes_A
    return {"value": across, "from": source, **({} if down == across else {"along_y": down})}


def described_counting(counting: Counting) -> dict[str, Any]:
    """Return gain and offset with their sources and intervals, for the record of a result."""
    parts = {
        "gain": (counting.gain, counting.gain_from, counting.gain_interval),
        "offset": (counting.offset, counting.offset_from, counting.offset_interval),
    }
    return {
        name: {"value": value, "from": source, **({"interval_95": interval} if interval else {})}
        for name, (value, source, interval) in parts.items()
    }


def count_image(
    image: Micrograph, options: FileOptions, counting: Counting | None = None
) -> CountedImage:
    """Convert an image to counts with their dose.

    Parameters
    ----------
    image : Micrograph
        The image as read from its file.
    options : FileOptions
        The user's options.
    counting : Counting, optional
        How stored values become electrons; by default found in the image.

    Raises
    ------
    ImageError
        If the image has no pixel size, or its values cannot be counts.
    """
    sizes = image.pixel_sizes_A
    if sizes is None:
        raise ImageError("has no pixel size", remedy="Give it with --pixel-size-A, in angstrom")
    check_finite(image.values)
    outliers = find_outliers(image.values)
    values, bad = image.values, outliers.mask
    if options.mask_outliers:
        # From here on the image has no outliers.
        values, bad = fill(values, bad), np.zeros_like(bad)
    counting = counting or counting_by(options, [values], image.in_electrons, bad)
    counts = counting.counts(values)
    warnings = [
        *counting.warnings,
        *outliers.warnings(image.values, replaced=options.mask_outliers),
    ]
    ratios = square_ratios(sizes)
    square = at_ratio(counts, ratios, options.seed)
    dose, doubt, taken = options.dose_e_per_px, None, ""
    if dose is None:
        typical = at_ratio(fill(counts, bad), ratios, options.seed) if bad.any() else square
        vacuum = find_vacuum(typical, min(sizes))
        dose, doubt, taken = vacuum.e_per_px, vacuum.doubt, vacuum.taken
    else:
        dose = dose / (ratios[0] * ratios[1])
    return CountedImage(
        image=NoisyImage(counts=square, pixel_size_A=min(sizes), dose_e_per_px=dose),
        file_counts=counts,
        file_pixel_sizes_A=sizes,
        counting=counting,
        bad=outliers.mask,
        doubt=doubt,
        taken=taken,
        pixel_size_from=FILE if options.pixel_size_A is None else OPTION,
        dose_from=FOUND if options.dose_e_per_px is None else OPTION,
        warnings=warnings,
    )


def with_likelier_dose(counted: CountedImage, ready: ReadyMethod) -> CountedImage:
    """Return the image with a more likely dose where it is in doubt, and a warning about it.

    Parameters
    ----------
    counted : CountedImage
        The image.
    ready : ReadyMethod
        A network estimates the dose of an image without vacuum; other methods do not.
    """
    if counted.doubt is None:
        return counted
    seen, image = ready.seen(counted.image), counted.image
    with foreign_code("denoise", f"method {ready.method.name}"):
        better = likeliest_dose(ready.denoiser, seen)
    how = f"the dose is estimated from {counted.taken}"
    if better is not None:
        better *= image.dose_e_per_px / seen.dose_e_per_px
        image = replace(image, dose_e_per_px=better)
        how = f"the dose is the one at which the result of {ready.method.name} fits the counts best"
    ratios = square_ratios(counted.file_pixel_sizes_A)
    in_file = image.dose_e_per_px * ratios[0] * ratios[1]
    warning = (
        f"{counted.doubt}: {how}, {in_file:.3g} e/px, which may be off by several per cent; give "
        "the electrons per pixel in vacuum with --dose"
    )
    return replace(counted, image=image, warnings=[*counted.warnings, warning])
