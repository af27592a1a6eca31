"""Commands that score, submit and compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tembench.cli.options import FOLDER, as_json, print_json, workers

if TYPE_CHECKING:
    from tembench.leaderboard.table import Table

_FORMATS = ("terminal", "markdown", "html", "csv", "json", "png")


@click.command()
@as_json
def metrics(as_json: bool) -> None:
    """List the metrics and what they mean.

    Example: tembench metrics
    """
    from tembench.metrics import METRICS

    if as_json:
        fields = ("name", "unit", "direction", "version", "summary")
        print_json([{field: getattr(m, field) for field in fields} for m in METRICS.values()])
        return
    for metric in METRICS.values():
        click.echo(
            f"{metric.name:16}{metric.unit:9}{metric.direction} is better, ideal "
            f"{metric.ideal:g}, version {metric.version}\n    {metric.summary}"
        )


@click.command()
@click.argument("outputs", type=FOLDER)
@click.argument("store", type=FOLDER)
@workers
@as_json
def score(outputs: Path, store: Path, workers: int, as_json: bool) -> None:
    """Score a method's outputs against the clean images.

    Example: tembench score outputs/bm3d quickstart.zarr
    """
    from tembench.dataset.store import open_store
    from tembench.leaderboard.scoring import score as score_outputs
    from tembench.leaderboard.scoring import summarise, summary_text

    summary = summarise(score_outputs(outputs, open_store(store), workers=workers))
    if as_json:
        print_json(summary)
        return
    click.echo(f"{outputs / 'scores.csv'}: {summary['images']} images")
    click.echo(summary_text(summary))


@click.command()
@click.argument("outputs", type=FOLDER)
@click.option("--name", required=True, help="Lower-case letters, digits and hyphens.")
@click.option(
    "--folder", default="submissions", show_default=True, type=FOLDER, help="Where it goes."
)
def submit(outputs: Path, name: str, folder: Path) -> None:
    """Make a submission of scored outputs: data only, no code.

    Example: tembench submit outputs/bm3d --name bm3d
    """
    from tembench.leaderboard.submission import submit as make_submission

    click.echo(f"{make_submission(outputs, name, folder)}: written")


@click.command()
@click.argument("submission", type=FOLDER)
@as_json
def check(submission: Path, as_json: bool) -> None:
    """Hold a submission to the rules.

    Example: tembench check submissions/bm3d
    """
    from tembench.leaderboard.submission import check as check_submission

    found = check_submission(submission)
    data = found.identity.data
    if as_json:
        print_json(
            {
                "valid": True,
                "name": found.name,
                "method": found.identity.method.name,
                "recipe_id": data.recipe_id,
                "split": data.split,
                "images": data.images,
            }
        )
        return
    click.echo(
        f"{submission}: valid; {found.identity.method.name} on {data.images} images of "
        f"{data.recipe} {data.version}, split {data.split}"
    )


@click.command()
@click.argument("folder", default="submissions", type=FOLDER)
@click.option(
    "--format", "form", default="terminal", show_default=True, type=click.Choice(_FORMATS)
)
@click.option("--out", type=FOLDER, metavar="FILE", help="File to write; needed for png.")
@click.option(
    "--rank-by", default="psnr_db", show_default=True, metavar="METRIC", help="What ranks."
)
@as_json
def leaderboard(folder: Path, form: str, out: Path | None, rank_by: str, as_json: bool) -> None:
    """Compare the submissions in a folder.

    Example: tembench leaderboard submissions --format html --out leaderboard.html
    """
    from tembench.leaderboard.table import build
    from tembench.metrics import METRICS

    if rank_by not in METRICS:
        raise click.BadParameter(
            f"{rank_by!r} is not one of {', '.join(METRICS)}.", param_hint="--rank-by"
        )
    form = "json" if as_json else form
    if form == "png" and out is None:
        raise click.UsageError("--format png needs --out FILE")
    table = build(folder, ranked_by=rank_by)
    if out is None:
        print_table(table, form)
        return
    from tembench.files import write_text
    from tembench.leaderboard.figures import table_image
    from tembench.leaderboard.render import render

    if form == "png":
        table_image(table, out)
    else:
        write_text(out, render(table, form))
    click.echo(f"{out}: written")


def print_table(table: Table, form: str = "terminal") -> None:
    """Print a table; in colour where the terminal shows colours."""
    import sys

    from tembench.leaderboard.render import render

    colour = sys.stdout.isatty()
    click.echo(render(table, form, colour=colour).rstrip("\n"), color=colour)
