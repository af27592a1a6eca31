"""Batches of image files: a file that fails does not stop the others, and reruns skip results.

Nothing is written for a file until everything that can fail has succeeded: reading, denoising,
scoring, drawing. The PNG is written first and the TIFF, which marks the result as complete, last.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import (
    BatchError,
    ImageError,
    OutputError,
    TembenchError,
    made_by,
    printable,
    progress,
    remove_leftovers,
    write_bytes,
)
from tembench.methods import Method
from tembench.micrographs.denoising.denoise_file import DenoisedFile, denoise_file
from tembench.micrographs.denoising.file_record import (
    RECORD_KEY,
    as_text,
    complete_record,
    differences,
    is_intact,
    maker_of,
    origin_of,
    read_record,
)
from tembench.micrographs.denoising.messages import failure_line, grouped, result_line
from tembench.micrographs.denoising.output_files import output_paths, preview_path, refuse_outputs
from tembench.micrographs.denoising.write_image import preview_bytes, tiff_bytes
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.reading.file_options import FileOptions

Say = Callable[[str], object]
Score = Callable[[np.ndarray, Mapping[str, np.ndarray], float], object]
# Errors of the disk, which every other file would meet too: they end the batch.
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The method and the options to denoise image files with.

    Attributes
    ----------
    method : Method
        The method with its parameters.
    weights : pathlib.Path or None
        Folder of its weights; None for the weights shipped with it.
    weights_from : str
        Source of the weights, for the record.
    options : FileOptions
        The user's options.
    overwrite : bool
        Replace results that exist already.
    score : callable, optional
        Scores results whose clean image is known. Called with the clean image, the images to
        compare by name (the denoised one last) and the dose in e/px; its text is printed and
        recorded.
    """

    method: Method
    weights: Path | None = None
    weights_from: str = "option"
    options: FileOptions = field(default_factory=FileOptions)
    overwrite: bool = False
    score: Score | None = None

    def __post_init__(self) -> None:
        """Take the parameters that the weights were trained with."""
        object.__setattr__(self, "method", self.ready.method)

    def run(self, files: Sequence[Path], out: Path, *, say: Say, warn: Say) -> None:
        """Denoise the files that have no complete result yet.

        Parameters
        ----------
        files : sequence of pathlib.Path
            The image files.
        out : pathlib.Path
            A folder, or the TIFF for a single image file.
        say, warn : callable
            Receive the lines about results, and the warnings and failures.

        Raises
        ------
        OutputError
            If an output is not writable or is an input; raised before any work.
        BatchError
            If some of several files failed; raised after all were tried. For a single file its own
            error is raised; an error of the disk ends the batch.
        """
        outputs = output_paths(files, out, self.method.name, self.options)
        refuse_outputs(outputs, out, self.method, self._used_weights)
        remove_leftovers([one for p in outputs.values() for one in (p, preview_path(p))])
        _Run(self, outputs, say, warn).run()

    @cached_property
    def ready(self) -> ReadyMethod:
        """The method with its weights; its denoiser is built only if a file needs it."""
        return ReadyMethod(method=self.method, weights=self.weights)

    @cached_property
    def maker(self) -> dict[str, Any]:
        """The part of the record that all results share: program, method, weights."""
        return maker_of(self.method, self._used_weights)

    @cached_property
    def machine(self) -> dict[str, str]:
        """The code and the machine that produce the results."""
        return made_by()

    def record(
        self, origin: Mapping[str, Any], done: DenoisedFile, scores: str | None
    ) -> dict[str, Any]:
        """The complete record of one result."""
        return complete_record(
            origin,
            done,
            machine=self.machine,
            weights=self._used_weights,
            weights_from=self.weights_from if self.weights else "the method's own",
            scores=scores,
        )

    @property
    def _used_weights(self) -> Path | None:
        return self.ready.used_weights


