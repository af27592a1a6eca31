"""Frames of the user's files as counts, on square pixels of one size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import ImageError, progress
from tembench.methods import NoisyImage
from tembench.micrographs.camera_noise import NoiseCorrelation
from tembench.micrographs.movies import frame_numbers, rule_of
from tembench.micrographs.reading import FileOptions, Stack, open_as_told

# Frames beyond this size are left out, those of a movie at its ends.
MOST_BYTES = 1 << 28


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameStack:
    """Frames as counts.

    Attributes
    ----------
    counts : numpy.ndarray
        (n, y, x): unsigned integers, or float32 where the values are not whole.
    pixel_size_A : float
        Pixel size, angstrom.
    doses_e_per_px : tuple of float
        Electrons per pixel in vacuum, of each frame.
    is_movie : bool
        Whether they are frames of one movie, in order of time without gaps.
    correlation : NoiseCorrelation or None
        Correlation of the noise of neighbouring pixels in the file where there is most.
    notes : tuple of str
        One line for each choice made and each warning.
    """

    counts: np.ndarray
    pixel_size_A: float
    doses_e_per_px: tuple[float, ...]
    is_movie: bool
    correlation: NoiseCorrelation | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.counts)

    @property
    def are_counts(self) -> bool:
        """Whether the values are whole numbers of electrons."""
        return self.counts.dtype.kind == "u"

    def digest(self) -> str:
        """Return a digest of all values, the pixel size and the doses."""
        state = hashlib.sha256(repr((self.pixel_size_A, self.doses_e_per_px)).encode())
        state.update(self.counts.tobytes())
        return state.hexdigest()[:16]


def read_frames(
    files: Sequence[Path],
    options: FileOptions,
    see: Callable[[NoisyImage, int], NoisyImage],
) -> FrameStack:
    """Read the frames of image files and movies.

    Parameters
    ----------
    files : sequence of pathlib.Path
        Images or movies of one kind of specimen.
    options : FileOptions
        The user's options.
    see : callable
        From an image and its number to the image on the pixels that the method sees.

    Raises
    ------
    ImageError
        If a file cannot be used, or the files have pixels of different sizes.
    """
    frames: list[NoisyImage] = []
    notes: list[str] = []
    correlations: list[NoiseCorrelation] = []
    most = MOST_BYTES // len(files)
    for path in files:
        frames += _of_file(path, options, see, most, notes, correlations)
    sizes = {frame.pixel_size_A for frame in frames}
    if max(sizes) > 1.02 * min(sizes):
        raise ImageError(
            "files with pixels of different sizes",
            where=", ".join(map(str, files)),
            expected="one pixel size",
            got=f"{min(sizes):.4g} to {max(sizes):.4g} Å",
            remedy="Adapt to each of them by itself",
        )
    height, width = (min(frame.counts.shape[axis] for frame in frames) for axis in (0, 1))
    if len({frame.counts.shape for frame in frames}) > 1:
        notes.append(f"frames of different sizes: {width} x {height} px of each are used")
    wide = np.result_type(*{frame.counts.dtype for frame in frames})
    counts = np.stack([frame.counts[:height, :width].astype(wide) for frame in frames])
    return FrameStack(
        counts=counts,
        pixel_size_A=frames[0].pixel_size_A,
        doses_e_per_px=tuple(frame.dose_e_per_px for frame in frames),
        is_movie=len(files) == 1 and len(frames) > 1,
        correlation=max(correlations, key=lambda one: abs(one.neighbours), default=None),
        notes=tuple(dict.fromkeys(notes)),
    )


def _of_file(
    path: Path,
    options: FileOptions,
    see: Callable[[NoisyImage, int], NoisyImage],
    most_bytes: int,
    notes: list[str],
    correlations: list[NoiseCorrelation],
) -> Iterator[NoisyImage]:
    """Yield the frames of a file, narrowed; those that fit around the middle of a long movie."""
    with open_as_told(path, options) as stack:
        numbers = _numbers(stack, options)
        rule = rule_of(stack, numbers, options)
        notes += [f"{path}: {text}" for text in (*stack.notes, *rule.warnings)]
        correlations += [rule.counting.correlation] if rule.counting.correlation else []
        first = see(rule.image(stack, numbers[0]).image, numbers[0])
        fitting = max(2, most_bytes // max(1, _narrow(first).counts.nbytes))
        if len(numbers) > fitting:
            start = (len(numbers) - fitting) // 2
            numbers = numbers[start : start + fitting]
            notes.append(
                f"{path}: {fitting} frames around the middle are used, {numbers[0]} to "
                f"{numbers[-1]}, of a movie too long to be held in memory"
            )
        with progress(f"Reading {path.name}", len(numbers)) as advance:
            for number in numbers:
                yield _narrow(see(rule.image(stack, number).image, number))
                advance(1)


def _numbers(stack: Stack, options: FileOptions) -> tuple[int, ...]:
    if isinstance(options.frame, int):
        return (options.frame,)
    if stack.frame_axis is None:
        return (0,)
    return frame_numbers(stack, options)


def _narrow(image: NoisyImage) -> NoisyImage:
    """Return an image with its counts in the narrowest type."""
    counts = image.counts
    if counts.dtype.kind == "f":
        kind: np.dtype = np.dtype(np.float32)
    else:
        kind = np.min_scalar_type(int(counts.max()))
    return NoisyImage(
        counts=counts.astype(kind),
        pixel_size_A=image.pixel_size_A,
        dose_e_per_px=image.dose_e_per_px,
    )
