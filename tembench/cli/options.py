"""Shared options and arguments of the commands, and how their values are read and printed."""

from __future__ import annotations

import json
import math
import os
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from tembench.core import list_methods, list_recipes
from tembench.recipe import SCORED_PARTS, SPLITS

FOLDER = click.Path(path_type=Path)

Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completing(names: Callable[[], Iterable[str]], *, files: bool) -> Completion:
    """Shell completion of names, and of file paths where one is accepted."""

    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        matching = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
        return matching + [CompletionItem(incomplete, type="file")] * files

    return complete


def _metric_names() -> Iterable[str]:
    from tembench.metrics import METRICS

    return METRICS


complete_recipe = _completing(list_recipes, files=True)
complete_method = _completing(list_methods, files=True)
complete_metric = _completing(_metric_names, files=False)
recipe_argument = click.argument("source", metavar="RECIPE", shell_complete=complete_recipe)
method_argument = click.argument("method", shell_complete=complete_method)


class _Positive(click.FloatRange):
    """A finite number above 0; click itself accepts NaN and infinity in a range."""

    def __init__(self) -> None:
        super().__init__(0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"expected a finite number, got {value}", param, ctx)
        return number


POSITIVE = _Positive()

workers = click.option(
    "--workers",
    default=2,
    show_default=True,
    metavar="N",
    type=click.IntRange(0),
    help="Number of worker processes; 0 runs in the main process.",
)
scheduler = click.option(
    "--scheduler",
    metavar="ADDRESS",
    envvar="DASK_SCHEDULER_ADDRESS",
    show_envvar=True,
    help="Run on the workers of a dask.distributed cluster instead of --workers; the address of "
    "its scheduler, such as tcp://host:8786, or its scheduler file (.json).",
)
device = click.option(
    "--device",
    default="cpu",
    show_default=True,
    type=click.Choice(["cpu", "cuda"]),
    help="Device that computes exit waves and images; cuda requires CuPy.",
)
split = click.option(
    "--split",
    default="model",
    show_default=True,
    type=click.Choice(SPLITS),
    help="Split of the images: by atomic model, by image as in the paper, or a track that holds "
    "out one factor.",
)
part = click.option(
    "--part",
    default=SCORED_PARTS[0],
    show_default=True,
    type=click.Choice((*SCORED_PARTS, "dev", "movie", "validation")),
    help="Images of the split to use: test (the official test set), test-full (the remaining "
    "images under test), test-subset (a fixed sample of 100 test images, for slow methods), dev "
    "(of a drawn recipe: images like those of the test, with a truth that all may see), movie "
    "(of one that has it: frames of movies) or validation (for choosing settings; never ranked).",
)
overrides = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="NAME=VALUE",
    callback=lambda context, option, given: _read_overrides(given),
    help="Override a parameter of method.toml, for example channels=32; may be repeated.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def _read_overrides(given: tuple[str, ...]) -> dict[str, Any]:
    """Parse NAME=VALUE pairs; a value that is not valid TOML is taken as text."""
    read: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"expected NAME=VALUE, got {text!r}")
        try:
            read[name.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            read[name.strip()] = value.strip()
    return read


def has_emphasis() -> bool:
    """Return whether standard output is a terminal that shows bold and dim text.

    The variable NO_COLOR (no-color.org) asks for plain text.
    """
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def print_json(content: Any) -> None:
    """Print plain values as strict JSON, without NaN and infinity."""
    click.echo(json.dumps(content, indent=2, allow_nan=False))


weights_option = click.option(
    "--weights", type=FOLDER, metavar="FOLDER",
    help="Folder written by 'tembench train'. Default: weights/METHOD if it exists, otherwise the "
    "weights that come with the method.",
)  # fmt: skip


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
