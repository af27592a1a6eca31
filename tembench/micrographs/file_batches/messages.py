"""Messages printed about image files: results, warnings and failures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from tembench.core import TembenchError
from tembench.methods import one_line
from tembench.micrographs.denoising import OPTION, DenoisedFile
from tembench.micrographs.movies import DenoisedMovie

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_MOST_NAMED = 8


def size_text(pixel_sizes_A: tuple[float, float]) -> str:
    """Return the size (y, x) of pixels in words, width first where they are not square."""
    down, across = pixel_sizes_A
    return f"{across:.4g} Å" if down == across else f"{across:.4g} x {down:.4g} Å"


def result_line(path: Path, output: Path, done: DenoisedFile) -> str:
    """Describe a result in one line; each dose follows the pixel size it refers to."""
    height, width = done.denoised.shape
    how = "" if done.dose_from == OPTION else f" ({done.dose_from})"
    text = (
        f"{path}: {width} x {height} px of {size_text(done.pixel_sizes_A)} with "
        f"{done.file_dose_e_per_px:.3g} e/px in vacuum{how}"
    )
    if {done.given.pixel_size_A} != set(done.pixel_sizes_A):
        text += (
            f", resampled to {done.given.pixel_size_A:.4g} Å with "
            f"{done.given.dose_e_per_px:.3g} e/px"
        )
    return f"{text}, {done.seconds:.1f} s: {output}"


def movie_line(path: Path, output: Path, done: DenoisedMovie) -> str:
    """Describe a denoised movie in one line."""
    frames, height, width = done.layout.shape
    how = "" if done.rule.dose_from == OPTION else f" ({done.rule.dose_from})"
    resumed = f", {done.resumed} of them by an earlier run" if done.resumed else ""
    return (
        f"{path}: {frames} frames of {width} x {height} px of {size_text(done.rule.pixel_sizes_A)} "
        f"with {done.file_dose_e_per_px:.3g} e/px in vacuum{how}{resumed}, {done.seconds:.0f} s "
        f"({done.seconds_per_frame:.2g} s a frame): {output}"
    )


def grouped(warnings: Sequence[tuple[Path, str]]) -> list[str]:
    """Merge equal warnings of several files into one line each, with the names of the files.

    Warnings that differ only in their numbers are merged too; each number becomes a range.

    Examples
    --------
    >>> grouped([(Path("a.tif"), "3 of 9 lost"), (Path("b.tif"), "2.5 of 9 lost")])
    ['2.5 to 3 of 9 lost (2 files: a.tif, b.tif)']
    """
    alike: dict[tuple[str, ...], list[tuple[Path, str]]] = {}
    for path, text in warnings:
        alike.setdefault(tuple(_NUMBER.split(text)), []).append((path, text))
    return [
        f"{found[0][0]}: {found[0][1]}"
        if len(found) == 1
        else f"{_with_ranges(words, [text for _, text in found])} ({_files([p for p, _ in found])})"
        for words, found in alike.items()
    ]


def _files(paths: Sequence[Path]) -> str:
    names = ", ".join(path.name for path in paths[:_MOST_NAMED])
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return f"{len(paths)} files: {names}{more}"


def _with_ranges(words: Sequence[str], texts: Sequence[str]) -> str:
    numbers = zip(*(_NUMBER.findall(text) for text in texts), strict=True)
    ranges = [(min(found, key=float), max(found, key=float)) for found in numbers]
    shown = [low if float(low) == float(high) else f"{low} to {high}" for low, high in ranges]
    return "".join(part for pair in zip_longest(words, shown, fillvalue="") for part in pair)


def failure_line(path: Path, problem: Exception) -> str:
    """Describe in one line why a file was not denoised."""
    if isinstance(problem, TembenchError):
        text = str(problem)
    elif isinstance(problem, OSError):
        text = problem.strerror or str(problem)
    elif isinstance(problem, MemoryError):
        text = f"not enough memory: {one_line(problem)}"
    else:
        fault = f"{type(problem).__name__}: {one_line(problem)}"
        text = f"{fault}. This is a bug in tembench; please report it with the output of --debug"
    return text if str(path) in text else f"{path}: {text}"
