"""The ``adapt`` command: a network trained on the user's own noisy frames."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from tembench.cli.help_format import GroupedCommand
from tembench.cli.image_commands.image_options import FILE_OPTIONS, file_options
from tembench.cli.method_commands import named_method
from tembench.cli.options import (
    FOLDER,
    POSITIVE,
    method_argument,
    overrides,
)


@click.command(cls=GroupedCommand, headings={"What the file says": FILE_OPTIONS})
@method_argument
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True,
    type=click.Path(path_type=Path, readable=False),
)  # fmt: skip
@click.option("--out", type=FOLDER, metavar="WEIGHTS", required=True, help="Folder of the weights.")
@click.option(
    "--minutes", default=10.0, show_default=True, type=POSITIVE, metavar="FLOAT",
    help="Time that the training may take. Its number of steps follows from a measurement before "
    "it starts.",
)  # fmt: skip
@click.option(
    "--way", type=click.Choice(["counts", "frames"]),
    help="Predict electrons of a frame from its others (counts), or frames of a movie from one "
    "another (frames), which is valid for any noise. Default: what suits the method and the file.",
)  # fmt: skip
@click.option("--from-scratch", is_flag=True, help="Start from random weights.")
@click.option(
    "--from", "start", type=FOLDER, metavar="FOLDER",
    help="Folder of weights to start from. Default: those that come with the method.",
)  # fmt: skip
@overrides
@file_options
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), metavar="N",
    help="Seed of the training.",
)  # fmt: skip
def adapt(
    method: str,
    files: tuple[Path, ...],
    out: Path,
    minutes: float,
    way: str | None,
    from_scratch: bool,
    start: Path | None,
    overrides: dict[str, Any],
    **file_options: Any,
) -> None:
    """Train METHOD further on your own noisy frames, without clean images.

    Of the frames or their electrons some are held out: they decide which weights are kept, and
    whether these are better than those that the training started from. Rerun the same command to
    resume an interrupted training; then denoise with

    tembench apply METHOD FILE --weights WEIGHTS

    METHOD is the name of a baseline, or a folder with method.toml and method.py. For movies take
    unet-movie, which sees a frame with its neighbours; for single images unet-open.

    Example: tembench adapt unet-movie movie.mrc --out my-weights
    """
    if from_scratch and start is not None:
        raise click.UsageError("--from-scratch and --from exclude each other.")
    from tembench.micrographs import Adaptation, FileOptions

    named = named_method(method)
    own = {
        name: value
        for name, value in overrides.items()
        if named.trainable or name in {**named.parameters, **named.optional}
    }
    adaptation = Adaptation(
        method=named.with_parameters(**own),
        options=FileOptions(**file_options),
        minutes=minutes,
        way=way,
        training={name: overrides[name] for name in overrides.keys() - own.keys()},
        start=start,
        from_scratch=from_scratch,
    )
    adaptation.run(files, out, say=click.echo, warn=partial(click.echo, err=True))
    click.echo(f"{out}: weights of {named.name}")
    click.echo(f"denoise with: tembench apply {named.name} {files[0]} --weights {out}")
