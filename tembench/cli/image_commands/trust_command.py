"""The ``trust`` command: a report of how far a denoised image is supported by its electrons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tembench.cli.help_format import GroupedCommand
from tembench.cli.image_commands.image_options import FILE_OPTIONS, file_options
from tembench.cli.image_commands.report_on import report_on
from tembench.cli.options import FOLDER, complete_method, overrides, weights_option

_FILE = click.Path(path_type=Path, readable=False)


@click.command(cls=GroupedCommand, headings={"What the file says": FILE_OPTIONS})
@click.argument("file", metavar="FILE", type=_FILE)
@click.argument("denoised", metavar="[DENOISED]", required=False, type=_FILE)
@click.option(
    "--against", multiple=True, type=_FILE, metavar="FRAMES",
    help="File of other frames of the same place, which judge the image; may be repeated. FILE "
    "itself stands for all its frames but the one of --frame.",
)  # fmt: skip
@click.option(
    "--method", metavar="METHOD", shell_complete=complete_method,
    help="Method that denoises FILE, or that made DENOISED. Default: the one that DENOISED "
    "records; without DENOISED, auto.",
)  # fmt: skip
@click.option(
    "--out", type=FOLDER, metavar="REPORT", default="trust", show_default=True,
    help="New folder for the report: report.html, report.json, columns.csv, columns.png, and the "
    "columns for napari and ImageJ.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Overwrite an existing report.")
@weights_option
@overrides
@file_options
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), metavar="N",
    help="Seed for the electrons held out and for simulated vacuum.",
)  # fmt: skip
def trust(
    file: Path,
    denoised: Path | None,
    against: tuple[Path, ...],
    method: str | None,
    out: Path,
    overwrite: bool,
    weights: Path | None,
    overrides: dict[str, Any],
    **options: Any,
) -> None:
    """Report how far a denoised image is supported by its electrons.

    FILE is an image of a microscope, DENOISED its denoised image, as written by 'tembench apply';
    without it, --method denoises FILE. Some electrons at a time are held out, or other frames
    taken, to judge the image: its error beside that of simple filters, each column that it shows
    and all as a group, what was removed, and what the method draws into vacuum.

    Example: tembench trust image.dm4 denoised/image-unet-open.tif
    """
    report_on(
        file,
        denoised,
        against=against,
        method=method,
        out=out,
        overwrite=overwrite,
        weights=weights,
        overrides=overrides,
        options=options,
    )
