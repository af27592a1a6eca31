"""Denoise a batch of image files: a bad one stops no other, and what is done is done once.

Nothing of a file is written before all that can fail has been done for it: read, denoised, scored,
drawn. The picture is written first and the TIFF, which says that it is complete, last.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

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
from tembench.methods.method import Method
from tembench.methods.micrographs.denoise_file import DenoisedFile, denoise_file
from tembench.methods.micrographs.file_options import FileOptions
from tembench.methods.micrographs.file_record import (
    KEY,
    as_text,
    differences,
    full_record,
    is_intact,
    maker_of,
    origin_of,
    read_record,
)
from tembench.methods.micrographs.messages import done_line, gathered, reason
from tembench.methods.micrographs.output_files import places_of, preview_of, refuse_places
from tembench.methods.micrographs.training_domain import Domain, domain_of
from tembench.methods.micrographs.write_image import preview_bytes, tiff_bytes
from tembench.methods.protocol import Denoiser

Say = Callable[[str], object]
# What a disk says to one file it will say to the next.
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Image files to denoise by one method, and how.

    Attributes
    ----------
    method : Method
        With its parameters.
    weights : pathlib.Path or None
        Folder of its weights; None for those that come with it.
    weights_from : str
        Where they come from, for the record.
    options : FileOptions
        What the user says of the files.
    overwrite : bool
        Whether results that are there are made again.
    judge : callable
        Scores a result whose truth is known.
    """

    method: Method
    weights: Path | None = None
    weights_from: str = "option"
    options: FileOptions = field(default_factory=FileOptions)
    overwrite: bool = False
    judge: Callable[[DenoisedFile], object] = lambda done: None

    def run(self, files: Sequence[Path], out: Path, *, say: Say, warn: Say) -> None:
        """Denoise the files that are not done yet.

        Parameters
        ----------
        files : sequence of pathlib.Path
            The image files.
        out : pathlib.Path
            A folder, or the TIFF of a single file.
        say, warn : callable
            Given the lines about results, and about what is unusual or failed.

        Raises
        ------
        OutputError
            If a place cannot be written to, or is an input: before anything is done.
        BatchError
            If some of several files failed, after all were tried. The error itself of a single
            file, or of the disk, which ends the batch.
        """
        places = places_of(files, out, self.method.name, self.options)
        refuse_places(places, out, self.method, self._used_weights)
        remove_leftovers([one for p in places.values() for one in (p, preview_of(p))])
        _Run(self, places, say, warn).run()

    @cached_property
    def domain(self) -> Domain:
        """What the method was made for."""
        return domain_of(self.method, self._used_weights)

    @cached_property
    def denoiser(self) -> Denoiser:
        """The method, built once, and only where a file needs it."""
        return self.method.build(self._used_weights)

    @cached_property
    def maker(self) -> dict[str, Any]:
        """What all results follow from."""
        return maker_of(self.method, self._used_weights)

    @cached_property
    def machine(self) -> dict[str, str]:
        """The code and the machine that make the results."""
        return made_by()

    def record(
        self, origin: Mapping[str, Any], done: DenoisedFile, scores: str | None
    ) -> dict[str, Any]:
        """All that is put into a file."""
        return full_record(
            origin,
            done,
            machine=self.machine,
            weights=self._used_weights,
            weights_from=self.weights_from if self.weights else "the method's own",
            scores=scores,
        )

    @property
    def _used_weights(self) -> Path | None:
        return self.weights or self.method.shipped_weights


