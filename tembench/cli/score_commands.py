"""Commands on outputs and submissions: metrics, score, inspect, submit, check, leaderboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.options import (
    FOLDER,
    as_json,
    complete_metric,
    has_emphasis,
    print_json,
    scheduler,
    workers,
)
from tembench.core import printable

if TYPE_CHECKING:
    from tembench.leaderboard import Table
    from tembench.metrics import Metric

# The modules that define these are too slow to load for --help; a test compares the lists.
_SCORE_FACTORS = ("contrast", "defocus", "thickness", "structure", "defect", "condition", "split")
_OF_SEVERAL_TABLES = ("terminal", "markdown")
_TABLE_FORMATS = ("terminal", "markdown", "html", "csv", "json", "png")


@click.command()
@as_json
def metrics(as_json: bool) -> None:
    """List the metrics with their units, ranges and definitions.

    Example: tembench metrics
    """
    from tembench.leaderboard import metrics_text
    from tembench.metrics import GROUPS, METRICS

    if as_json:
        print_json([_declaration(METRICS[n], g) for g, names in GROUPS.items() for n in names])
        return
    click.echo(metrics_text())


def _declaration(metric: Metric, group: str) -> dict[str, Any]:
    """Declaration of a metric as plain values for JSON, which has no infinity."""
    from tembench.leaderboard import json_number

    return {
        "name": metric.name,
        "title": metric.title,
        "group": group,
        "unit": metric.unit,
        "direction": metric.direction,
        "ideal": json_number(metric.ideal),
        "range": [json_number(end) for end in metric.range],
        "version": metric.version,
        "summary": metric.summary,
    }


@click.command()
@click.argument("outputs", type=FOLDER)
@click.argument("store", type=FOLDER)
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(_SCORE_FACTORS),
    help="Also print the main metrics for each value of this factor; may be repeated.",
)
@click.option(
    "--rows",
    type=FOLDER,
    metavar="FILE",
    help="Also write one row per image and metric, with all factors, to a .csv or .parquet file.",
)
@workers
@scheduler
@as_json
def score(
    outputs: Path,
    store: Path,
    by: tuple[str, ...],
    rows: Path | None,
    workers: int,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Score a method's outputs against the clean images.

    Example: tembench score outputs/bm3d quickstart.zarr --by contrast
    """
    from tembench.dataset import open_store
    from tembench.leaderboard import (
        FACTOR_COLUMNS,
        check_rows_target,
        factor_text,
        groups_summary,
        implausibilities,
        overall_text,
        score as score_outputs,
        tidy_rows,
        write_rows,
        written_files,
    )

    if rows is not None:
        check_rows_target(rows, [store, *written_files(outputs)])
    truth = open_store(store)
    for factor in by:
        if factor != "split" and FACTOR_COLUMNS[factor] not in truth.table:
            raise click.BadParameter(
                f"{factor!r}: the images of this data set have none", param_hint="--by"
            )
    scored = score_outputs(outputs, truth, workers=workers, scheduler=scheduler)
    for text in implausibilities(scored.outputs, truth):
        click.echo(f"Warning: {printable(f'{outputs}: {text}')}", err=True)
    if rows is not None:
        tidy = tidy_rows(scored.scores, truth.table, split=scored.split, part=scored.part)
        write_rows(tidy, rows)
    if as_json:
        print_json({"split": scored.split, "part": scored.part, **groups_summary(scored.groups)})
        return
    overall = scored.groups[0]
    click.echo(f"{outputs / 'scores.csv'}: {overall.images} images, {overall.value}")
    if rows is not None:
        click.echo(f"{rows}: written")
    click.echo("\n" + overall_text(overall))
    for factor in by:
        click.echo("\n" + factor_text(scored.groups, factor))


@click.command()
@click.argument("outputs", type=FOLDER)
@click.argument("store", type=FOLDER)
@click.option(
    "--image",
    type=click.IntRange(0),
    metavar="N",
    help="Number of the image in the store. Default: a test image of median defocus.",
)
@click.option(
    "--out", type=FOLDER, metavar="PNG", help="PNG file to write. Default: inspect-NUMBER.png."
)
def inspect(outputs: Path, store: Path, image: int | None, out: Path | None) -> None:
    """Draw one denoised image with its columns and scores.

    Shows the noisy, denoised and clean image, the atomic columns that are matched, missed or
    invented, their likelihood ratios, and the main metrics.

    Example: tembench inspect outputs/bm3d quickstart.zarr --image 99
    """
    from tembench.dataset import open_store
    from tembench.leaderboard import inspect_image

    click.echo(f"{inspect_image(outputs, open_store(store), image, out)}: written")


