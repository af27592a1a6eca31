"""Method for the frames of a caller's array, with one counting rule, for any thread or process."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tembench.api.array_frames import ArrayFrames
from tembench.core import ImageError, MethodError, list_methods
from tembench.methods import Method, load_method
from tembench.micrographs.denoising import (
    count_image,
    maker_of,
    square_ratios,
    unusual_for,
    with_likelier_dose,
)
from tembench.micrographs.domain import ReadyMethod, specimen_warnings
from tembench.micrographs.movies import MovieRule, reach_of, rule_of
from tembench.micrographs.reading import FileOptions, Stack, micrograph_of

AUTO = "auto"
"""Name by which the method is chosen on the frames."""
# Built denoisers of this process, by what they were built from: a copy that was pickled to a worker
# uses that of the copy before. Methods need not be safe to call from several threads.
_MOST_BUILT = 4
_built: dict[str, ReadyMethod] = {}
_one_at_a_time = threading.RLock()


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

    @classmethod
    def of(
        cls, ready: ReadyMethod, frames: ArrayFrames, stack: Stack, options: FileOptions
    ) -> FrameDenoiser:
        """Take the counting rule and the dose from a few frames.

        Parameters
        ----------
        ready : ReadyMethod
            The method with its weights.
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
        reach = reach_of(ready.method)
        if reach and len(frames.shape) != 3:
            raise ImageError(
                "is not a movie",
                where=frames.title,
                expected=f"frames along one axis: {ready.method.name} uses several at once",
                got=f"an array of {len(frames.shape)} dimensions",
            )
        try:
            with _one_at_a_time:
                rule, warnings = _rule_and_warnings(ready, stack, options)
        except ImageError as problem:
            raise problem.at(frames.title) from problem.__cause__
        return cls(ready=ready, frames=frames, rule=rule, warnings=tuple(warnings))

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
        where = self.frames.where(number)
        if not stack.frame(number).any():
            return np.zeros(stack.shape, np.float32)
        try:
            counted = self.rule.image(stack, number, reach=self.reach)
        except ImageError as problem:
            raise problem.at(where) from problem.__cause__
        with _one_at_a_time:
            result = self._of_this_process().denoise(counted.image, where)
        return counted.on_file_pixels(result)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The program, the method, its weights, and what was decided for the frames."""
        down, across = square_ratios(self.rule.pixel_sizes_A)
        return {
            **self._maker,
            "pixel_sizes_A": list(self.rule.pixel_sizes_A),
            "dose_e_per_px": self.rule.dose_e_per_px * down * across,
            "dose_from": self.rule.dose_from,
            "gain": self.rule.options.gain or 1.0,
            "offset": self.frames.offset,
            "warnings": list(self.warnings),
        }

    @cached_property
    def _maker(self) -> dict[str, Any]:
        return maker_of(self.ready.method, self.ready.used_weights)

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


def frame_denoiser(
    method: str | Path | Method,
    frames: ArrayFrames,
    stack: Stack,
    options: FileOptions,
    *,
    weights: str | Path | None = None,
) -> FrameDenoiser:
    """Return a method that is ready for the frames of an array.

    Parameters
    ----------
    method : str, Path or Method
        Name of a baseline, a method's folder, the method itself, or "auto" for the method that
        predicts electrons held out of the frame in the middle best.
    frames : ArrayFrames
        What is known of the frames.
    stack : Stack
        The frames; at most 16 are read.
    options : FileOptions
        The user's options.
    weights : str or Path, optional
        Folder of weights; by default those shipped with the method.

    Raises
    ------
    MethodError
        If there is no such method, or it cannot be used.
    ImageError
        If the frames cannot be counts.
    """
    if method == AUTO:
        ready = _chosen(stack, options)
    else:
        chosen = method if isinstance(method, Method) else load_method(method)
        ready = ReadyMethod(method=chosen, weights=None if weights is None else Path(weights))
    # First: a method that cannot denoise images says so before its weights are read.
    _ = ready.domain
    return FrameDenoiser.of(ready, frames, stack, options)


def _chosen(stack: Stack, options: FileOptions) -> ReadyMethod:
    raise MethodError("cannot be chosen yet", where=f"method {AUTO}")


@cache
def single_image_methods() -> tuple[str, ...]:
    """Return the names of the methods that denoise single images with what is shipped.

    Examples
    --------
    >>> names = single_image_methods()
    >>> "unet" in names, "noisy" in names, "udvd" in names
    (True, False, False)
    """
    methods = map(load_method, list_methods())
    return tuple(
        method.name
        for method in methods
        if method.input == "noisy"
        and method.kind != "control"
        and (method.shipped_weights or not method.trainable)
    )


def _rule_and_warnings(
    ready: ReadyMethod, stack: Stack, options: FileOptions
) -> tuple[MovieRule, list[str]]:
    found: list[str] = []
    if stack.n_frames == 1:
        options, found = _with_dose_of_one(ready, stack, options)
    rule = rule_of(stack, range(stack.n_frames), options)
    middle = rule.image(stack, _exposed(stack), reach=reach_of(ready.method))
    seen = ready.seen(middle.image)
    return rule, [
        *(specimen_warnings(ready, seen) if seen.series is None else ()),
        *stack.notes,
        *(found or rule.warnings),
        *unusual_for(ready, seen, min(rule.pixel_sizes_A)),
    ]


def _with_dose_of_one(
    ready: ReadyMethod, stack: Stack, options: FileOptions
) -> tuple[FileOptions, list[str]]:
    """Return the options with the dose of a single image, which a network may help to find."""
    image = micrograph_of(stack, stack.frame())
    try:
        counted = with_likelier_dose(count_image(image, options), ready)
    except ImageError as problem:
        raise problem.noted(stack.notes) from problem.__cause__
    down, across = square_ratios(counted.file_pixel_sizes_A)
    dose = counted.image.dose_e_per_px * down * across
    return replace(options, dose_e_per_px=dose), list(counted.warnings)


def _exposed(stack: Stack) -> int:
    """Return the number of the frame in the middle, or of the next one that has electrons."""
    middle = stack.n_frames // 2
    numbers = sorted(range(stack.n_frames), key=lambda number: abs(number - middle))
    return next((number for number in numbers if stack.frame(number).any()), middle)
