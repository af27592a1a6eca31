"""Studies: commands that answer one question with several trainings or submissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tembench.cli.method_commands import named_method
from tembench.cli.options import FOLDER, complete_method, complete_recipe, overrides, workers

# Those of tembench.study.plan, which is not loaded to print --help.
_FACTORS = ("contrast", "structure", "defect")
_PROTOCOLS = ("model", "paper")


@click.group()
def study() -> None:
    """Answer one question with several networks: generalization, field of view, curves.

    Example: tembench study generalization quickstart.zarr --factor contrast --out studies
    """


@study.command()
@click.argument("store", type=FOLDER)
@click.option(
    "--factor",
    required=True,
    type=click.Choice([*_FACTORS, "all"]),
    help="Whose values are trained on one by one.",
)
@click.option(
    "--method", default="unet", show_default=True, shell_complete=complete_method,
    help="Name or folder of the method.",
)  # fmt: skip
@click.option("--out", required=True, type=FOLDER, metavar="FOLDER", help="Trainings and results.")
@click.option(
    "--split",
    type=click.Choice(_PROTOCOLS),
    help="By atomic model, or by image as in the paper; the first that tests all values.",
)
@click.option(
    "--values", metavar="A,B,...", help="Values of the factor; those of 1 % of the images or more."
)
@click.option(
    "--images",
    default=40,
    show_default=True,
    type=click.IntRange(1),
    help="Most images tested on for each value.",
)
@click.option("--steps", type=click.IntRange(1), help="Length of each training.")
@overrides
@click.option(
    "--compare", type=FOLDER, metavar="CSV", help="Results in the same form, to stand beside."
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
    """Train a network on each value of a factor, test it on all.

    Writes generalization.csv, .md and .png. An interrupted study goes on where it stopped.

    Example: tembench study generalization ptceo2-18k.zarr --factor all --out studies/general
    """
    if values and factor == "all":
        raise click.UsageError("--values needs one --factor")
    from tembench.core import write_text
    from tembench.dataset import open_store
    from tembench.study.generalization import RESULTS
    from tembench.study.generalization import generalization as run
    from tembench.study.transfer_figure import matrix_figure
    from tembench.study.transfer_matrix import read_results
    from tembench.study.transfer_text import as_markdown

    if steps is not None:
        overrides["steps"] = steps
    table = out / RESULTS
    written = [table, table.with_suffix(".md"), table.with_suffix(".png")]
    _refuse_inputs(written, [compare] if compare else [])
    found = named_method(method).with_parameters(**overrides)
    reference = read_results(compare) if compare else None
    studies = run(
        found,
        open_store(store),
        out,
        factors=_FACTORS if factor == "all" else (factor,),
        split=split,
        values=tuple(value.strip() for value in values.split(",")) if values else (),
        images=images,
        workers=workers,
    )
    source = compare.stem if compare else ""
    text = as_markdown(studies, reference, source)
    write_text(table.with_suffix(".md"), text)
    picture = matrix_figure(studies, table.with_suffix(".png"), reference, source)
    click.echo(text)
    click.echo(f"{table}, {table.with_suffix('.md').name}, {picture.name}: written")


@study.command("field-of-view")
@click.argument("folders", nargs=-1, required=True, type=FOLDER, metavar="FOLDERS...")
@click.option("--out", required=True, type=FOLDER, metavar="FILE.png", help="Figure to write.")
@click.option(
    "--recipe",
    shell_complete=complete_recipe,
    help="File or name of the images' recipe, where it is not their own name.",
)
def field_of_view(folders: tuple[Path, ...], out: Path, recipe: str | None) -> None:
    """Compare UNets that see more or less of the image.

    FOLDERS are submissions or scored outputs of UNets on the same images. The same numbers go into
    a table beside the figure, as Markdown and CSV.

    Example: tembench study field-of-view submissions/unet-2-scales submissions/unet --out fov.png
    """
    _check_png(out, folders)
    from tembench.study.field_of_view import as_csv, as_markdown, field_figure, recipe_of
    from tembench.study.scored_networks import compare, read_entry

    data = read_entry(folders[0]).description.data
    made_from = recipe_of(recipe or data.recipe, data.recipe_id)
    networks = compare(folders, made_from)
    field_figure(networks, made_from, out)
    _write_tables(out, as_markdown(networks), as_csv(networks))


@study.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER, metavar="WEIGHTS...")
@click.option("--out", required=True, type=FOLDER, metavar="FILE.png", help="Figure to write.")
def curves(folders: tuple[Path, ...], out: Path) -> None:
    """Draw the loss and validation curves of trainings.

    WEIGHTS are folders that 'tembench train' filled. The same numbers go into a table beside the
    figure, as Markdown and CSV.

    Example: tembench study curves weights/unet weights/dncnn --out curves.png
    """
    _check_png(out, folders)
    from tembench.study.curves import as_csv, as_markdown, curves_figure, read_trainings

    trainings = read_trainings(folders)
    curves_figure(trainings, out)
    _write_tables(out, as_markdown(trainings), as_csv(trainings))


def _check_png(out: Path, folders: tuple[Path, ...]) -> None:
    """Refuse what is no name of a picture, or one among the inputs; tables go beside it."""
    if out.suffix.lower() != ".png":
        raise click.BadParameter(
            f"expected a name that ends in .png, got {out}", param_hint="--out"
        )
    _refuse_inputs([out, out.with_suffix(".csv"), out.with_suffix(".md")], list(folders))


def _refuse_inputs(written: list[Path], read: list[Path]) -> None:
    from tembench.core import OutputError, refuse_inputs

    refuse_inputs(written, read, OutputError)


def _write_tables(out: Path, markdown: str, csv: str) -> None:
    """Write tables beside a figure, and say so."""
    from tembench.core import write_text

    write_text(out.with_suffix(".csv"), csv)
    write_text(out.with_suffix(".md"), markdown)
    click.echo(markdown)
    click.echo(f"{out}, {out.with_suffix('.csv').name}, {out.with_suffix('.md').name}: written")
