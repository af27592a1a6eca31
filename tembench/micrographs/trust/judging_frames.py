"""Judging frames: other frames of the same place, read, and checked for their shift."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tembench.core import ImageError, same_place
from tembench.micrographs.denoising import CountedImage, square_ratios
from tembench.micrographs.domain import at_ratio
from tembench.micrographs.electrons import fill
from tembench.micrographs.reading import FileOptions, open_stack
from tembench.micrographs.trust.frame_shift import frame_shift_A

# A third of a column's disc: beyond it, columns would be judged beside their place.
_MOST_SHIFT_A = 0.25


def read_judging_frames(
    against: Sequence[Path], file: Path, options: FileOptions, counted: CountedImage
) -> tuple[tuple[np.ndarray, ...], int]:
    """Read other frames, and sum them in two groups.

    Parameters
    ----------
    against : sequence of pathlib.Path
        Their files. In the file of the image itself, all frames but the one judged.
    file : pathlib.Path
        The file of the image.
    options : FileOptions
        How to read the files.
    counted : CountedImage
        The image.

    Returns
    -------
    groups : tuple of numpy.ndarray
        Counts (y, x) on the square pixels of the image, of every other frame.
    number : int
        Number of frames.

    Raises
    ------
    ImageError
        If a file cannot be used, or the frames are displaced from the image.
    """
    sums: list[np.ndarray | None] = [None, None]
    number = 0
    for path in against:
        own = same_place(path, file)
        if own and not isinstance(options.frame, int):
            raise ImageError(
                "is the image to be judged",
                where=str(path),
                expected="other frames",
                remedy="Choose the frame to judge with --frame; the others then judge it",
            )
        with open_stack(
            path,
            dataset=options.dataset if own else None,
            pixel_size_A=options.pixel_size_A or min(counted.file_pixel_sizes_A),
            gain=options.gain,
        ) as stack:
            if stack.shape != counted.file_counts.shape:
                raise ImageError(
                    "has frames of another size",
                    where=str(path),
                    expected=" x ".join(map(str, reversed(counted.file_counts.shape))) + " px",
                    got=" x ".join(map(str, reversed(stack.shape))) + " px",
                )
            for index in range(stack.n_frames):
                if own and index == options.frame:
                    continue
                # The camera is that of the image.
                frame = np.asarray(counted.counting.electrons(stack.frame(index)), np.float64)
                if options.mask_outliers and counted.bad is not None:
                    frame = fill(frame, counted.bad)
                group = sums[number % 2]
                sums[number % 2] = frame if group is None else group + frame
                number += 1
    if against and not number:
        raise ImageError("contains no other frame", where=str(against[0]))
    ratios = square_ratios(counted.file_pixel_sizes_A)
    groups = tuple(
        at_ratio(_as_counts(group), ratios, options.seed, index)
        for index, group in enumerate(sums)
        if group is not None
    )
    _refuse_moved(groups, counted, against)
    return groups, number


def _as_counts(values: np.ndarray) -> np.ndarray:
    """Return whole electrons as integers, which are placed on other pixels one by one."""
    whole = values.min() >= 0 and (values == np.floor(values)).all()
    return values.astype(np.uint32) if whole else values


def _refuse_moved(
    groups: Sequence[np.ndarray], counted: CountedImage, against: Sequence[Path]
) -> None:
    """Refuse frames that are displaced from the image: they would judge other places."""
    if not groups:
        return
    frames = np.asarray(np.sum(groups, axis=0, dtype=np.float64))
    y, x = frame_shift_A(counted.image.counts, frames, counted.image.pixel_size_A)
    if np.hypot(y, x) > _MOST_SHIFT_A:
        raise ImageError(
            "is displaced from the image to be judged",
            where=str(against[0]),
            expected=f"frames aligned to {_MOST_SHIFT_A:g} Å",
            got=f"{y:+.2f} Å down, {x:+.2f} Å to the right",
            remedy="Align the frames first, or leave out --against",
        )
