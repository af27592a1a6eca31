"""Studies: commands that compare several trained networks or submissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tembench.cli.method_commands import named_method
from tembench.cli.options import FOLDER, complete_method, complete_recipe, overrides, workers

# tembench.study.plan defines these, but is too slow to load for --help; a test compares them.
_STUDY_FACTORS = ("contrast", "structure", "defect")
_STUDY_SPLITS = ("model", "paper")


@click.group()
def study() -> None:
    """Answer a question by comparing several networks.

    Example: tembench study generalization quickstart.zarr --factor contrast --out studies
    """


@study.command()
@click.argument("store", type=FOLDER)
@click.option(
    "--factor",
    required=True,
    type=click.Choice([*_STUDY_FACTORS, "all"]),
    help="Factor to study: one network is trained for each of its values.",
)
@click.option(
    "--method", default="unet", show_default=True, shell_complete=complete_method,
    metavar="METHOD",
    help="Name or folder of the method to train.",
)  # fmt: skip
@click.option(
    "--out",
    required=True,
    type=FOLDER,
    metavar="FOLDER",
    help="Folder for the trained networks and results.",
)
@click.option(
    "--split",
    type=click.Choice(_STUDY_SPLITS),
    help="Split by atomic model, or by image as in the paper. Default: the first of these that has "
    "images of every value to train and to test on.",
)
@click.option(
    "--values",
    metavar="A,B,...",
    help="Values of the factor to use. Default: all with at least 1 % of the images.",
)
@click.option(
    "--images",
    default=40,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Maximum number of test images per value.",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    metavar="N",
    help="Number of optimiser steps per network. Default: that of the method.",
)
@overrides
@click.option(
    "--compare",
    type=FOLDER,
    metavar="CSV",
    help="Results in the same format to show next to the new ones.",
)
@workers
def generalization(
    store: Path,
    factor: str,
    method: str,
    out: Path,
    split: str | None,
    values: str | None,
    images: int,
    steps: int | None,
    overrides: dict[str, Any],
    compare: Path | None,
    workers: int,
) -> None:
    """Train on each value of a factor, test on all values.

    Trains one network per value, and writes generalization.csv, .md and .png. Rerun the same
    command to resume an interrupted study.

    Example: tembench study generalization ptceo2-18k.zarr --factor all --out studies/general
    """
    if values and factor == "all":
        raise click.UsageError("--values requires a single --factor, not 'all'")
    from tembench.core import write_text
    from tembench.dataset import open_store
    from tembench.study import RESULTS, matrix_figure, matrix_markdown, read_results
    from tembench.study.generalization import generalization as run

    if steps is not None:
        overrides["steps"] = steps
    table = out / RESULTS
    written = [table, table.with_suffix(".md"), table.with_suffix(".png")]
    _refuse_inputs(written, [compare] if compare else [])
    chosen = named_method(method).with_parameters(**overrides)
    reference = read_results(compare) if compare else None
    studies = run(
        chosen,
        open_store(store),
        out,
        factors=_STUDY_FACTORS if factor == "all" else (factor,),
        split=split,
        values=tuple(value.strip() for value in values.split(",")) if values else (),
        images=images,
        workers=workers,
    )
    source = compare.stem if compare else ""
    text = matrix_markdown(studies, reference, source)
    write_text(table.with_suffix(".md"), text)
    picture = matrix_figure(studies, table.with_suffix(".png"), reference, source)
    click.echo(text)
    click.echo(f"{table}, {table.with_suffix('.md').name}, {picture.name}: written")


@study.command("field-of-view")
@click.argument("folders", nargs=-1, required=True, type=FOLDER, metavar="FOLDERS...")
@click.option("--out", required=True, type=FOLDER, metavar="PNG", help="PNG file to write.")
@click.option(
    "--recipe",
    metavar="RECIPE",
    shell_complete=complete_recipe,
    help="Name or file of the recipe that the images were made from. Default: the one named in the "
    "submissions.",
)
def field_of_view(folders: tuple[Path, ...], out: Path, recipe: str | None) -> None:
    """Compare UNets with different receptive fields.

    FOLDERS are submissions or scored outputs of UNets on the same images. The numbers of the
    figure are also written next to it, as Markdown and CSV tables.

    Example: tembench study field-of-view submissions/unet-2-scales submissions/unet --out fov.png
    """
    _check_png(out, folders)
    from tembench.study import (
        compare,
        field_csv,
        field_figure,
        field_markdown,
        read_entry,
        recipe_of,
    )

    data = read_entry(folders[0]).description.data
    made_from = recipe_of(recipe or data.recipe, data.recipe_id)
    networks = compare(folders, made_from)
    field_figure(networks, made_from, out)
    _write_tables(out, field_markdown(networks), field_csv(networks))


@study.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER, metavar="WEIGHTS...")
@click.option("--out", required=True, type=FOLDER, metavar="PNG", help="PNG file to write.")
def curves(folders: tuple[Path, ...], out: Path) -> None:
    """Draw the loss and validation curves of trainings.

    WEIGHTS are folders written by 'tembench train'. The numbers of the figure are also written
    next to it, as Markdown and CSV tables.

    Example: tembench study curves weights/unet weights/dncnn --out curves.png
    """
    _check_png(out, folders)
    from tembench.study import curves_csv, curves_figure, curves_markdown, read_trainings

    trainings = read_trainings(folders)
    curves_figure(trainings, out)
    _write_tables(out, curves_markdown(trainings), curves_csv(trainings))


def _check_png(out: Path, folders: tuple[Path, ...]) -> None:
    """Refuse a figure that is not a PNG, or that would overwrite an input with its tables."""
    if out.suffix.lower() != ".png":
        raise click.BadParameter(
            f"expected a file name that ends in .png, got {out}", param_hint="--out"
        )
    _refuse_inputs([out, out.with_suffix(".csv"), out.with_suffix(".md")], list(folders))


def _refuse_inputs(written: list[Path], read: list[Path]) -> None:
    from tembench.core import OutputError, refuse_inputs

    refuse_inputs(written, read, OutputError)


def _write_tables(out: Path, markdown: str, csv: str) -> None:
    """Write tables next to a figure, and report the files."""
    from tembench.core import write_text

    write_text(out.with_suffix(".csv"), csv)
    write_text(out.with_suffix(".md"), markdown)
    click.echo(markdown)
    click.echo(f"{out}, {out.with_suffix('.csv').name}, {out.with_suffix('.md').name}: written")
