"""Folder of image files, one image each: all NumPy's, or all TIFF."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tembench.core import OutputError, together
from tembench.ranking.untrusted_images.image_stack import (
    ImageStack,
    check_count,
    natural_key,
    numbers_of,
)

OpenFile = Callable[[Path, tuple[int, int], int], ImageStack]
_MOST_SHOWN = 5


def folder_images(
    path: Path, shape: tuple[int, int], most: int, readers: Mapping[str, OpenFile]
) -> ImageStack:
    """Images of the files in a folder, in the natural order of their names.

    Parameters
    ----------
    path : Path
        The folder. Hidden files are left out.
    shape, most : tuple of int, int
        As of `open_images`.
    readers : Mapping of str to callable
        Opens a file with one image, by suffix.
    """
    files = sorted(
        (entry for entry in path.iterdir() if not entry.name.startswith(".")),
        key=lambda entry: natural_key(entry.name),
    )
    problems = [
        f"{file.name} is not a plain file"
        for file in files
        if not stat.S_ISREG(file.lstat().st_mode)
    ]
    kinds = {file.suffix.lower() for file in files}
    problems += [f"{kind or 'no suffix'} is not read" for kind in sorted(kinds - set(readers))]
    opener = {readers[kind] for kind in kinds if kind in readers}
    if len(opener) != 1 or problems:
        raise OutputError(
            together(problems or [f"files of {len(opener)} kinds"], _MOST_SHOWN),
            where=str(path),
            expected="files of one kind (" + ", ".join(readers) + "), one for each image",
            remedy="move other files elsewhere",
        )
    check_count(len(files), most, path)
    open_file = opener.pop()
    for file in files:
        open_file(file, shape, 1)

    def read(position: int) -> np.ndarray:
        return open_file(files[position], shape, 1).read(0)

    return ImageStack(
        path=path,
        kind="a folder of files",
        shape=(len(files), *shape),
        read=read,
        numbers=numbers_of(file.stem for file in files),
    )
