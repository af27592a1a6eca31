"""Rule by which all frames of a movie become counts, decided once from a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tembench.core import ImageError
from tembench.methods import NoisyImage, NoisySeries
from tembench.micrographs.camera_noise import Counting
from tembench.micrographs.denoising import (
    FILE,
    FOUND,
    OPTION,
    CountedImage,
    count_image,
    counting_by,
    described_counting,
    described_pixels,
    square_ratios,
)
from tembench.micrographs.domain import at_ratio
from tembench.micrographs.electrons import check_finite, fill, find_outliers
from tembench.micrographs.reading import FileOptions, Stack, micrograph_of

# Frames that the rule is decided on, and the memory that they may take as doubles.
_MOST_FRAMES, _MOST_BYTES = 16, 1 << 28


@dataclass(frozen=True, kw_only=True)
class MovieRule:
    """The conversion of every frame of a movie to counts.

    Attributes
    ----------
    options : FileOptions
        The user's options.
    frames : int
        Number of frames that are denoised.
    pixel_sizes_A : tuple of float
        Pixel size of the file along y and x, angstrom.
    counting : Counting
        How stored values become electrons.
    bad : numpy.ndarray or None
        Mask (y, x) of the pixels that are replaced in every frame.
    dose_e_per_px : float
        Electrons per square pixel and frame in vacuum.
    dose_from : str
        Source of the dose.
    warnings : tuple of str
        Unusual properties of the frames, one line each.
    """

    options: FileOptions
    frames: int
    pixel_sizes_A: tuple[float, float]
    counting: Counting
    bad: np.ndarray | None
    dose_e_per_px: float
    dose_from: str
    warnings: tuple[str, ...]

    @property
    def file_dose_e_per_px(self) -> float:
        """Dose of a frame in vacuum, electrons per pixel of the file."""
        down, across = self.pixel_sizes_A
        return self.dose_e_per_px * down * across / min(down, across) ** 2

    def described(self) -> dict[str, Any]:
        """Return pixel size, dose and gain of the frames, and their number, for the record."""
        source = FILE if self.options.pixel_size_A is None else OPTION
        return {
            "frames": self.frames,
            "pixel_size_A": described_pixels(self.pixel_sizes_A, source),
            "dose_e_per_px": {"value": self.file_dose_e_per_px, "from": self.dose_from},
            **described_counting(self.counting),
        }

    def counts(self, values: np.ndarray) -> np.ndarray:
        """Return the counts (y, x) of a frame on the file's pixels."""
        return self.counting.counts(values if self.bad is None else fill(values, self.bad))

    def image(self, stack: Stack, number: int, *, reach: int = 0) -> CountedImage:
        """Return a frame as a counted image, with its neighbours for a method that uses them.

        Parameters
        ----------
        stack : Stack
            The open movie.
        number : int
            Number of the frame.
        reach : int
            Frames before and after it that the method sees; 0 for none.
        """
        own = self.counts(stack.frame(number))
        series = None
        square = self._square(own, number)
        if reach:
            numbers = range(max(0, number - reach), min(stack.n_frames, number + reach + 1))
            frames = [
                square if other == number else self._square(self.counts(stack.frame(other)), other)
                for other in numbers
            ]
            series = NoisySeries(
                counts=np.stack(frames),
                axis="time",
                values_nm=(0.0,) * len(frames),
                position=numbers.index(number),
            )
        return CountedImage(
            image=NoisyImage(
                counts=square,
                pixel_size_A=min(self.pixel_sizes_A),
                dose_e_per_px=self.dose_e_per_px,
                series=series,
            ),
            file_counts=own,
            file_pixel_sizes_A=self.pixel_sizes_A,
            counting=self.counting,
            dose_from=self.dose_from,
        )

    def _square(self, counts: np.ndarray, number: int) -> np.ndarray:
        return at_ratio(counts, square_ratios(self.pixel_sizes_A), self.options.seed, number)


def rule_of(stack: Stack, numbers: Sequence[int], options: FileOptions) -> MovieRule:
    """Decide the rule of a movie.

    Parameters
    ----------
    stack : Stack
        The open movie.
    numbers : sequence of int
        The frames that will be denoised.
    options : FileOptions
        The user's options.

    Raises
    ------
    ImageError
        If the movie has no pixel size, or the values of its frames cannot be counts.
    """
    frames = _sampled(stack, numbers)
    # The sum shows outliers and vacuum better than any frame.
    total = np.asarray(np.sum(frames, axis=0, dtype=np.float64))
    try:
        check_finite(total)
        mask = find_outliers(total).mask
        bad = mask if options.mask_outliers and mask.any() else None
        if bad is not None:
            frames = [fill(frame, bad) for frame in frames]
        counting = counting_by(options, frames, stack.in_electrons, mask if bad is None else None)
        together = count_image(
            micrograph_of(stack, total),
            replace(options, dose_e_per_px=None),
            replace(counting, offset=len(frames) * counting.offset),
        )
    except ImageError as problem:
        raise problem.noted(stack.notes).at(stack.path) from problem.__cause__
    down, across = square_ratios(together.file_pixel_sizes_A)
    dose, dose_from = together.image.dose_e_per_px / len(frames), FOUND
    if options.dose_e_per_px is not None:
        dose, dose_from = options.dose_e_per_px / (down * across), OPTION
    warnings = list(together.warnings)
    if together.doubt and dose_from == FOUND:
        warnings.append(
            f"{together.doubt}: the dose of a frame is estimated from {together.taken}, "
            f"{dose * down * across:.3g} e/px, which may be off by several per cent; give the "
            "electrons per pixel and frame in vacuum with --dose"
        )
    return MovieRule(
        options=options,
        frames=len(numbers),
        pixel_sizes_A=together.file_pixel_sizes_A,
        counting=counting,
        bad=bad,
        dose_e_per_px=dose,
        dose_from=dose_from,
        warnings=tuple(warnings),
    )


def _sampled(stack: Stack, numbers: Sequence[int]) -> list[np.ndarray]:
    height, width = stack.shape
    most = max(1, min(_MOST_FRAMES, _MOST_BYTES // (8 * height * width)))
    places = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(int)
    return [stack.frame(numbers[i]) for i in places]
