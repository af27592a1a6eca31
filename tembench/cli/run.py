"""The command that does everything."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.board import print_table
from tembench.cli.options import FOLDER, workers


@click.command()
@click.argument("source", metavar="RECIPE")
@click.option("--out", type=FOLDER, metavar="FOLDER", help="Default: runs/NAME of the recipe.")
@click.option(
    "--method", "chosen", multiple=True, metavar="METHOD",
    help="Only this method and the controls; may be given several times. Default: all baselines.",
)  # fmt: skip
@workers
def run(source: str, out: Path | None, chosen: tuple[str, ...], workers: int) -> None:
    """Do everything: generate, train, denoise, score, compare.

    What is complete already is reused.

    Example: tembench run recipes/quickstart.toml
    """
    from tembench.dataset.specimens import load_checked_recipe
    from tembench.pipeline import run_benchmark

    recipe = load_checked_recipe(source)
    folder = out or Path("runs") / recipe.name
    result = run_benchmark(recipe, folder, methods=chosen, workers=workers, say=click.echo)
    click.echo()
    print_table(result.table)
    click.echo()
    for what, path in result.written.items():
        click.echo(f"{what:12} {path}")
