"""Frames of a movie denoised one at a time, by one counting rule and one dose for all of them."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tembench.core import ImageError, seed_sequence
from tembench.micrographs.denoising.counted_image import (
    CountedImage,
    count_image,
    square_ratios,
    with_likelier_dose,
)
from tembench.micrographs.denoising.denoise_file import unusual_for
from tembench.micrographs.denoising.file_record import maker_of
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.domain.specimen_check import specimen_warnings
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.read_image import Micrograph

_MOST_SAMPLED = 5
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
# Built denoisers of this process, by what they were built from: a copy that was pickled to a worker
# uses that of the copy before. Methods need not be safe to call from several threads.
_MOST_BUILT = 4
_built: dict[str, ReadyMethod] = {}
_one_at_a_time = threading.RLock()


def sampled_numbers(n_frames: int) -> list[int]:
    """Return the numbers of the frames that a movie's counting rule and dose are taken from.

    Examples
    --------
    >>> sampled_numbers(3), sampled_numbers(2000)
    ([0, 1, 2], [0, 500, 1000, 1499, 1999])
    """
    spread = np.linspace(0, n_frames - 1, min(n_frames, _MOST_SAMPLED))
    return [int(number) for number in spread.round()]


@dataclass(frozen=True, kw_only=True)
class FrameDenoiser:
    """A method with the counting rule and the dose of a movie; it can be pickled to workers.

    Attributes
    ----------
    ready : ReadyMethod
        The method with its weights.
    options : FileOptions
        Options of the movie; the value of one electron and the dose are given.
    pixel_sizes_A : tuple of float
        Pixel size along y and x, angstrom.
    warnings : tuple of str
        Unusual properties of the sampled frames, one line each.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tembench.methods import load_method
    >>> frames = np.random.default_rng(0).poisson(0.5, (3, 64, 64))
    >>> movie = [
    ...     Micrograph(path=Path("movie"), values=frame, pixel_sizes_A=(0.1, 0.1))
    ...     for frame in frames
    ... ]
    >>> ready = ReadyMethod(method=load_method("gaussian"))
    >>> denoiser = FrameDenoiser.of(ready, movie, FileOptions(dose_e_per_px=0.5))
    >>> denoiser.denoise(movie[2], 2).shape
    (64, 64)
    """

    ready: ReadyMethod
    options: FileOptions
    pixel_sizes_A: tuple[float, float]
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, ready: ReadyMethod, samples: Sequence[Micrograph], options: FileOptions
    ) -> FrameDenoiser:
        """Take the counting rule and the dose from a few frames.

        Parameters
        ----------
        ready : ReadyMethod
            The method with its weights.
        samples : sequence of Micrograph
            Frames of the movie, such as those of `sampled_numbers`; at least one. Frames without
            any electron are left out.
        options : FileOptions
            The user's options. A dose that is not given is the median of those found in the
            frames.

        Raises
        ------
        ImageError
            If the frames have no pixel size, or cannot be counts.
        MethodError
            If the method cannot be used, or fails.
        """
        exposed = [frame for frame in samples if frame.values.any()] or list(samples[:1])
        with _one_at_a_time:
            counted = [with_likelier_dose(_counted(frame, options), ready) for frame in exposed]
            sure = [one for one in counted if one.doubt is None] or counted
            dose = float(np.median([_file_dose(one) for one in sure]))
            middle = sure[len(sure) // 2]
            seen = ready.seen(middle.image, seed=options.seed)
            warnings = [
                *specimen_warnings(ready, seen),
                *exposed[0].notes,
                *(text for one in sure for text in one.warnings),
                *unusual_for(ready, seen, min(middle.file_pixel_sizes_A)),
            ]
        gain = options.gain or 1.0
        return cls(
            ready=ready,
            options=replace(options, gain=gain, dose_e_per_px=dose),
            pixel_sizes_A=middle.file_pixel_sizes_A,
            warnings=tuple(_first_of_each(warnings)),
        )

    def denoise(self, frame: Micrograph, number: int = 0) -> np.ndarray:
        """Denoise one frame; one frame of a process at a time.

        Parameters
        ----------
        frame : Micrograph
            A frame of the movie.
        number : int
            Its number, which seeds the positions of electrons on other pixels.

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
        if not frame.values.any():
            return np.zeros(frame.values.shape, np.float32)
        words = seed_sequence(self.options.seed, "frames", number).generate_state(1)
        counted = _counted(frame, replace(self.options, seed=int(words[0])))
        with _one_at_a_time:
            ready = self._of_this_process()
            result = ready.denoise(counted.image, str(frame.path), seed=int(words[0]))
        return counted.on_file_pixels(result)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The program, the method, its weights, and what was decided for the movie."""
        return {
            **self._maker,
            "pixel_sizes_A": list(self.pixel_sizes_A),
            "dose_e_per_px": self.options.dose_e_per_px,
            "gain": self.options.gain,
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


def _counted(frame: Micrograph, options: FileOptions) -> CountedImage:
    try:
        return count_image(frame, options)
    except ImageError as problem:
        raise problem.noted(frame.notes).at(frame.path) from problem.__cause__


def _file_dose(counted: CountedImage) -> float:
    down, across = square_ratios(counted.file_pixel_sizes_A)
    return counted.image.dose_e_per_px * down * across


def _first_of_each(warnings: Iterable[str]) -> list[str]:
    """Return the first of all warnings that differ in their numbers alone."""
    kinds: dict[str, str] = {}
    for text in warnings:
        kinds.setdefault(_NUMBER.sub("", text), text)
    return list(kinds.values())
