"""Batches of image files: a file that fails does not stop the others, and reruns skip results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tembench.core import made_by, remove_leftovers
from tembench.micrographs.denoising import maker_of
from tembench.micrographs.domain import MethodSource
from tembench.micrographs.file_batches.batch_run import BatchRun, Say, path_is_movie
from tembench.micrographs.file_batches.made_result import Score
from tembench.micrographs.file_batches.output_files import (
    format_of,
    is_single_file,
    output_paths,
    preview_path,
    refuse_outputs,
)
from tembench.micrographs.reading import FileOptions

SHIPPED = "the method's own"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The method and the options to denoise image files with.

    Attributes
    ----------
    source : MethodSource
        The method with its weights, or a choice of methods.
    weights_from : str
        Source of the weights, for the record.
    options : FileOptions
        The user's options.
    overwrite : bool
        Replace results that exist already.
    movie_format : str
        Format of denoised movies: "tif", "ome.tif", "zspy" or "zarr".
    workers : int
        Number of processes for the frames of a movie; 0 works in this one.
    score : callable, optional
        Scores results whose clean image is known. Called with the clean image, the images to
        compare by name (the denoised one last) and the dose in e/px; its text is printed and
        recorded.
    """

    source: MethodSource
    weights_from: str = SHIPPED
    options: FileOptions = field(default_factory=FileOptions)
    overwrite: bool = False
    movie_format: str = "tif"
    workers: int = 2
    score: Score | None = None

    def run(self, files: Sequence[Path], out: Path, *, say: Say, warn: Say) -> dict[Path, Path]:
        """Denoise the files that have no complete result yet.

        Parameters
        ----------
        files : sequence of pathlib.Path
            The image files.
        out : pathlib.Path
            A folder, or the file for a single image file.
        say, warn : callable
            Receive the lines about results, and the warnings and failures.

        Returns
        -------
        dict
            From each file to its result.

        Raises
        ------
        OutputError
            If an output is not writable or is an input; raised before any work.
        BatchError
            If some of several files failed; raised after all were tried. For a single file its own
            error is raised; an error of the disk ends the batch.
        """
        form = format_of(out) if is_single_file(out) else self.movie_format
        movies = {path: form for path in files if path_is_movie(path, self.options)}
        outputs = output_paths(files, out, self.source.name, self.options, movies)
        refuse_outputs(outputs, out, self.source.methods)
        remove_leftovers([one for p in outputs.values() for one in (p, preview_path(p))])
        BatchRun(
            source=self.source,
            maker=self.maker,
            common=self.common,
            options=self.options,
            overwrite=self.overwrite,
            workers=self.workers,
            score=self.score,
            outputs=outputs,
            movies=frozenset(movies),
            say=say,
            warn=warn,
        ).run()
        return outputs

    @cached_property
    def maker(self) -> dict[str, Any]:
        """The part of the record that determines all results: program, methods, weights."""
        return maker_of(self.source)

    @cached_property
    def common(self) -> Mapping[str, Any]:
        """The part of the record that describes what makes all results: weights, machine."""
        folders = [one.used_weights for one in self.source.methods if one.used_weights]
        one = folders[0] if len(self.source.methods) == 1 and folders else None
        return {
            "weights": {"folder": str(one), "from": self.weights_from} if one else None,
            "made_by": made_by(),
        }
