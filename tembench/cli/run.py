"""The command that does everything."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.board import print_table
from tembench.cli.options import FOLDER, as_json, print_json, workers


@click.command()
@click.argument("source", metavar="RECIPE")
@click.option("--out", type=FOLDER, metavar="FOLDER", help="Default: runs/NAME of the recipe.")
@click.option(
    "--method", "chosen", multiple=True, metavar="METHOD",
    help="Only this method and the controls; may be given several times. Default: all baselines.",
)  # fmt: skip
@workers
@as_json
def run(
    source: str, out: Path | None, chosen: tuple[str, ...], workers: int, as_json: bool
) -> None:
    """Do everything: generate, train, denoise, score, compare.

    What is complete already is reused.

    Example: tembench run recipes/quickstart.toml
    """
    from tembench.dataset.specimens import load_checked_recipe
    from tembench.leaderboard.render import summary
    from tembench.pipeline import run_benchmark

    recipe = load_checked_recipe(source)
    folder = out or Path("runs") / recipe.name

    def say(line: str) -> None:
        # Standard output belongs to the JSON where that is asked for.
        click.echo(line, err=as_json)

    result = run_benchmark(recipe, folder, methods=chosen, workers=workers, say=say)
    if as_json:
        written = {what: str(path) for what, path in result.written.items()}
        print_json({"written": written, "table": summary(result.table)})
        return
    click.echo()
    print_table(result.table)
    click.echo()
    for what, path in result.written.items():
        click.echo(f"{what:12} {path}")
