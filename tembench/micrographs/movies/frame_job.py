"""Frame job: frames of a movie denoised in any process, each written to its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.methods import Method
from tembench.micrographs.denoising import CountedImage
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.movies.frame_layout import FrameLayout
from tembench.micrographs.movies.movie_rule import MovieRule
from tembench.micrographs.movies.unfinished_movie import UnfinishedMovie, checksum_of
from tembench.micrographs.reading import open_stack

# Frames before and after a frame that a method of input "series" sees.
_REACH = 2


@dataclass(frozen=True)
class DoneFrame:
    """A frame that was denoised and written.

    Attributes
    ----------
    position : int
        Its position in the result.
    checksum : int
        CRC-32 of its values.
    seconds : float
        Time that the method took.
    """

    position: int
    checksum: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class FrameJob:
    """Denoising of frames, picklable.

    Attributes
    ----------
    path, output : pathlib.Path
        The movie, and the final path of its result.
    numbers : tuple of int
        Number in the movie of each frame of the result.
    layout : FrameLayout
        Layout of the result.
    rule : MovieRule
        How frames become counts.
    method, weights : Method, pathlib.Path or None
        The method with its weights.
    """

    path: Path
    output: Path
    numbers: tuple[int, ...]
    layout: FrameLayout
    rule: MovieRule
    method: Method
    weights: Path | None

    def prepare(self) -> Callable[[int], DoneFrame]:
        """Open the movie and build the method, once in each process."""
        options = self.rule.options
        # Open until the process ends.
        stack = ExitStack().enter_context(
            open_stack(
                self.path,
                dataset=options.dataset,
                pixel_size_A=options.pixel_size_A,
                gain=options.gain,
            )
        )
        ready = ReadyMethod(method=self.method, weights=self.weights)
        frames = UnfinishedMovie(self.output, self.layout).frames()

        def denoise_frame(position: int) -> DoneFrame:
            number = self.numbers[position]
            counted = self.rule.image(stack, number, reach=reach_of(self.method))
            start = time.perf_counter()
            denoised = denoised_frame(ready, counted, f"{self.path}, frame {number}")
            seconds = time.perf_counter() - start
            frames.write(position, denoised)
            return DoneFrame(position, checksum_of(denoised), seconds)

        return denoise_frame


def reach_of(method: Method) -> int:
    """Return the number of frames before and after a frame that a method sees."""
    return _REACH if method.input == "series" else 0


def denoised_frame(ready: ReadyMethod, counted: CountedImage, where: str) -> np.ndarray:
    """Return a denoised frame on the file's pixels, electrons per pixel of the file."""
    denoised = ready.denoise(counted.image, where, seed=0)
    return counted.on_file_pixels(denoised)
