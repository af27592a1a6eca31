"""The command that denoises: a store's images under test, or image files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.methods import default_weights
from tembench.cli.options import FOLDER, overrides, part, split, workers
from tembench.errors import OutputError, printable

if TYPE_CHECKING:
    from tembench.methods.micrographs.denoising import DenoisedFile
    from tembench.methods.protocol import Method

_POSITIVE = click.FloatRange(0, min_open=True)
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
            "--pixel-size-A", "pixel_size_A", type=_POSITIVE,
            help="Files: angstrom per pixel, instead of what they say.",
        ),
        click.option(
            "--dose", "dose_e_per_px", type=_POSITIVE,
            help="Files: electrons per pixel in vacuum; default: found in the image.",
        ),
        click.option("--gain", type=_POSITIVE, help="Files: stored value of one electron."),
        click.option("--allow-negative", is_flag=True, help="Files: take negative counts."),
        click.option("--frame", type=_Frame(), metavar="N|sum", help="Files: of a stack."),
        click.option("--dataset", type=click.IntRange(0), help="Files: of several images in one."),
        click.option(
            "--add-noise", is_flag=True,
            help="Files are clean images: draw shot noise first, and score the result.",
        ),
        click.option(
            "--vacuum", type=_POSITIVE,
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
@click.argument("method")
@click.argument("targets", metavar="STORE|FILE...", nargs=-1, required=True, type=FOLDER)
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
@click.option("--overwrite", is_flag=True, help="Files: write over earlier results.")
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
    written on the file's own pixels: a float32 TIFF, and a PNG to look at.

    METHOD is a folder with method.toml and method.py, or the name of a baseline.

    Example: tembench denoise bm3d quickstart.zarr --out outputs/bm3d
    """
    from tembench.methods.protocol import load_method

    of_a_store = len(targets) == 1 and targets[0].is_dir()
    _refuse_options(context, of_a_store)
    found = load_method(method).with_parameters(**overrides)
    trained = found.base or found
    if weights is None and trained.trainable and default_weights(trained.name).is_dir():
        weights = default_weights(trained.name)
    if not of_a_store:
        _denoise_files(found, targets, out or _OUT, weights, overwrite, of_files)
        return
    from tembench.dataset.inputs import open_images
    from tembench.methods.run import denoise as denoise_images

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
    if context.params["vacuum"] and not context.params["add_noise"]:
        raise click.UsageError("--vacuum is an option with --add-noise only.")


def _denoise_files(
    method: Method,
    files: Sequence[Path],
    out: Path,
    weights: Path | None,
    overwrite: bool,
    of_files: dict[str, Any],
) -> None:
    from tembench.methods.micrographs.denoising import FileOptions, denoise_file
    from tembench.methods.micrographs.domain import domain_of
    from tembench.methods.micrographs.writing import refuse_existing, write_tiff

    options = FileOptions(**of_files)
    places = _places(files, out, method.name)
    refuse_existing([p.with_suffix(s) for p in places for s in (p.suffix, ".png")], overwrite)
    weights = weights or method.shipped_weights
    domain = domain_of(method, weights)
    denoiser = method.build(weights)
    for path, place in zip(files, places, strict=True):
        done = denoise_file(method, denoiser, domain, path, options)
        for text in done.warnings:
            click.echo(f"Warning: {printable(f'{path}: {text}')}", err=True)
        write_tiff(place, done.denoised, done.pixel_size_A, f"{path.name}, {method.title}")
        _preview(place.with_suffix(".png"), done)
        click.echo(_line(path, place, done))
        if done.clean is not None:
            click.echo(f"  {_scores(done)}")


def _preview(path: Path, done: DenoisedFile) -> None:
    """Draw the file's counts and result; of a clean file, what the method saw, made, and missed."""
    from tembench.methods.micrographs.writing import write_preview

    if done.original is not None:
        write_preview(path, done.original, _file_dose(done), [done.denoised])
    elif done.clean is not None:
        shown = [done.result, done.clean]
        write_preview(path, done.given.counts, done.given.dose_e_per_px, shown)


def _places(files: Sequence[Path], out: Path, method: str) -> list[Path]:
    """Where the denoised files go."""
    if out.suffix.lower() in (".tif", ".tiff"):
        if len(files) > 1:
            raise click.UsageError("--out must be a folder for several files.")
        return [out]
    names = [f"{path.stem}.{method}.tif" for path in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OutputError(
            "two files would be written to one place",
            where=str(out / twice[0]),
            remedy="Denoise them one by one, each with its own --out",
        )
    return [out / name for name in names]


def _file_dose(done: DenoisedFile) -> float:
    """Electrons per pixel of the file in vacuum."""
    return done.given.dose_e_per_px * (done.pixel_size_A / done.given.pixel_size_A) ** 2


def _line(path: Path, place: Path, done: DenoisedFile) -> str:
    height, width = done.denoised.shape
    text = f"{path}: {width} x {height} px of {done.pixel_size_A:.4g} Å"
    if done.given.pixel_size_A != done.pixel_size_A:
        text += f", seen at {done.given.pixel_size_A:.4g} Å"
    how = " (found in the image)" if done.dose_is_estimated else ""
    dose = done.given.dose_e_per_px if done.original is None else _file_dose(done)
    text += f", {dose:.3g} e/px in vacuum{how}, {done.seconds:.1f} s: {place}"
    return printable(text)


def _scores(done: DenoisedFile) -> str:
    """PSNR of what there was, of vacuum alone, and of the result; as in the tables."""
    import numpy as np

    from tembench.metrics.fidelity import psnr_db, ssim
    from tembench.scale import REFERENCE_DOSE_E_PER_PX

    clean = np.asarray(done.clean)
    dose = done.given.dose_e_per_px
    scale = np.float32(REFERENCE_DOSE_E_PER_PX / dose)
    images = {
        "noisy": done.given.counts.astype(np.float32),
        "vacuum": np.full_like(clean, dose),
        "denoised": done.result,
    }
    psnr = {name: psnr_db(clean * scale, image * scale) for name, image in images.items()}
    told = ", ".join(f"{name} {value:.2f} dB" for name, value in psnr.items())
    return f"PSNR: {told}; SSIM of the denoised {ssim(clean * scale, done.result * scale):.4f}"
