"""Options that several commands share, declared once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tembench.recipe import SCORED_PARTS, SPLITS

FOLDER = click.Path(path_type=Path)

workers = click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(0),
    help="Number of processes; 0 works in this one.",
)
device = click.option(
    "--device",
    default="cpu",
    show_default=True,
    type=click.Choice(["cpu", "cuda"]),
    help="Where waves and images are computed; cuda needs CuPy.",
)
split = click.option(
    "--split",
    default="model",
    show_default=True,
    type=click.Choice(SPLITS),
    help="By atomic model, by image as in the paper, or a track that holds one factor out.",
)
part = click.option(
    "--part",
    default=SCORED_PARTS[0],
    show_default=True,
    type=click.Choice(SCORED_PARTS),
    help="The test, the other images of the models under test, or 100 of the test.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(content: Any) -> None:
    """Print plain values as JSON that any reader takes: no NaN, no infinity."""
    click.echo(json.dumps(content, indent=2, allow_nan=False))
