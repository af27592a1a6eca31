"""Made result: an image or a movie denoised and written, with the lines to print about it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import write_bytes
from tembench.micrographs.denoising import (
    RECORD_KEY,
    DenoisedFile,
    as_text,
    denoise_file,
    image_record,
    movie_record,
    preview_bytes,
    tiff_bytes,
)
from tembench.micrographs.domain import Chosen, MethodSource
from tembench.micrographs.file_batches.messages import movie_line, result_line
from tembench.micrographs.file_batches.output_files import preview_path
from tembench.micrographs.movies import MovieRule, denoise_movie
from tembench.micrographs.reading import FileOptions

Score = Callable[[np.ndarray, Mapping[str, np.ndarray], float], object]


@dataclass(frozen=True, kw_only=True)
class Work:
    """A file to denoise, and the method for it.

    Attributes
    ----------
    path, output : pathlib.Path
        The file, and the path of its result.
    source : MethodSource
        The method with its weights, or a choice of methods.
    options : FileOptions
        The user's options.
    workers : int
        Number of processes for the frames of a movie.
    common : Mapping
        Part of the record that is known before the work: the file, the method, the machine.
    score : callable or None
        Scores a result whose clean image is known.
    """

    path: Path
    output: Path
    source: MethodSource
    options: FileOptions
    workers: int
    common: Mapping[str, Any]
    score: Score | None = None


def make_image(work: Work, warn: Callable[[Sequence[str]], None]) -> list[str]:
    """Denoise one image and write it; nothing is written unless everything has succeeded.

    The PNG is written first and the TIFF, which marks the result as complete, last.

    Parameters
    ----------
    work : Work
        The file and the method.
    warn : callable
        Receives the warnings.

    Returns
    -------
    list of str
        Lines about the result.
    """
    done = denoise_file(work.source, work.path, work.options)
    warn(done.warnings)
    scores = None if work.score is None else done.scored_by(work.score)
    text = as_text(image_record(work.common, done, scores))
    title = f"{work.path.name}, {done.chosen.ready.method.title}"
    contents = {
        preview_path(work.output): _preview(done, {RECORD_KEY: text}),
        work.output: tiff_bytes(done.denoised, done.pixel_sizes_A, title, text),
    }
    for output in contents:
        if output.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(output))
    for output, content in contents.items():
        write_bytes(output, content)
    table = done.chosen.table.splitlines()
    line = result_line(work.path, work.output, done)
    return [*table, line, *([f"  {scores}"] if scores else [])]


def make_movie(work: Work, warn: Callable[[Sequence[str]], None]) -> list[str]:
    """Denoise the frames of a movie into its result; parameters and return as for `make_image`.

    Frames that are done survive an interruption. The PNG, a frame from the middle, is written last.
    """

    def record(chosen: Chosen, rule: MovieRule, warnings: Sequence[str]) -> str:
        return as_text(movie_record(work.common, chosen, rule.described(), warnings))

    done = denoise_movie(
        work.source,
        work.path,
        work.output,
        work.options,
        workers=work.workers,
        record=record,
        warn=warn,
    )
    text = {RECORD_KEY: done.layout.record}
    picture = preview_bytes(done.counts, done.file_dose_e_per_px, [done.denoised], text)
    write_bytes(preview_path(work.output), picture)
    return [*done.chosen.table.splitlines(), movie_line(work.path, work.output, done)]


def _preview(done: DenoisedFile, text: dict[str, str]) -> bytes:
    """Draw counts and result; for a clean file the noisy image, the result and the truth."""
    if done.original is not None:
        return preview_bytes(done.original, done.file_dose_e_per_px, [done.denoised], text)
    shown = [done.result] if done.clean is None else [done.result, done.clean]
    return preview_bytes(done.given.counts, done.given.dose_e_per_px, shown, text)
