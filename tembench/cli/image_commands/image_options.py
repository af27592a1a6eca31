"""Options of commands on image files: what a file says, and the frames of a movie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tembench.cli.options import POSITIVE

FILE_OPTIONS = (
    "pixel_size_A", "dose_e_per_px", "gain", "offset", "allow_negative", "mask_outliers", "frame",
    "dataset",
)  # fmt: skip
"""Names of these options, for the heading of a help page."""


class _Frame(click.ParamType):
    """Frames of a stack: a number from 0, a range such as 0-9, or ``sum``."""

    name = "frame"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | tuple[int, int] | str:
        if value == "sum" or not isinstance(value, str):
            return value
        first, to, last = value.partition("-")
        if not first.isdigit() or (to and not last.isdigit()) or (to and int(last) < int(first)):
            self.fail(
                f"expected a frame number from 0 up, a range such as 0-9, or 'sum', got {value!r}",
                param,
                ctx,
            )
        return (int(first), int(last)) if to else int(first)


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Declare the options on what a file says: pixel size, dose, values."""
    options = (
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
            help="Stored units per electron. Default: estimated if the values are not counts.",
        ),
        click.option(
            "--offset", type=float, metavar="FLOAT",
            help="Stored value without electrons. Default: estimated if the values are not counts.",
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
            "--dataset", type=click.IntRange(0), metavar="N",
            help="Index of the image in a file that contains several, counted from 0.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


frame_option = click.option(
    "--frame", type=_Frame(), metavar="N|N-M|sum",
    help="Frame or frames of a movie to denoise, counted from 0, or 'sum' for the sum of "
    "all. Default: every frame.",
)  # fmt: skip


def file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Declare all of these options; fields of `FileOptions`."""
    return source_options(frame_option(command))
