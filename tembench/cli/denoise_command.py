"""The command that denoises: a store's images under test, or image files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.method_commands import chosen_weights, named_method
from tembench.cli.options import (
    FOLDER,
    POSITIVE,
    method_argument,
    overrides,
    part,
    split,
    workers,
)

if TYPE_CHECKING:
    from tembench.methods import Method

_OUT = Path("denoised")


class _Frame(click.ParamType):
    """A number from 0, or ``sum``."""

    name = "frame"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        if value == "sum" or isinstance(value, int):
            return value
        if not str(value).isdigit():
            self.fail(f"expected a number from 0, or sum, got {value!r}", param, ctx)
        return int(value)


def _file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of image files; named as the fields of `FileOptions`."""
    options = (
        click.option(
            "--pixel-size-A", "pixel_size_A", type=POSITIVE,
            help="Files: angstrom per pixel, instead of what they say.",
        ),
        click.option(
            "--dose", "dose_e_per_px", type=POSITIVE,
            help="Files: electrons per pixel in vacuum; default: found in the image.",
        ),
        click.option("--gain", type=POSITIVE, help="Files: stored value of one electron."),
        click.option("--allow-negative", is_flag=True, help="Files: take negative counts."),
        click.option(
            "--mask-outliers", is_flag=True,
            help="Files: replace hot, dead and empty pixels by counts of their neighbours.",
        ),
        click.option("--frame", type=_Frame(), metavar="N|sum", help="Files: of a stack."),
        click.option("--dataset", type=click.IntRange(0), help="Files: of several images in one."),
        click.option(
            "--add-noise", is_flag=True,
            help="Files are clean images: draw shot noise first, and score the result.",
        ),
        click.option(
            "--vacuum", type=POSITIVE,
            help="With --add-noise: stored value of vacuum; default: the commonest.",
        ),
        click.option(
            "--seed", default=0, show_default=True, type=click.IntRange(0),
            help="Files: of the noise, and of electrons' places when pixels are resampled.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@method_argument
@click.argument(
    "targets", metavar="STORE|FILE...", nargs=-1, required=True,
    # One that may not be read is to stop no other.
    type=click.Path(path_type=Path, readable=False),
)  # fmt: skip
@click.option(
    "--out", type=FOLDER, metavar="OUTPUTS",
    help="Folder of outputs; of files: a folder (default: denoised), or the .tif of a single one.",
)  # fmt: skip
@click.option(
    "--weights", type=FOLDER, metavar="FOLDER",
    help="What 'train' wrote; default for a trained method: weights/METHOD.",
)  # fmt: skip
@split
@part
@workers
@overrides
@click.option("--overwrite", is_flag=True, help="Files: write over results that are there.")
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
    overrides: dict[str, Any],
    overwrite: bool,
    **of_files: Any,
) -> None:
    """Run a method over a store's test images, or over image files.

    Of a store, an interrupted run goes on where it stopped. Of each file (.tif, .mrc, .dm3, .dm4,
    .emd, .npy) the image is brought to the sampling that the method was trained at, denoised, and
    written on the file's own pixels: a float32 TIFF, and a PNG to look at. A file that fails stops
    no other: failures are listed at the end, and the same command does what is missing.

    METHOD is a folder with method.toml and method.py, or the name of a baseline.

    Example: tembench denoise bm3d quickstart.zarr --out outputs/bm3d
    """
    of_a_store = len(targets) == 1 and _is_store(targets[0])
    _refuse_options(context, of_a_store)
    found = named_method(method).with_parameters(**overrides)
    weights, weights_from = chosen_weights(found, weights)
    if not of_a_store:
        chosen = (weights, weights_from)
        _denoise_files(found, targets, out or _OUT, chosen, overwrite, of_files)
        return
    from tembench.dataset import open_images
    from tembench.methods.runs.denoise import denoise as denoise_images

    if out is None:
        raise click.UsageError("Missing option '--out': the folder of a store's outputs.")
    denoise_images(
        found,
        open_images(targets[0]),
        out,
        split=split,
        part=part,
        weights=weights,
        workers=workers,
    )
    click.echo(f"{out}: outputs of {found.name}")


def _is_store(target: Path) -> bool:
    """Whether a target is a store, or would be one if it were there."""
    return target.is_dir() or (not target.exists() and target.suffix in ("", ".zarr"))


def _refuse_options(context: click.Context, of_a_store: bool) -> None:
    """Refuse options that would be without effect."""
    of_stores = {"split", "part", "workers"}
    shared = {"method", "targets", "out", "weights", "overrides"}
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and name not in shared and (name in of_stores) != of_a_store:
            kind = "image files" if of_a_store else "a store"
            raise click.UsageError(f"{parameter.opts[0]} is an option for {kind} only.")
    out = context.params["out"]
    if out and len(context.params["targets"]) > 1 and not of_a_store:
        from tembench.methods.micrographs.output_files import is_single_file

        if is_single_file(out):
            raise click.UsageError("--out must be a folder for several files.")
    if context.params["vacuum"] and not context.params["add_noise"]:
        raise click.UsageError("--vacuum is an option with --add-noise only.")


def _denoise_files(
    method: Method,
    files: Sequence[Path],
    out: Path,
    weights: tuple[Path | None, str],
    overwrite: bool,
    of_files: dict[str, Any],
) -> None:
    from tembench.methods.micrographs.batch import Batch
    from tembench.methods.micrographs.file_options import FileOptions
    from tembench.metrics.fidelity import score_images

    batch = Batch(
        method=method,
        weights=weights[0],
        weights_from=weights[1],
        options=FileOptions(**of_files),
        overwrite=overwrite,
        score=score_images,
    )
    batch.run(files, out, say=click.echo, warn=partial(click.echo, err=True))
