"""Other frames: frames of the same place that judge an image, read and checked for their shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tembench.core import ImageError, same_place
from tembench.micrographs.denoising import CountedImage, count_image
from tembench.micrographs.reading import FileOptions, Micrograph, micrograph_of, open_stack
from tembench.micrographs.trust.frame_shift import frame_shift_A

# A third of a column's disc: beyond it, columns would be judged beside their place.
_MOST_SHIFT_A = 0.25


def read_frames(
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
    example: Micrograph | None = None
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
                values = stack.frame(index).astype(np.float64)
                group = sums[number % 2]
                sums[number % 2] = values if group is None else group + values
                number += 1
            example = micrograph_of(stack, np.zeros((1, 1)))
    if against and not number:
        raise ImageError("contains no other frame", where=str(against[0]))
    # The dose follows from the ratio of all electrons: that of the sums is not looked for.
    plain = replace(options, dose_e_per_px=1.0, frame=None)
    groups = []
    for group in sums:
        if group is not None and example is not None:
            values = np.rint(group) if (group == np.rint(group)).all() else group
            typed = (
                values.astype(np.uint32) if values.min() >= 0 and values is not group else values
            )
            groups.append(
                count_image(
                    replace(example, values=typed, pixel_sizes_A=counted.file_pixel_sizes_A), plain
                ).image.counts
            )
    _refuse_moved(groups, counted, against)
    return tuple(groups), number


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
