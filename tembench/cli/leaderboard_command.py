"""The ``leaderboard`` command: tables of submissions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.options import FOLDER, as_json, complete_metric, has_emphasis
from tembench.cli.reseed_command import rank_again, refuse_without_reseed, reseed_options

if TYPE_CHECKING:
    from tembench.ranking import Table

# Their modules are too slow to load for --help; a test compares the lists.
_TABLE_FORMATS = ("terminal", "markdown", "latex", "html", "csv", "json", "png", "site")
_FORMS_OF_SEVERAL = ("terminal", "markdown", "latex", "html", "site")
_FORMS_WITH_COLUMNS = ("terminal", "markdown", "latex", "csv")


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
@click.option(
    "--out",
    type=FOLDER,
    metavar="PATH",
    help="File to write, or the folder of a site; required for png and site.",
)
@click.option(
    "--docs",
    default="",
    metavar="ADDRESS",
    help="Address of the documentation (make docs), which the definitions of a site link to.",
)
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
    "worst group and differences to the reference, of drawn recipes; worst case of an audit.",
)  # fmt: skip
@click.option(
    "--columns",
    metavar="NAME,NAME",
    default="",
    help="Columns to show in terminal, markdown, latex and csv, in this order: metrics, costs such "
    "as seconds_per_image, worst_tenth, worst_group, difference, kind, trained_on.",
)
@click.option(
    "--recipe", metavar="NAME", help="Only the tables of this recipe. Default: of all recipes."
)
@click.option(
    "--part", metavar="PART", help="Only the tables of this part, such as test. Default: all."
)
@click.option(
    "--reference",
    default="",
    metavar="NAME",
    help="Submission that others are compared with, specimen by specimen. "
    "Default: bm3d-open, or else bm3d.",
)
@click.option(
    "--update",
    "page",
    type=FOLDER,
    metavar="FILE",
    help="Instead of printing tables, write those of a Markdown page again: of a README, between "
    "the lines <!-- tembench leaderboard RECIPE PART --> and <!-- /tembench leaderboard -->.",
)
@click.option("--check", is_flag=True, help="With --update: write nothing, fail if it is stale.")
@click.option(
    "--closed-against-open",
    "picture",
    type=FOLDER,
    metavar="PNG",
    help="Instead of printing tables, draw the methods that are in a closed table and in a drawn "
    "one: the mean in the one against that in the other.",
)
@reseed_options
@as_json
@click.pass_context
def leaderboard(
    context: click.Context,
    folder: Path,
    form: str,
    out: Path | None,
    docs: str,
    rank_by: str,
    show: str,
    columns: str,
    recipe: str | None,
    part: str | None,
    reference: str,
    page: Path | None,
    check: bool,
    picture: Path | None,
    as_json: bool,
    **fresh: Any,
) -> None:
    """Rank the submissions in a folder.

    Each recipe, split and part has a table of its own, those of drawn recipes first. The formats
    csv, json and png show one table: choose it with --recipe and --part. latex is a table for a
    paper, --update keeps the table of a README fresh, and a site is a folder of pages with figures,
    filters and a page for each method, which work offline and on any web host.

    Example: tembench leaderboard submissions --format site --out leaderboard
    """
    from tembench.core import OutputError, refuse_inputs, write_text
    from tembench.metrics import METRICS
    from tembench.ranking import (
        build_tables,
        closed_against_open,
        render_tables,
        table_image,
        update_page,
        write_site,
    )

    if rank_by not in METRICS:
        raise click.BadParameter(
            f"{rank_by!r} is not one of {', '.join(METRICS)}.", param_hint="--rank-by"
        )
    if not fresh["reseed"]:
        refuse_without_reseed(context)
    form = "json" if as_json else form
    if form in ("png", "site") and out is None:
        what = "FILE" if form == "png" else "FOLDER"
        raise click.UsageError(f"--format {form} requires --out {what}")
    if check and page is None:
        raise click.UsageError("--check requires --update FILE")
    names = [name.strip() for name in columns.split(",") if name.strip()]
    if page and (names or out or form != "terminal"):
        raise click.UsageError(
            "--update writes the page alone, without --out, --format and --columns: the page names "
            "the columns of a table in its marker, after a colon"
        )
    if names and (picture or show != "scores" or form not in _FORMS_WITH_COLUMNS):
        raise click.UsageError(
            f"--columns is for --format {', '.join(_FORMS_WITH_COLUMNS)}, without --show"
        )
    tables = build_tables(
        folder,
        recipe=recipe,
        part=part,
        ranked_by=rank_by,
        reference=reference,
        workers=os.cpu_count() or 1,
    )
    if fresh["reseed"]:
        rank_again(tables, **fresh)
        return
    rows = [row for table in tables for row in table.rows]
    refuse_inputs(
        [path for path in (out, picture, page) if path is not None],
        [row.submission.path for row in rows],
        OutputError,
    )
    if page is not None:
        click.echo(update_page(page, tables, recipe=recipe, part=part, check=check))
        return
    if picture is not None:
        click.echo(f"{closed_against_open(tables, picture)}: written")
        return
    if len(tables) > 1 and form not in _FORMS_OF_SEVERAL:
        raise click.UsageError(
            f"--format {form} shows one table, and there are {len(tables)}: choose with --recipe "
            f"and --part ({'; '.join(_table_name(table) for table in tables)})"
        )
    audited = any(row.audited for row in rows)
    if show == "worst" and not (audited or any(table.drawn for table in tables)):
        raise click.UsageError("--show worst is for drawn recipes and audits; here are none")
    if out is None and form == "terminal":
        texts = [_terminal_text(table, show, names) for table in tables]
        click.echo("\n\n".join(texts), color=has_emphasis())
        return
    if out is None:
        click.echo(render_tables(tables, form, names).rstrip("\n"))
        return
    if form == "site":
        out = write_site(tables, out, docs=docs)
    elif form == "png":
        table_image(tables[0], out, show=show)
    else:
        write_text(out, render_tables(tables, form, names))
    click.echo(f"{out}: written")


def _table_name(table: Table) -> str:
    data = table.data
    return f"{data.recipe}, {data.part} part of split {data.split}"


def print_table(table: Table) -> None:
    """Print a table, with bold and dim text if the terminal shows them."""
    click.echo(_terminal_text(table, "scores", ()), color=has_emphasis())


def _terminal_text(table: Table, show: str, columns: Sequence[str]) -> str:
    from tembench.ranking import render_table

    colour = has_emphasis()
    text = render_table(table, "terminal", show=show, columns=columns, colour=colour)
    return text.rstrip("\n")
