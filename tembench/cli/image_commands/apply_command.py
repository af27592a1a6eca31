"""The ``apply`` command: image files of a microscope, denoised."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.help_format import GroupedCommand
from tembench.cli.image_commands.image_options import FILE_OPTIONS, file_options
from tembench.cli.image_commands.report_on import report_on
from tembench.cli.method_commands import method_source
from tembench.cli.options import (
    FOLDER,
    POSITIVE,
    method_argument,
    overrides,
    weights_option,
    workers,
)

if TYPE_CHECKING:
    pass

_NOISE_OPTIONS = ("add_noise", "vacuum", "seed")


def _noise_options(command: Callable[..., None]) -> Callable[..., None]:
    """Declare the options of a trial on clean images; fields of `FileOptions`, too."""
    options = (
        click.option(
            "--add-noise", is_flag=True,
            help="Treat the files as clean images: add shot noise, denoise, and print the PSNR.",
        ),
        click.option(
            "--vacuum", type=POSITIVE, metavar="FLOAT",
            help="With --add-noise: stored value of vacuum. Default: the most common value.",
        ),
        click.option(
            "--seed", default=0, show_default=True, type=click.IntRange(0), metavar="N",
            help="Seed for the added noise, and for reassigning electrons when resampling.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command(
    cls=GroupedCommand,
    headings={"What the file says": FILE_OPTIONS, "Trial on a clean image": _NOISE_OPTIONS},
)
@method_argument
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True,
    # A file that cannot be read must not stop the others.
    type=click.Path(path_type=Path, readable=False),
)  # fmt: skip
@click.option(
    "--out", type=FOLDER, metavar="FOLDER|FILE", default="denoised", show_default=True,
    help="Output folder; for a single file also the name of its result, ending in .tif (of a "
    "movie also .ome.tif, .zspy or .zarr).",
)  # fmt: skip
@click.option(
    "--format", "movie_format", type=click.Choice(["tif", "ome.tif", "zspy", "zarr"]),
    default="tif", show_default=True,
    help="Format of denoised movies: tif for ImageJ, ome.tif, zspy for HyperSpy, zarr for xarray.",
)  # fmt: skip
@workers
@click.option("--overwrite", is_flag=True, help="Overwrite existing results.")
@click.option(
    "--trust", is_flag=True,
    help="Write a report of how far each denoised image is supported by its electrons beside it, "
    "as 'tembench trust' does.",
)  # fmt: skip
@weights_option
@overrides
@file_options
@_noise_options
def apply(
    method: str,
    files: tuple[Path, ...],
    out: Path,
    overwrite: bool,
    movie_format: str,
    workers: int,
    trust: bool,
    weights: Path | None,
    overrides: dict[str, Any],
    **options: Any,
) -> None:
    """Denoise image files with METHOD.

    Images (.tif, .mrc, .dm3, .dm4, .emd, .ser, .hspy, .zspy, .zarr, .npy, .npz) are resampled to
    the method's training pixel size, denoised, and written back on the original grid, as a float32
    TIFF and a PNG preview. Of movies every frame is denoised, on --workers processes, whatever
    their length. A file that fails does not stop the others: failures are listed at the end.
    Rerunning the same command denoises only what is missing, files as well as frames.

    METHOD is auto, the name of a baseline, or a folder with method.toml and method.py. With auto,
    methods are tried on each image, and the one that best predicts electrons held out of it is
    used.

    Example: tembench apply auto image.dm4
    """
    _refuse_stores(method, files)
    if options["vacuum"] and not options["add_noise"]:
        raise click.UsageError("--vacuum requires --add-noise.")
    if trust and options["add_noise"]:
        raise click.UsageError("--trust judges counts: not with --add-noise.")
    from tembench.metrics import score_images
    from tembench.micrographs import Batch, FileOptions, is_single_file, is_single_image

    if len(files) > 1 and is_single_file(out):
        raise click.UsageError("--out must be a folder when several files are given.")
    source, weights_from = method_source(method, weights, overrides)
    batch = Batch(
        source=source,
        weights_from=weights_from,
        options=FileOptions(**options),
        overwrite=overwrite,
        movie_format=movie_format,
        workers=workers,
        score=score_images,
    )
    written = batch.run(files, out, say=click.echo, warn=partial(click.echo, err=True))
    if not trust:
        return
    for file, result in written.items():
        # A folder is a movie; so is a TIFF of several frames: each of them would need a report.
        if is_single_image(result):
            report_on(file, result, out=result.with_suffix(".trust"), options=options)
        else:
            click.echo(f"{result}: a movie; report on a frame: tembench trust {file} --frame N")


def _refuse_stores(method: str, files: tuple[Path, ...]) -> None:
    for file in files:
        if _is_data_set(file):
            raise click.UsageError(
                f"{file} is a data set: tembench denoise {method} {file} --out OUTPUTS"
            )


def _is_data_set(folder: Path) -> bool:
    """Return whether a folder is a data set, and not an image in a Zarr folder."""
    try:
        attributes = json.loads((folder / "zarr.json").read_text())["attributes"]
        return "recipe_id" in attributes
    except (OSError, ValueError, KeyError, TypeError):
        return False
