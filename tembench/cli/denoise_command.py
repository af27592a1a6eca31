"""The ``denoise`` command: test images of a store, or image files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.help_format import GroupedCommand
from tembench.cli.method_commands import chosen_weights, named_method
from tembench.cli.options import (
    FOLDER,
    POSITIVE,
    method_argument,
    overrides,
    part,
    scheduler,
    split,
    workers,
)

if TYPE_CHECKING:
    from tembench.methods import Method

_DEFAULT_OUT = Path("denoised")
_STORE_OPTIONS = ("split", "part", "workers", "scheduler")
_FILE_OPTIONS = (
    "overwrite", "pixel_size_A", "dose_e_per_px", "gain", "allow_negative", "mask_outliers",
    "frame", "dataset", "add_noise", "vacuum", "seed",
)  # fmt: skip


class _Frame(click.ParamType):
    """Frame of a stack: a number from 0, or ``sum``."""

    name = "frame"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        if value == "sum" or isinstance(value, int):
            return value
        if not str(value).isdigit():
            self.fail(f"expected a frame number from 0 up, or 'sum', got {value!r}", param, ctx)
        return int(value)


def _file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Declare the options of image files; all but ``--overwrite`` are fields of `FileOptions`."""
    options = (
        click.option("--overwrite", is_flag=True, help="Overwrite existing results."),
        click.option(
            "--pixel-size-A", "pixel_size_A", type=POSITIVE, metavar="FLOAT",
            help="Pixel size in angstrom; overrides the one stored in the file.",
        ),
        click.option(
            "--dose", "dose_e_per_px", type=POSITIVE, metavar="FLOAT",
            help="Mean electrons per pixel in vacuum. Default: estimated from the image.",
        ),
        click.option(
            "--gain", type=POSITIVE, metavar="FLOAT",
            help="Stored value that corresponds to one electron.",
        ),
        click.option(
            "--allow-negative", is_flag=True,
            help="Accept negative values, such as those of a detector with read noise.",
        ),
        click.option(
            "--mask-outliers", is_flag=True,
            help="Replace hot, dead and empty pixels with counts from their neighbours.",
        ),
        click.option(
            "--frame", type=_Frame(), metavar="N|sum",
            help="Frame of a stack to denoise, counted from 0, or 'sum' for the sum of all frames.",
        ),
        click.option(
            "--dataset", type=click.IntRange(0), metavar="N",
            help="Index of the image in a file that contains several, counted from 0.",
        ),
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
    headings={"Options for a store": _STORE_OPTIONS, "Options for image files": _FILE_OPTIONS},
)
@method_argument
@click.argument(
    "targets", metavar="STORE|FILE...", nargs=-1, required=True,
    # A file that cannot be read must not stop the others.
    type=click.Path(path_type=Path, readable=False),
)  # fmt: skip
@click.option(
    "--out", type=FOLDER, metavar="OUTPUTS",
    help="Output folder; required for a store. Image files default to 'denoised'; the result of "
    "a single file may also be given a name ending in .tif.",
)  # fmt: skip
@click.option(
    "--weights", type=FOLDER, metavar="FOLDER",
    help="Folder written by 'tembench train'. Default: weights/METHOD if it exists, otherwise the "
    "weights that come with the method.",
)  # fmt: skip
@split
@part
@workers
@scheduler
@overrides
@_file_options
@click.pass_context
def denoise(
    context: click.Context,
    method: str,
    targets: tuple[Path, ...],
    out: Path | None,
    weights: Path | None,
    split: str,
    part: str,
    workers: int,
    scheduler: str | None,
    overrides: dict[str, Any],
    overwrite: bool,
    **file_options: Any,
) -> None:
    """Denoise the test images of a store, or image files.

    For a store, rerun the same command to resume an interrupted run.

    Image files (.tif, .mrc, .dm3, .dm4, .emd, .npy) are resampled to the method's training pixel
    size, denoised, and written back on the original grid, as a float32 TIFF and a PNG preview. A
    file that fails does not stop the others: failures are listed at the end, and rerunning the
    same command denoises only the missing files.

    METHOD is the name of a baseline, or a folder with method.toml and method.py.

    Example: tembench denoise bm3d quickstart.zarr --out outputs/bm3d
    """
    of_a_store = len(targets) == 1 and _is_store(targets[0])
    _refuse_options(context, of_a_store)
    chosen = named_method(method).with_parameters(**overrides)
    weights, weights_from = chosen_weights(chosen, weights)
    if not of_a_store:
        origin = (weights, weights_from)
        _denoise_files(chosen, targets, out or _DEFAULT_OUT, origin, overwrite, file_options)
        return
    from tembench.dataset import open_inputs
    from tembench.methods import denoise as denoise_images

    if out is None:
        raise click.UsageError("Missing option '--out': the folder for the outputs of a store.")
    denoise_images(
        chosen,
        open_inputs(targets[0]),
        out,
        split=split,
        part=part,
        weights=weights,
        workers=workers,
        scheduler=scheduler,
    )
    click.echo(f"{out}: outputs of {chosen.name}")


def _is_store(target: Path) -> bool:
    """Return whether a path is a store, or names one if nothing exists there."""
    return target.is_dir() or (not target.exists() and target.suffix in ("", ".zarr"))


def _refuse_options(context: click.Context, of_a_store: bool) -> None:
    """Refuse options that would have no effect."""
    without_effect, kind = (
        (_FILE_OPTIONS, "image files") if of_a_store else (_STORE_OPTIONS, "a store")
    )
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and name in without_effect:
            raise click.UsageError(f"{parameter.opts[0]} applies to {kind} only.")
    out = context.params["out"]
    if out and len(context.params["targets"]) > 1 and not of_a_store:
        from tembench.methods.micrographs.output_files import is_single_file

        if is_single_file(out):
            raise click.UsageError("--out must be a folder when several files are given.")
    if context.params["vacuum"] and not context.params["add_noise"]:
        raise click.UsageError("--vacuum requires --add-noise.")


def _denoise_files(
    method: Method,
    files: Sequence[Path],
    out: Path,
    weights: tuple[Path | None, str],
    overwrite: bool,
    file_options: dict[str, Any],
) -> None:
    from tembench.methods.micrographs.batch import Batch
    from tembench.methods.micrographs.file_options import FileOptions
    from tembench.metrics import score_images

    batch = Batch(
        method=method,
        weights=weights[0],
        weights_from=weights[1],
        options=FileOptions(**file_options),
        overwrite=overwrite,
        score=score_images,
    )
    batch.run(files, out, say=click.echo, warn=partial(click.echo, err=True))
