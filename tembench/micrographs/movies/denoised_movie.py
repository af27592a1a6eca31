"""One movie denoised frame by frame: any length, in several processes, resumable."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import ImageError, MethodError, progress, run_tasks
from tembench.methods import NoisyImage
from tembench.micrographs.denoising import CountedImage, unusual_for
from tembench.micrographs.domain import Chosen, MethodSource, specimen_warnings
from tembench.micrographs.movies.frame_job import FrameJob, reach_of
from tembench.micrographs.movies.frame_layout import FrameLayout
from tembench.micrographs.movies.movie_rule import MovieRule, rule_of
from tembench.micrographs.movies.unfinished_movie import UnfinishedMovie
from tembench.micrographs.reading import FileOptions, Stack, check_memory, open_as_told

# Frames that may judge the candidates of a choice.
_OTHERS = 8


@dataclass(frozen=True, kw_only=True)
class DenoisedMovie:
    """A movie that was denoised, and one of its frames to look at.

    Attributes
    ----------
    chosen : Chosen
        The method that denoised it.
    layout : FrameLayout
        Shape, pixel sizes, time and record of the result.
    rule : MovieRule
        How its frames became counts.
    counts, denoised : numpy.ndarray
        The frame in the middle (y, x), counts and result, electrons per pixel of the file.
    resumed : int
        Frames that an interrupted run had completed.
    seconds, seconds_per_frame : float
        Time of this run, and the method's own for a frame.
    warnings : tuple of str
        Unusual properties of the movie, one line each.
    """

    chosen: Chosen
    layout: FrameLayout
    rule: MovieRule
    counts: np.ndarray
    denoised: np.ndarray
    resumed: int
    seconds: float
    seconds_per_frame: float
    warnings: tuple[str, ...]

    @property
    def file_dose_e_per_px(self) -> float:
        """Dose of a frame in vacuum, electrons per pixel of the file."""
        return self.rule.file_dose_e_per_px


def is_movie(stack: Stack, options: FileOptions) -> bool:
    """Return whether several frames of a stack are to be denoised, each for itself."""
    one = isinstance(options.frame, int) or options.frame == "sum"
    return stack.frame_axis is not None and not one


def frame_numbers(stack: Stack, options: FileOptions) -> tuple[int, ...]:
    """Return the numbers of the frames to denoise.

    Raises
    ------
    ImageError
        If the movie is shorter than the range asked for, or its frames are energies.
    """
    stack.refuse_spectra()
    first, last = options.frame if isinstance(options.frame, tuple) else (0, stack.n_frames - 1)
    if last >= stack.n_frames:
        raise ImageError(
            f"has no frame {last}",
            expected=f"0 to {stack.n_frames - 1}",
            remedy="Choose others with --frame",
        ).at(stack.path)
    return tuple(range(first, last + 1))


def denoise_movie(
    source: MethodSource,
    path: Path,
    output: Path,
    options: FileOptions,
    *,
    workers: int,
    record: Callable[[Chosen, MovieRule, Sequence[str]], str],
    warn: Callable[[Sequence[str]], None],
) -> DenoisedMovie:
    """Denoise the frames of a movie into a file.

    Parameters
    ----------
    source : MethodSource
        The method with its weights, or a choice of methods, made on the frame in the middle.
    path, output : pathlib.Path
        The movie, and the file or folder of its result.
    options : FileOptions
        The user's options.
    workers : int
        Number of processes; 0 works in this one.
    record : callable
        From the method, the rule and the warnings to the record that is written into the result.
        Frames of an interrupted run are kept if their record is the same.
    warn : callable
        Receives the warnings, before the work begins.

    Raises
    ------
    ImageError
        If the movie cannot be used.
    MethodError
        If the method fails.
    OutputError
        If the disk has no room for the result, or another process is writing it.
    """
    started = time.perf_counter()
    with open_as_told(path, options) as stack:
        numbers = frame_numbers(stack, options)
        check_memory(*[stack.shape] * max(1, workers))
        rule = rule_of(stack, numbers, options)
        assert stack.frame_axis is not None
        chosen, shown_at, middle = _chosen(source, stack, numbers, rule)
        ready = chosen.ready
        warnings = (*_frame_warnings(chosen, middle), *stack.notes, *rule.warnings)
        layout = FrameLayout(
            shape=(len(numbers), *stack.shape),
            pixel_sizes_A=rule.pixel_sizes_A,
            frame_axis=stack.frame_axis,
            title=f"{path.stem} {ready.method.name}",
            record=record(chosen, rule, warnings),
        )
    warn(warnings)
    unfinished = UnfinishedMovie(output, layout)
    job = FrameJob(
        path=path.absolute(),
        output=output.absolute(),
        numbers=numbers,
        layout=layout,
        rule=rule,
        method=ready.method,
        weights=ready.used_weights,
    )
    with unfinished.begun() as done:
        seconds = _denoise(job, unfinished, done, workers)
        shown = unfinished.frames().read(shown_at)
        unfinished.put_in_place()
    return DenoisedMovie(
        chosen=chosen,
        layout=layout,
        rule=rule,
        counts=middle.file_counts,
        denoised=shown,
        resumed=len(done),
        seconds=time.perf_counter() - started,
        seconds_per_frame=statistics.median(seconds) if seconds else 0.0,
        warnings=warnings,
    )


def _chosen(
    source: MethodSource, stack: Stack, numbers: Sequence[int], rule: MovieRule
) -> tuple[Chosen, int, CountedImage]:
    """Return the method, and a frame near the middle: its position, and as the method sees it."""
    middle = numbers[len(numbers) // 2]
    by_distance = sorted(numbers, key=lambda number: abs(number - middle))
    images = ((number, rule.image(stack, number)) for number in by_distance)
    # A frame of a blanked beam stands for no other.
    at, image = next((number, one) for number, one in images if one.file_counts.any())

    def others() -> list[NoisyImage]:
        # The nearest in time first: they show most nearly the same.
        near = sorted(set(numbers) - {at}, key=lambda number: abs(number - at))
        return [rule.image(stack, number).image for number in near[:_OTHERS]]

    chosen = source.for_image(
        image.image, others, rule.counting.correlation, f"{stack.path}, frame {at}"
    )
    reach = reach_of(chosen.ready.method)
    return chosen, numbers.index(at), rule.image(stack, at, reach=reach) if reach else image


def _denoise(
    job: FrameJob, unfinished: UnfinishedMovie, done: Sequence[int], workers: int
) -> list[float]:
    """Denoise the frames that are missing; return the seconds of each."""
    finished = set(done)
    missing = [position for position in range(len(job.numbers)) if position not in finished]
    seconds = []
    name = f"Denoising {job.path.name} with {job.method.name}"
    with progress(name, len(job.numbers), len(done)) as advance:
        results = run_tasks(job, missing, workers, MethodError, where=job.path)
        # Closed before the lock on the folder is released, also where this is interrupted.
        with closing(results):
            for frame in results:
                unfinished.complete(frame.position, frame.checksum)
                seconds.append(frame.seconds)
                advance(1)
    return seconds


def _frame_warnings(chosen: Chosen, middle: CountedImage) -> list[str]:
    """Return the warnings about the frame in the middle, which stands for all."""
    ready = chosen.ready
    seen = ready.seen(middle.image)
    found = unusual_for(ready, seen, min(middle.file_pixel_sizes_A))
    if seen.series is None and not chosen.judged:
        found = [*specimen_warnings(ready, seen), *found]
    return [f"frame in the middle: {text}" for text in found]
