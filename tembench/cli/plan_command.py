"""The ``plan`` command: time, memory and size of a data set before it is generated."""

from __future__ import annotations

import click

from tembench.cli.options import as_json, device, print_json, recipe_argument


@click.command()
@recipe_argument
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1), metavar="N",
    help="Number of workers to plan for, of this machine or of a cluster.",
)  # fmt: skip
@click.option(
    "--sample", default=2, show_default=True, type=click.IntRange(1), metavar="K",
    help="Number of tasks to simulate and measure.",
)  # fmt: skip
@device
@as_json
def plan(source: str, workers: int, sample: int, device: str, as_json: bool) -> None:
    """Estimate time, memory and size of a generation.

    A few of the recipe's tasks are simulated in memory, in one process; nothing is written.

    Example: tembench plan quickstart --workers 8
    """
    from tembench.dataset import (
        load_checked_recipe,
        plan_generation_of,
        plan_text,
        workload_of,
    )

    workload = workload_of(load_checked_recipe(source), device)
    planned = plan_generation_of(workload, workers=workers, sample=sample)
    print_json(planned.as_dict()) if as_json else click.echo(plan_text(planned))
