"""Method for the frames of a caller's array, with one counting rule, for any thread or process."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from tembench.api.array_frames import ArrayFrames
from tembench.core import ImageError
from tembench.micrographs import (
    Chosen,
    CountedImage,
    FileOptions,
    MethodSource,
    MovieRule,
    ReadyMethod,
    Stack,
    count_image,
    maker_of,
    micrograph_of,
    no_frames,
    reach_of,
    rule_of,
    specimen_warnings,
    square_ratios,
    unusual_for,
    with_likelier_dose,
)

# Built denoisers of this process, by what they were built from: a copy that was pickled to a worker
# uses that of the copy before. Methods need not be safe to call from several threads.
_MOST_BUILT = 4
_built: dict[str, ReadyMethod] = {}
_one_at_a_time = threading.RLock()
# Frames beside that in the middle on which a method may be chosen.
_OTHERS = 4


@dataclass(frozen=True, kw_only=True)
class FrameDenoiser:
    """A method with the counting rule of the frames; it can be pickled to workers.

    Attributes
    ----------
    ready : ReadyMethod
        The method with its weights.
    frames : ArrayFrames
        What is known of the frames.
    rule : MovieRule
        How they become counts, with their dose.
    warnings : tuple of str
        Unusual properties of the frames, one line each.
    choice : mapping or None
        The candidates and what was found of them, if the method was chosen on the frames.

    Examples
    --------
    >>> from tembench.methods import load_method
    >>> data = np.random.default_rng(0).poisson(0.5, (3, 64, 64)).astype(np.uint8)
    >>> frames = ArrayFrames(
    ...     title="movie", shape=data.shape, dtype=data.dtype, pixel_sizes_A=(0.1, 0.1)
    ... )
    >>> ready = ReadyMethod(method=load_method("gaussian"))
    >>> options = FileOptions(dose_e_per_px=0.5)
    >>> denoiser = FrameDenoiser.of(ready, frames, frames.stack(data), options)
    >>> denoiser.denoise(frames.stack(data), 2).shape
    (64, 64)
    """

    ready: ReadyMethod
    frames: ArrayFrames
    rule: MovieRule
    warnings: tuple[str, ...] = ()
    choice: Mapping[str, Any] | None = None

    @classmethod
    def of(
        cls, source: MethodSource, frames: ArrayFrames, stack: Stack, options: FileOptions
    ) -> FrameDenoiser:
        """Take the counting rule, the dose and the method from a few frames.

        Parameters
        ----------
        source : MethodSource
            The method with its weights, or a choice of methods.
        frames : ArrayFrames
            What is known of the frames.
        stack : Stack
            The frames; at most 16 are read.
        options : FileOptions
            The user's options.

        Raises
        ------
        ImageError
            If the frames have no pixel size, or cannot be counts.
        MethodError
            If the method cannot be used, or fails.
        """
        # First: a method that cannot denoise images says so before anything is read.
        _ = source.domain
        try:
            with _one_at_a_time:
                chosen, rule, warnings = _decided(source, stack, options)
        except ImageError as problem:
            raise problem.at(frames.title) from problem.__cause__
        made = cls(
            ready=chosen.ready,
            frames=frames,
            rule=rule,
            warnings=tuple(warnings),
            choice=chosen.record,
        )
        if made.reach and len(frames.shape) != 3:
            raise ImageError(
                "is not a movie",
                where=frames.title,
                expected=f"frames along one axis: {chosen.ready.name} uses several at once",
                got=f"an array of {len(frames.shape)} dimensions",
            )
        return made

    @property
    def reach(self) -> int:
        """Number of frames before and after a frame that the method sees."""
        return reach_of(self.ready.method)

    def denoise(self, stack: Stack, number: int = 0) -> np.ndarray:
        """Denoise one frame; one frame of a process at a time.

        Parameters
        ----------
        stack : Stack
            The frames.
        number : int
            Number of the frame.

        Returns
        -------
        numpy.ndarray
            (y, x), float32, expected electrons per pixel: zero for a frame without any electron,
            of a blanked beam.

        Raises
        ------
        ImageError
            If the frame cannot be counts.
        MethodError
            If the method fails.
        """
        counted = self.counted(stack, number)
        if not counted.file_counts.any():
            return np.zeros(stack.shape, np.float32)
        return counted.on_file_pixels(self.result(counted, number))

    def counted(self, stack: Stack, number: int) -> CountedImage:
        """Return the counts of a frame, with its neighbours for a method that uses them."""
        try:
            return self.rule.image(stack, number, reach=self.reach)
        except ImageError as problem:
            raise problem.at(self.frames.where(number)) from problem.__cause__

    def result(self, counted: CountedImage, number: int) -> np.ndarray:
        """Return the denoised counts (y, x) on the same square pixels, e/px."""
        with _one_at_a_time:
            return self._of_this_process().denoise(counted.image, self.frames.where(number))

    @cached_property
    def record(self) -> dict[str, Any]:
        """The program, the method, its weights, and what was decided for the frames."""
        return {
            **self._maker,
            **self.rule.described(),
            **({} if self.choice is None else {"choice": dict(self.choice)}),
            "warnings": list(self.warnings),
        }

    @cached_property
    def _maker(self) -> dict[str, Any]:
        return maker_of(self.ready)

    def _of_this_process(self) -> ReadyMethod:
        """Return the method, built once in each process."""
        key = json.dumps(self._maker, sort_keys=True, default=str)
        if key not in _built:
            if len(_built) >= _MOST_BUILT:
                _built.pop(next(iter(_built)))
            _built[key] = self.ready
        return _built[key]

    def __getstate__(self) -> dict[str, Any]:
        """Leave the built denoiser behind, which may hold memory of a device."""
        ready = ReadyMethod(method=self.ready.method, weights=self.ready.weights)
        # The digests of code and weights are read once, not by each worker.
        _ = self._maker
        return {**self.__dict__, "ready": ready}


def _decided(
    source: MethodSource, stack: Stack, options: FileOptions
) -> tuple[Chosen, MovieRule, list[str]]:
    """Return the method, the rule of the frames, and the warnings about them."""
    warnings: Sequence[str] = ()
    chosen = None
    if stack.n_frames == 1:
        chosen, one = _single(source, stack, options)
        down, across = square_ratios(one.file_pixel_sizes_A)
        options = replace(options, dose_e_per_px=one.image.dose_e_per_px * down * across)
        warnings = one.warnings
    rule = rule_of(stack, range(stack.n_frames), options)
    if chosen is not None:
        rule = replace(rule, dose_from=one.dose_from)
    # From the middle outwards: the nearest in time show most nearly the same.
    by_distance = sorted(range(stack.n_frames), key=lambda n: abs(n - stack.n_frames // 2))
    exposed = (number for number in by_distance if rule.counts(stack.frame(number)).any())
    at = next(exposed)
    chosen = chosen or source.for_image(
        rule.image(stack, at).image,
        lambda: [rule.image(stack, number).image for number in islice(exposed, _OTHERS)],
        rule.counting.correlation,
        str(stack.path),
    )
    seen = chosen.ready.seen(rule.image(stack, at, reach=reach_of(chosen.ready.method)).image)
    return (
        chosen,
        rule,
        [
            *(chosen.record or {}).get("reasons", ()),
            *(specimen_warnings(chosen.ready, seen) if seen.series is None else ()),
            *stack.notes,
            *(warnings or rule.warnings),
            *unusual_for(chosen.ready, seen, min(rule.pixel_sizes_A)),
        ],
    )


def _single(
    source: MethodSource, stack: Stack, options: FileOptions
) -> tuple[Chosen, CountedImage]:
    """Return the method for a single image, and the image with the likelier dose."""
    try:
        counted = count_image(micrograph_of(stack, stack.frame()), options)
    except ImageError as problem:
        raise problem.noted(stack.notes) from problem.__cause__
    chosen = source.for_image(
        counted.image, no_frames, counted.counting.correlation, str(stack.path)
    )
    return chosen, with_likelier_dose(counted, chosen.ready)
