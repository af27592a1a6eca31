"""Images of one shape, read one at a time, and the numbers that they come with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import OutputError

_DIGITS = re.compile(r"[0-9]+")
# Of a number of 64 bits.
_MOST_DIGITS = 19
_REMEDY = "save plain numbers: numpy.save(file, array.astype('float32'))"


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageStack:
    """Images of one shape.

    Attributes
    ----------
    path : Path
        File or folder.
    kind : str
        What it is, in words.
    shape : tuple of int
        Images, y, x.
    read : callable
        From a position to the image, (y, x) float32.
    stream : callable or None
        From a position to that image and all that follow, where this is faster than one by one.
    numbers : tuple of int or None
        Number that each image comes with; None where some have none.
    """

    path: Path
    kind: str
    shape: tuple[int, int, int]
    read: Callable[[int], np.ndarray]
    stream: Callable[[int], Iterator[np.ndarray]] | None = None
    numbers: tuple[int, ...] | None = None

    def images(self, start: int = 0) -> Iterator[np.ndarray]:
        """Images from a position on, (y, x) float32."""
        if self.stream is not None:
            yield from self.stream(start)
        else:
            yield from map(self.read, range(start, self.shape[0]))


def plain_dtype(text: object, where: object) -> np.dtype:
    """Type of stored values: integers or floats of at most eight bytes; OutputError for others."""
    if isinstance(text, str) and re.fullmatch(r"[<>=|]?[fiu][1248]", text) and text[-2:] != "f1":
        return np.dtype(text)
    if isinstance(text, str) and text.strip("<>=|").startswith("O"):
        raise OutputError(
            "contains Python objects, which may run code and are never loaded",
            where=str(where),
            expected="an array of numbers",
            remedy=_REMEDY,
        )
    raise OutputError(
        "wrong data type",
        where=str(where),
        expected="float16, float32, float64 or whole numbers",
        got=str(text)[:80],
        remedy=_REMEDY,
    )


def as_float32(values: np.ndarray) -> np.ndarray:
    """An image as float32; what exceeds its range becomes infinite, which scoring refuses."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=np.float32)


def numbers_of(names: Iterable[str]) -> tuple[int, ...] | None:
    """Last number in each name, such as 21000 in ``image_21000.npy``; None where one has none."""
    found = []
    for name in names:
        digits = _DIGITS.findall(name)
        if not digits or len(digits[-1]) > _MOST_DIGITS:
            return None
        found.append(int(digits[-1]))
    return tuple(found)


def natural_key(name: str) -> list[tuple[int, str]]:
    """Key that sorts names as people do: ``image2`` before ``image10``."""
    texts, digits = re.split(r"[0-9]+", name), re.findall(r"[0-9]+", name)
    # Whole numbers without leading zeros compare by their length, then as texts.
    numbers = [(len(one), one) for one in (run.lstrip("0") for run in digits)]
    pairs = zip(((0, text) for text in texts), [*numbers, (0, "")], strict=True)
    return [part for pair in pairs for part in pair]


def check_count(found: int, most: int, where: object) -> None:
    """Raise OutputError if there are more images than the data set has for the part."""
    if found > most:
        raise OutputError(
            "too many images",
            where=str(where),
            expected=f"at most {most}",
            got=str(found),
            remedy="write the images of the part alone, as (images, y, x)",
        )


def check_shape(found: tuple[int, ...], expected: tuple[int, ...], where: object) -> None:
    """Raise OutputError unless images have the expected (y, x)."""
    if found != expected:
        raise OutputError(
            "wrong shape",
            where=str(where),
            expected=f"images of {expected[0]} x {expected[1]} px",
            got=" x ".join(map(str, found))[:80] or "a single number",
            remedy="write each image at the size of the store's images, as (images, y, x)",
        )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Make any failure to decode a file an OutputError that names it."""
    try:
        yield
    except (OutputError, FileNotFoundError, PermissionError):
        raise
    except Exception as problem:
        raise OutputError(
            f"cannot be read: {type(problem).__name__}: {problem}"[:300],
            where=str(path),
            remedy="write it again, or copy it again if it was copied",
        ) from problem
