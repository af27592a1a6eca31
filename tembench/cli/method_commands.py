"""Commands on methods: methods, new-method, train, tune; the choice of a method and its weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from tembench.core import printable

if TYPE_CHECKING:
    from tembench.methods import Method
    from tembench.micrographs import MethodSource


@click.command()
@as_json
def methods(as_json: bool) -> None:
    """List the methods that come with tembench.

    Example: tembench methods
    """
    from tembench.core import list_methods
    from tembench.methods import load_method

    loaded = [load_method(name) for name in list_methods()]
    if as_json:
        print_json(
            [
                {"name": m.name, "title": m.title, "kind": m.kind, "summary": m.summary}
                for m in loaded
            ]
        )
        return
    for method in loaded:
        click.echo(f"{method.name:16} {method.kind:10} {method.summary}")


@click.command()
@click.argument("name", type=FOLDER)
@click.option(
    "--trained", is_flag=True, help="Write a small network to train, instead of a filter."
)
def new_method(name: Path, trained: bool) -> None:
    """Write the folder of a new method, which runs and is to be filled in.

    NAME is the folder, which must not exist; its last part names the method. The contract of a
    method is the docstring of tembench.methods.protocol.Denoiser.

    Example: tembench new-method my-method
    """
    from tembench.methods import write_new_method

    for path in write_new_method(name, trained=trained):
        click.echo(f"{path}: written")
    if trained:
        click.echo(f"train with: tembench train {name} STORE")
    click.echo(f"denoise with: tembench denoise {name} STORE --out outputs/{name.name}")


@click.command()
@method_argument
@click.argument("store", type=FOLDER)
@click.option(
    "--out",
    type=FOLDER,
    metavar="FOLDER",
    help="Folder to write the weights to. Default: weights/METHOD.",
)
@click.option(
    "--from", "start", type=FOLDER, metavar="FOLDER",
    help="Folder of weights to start from, such as those that come with a method.",
)  # fmt: skip
@split
@overrides
def train(
    method: str,
    store: Path,
    out: Path | None,
    start: Path | None,
    split: str,
    overrides: dict[str, Any],
) -> None:
    """Train a method on a store's training images.

    Rerun the same command to resume an interrupted run.

    METHOD is the name of a baseline, or a folder with method.toml and method.py.

    Example: tembench train unet quickstart.zarr
    """
    from tembench.dataset import open_store
    from tembench.methods import train as train_method

    chosen = named_method(method).with_parameters(**overrides)
    out = out or default_weights(chosen.name)
    train_method(chosen, open_store(store), out, split=split, start=start)
    click.echo(f"{out}: weights of {chosen.name}")


@click.command()
@method_argument
@click.argument("store", type=FOLDER)
@split
@click.option(
    "--images", default=24, show_default=True, type=click.IntRange(1), metavar="N",
    help="Maximum number of validation images, spread evenly over the validation part.",
)  # fmt: skip
@click.option(
    "--without-truth", is_flag=True,
    help="Rank settings by electrons held out of the noisy images, not by the clean images.",
)  # fmt: skip
@click.option(
    "--weights", type=FOLDER, metavar="FOLDER",
    help="Folder written by 'tembench train'. Default: the weights that come with the method.",
)  # fmt: skip
@workers
@click.option("--write", is_flag=True, help="Write the best setting to method.toml.")
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

    METHOD is the name of a baseline, or a folder with method.toml and method.py.

    Example: tembench tune nlm quickstart.zarr
    """
    from tembench.dataset import open_store
    from tembench.methods import tune as tune_method, write_tuned

    chosen = named_method(method)
    result = tune_method(
        chosen,
        open_store(store),
        workers,
        split=split,
        most_images=images,
        without_truth=without_truth,
        weights=weights,
    )
    click.echo(result.table.to_string(index=False))
    click.echo()
    click.echo(result.toml(chosen))
    if write:
        click.echo(f"{write_tuned(chosen, result)}: written")


def named_method(given: str) -> Method:
    """Load a method by name or folder; print a line if a local folder hides a baseline."""
    from tembench.methods import load_method, replaces_baseline

    method = load_method(given)
    if replaces_baseline(given, method):
        text = f"Method: the folder {method.folder}, instead of the baseline {given}"
        click.echo(printable(text), err=True)
    return method


def chosen_weights(method: Method, given: Path | None) -> tuple[Path | None, str]:
    """Return the weights that `denoise` uses, and where they were found.

    None stands for the weights that come with the method; a line on standard error reports any
    others.
    """
    trained = method.base or method
    weights, source = given, "option"
    if given is None and trained.trainable and default_weights(trained.name).is_dir():
        weights, source = default_weights(trained.name), "found in the working folder"
    if weights is None:
        return None, ""
    own = method.shipped_weights
    how = "given with --weights" if given else "found in the working folder"
    instead = f", instead of those that come with {trained.name}" if own else ""
    click.echo(printable(f"Weights: {weights} ({how}{instead})"), err=True)
    return weights, source


def method_source(
    method: str, weights: Path | None, overrides: dict[str, Any]
) -> tuple[MethodSource, str]:
    """Return the method, or the choice of one, and where its weights come from."""
    from tembench.micrographs import AUTO, SHIPPED, AutoMethod, ReadyMethod

    if method == AUTO:
        if weights or overrides:
            raise click.UsageError("auto has no --weights and no --set: name a method for those.")
        return AutoMethod(), SHIPPED
    chosen = named_method(method).with_parameters(**overrides)
    given, given_from = chosen_weights(chosen, weights)
    return ReadyMethod(method=chosen, weights=given), given_from if given else SHIPPED


def default_weights(name: str) -> Path:
    """Default folder of a method's weights, for `train` and `denoise`."""
    return Path("weights") / name
