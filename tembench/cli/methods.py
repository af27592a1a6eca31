"""Commands that run methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tembench.cli.options import (
    FOLDER,
    as_json,
    method_argument,
    overrides,
    print_json,
    split,
    workers,
)


@click.command()
@as_json
def methods(as_json: bool) -> None:
    """List the methods that come with tembench.

    Example: tembench methods
    """
    from tembench.methods.protocol import available_methods, load_method

    found = [load_method(name) for name in available_methods()]
    if as_json:
        print_json(
            [
                {"name": m.name, "title": m.title, "kind": m.kind, "summary": m.summary}
                for m in found
            ]
        )
        return
    for method in found:
        click.echo(f"{method.name:16} {method.kind:10} {method.summary}")


@click.command()
@method_argument
@click.argument("store", type=FOLDER)
@click.option("--out", type=FOLDER, metavar="FOLDER", help="Weights; default: weights/METHOD.")
@split
@overrides
def train(
    method: str, store: Path, out: Path | None, split: str, overrides: dict[str, Any]
) -> None:
    """Train a method on a store's training images.

    An interrupted run goes on where it stopped.

    METHOD is a folder with method.toml and method.py, or the name of a baseline.

    Example: tembench train unet quickstart.zarr
    """
    from tembench.dataset.store import open_store
    from tembench.methods.protocol import load_method
    from tembench.methods.run import train as train_method

    found = load_method(method).with_parameters(**overrides)
    out = out or default_weights(found.name)
    train_method(found, open_store(store), out, split=split)
    click.echo(f"{out}: weights of {found.name}")


@click.command()
@method_argument
@click.argument("store", type=FOLDER)
@split
@click.option(
    "--images", default=24, show_default=True, type=click.IntRange(1),
    help="Most images, spread evenly over the validation part.",
)  # fmt: skip
@click.option(
    "--without-truth", is_flag=True,
    help="Judge by electrons held out of the noisy images, not by the clean images.",
)  # fmt: skip
@click.option(
    "--weights", type=FOLDER, metavar="FOLDER",
    help="What 'train' wrote; default: those that come with the method.",
)  # fmt: skip
@workers
@click.option("--write", is_flag=True, help="Put the best setting into method.toml.")
def tune(
    method: str,
    store: Path,
    split: str,
    images: int,
    without_truth: bool,
    weights: Path | None,
    workers: int,
    write: bool,
) -> None:
    """Search a method's parameters on validation images.

    METHOD is a folder with method.toml and method.py, or the name of a baseline.

    Example: tembench tune nlm quickstart.zarr
    """
    from tembench.dataset.store import open_store
    from tembench.methods.protocol import load_method
    from tembench.methods.tuning import tune as tune_method
    from tembench.methods.tuning import write_tuned

    found = load_method(method)
    result = tune_method(
        found,
        open_store(store),
        workers,
        split=split,
        most_images=images,
        without_truth=without_truth,
        weights=weights,
    )
    click.echo(result.table.to_string(index=False))
    click.echo()
    click.echo(result.toml(found))
    if write:
        click.echo(f"{write_tuned(found, result)}: written")


def default_weights(name: str) -> Path:
    """Where `train` puts weights and `denoise` looks for them unless told otherwise."""
    return Path("weights") / name
