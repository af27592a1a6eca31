"""The ``denoise`` command: images of a data set, for scoring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tembench.cli.method_commands import chosen_weights, named_method
from tembench.cli.options import (
    FOLDER,
    method_argument,
    overrides,
    part,
    scheduler,
    split,
    weights_option,
    workers,
)


@click.command()
@method_argument
@click.argument("stores", metavar="STORE", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=FOLDER, metavar="OUTPUTS", help="Folder for the outputs; required.")
@weights_option
@split
@part
@workers
@scheduler
@overrides
def denoise(
    method: str,
    stores: tuple[Path, ...],
    out: Path | None,
    weights: Path | None,
    split: str,
    part: str,
    workers: int,
    scheduler: str | None,
    overrides: dict[str, Any],
) -> None:
    """Denoise the images of STORE with METHOD, to be scored.

    STORE is a data set, or a folder that 'tembench inputs' wrote. Rerun the same command to resume
    an interrupted run. For image files, see 'tembench apply'.

    METHOD is the name of a baseline, or a folder with method.toml and method.py.

    Example: tembench denoise bm3d quickstart.zarr --out outputs/bm3d
    """
    store = stores[0]
    if store.is_file() or len(stores) > 1:
        what = f"{store} is a file, not a data set" if store.is_file() else "one data set at a time"
        raise click.UsageError(f"{what}; for image files: tembench apply {method} FILE...")
    if out is None:
        raise click.UsageError("Missing option '--out': the folder for the outputs.")
    from tembench.dataset import open_inputs
    from tembench.methods import denoise as denoise_images

    chosen = named_method(method).with_parameters(**overrides)
    weights, _ = chosen_weights(chosen, weights)
    denoise_images(
        chosen,
        open_inputs(store),
        out,
        split=split,
        part=part,
        weights=weights,
        workers=workers,
        scheduler=scheduler,
    )
    click.echo(f"{out}: outputs of {chosen.name}")
