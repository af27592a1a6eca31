"""Opening of image files: the reader for the suffix, its errors and log messages in one line."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tembench.core import ImageError, MissingPackage, missing_package
from tembench.methods import one_line
from tembench.micrographs.formats.stored_image import StoredImage

_READERS = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".mrc": "mrc",
    ".dm3": "digital_micrograph",
    ".dm4": "digital_micrograph",
    ".emd": "emd",
    ".npy": "npy",
    ".npz": "npy",
    ".ser": "tia",
    ".hspy": "hspy",
    ".zspy": "hspy",
    ".zarr": "zarr_folder",
    # IMOD's and others' names for stacks, reconstructions and maps.
    ".mrcs": "mrc",
    ".st": "mrc",
    ".ali": "mrc",
    ".rec": "mrc",
    ".map": "mrc",
}
SUFFIXES = tuple(_READERS)
_FOLDERS = (".zspy", ".zarr")
_ZARR_FILES = ("zarr.json", ".zgroup", ".zarray")
_LIBRARIES = ("rsciio", "tifffile", "h5py", "zarr")
_MOST_MESSAGES = 3
_STARTS = {
    b"\x89PNG": ("PNG",),
    b"\xff\xd8\xff": ("JPEG",),
    b"GIF8": ("GIF",),
    b"PK\3\4": ("ZIP", ".npz", ".zspy", ".zarr"),
    b"\x89HDF": ("HDF5", ".emd", ".hspy"),
    b"II*\0": ("TIFF", ".tif", ".tiff"),
    b"MM\0*": ("TIFF", ".tif", ".tiff"),
    b"II\x97\x01": ("TIA", ".ser"),
    b"\x93NUMPY": ("NumPy", ".npy"),
    b"\0\0\0\3": ("Digital Micrograph", ".dm3"),
    b"\0\0\0\4": ("Digital Micrograph", ".dm4"),
}


@contextmanager
def open_images(path: Path, log: list[str]) -> Iterator[list[StoredImage]]:
    """Yield the images of a file, which is closed afterwards.

    Parameters
    ----------
    path : pathlib.Path
        The file, or the folder of a Zarr format; its suffix, one of `SUFFIXES`, determines the
        format.
    log : list of str
        Receives the warnings of libraries, each line once.

    Raises
    ------
    ImageError
        If the file cannot be used; for errors inside the block too.
    MissingPackage
        If the package that reads the format is not installed.
    """
    suffix = _checked_suffix(path)
    with _collected(log), _as_image_error(path, suffix):
        reader = importlib.import_module(f"{__package__}.{_READERS[suffix]}")
        with reader.images(path) as found:
            yield found


def _checked_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if not path.exists():
        raise ImageError("no such file")
    if suffix in SUFFIXES and path.is_dir():
        _check_folder(path, suffix)
        return suffix
    if not path.is_file():
        raise ImageError("is not a file")
    if suffix not in SUFFIXES:
        raise ImageError(
            "has an unknown format",
            expected=", ".join(SUFFIXES),
            got=suffix or "no suffix",
            remedy="Save it as TIFF with its pixel size",
        )
    if path.stat().st_size == 0:
        raise ImageError("is empty", remedy="Copy it again")
    return suffix


def _check_folder(path: Path, suffix: str) -> None:
    if suffix not in _FOLDERS:
        raise ImageError("is a folder", expected=f"a file in the format {suffix}")
    if not any((path / name).is_file() for name in _ZARR_FILES):
        raise ImageError(
            "is not a Zarr folder",
            expected=f"a file {' or '.join(_ZARR_FILES)} in it",
            remedy="Copy it again, with its hidden files",
        )


@contextmanager
def _as_image_error(path: Path, suffix: str) -> Iterator[None]:
    """Report in one line any error that a library raises on a file that it cannot read."""
    try:
        yield
    except (MemoryError, ImageError, MissingPackage):
        raise
    except Exception as problem:
        if missing := missing_package(problem, suffix):
            raise missing from problem
        looks, suffixes = _looks_like(path)
        raise ImageError(
            f"cannot be read as {suffix}",
            got=f"{type(problem).__name__}: {one_line(problem)[:200].rstrip('.')}",
            remedy="It may be truncated or of another format: open it in the program that wrote it"
            if suffix in suffixes
            else f"It starts like a {looks} file: rename it accordingly, or save it again",
        ) from problem


def _looks_like(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the format that a file starts like, and its suffixes; all suffixes if unknown."""
    if path.is_dir():
        return "", SUFFIXES
    with open(path, "rb") as file:
        start = file.read(8)
    found = (names for mark, names in _STARTS.items() if start.startswith(mark))
    name, *suffixes = next(found, ("", *SUFFIXES))
    return name, tuple(suffixes)


class _Collector(logging.Handler):
    def __init__(self, log: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.name.partition('.')[0]}: {' '.join(record.getMessage().split())[:200]}"
        if text not in self._log and len(self._log) < _MOST_MESSAGES:
            self._log.append(text)


@contextmanager
def _collected(log: list[str]) -> Iterator[None]:
    """Collect log messages and warnings of libraries instead of printing them."""
    loggers = [logging.getLogger(name) for name in _LIBRARIES]
    before = [(one.handlers, one.propagate, one.level) for one in loggers]
    for one in loggers:
        one.handlers, one.propagate = [_Collector(log)], False
        one.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)
