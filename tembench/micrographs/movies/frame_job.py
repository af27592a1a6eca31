"""Frame job: frames of a movie denoised in any process, each written to its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.methods import Method
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.movies.frame_layout import FrameLayout
from tembench.micrographs.movies.movie_rule import MovieRule
from tembench.micrographs.movies.unfinished_movie import UnfinishedMovie, checksum_of
from tembench.micrographs.reading import open_as_told

# Frames before and after a frame that a method of input "series" sees, if it does not say.
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
        return _FrameDenoiser(self)


class _FrameDenoiser:
    """The function for one frame; the movie is open as long as it lives."""

    def __init__(self, job: FrameJob) -> None:
        self._job, self._opened = job, ExitStack()
        self._stack = self._opened.enter_context(open_as_told(job.path, job.rule.options))
        self._ready = ReadyMethod(method=job.method, weights=job.weights)
        self._frames = UnfinishedMovie(job.output, job.layout).frames()

    def __call__(self, position: int) -> DoneFrame:
        job, number = self._job, self._job.numbers[position]
        counted = job.rule.image(self._stack, number, reach=reach_of(job.method))
        start = time.perf_counter()
        # A frame of a blanked beam has no electrons, of which a method could make something.
        frame = np.zeros(counted.file_counts.shape, np.float32)
        if counted.file_counts.any():
            where, seed = f"{job.path}, frame {number}", job.rule.options.seed
            denoised = self._ready.denoise(counted.image, where, seed=seed, number=number)
            frame = counted.on_file_pixels(denoised)
        seconds = time.perf_counter() - start
        self._frames.write(position, frame)
        return DoneFrame(position, checksum_of(frame), seconds)


def reach_of(method: Method) -> int:
    """Return the number of frames before and after a frame that a method sees."""
    if method.input != "series":
        return 0
    return int(method.parameters.get("reach", _REACH))
