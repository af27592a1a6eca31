"""Commands on outputs: metrics, score, inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.options import (
    FOLDER,
    as_json,
    print_json,
    scheduler,
    workers,
)
from tembench.core import printable

if TYPE_CHECKING:
    from tembench.metrics import Metric

# Its module is too slow to load for --help; a test compares the lists.
_SCORE_FACTORS = ("contrast", "defocus", "thickness", "structure", "defect", "condition", "split")


@click.command()
@as_json
def metrics(as_json: bool) -> None:
    """List the metrics with their units, ranges and definitions.

    Example: tembench metrics
    """
    from tembench.metrics import GROUPS, METRICS
    from tembench.ranking import metrics_text

    if as_json:
        print_json([_declaration(METRICS[n], g) for g, names in GROUPS.items() for n in names])
        return
    click.echo(metrics_text())


def _declaration(metric: Metric, group: str) -> dict[str, Any]:
    """Declaration of a metric as plain values for JSON, which has no infinity."""
    from tembench.ranking import json_number

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
    from tembench.ranking import (
        FACTOR_COLUMNS,
        check_rows_target,
        factor_text,
        groups_summary,
        overall_text,
        score_outputs,
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
    if scored.missing:
        number = f"{scored.missing} of {len(scored.scores)} images are missing"
        click.echo(
            f"Warning: {printable(str(outputs))}: {number} and count as the worst, which the table "
            "marks. The tembench denoise that made the others makes those that were never written",
            err=True,
        )
    for text in scored.warnings:
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
    from tembench.ranking import inspect_image

    click.echo(f"{inspect_image(outputs, open_store(store), image, out)}: written")