@dataclass
class _Run:
    """One run of a batch."""

    batch: Batch
    outputs: Mapping[Path, Path]
    say: Say
    warn: Say
    warnings: list[tuple[Path, str]] = field(default_factory=list)
    failures: dict[Path, Exception] = field(default_factory=dict)
    written: int = 0

    def run(self) -> None:
        # First: an error in the method concerns all files.
        _ = self.batch.ready.domain
        there = {path: self._found(path, output) for path, output in self.outputs.items()}
        todo = sum(found is None for found in there.values())
        if todo:
            _ = self.batch.ready.denoiser
        try:
            name, total = f"Denoising with {self.batch.method.name}", len(there)
            # No progress bar for a single file.
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

    def _found(self, path: Path, output: Path) -> dict[str, Any] | Exception | None:
        """Return the record of a complete result, the error of an unusable one, or None."""
        there = [one for one in (output, preview_path(output)) if one.exists()]
        if not there or self.batch.overwrite:
            return None
        try:
            origin = origin_of(self.batch.maker, path, self.batch.options)
        except OSError:
            # Reported by the reader, with more detail.
            return None
        records = [read_record(one) for one in there]
        other = sorted({name for record in records for name in differences(record or {}, origin)})
        if not all(records):
            return _exists(there, "and was not written by tembench, or is damaged")
        if other:
            return _exists(there, f"and was made with other settings: {', '.join(other)} differ")
        # Left incomplete by an interrupted run: made again.
        if len(there) < 2 or records[0] is None:
            return None
        return records[0] if is_intact(output, records[0]) else _exists(there, "and is damaged")

    def _one(self, path: Path, found: dict[str, Any] | Exception | None) -> None:
        output = self.outputs[path]
        if isinstance(found, dict):
            self.warnings += [(path, text) for text in found["warnings"]]
            self.say(printable(f"{path}: done already: {output}"))
            if found["scores"]:
                self.say(printable(f"  {found['scores']}"))
            return None
        try:
            if isinstance(found, Exception):
                raise found
            contents, lines = self._make(path, output)
        except Exception as problem:
            return self._fail(path, problem)
        try:
            _write(contents)
        except OSError as problem:
            if problem.errno in _DISK_ERRORS:
                raise
            return self._fail(path, problem)
        self.written += 1
        for line in lines:
            self.say(printable(line))
        return None

    def _make(self, path: Path, output: Path) -> tuple[dict[Path, bytes], list[str]]:
        """Do everything that can fail; return the contents of the files and the lines to print."""
        batch = self.batch
        try:
            origin = origin_of(batch.maker, path, batch.options) if path.is_file() else {}
        except OSError as problem:
            raise ImageError("cannot be read", where=str(path), got=problem.strerror) from problem
        done = denoise_file(batch.ready, path, batch.options)
        self.warnings += [(path, text) for text in done.warnings]
        scores = None if batch.score is None else done.scored_by(batch.score)
        text = as_text(batch.record(origin, done, scores))
        title = f"{path.name}, {batch.method.title}"
        contents = {
            preview_path(output): _preview(done, {RECORD_KEY: text}),
            output: tiff_bytes(done.denoised, done.pixel_sizes_A, title, text),
        }
        return contents, [result_line(path, output, done), *([f"  {scores}"] if scores else [])]

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


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write all files, or none if one of the paths is a folder."""
    for output in contents:
        if output.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(output))
    for output, content in contents.items():
        write_bytes(output, content)


def _preview(done: DenoisedFile, text: dict[str, str]) -> bytes:
    """Draw counts and result; for a clean file the noisy image, the result and the truth."""
    if done.original is not None:
        return preview_bytes(done.original, done.file_dose_e_per_px, [done.denoised], text)
    shown = [done.result] if done.clean is None else [done.result, done.clean]
    return preview_bytes(done.given.counts, done.given.dose_e_per_px, shown, text)


def _exists(paths: Sequence[Path], how: str) -> TembenchError:
    return OutputError(
        f"exists already {how}",
        where=", ".join(map(str, paths)),
        remedy="Overwrite it with --overwrite, or name another path with --out",
    )
