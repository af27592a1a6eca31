"""Run of a batch: file after file, with failures and warnings gathered."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tembench.core import BatchError, ImageError, MissingPackage, printable, progress
from tembench.micrographs.denoising import origin_of
from tembench.micrographs.domain import MethodSource
from tembench.micrographs.file_batches.found_result import found_result
from tembench.micrographs.file_batches.made_result import Score, Work, make_image, make_movie
from tembench.micrographs.file_batches.messages import failure_line, grouped
from tembench.micrographs.file_batches.output_files import preview_path
from tembench.micrographs.movies import is_movie
from tembench.micrographs.reading import FileOptions, open_stack

Say = Callable[[str], object]
# Errors of the disk, which every other file would meet too: they end the batch.
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


@dataclass(kw_only=True)
class BatchRun:
    """One run of a batch; `tembench.micrographs.file_batches.batch.Batch` describes what it needs.

    Attributes
    ----------
    source : MethodSource
        The method with its weights, or a choice of methods.
    maker, common : Mapping
        Parts of the record of all results: what determines them, and what describes the run.
    outputs : Mapping
        From each file to the path of its result.
    movies : frozenset of pathlib.Path
        The files that are movies.
    say, warn : callable
        Receive the lines about results, and the warnings and failures.
    options, overwrite, workers, score
        As for the batch.
    """

    source: MethodSource
    maker: Mapping[str, Any]
    common: Mapping[str, Any]
    options: FileOptions
    overwrite: bool
    workers: int
    score: Score | None
    outputs: Mapping[Path, Path]
    movies: frozenset[Path]
    say: Say
    warn: Say
    warnings: list[tuple[Path, str]] = field(default_factory=list)
    failures: dict[Path, Exception] = field(default_factory=dict)
    written: int = 0

    def run(self) -> None:
        """Denoise the files; errors as for the batch."""
        # First: an error in the method concerns all files.
        _ = self.source.domain
        there = {path: self._found(path, output) for path, output in self.outputs.items()}
        todo = sum(found is None for found in there.values())
        if todo:
            self.source.build()
        try:
            name, total = f"Denoising with {self.source.name}", len(there)
            # No progress bar of files for a single one.
            with progress(name, total, total - todo if total > 1 else total) as advance:
                for path, found in there.items():
                    self._one(path, found)
                    advance(found is None)
        finally:
            for text in grouped(self.warnings):
                self.warn(f"Warning: {printable(text)}")
            if len(self.outputs) > 1:
                for path, problem in self.failures.items():
                    self.warn(f"Failed: {printable(failure_line(path, problem))}")
        self._end()

    def _origin(self, path: Path) -> dict[str, Any] | None:
        """Return what determines the result of a file; None if there is no such file."""
        if not path.exists():
            return None
        try:
            return origin_of(self.maker, path, self.options)
        except OSError as problem:
            raise ImageError("cannot be read", where=str(path), got=problem.strerror) from problem

    def _found(self, path: Path, output: Path) -> dict[str, Any] | Exception | None:
        if self.overwrite or not (output.exists() or preview_path(output).exists()):
            return None
        try:
            return found_result(output, self._origin(path))
        except ImageError:
            # Reported by the reader, with more detail.
            return None

    def _one(self, path: Path, found: dict[str, Any] | Exception | None) -> None:
        output = self.outputs[path]
        if isinstance(found, dict):
            self.warnings += [(path, text) for text in found["warnings"]]
            self.say(printable(f"{path}: done already: {output}"))
            if found["scores"]:
                self.say(printable(f"  {found['scores']}"))
            return
        try:
            if isinstance(found, Exception):
                raise found
            lines = self._make(path, output)
        except OSError as problem:
            if problem.errno in _DISK_ERRORS:
                raise
            self._fail(path, problem)
        except Exception as problem:
            self._fail(path, problem)
        else:
            self.written += 1
            for line in lines:
                self.say(printable(line))

    def _make(self, path: Path, output: Path) -> list[str]:
        work = Work(
            path=path,
            output=output,
            source=self.source,
            options=self.options,
            workers=self.workers,
            common={**(self._origin(path) or {}), **self.common},
            score=self.score,
        )

        def later(texts: Sequence[str]) -> None:
            self.warnings += [(path, text) for text in texts]

        def now(texts: Sequence[str]) -> None:
            # A movie may take hours: its warnings come before.
            for text in texts:
                self.warn(printable(f"Warning: {path}: {text}"))

        if path in self.movies:
            return make_movie(work, now)
        return make_image(work, later)

    def _fail(self, path: Path, problem: Exception) -> None:
        if len(self.outputs) == 1:
            raise problem
        self.failures[path] = problem

    def _end(self) -> None:
        total, failed = len(self.outputs), len(self.failures)
        if total == 1:
            return
        kept = total - failed - self.written
        self.say(f"{total} files: {self.written} denoised, {kept} done already, {failed} failed")
        if self.failures:
            problems = list(self.failures.values())
            raise BatchError.of(total, problems) from ExceptionGroup("failed files", problems)


def path_is_movie(path: Path, options: FileOptions) -> bool:
    """Return whether a file is a movie of which several frames are denoised.

    False for a file that cannot be read: reading the image reports why.
    """
    if options.add_noise:
        return False
    try:
        with open_stack(path, dataset=options.dataset, pixel_size_A=options.pixel_size_A) as stack:
            return is_movie(stack, options)
    except (ImageError, MissingPackage, OSError):
        return False
