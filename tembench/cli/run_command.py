"""The ``run`` command: a whole benchmark, from the recipe to the table."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.leaderboard_command import print_table
from tembench.cli.options import (
    FOLDER,
    as_json,
    complete_method,
    print_json,
    recipe_argument,
    workers,
)
from tembench.core import quick_method_names


class _MethodOption(click.Option):
    """``--method``, whose help ends with the default methods, read only when help is printed."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        return record and (record[0], f"{record[1]}{', '.join(quick_method_names())}.")


@click.command()
@recipe_argument
@click.option(
    "--out",
    type=FOLDER,
    metavar="FOLDER",
    help="Output folder. Default: runs/ and the name of the recipe.",
)
@click.option(
    "--method", "chosen", cls=_MethodOption, multiple=True, metavar="METHOD",
    shell_complete=complete_method,
    help="Run only this method and the controls; may be repeated. Default: ",
)  # fmt: skip
@workers
@as_json
def run(
    source: str, out: Path | None, chosen: tuple[str, ...], workers: int, as_json: bool
) -> None:
    """Run a whole benchmark: generate, train, denoise, score, rank.

    Steps that are already complete are reused.

    Example: tembench run quickstart
    """
    from tembench.dataset import load_checked_recipe
    from tembench.pipeline import run_benchmark
    from tembench.ranking import table_summary

    recipe = load_checked_recipe(source)
    folder = out or Path("runs") / recipe.name

    def say(line: str) -> None:
        # With --json, standard output is reserved for the JSON.
        click.echo(line, err=as_json)

    result = run_benchmark(recipe, folder, methods=chosen, workers=workers, say=say)
    if as_json:
        written = {what: str(path) for what, path in result.written.items()}
        print_json({"written": written, "table": table_summary(result.table)})
        return
    click.echo()
    print_table(result.table)
    click.echo()
    for what, path in result.written.items():
        click.echo(f"{what:12} {path}")
