"""Lines of text about denoised files: results, warnings, failures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tembench.errors import TembenchError
from tembench.methods.code import one_line
from tembench.methods.micrographs.denoising import OPTION, DenoisedFile


def done_line(path: Path, place: Path, done: DenoisedFile) -> str:
    """Describe a result; a dose stands beside the pixel size that it belongs to."""
    height, width = done.denoised.shape
    how = "" if done.dose_from == OPTION else f" ({done.dose_from})"
    text = (
        f"{path}: {width} x {height} px of {done.pixel_size_A:.4g} Å with "
        f"{done.file_dose_e_per_px:.3g} e/px in vacuum{how}"
    )
    if done.given.pixel_size_A != done.pixel_size_A:
        text += (
            f", seen at {done.given.pixel_size_A:.4g} Å with {done.given.dose_e_per_px:.3g} e/px"
        )
    return f"{text}, {done.seconds:.1f} s: {place}"


def gathered(warnings: Sequence[tuple[Path, str]]) -> list[str]:
    """Return each warning once, with its file or the number of its files."""
    files: dict[str, list[Path]] = {}
    for path, text in warnings:
        files.setdefault(text, []).append(path)
    return [
        f"{paths[0]}: {text}" if len(paths) == 1 else f"{text} ({len(paths)} files)"
        for text, paths in files.items()
    ]


def reason(path: Path, problem: Exception) -> str:
    """Say in a line why a file was not denoised."""
    if isinstance(problem, TembenchError):
        text = str(problem)
    elif isinstance(problem, OSError):
        text = problem.strerror or str(problem)
    elif isinstance(problem, MemoryError):
        text = f"not enough memory: {one_line(problem)}"
    else:
        fault = f"{type(problem).__name__}: {one_line(problem)}"
        text = f"{fault}. This is a fault of tembench: report what --debug shows"
    return text if str(path) in text else f"{path}: {text}"