@click.command()
@click.argument("outputs", type=FOLDER)
@click.option(
    "--name",
    required=True,
    metavar="NAME",
    help="Name of the submission: lower-case letters, digits, hyphens and underscores.",
)
@click.option(
    "--folder",
    default="submissions",
    show_default=True,
    type=FOLDER,
    metavar="FOLDER",
    help="Folder of all submissions; the new one is written to FOLDER/NAME.",
)
@click.option(
    "--seed-of",
    default="",
    metavar="NAME",
    help="The submission that this is a further training of, with another seed; the table shows "
    "the mean of all of them in one row, and their spread.",
)
def submit(outputs: Path, name: str, folder: Path, seed_of: str) -> None:
    """Create a submission from scored outputs (data only, no code).

    Example: tembench submit outputs/bm3d --name bm3d
    """
    from tembench.leaderboard import submit as make_submission

    click.echo(f"{make_submission(outputs, name, folder, seed_of=seed_of)}: written")


@click.command()
@click.argument("submission", type=FOLDER)
@as_json
def check(submission: Path, as_json: bool) -> None:
    """Check a submission against the rules.

    Example: tembench check submissions/bm3d
    """
    from tembench.leaderboard import check_submission

    checked = check_submission(submission)
    data = checked.description.data
    if as_json:
        print_json(
            {
                "valid": True,
                "name": checked.name,
                "method": checked.description.method.name,
                "recipe_id": data.recipe_id,
                "split": data.split,
                "part": data.part,
                "images": data.images,
            }
        )
        return
    click.echo(
        f"{submission}: valid; {checked.description.method.name} on {data.images} images of "
        f"{data.recipe} {data.version}, {data.part} part of split {data.split}"
    )


@click.command()
@click.argument("folder", default="submissions", type=FOLDER)
@click.option(
    "--format",
    "form",
    default="terminal",
    show_default=True,
    type=click.Choice(_TABLE_FORMATS),
    help="Format of the table.",
)
@click.option("--out", type=FOLDER, metavar="FILE", help="File to write; required for png.")
@click.option(
    "--rank-by",
    default="psnr_db",
    show_default=True,
    metavar="METRIC",
    shell_complete=complete_metric,
    help="Metric used for ranking.",
)
@click.option(
    "--show", default="scores", show_default=True, type=click.Choice(["scores", "worst", "costs"]),
    help="Columns to show in terminal and png; the other formats include all. worst: worst images, "
    "worst group and differences to the reference, of drawn recipes.",
)  # fmt: skip
@click.option(
    "--recipe", metavar="NAME", help="Only the tables of this recipe. Default: of all recipes."
)
@click.option(
    "--part", metavar="PART", help="Only the tables of this part, such as test. Default: all."
)
@click.option(
    "--reference",
    default="bm3d",
    show_default=True,
    metavar="NAME",
    help="Submission that others are compared with, specimen by specimen.",
)
@click.option(
    "--closed-against-open",
    "picture",
    type=FOLDER,
    metavar="PNG",
    help="Instead of printing tables, draw the methods that are in a closed table and in a drawn "
    "one: the mean in the one against that in the other.",
)
@as_json
def leaderboard(
    folder: Path,
    form: str,
    out: Path | None,
    rank_by: str,
    show: str,
    recipe: str | None,
    part: str | None,
    reference: str,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Rank the submissions in a folder.

    Each recipe, split and part has a table of its own, those of drawn recipes first. The formats
    terminal and markdown show all tables, the others one: choose it with --recipe and --part.

    Example: tembench leaderboard submissions --format html --out leaderboard.html
    """
    from tembench.core import OutputError, refuse_inputs, write_text
    from tembench.leaderboard import (
        build_tables,
        closed_against_open,
        render_table,
        table_image,
    )
    from tembench.metrics import METRICS

    if rank_by not in METRICS:
        raise click.BadParameter(
            f"{rank_by!r} is not one of {', '.join(METRICS)}.", param_hint="--rank-by"
        )
    form = "json" if as_json else form
    if form == "png" and out is None:
        raise click.UsageError("--format png requires --out FILE")
    tables = build_tables(folder, recipe=recipe, part=part, ranked_by=rank_by, reference=reference)
    rows = [row for table in tables for row in table.rows]
    refuse_inputs(
        [path for path in (out, picture) if path is not None],
        [row.submission.path for row in rows],
        OutputError,
    )
    if picture is not None:
        click.echo(f"{closed_against_open(tables, picture)}: written")
        return
    if len(tables) > 1 and form not in _OF_SEVERAL_TABLES:
        raise click.UsageError(
            f"--format {form} shows one table, and there are {len(tables)}: choose with --recipe "
            f"and --part ({'; '.join(_table_name(table) for table in tables)})"
        )
    if out is None:
        for number, table in enumerate(tables):
            click.echo("\n" * (number > 0), nl=False)
            print_table(table, form, show)
        return
    if form == "png":
        table_image(tables[0], out, show=show)
    else:
        write_text(out, "\n".join(render_table(table, form) for table in tables))
    click.echo(f"{out}: written")


def _table_name(table: Table) -> str:
    data = table.data
    return f"{data.recipe}, {data.part} part of split {data.split}"


def print_table(table: Table, form: str = "terminal", show: str = "scores") -> None:
    """Print a table, with bold and dim text if the terminal shows them."""
    from tembench.leaderboard import render_table

    colour = has_emphasis()
    click.echo(render_table(table, form, show=show, colour=colour).rstrip("\n"), color=colour)