@dataclass
class _Run:
    """A batch under way."""

    batch: Batch
    places: Mapping[Path, Path]
    say: Say
    warn: Say
    warnings: list[tuple[Path, str]] = field(default_factory=list)
    failures: dict[Path, Exception] = field(default_factory=dict)
    written: int = 0

    def run(self) -> None:
        # First, as whatever is wrong with the method is wrong with it for all files.
        _ = self.batch.domain
        there = {path: self._found(path, place) for path, place in self.places.items()}
        todo = sum(found is None for found in there.values())
        if todo:
            _ = self.batch.denoiser
        try:
            name, total = f"Denoising with {self.batch.method.name}", len(there)
            # Of a single file there is nothing to count.
            with progress(name, total, total - todo if total > 1 else total) as advance:
                for path, found in there.items():
                    self._one(path, found)
                    advance(found is None)
        finally:
            for text in gathered(self.warnings):
                self.warn(f"Warning: {printable(text)}")
            if len(self.places) > 1:
                for path, problem in self.failures.items():
                    self.warn(f"Failed: {printable(reason(path, problem))}")
        self._end()

    def _found(self, path: Path, place: Path) -> dict[str, Any] | Exception | None:
        """Return the record of a result that is there, or what is wrong with it."""
        there = [one for one in (place, preview_of(place)) if one.exists()]
        if not there or self.batch.overwrite:
            return None
        try:
            origin = origin_of(self.batch.maker, path, self.batch.options)
        except OSError:
            # The reader says it better.
            return None
        records = [read_record(one) for one in there]
        other = sorted({name for record in records for name in differences(record or {}, origin)})
        if not all(records):
            return _there(there, "and is not from this program, or is damaged")
        if other:
            return _there(there, f"and was made otherwise: {', '.join(other)} differ")
        # What an interrupted run left half done is done again.
        if len(there) < 2 or records[0] is None:
            return None
        return records[0] if is_intact(place, records[0]) else _there(there, "and is damaged")

    def _one(self, path: Path, found: dict[str, Any] | Exception | None) -> None:
        place = self.places[path]
        if isinstance(found, dict):
            self.warnings += [(path, text) for text in found["warnings"]]
            self.say(printable(f"{path}: done already: {place}"))
            if found["scores"]:
                self.say(printable(f"  {found['scores']}"))
            return None
        try:
            if isinstance(found, Exception):
                raise found
            contents, lines = self._make(path, place)
        except Exception as problem:
            return self._fail(path, problem)
        try:
            _write(contents)
        except OSError as problem:
            if problem.errno in _OF_THE_DISK:
                raise
            return self._fail(path, problem)
        self.written += 1
        for line in lines:
            self.say(printable(line))
        return None

    def _make(self, path: Path, place: Path) -> tuple[dict[Path, bytes], list[str]]:
        """Do all that can fail: the files to be written, and what is said of them."""
        batch = self.batch
        try:
            origin = origin_of(batch.maker, path, batch.options) if path.is_file() else {}
        except OSError as problem:
            raise ImageError("cannot be read", where=str(path), got=problem.strerror) from problem
        done = denoise_file(batch.method, batch.denoiser, batch.domain, path, batch.options)
        self.warnings += [(path, text) for text in done.warnings]
        scores = None if done.clean is None else str(batch.judge(done))
        text = as_text(batch.record(origin, done, scores))
        title = f"{path.name}, {batch.method.title}"
        contents = {
            preview_of(place): _preview(done, {KEY: text}),
            place: tiff_bytes(done.denoised, done.pixel_size_A, title, text),
        }
        return contents, [done_line(path, place, done), *([f"  {scores}"] if scores else [])]

    def _fail(self, path: Path, problem: Exception) -> None:
        if len(self.places) == 1:
            raise problem
        self.failures[path] = problem

    def _end(self) -> None:
        total, failed = len(self.places), len(self.failures)
        if total == 1:
            return
        kept = total - failed - self.written
        self.say(f"{total} files: {self.written} denoised, {kept} done already, {failed} failed")
        if self.failures:
            problems = list(self.failures.values())
            raise BatchError.of(total, problems) from ExceptionGroup("of the files", problems)


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write all files, or none where a folder is in the way of one."""
    for place in contents:
        if place.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    for place, content in contents.items():
        write_bytes(place, content)


def _preview(done: DenoisedFile, text: dict[str, str]) -> bytes:
    """Draw the file's counts and result; of a clean file, what the method saw, made, and missed."""
    if done.original is not None:
        return preview_bytes(done.original, done.file_dose_e_per_px, [done.denoised], text)
    shown = [done.result] if done.clean is None else [done.result, done.clean]
    return preview_bytes(done.given.counts, done.given.dose_e_per_px, shown, text)


def _there(paths: Sequence[Path], how: str) -> TembenchError:
    return OutputError(
        f"exists already {how}",
        where=", ".join(map(str, paths)),
        remedy="Write over it with --overwrite, or name another place with --out",
    )
