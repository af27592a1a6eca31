"""Files of microscopes as image layers with their pixel size; movies are read frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tembench.micrographs import SUFFIXES, Stack, open_stack

Layer = tuple[Any, dict[str, Any], str]


def get_reader(path: str | Sequence[str]) -> Callable[[str], list[Layer]] | None:
    """Return the function that opens a file; None if its suffix is not one of a microscope's.

    Parameters
    ----------
    path : str or sequence of str
        The file. Several at once are left to other readers.

    Examples
    --------
    >>> get_reader("image.dm4") is file_layers, get_reader("photo.png")
    (True, None)
    """
    known = isinstance(path, str) and Path(path).suffix.lower() in SUFFIXES
    return file_layers if known else None


def file_layers(path: str) -> list[Layer]:
    """Open a file as an image layer.

    Parameters
    ----------
    path : str
        The file. The frames of a movie are read when they are shown.

    Returns
    -------
    list of (data, attributes, type)
        One layer of napari, with the pixel size in angstrom if the file states it.

    Raises
    ------
    ImageError
        If the file cannot be used, in one line.
    """
    file = Path(path)
    with open_stack(file) as stack:
        stack.refuse_spectra()
        data = _lazily(file, stack) if stack.frame_axis else stack.frame()
        attributes: dict[str, Any] = {"name": file.stem, "metadata": {"notes": stack.notes}}
        if stack.pixel_sizes_A is not None:
            frames = [1.0] * (data.ndim - 2)
            attributes["scale"] = [*frames, *stack.pixel_sizes_A]
            attributes["units"] = [*("pixel" for _ in frames), "angstrom", "angstrom"]
    return [(data, attributes, "image")]


def _lazily(file: Path, stack: Stack) -> Any:
    """Return the frames as dask's array, each of which opens the file again."""
    import dask.array as da

    def block(block_id: tuple[int, ...]) -> np.ndarray:
        with open_stack(file) as again:
            return again.frame(block_id[0])[None]

    first = stack.frame(0)
    chunks = ((1,) * stack.n_frames, *((side,) for side in stack.shape))
    meta = np.empty((0, 0, 0), first.dtype)
    return da.map_blocks(block, chunks=chunks, dtype=first.dtype, meta=meta)
