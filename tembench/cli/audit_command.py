"""The ``audit`` command: what methods lose when specimens are turned, moved or magnified."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.method_commands import named_method
from tembench.cli.options import FOLDER, complete_method, part, workers


@click.command()
@click.argument(
    "methods", nargs=-1, required=True, metavar="METHOD...", shell_complete=complete_method
)
@click.argument("store", type=FOLDER)
@part
@click.option(
    "--specimens", default=20, show_default=True, type=click.IntRange(1), metavar="N",
    help="Maximum number of specimens (models, of a closed recipe).",
)  # fmt: skip
@click.option(
    "--images", default=1, show_default=True, type=click.IntRange(1), metavar="N",
    help="Maximum number of images of each.",
)  # fmt: skip
@click.option(
    "--out", type=FOLDER, metavar="FOLDER",
    help="Folder for figure, tables and a folder of each method. Default: audits/RECIPE.",
)  # fmt: skip
@click.option(
    "--cases", type=FOLDER, metavar="FOLDER",
    help="Folder of the simulated images, which later audits of the same store use again. "
    "Default: OUT/cases.",
)  # fmt: skip
@click.option(
    "--weights", type=FOLDER, metavar="FOLDER",
    help="Folder written by 'tembench train', for one trained method.",
)  # fmt: skip
@workers
def audit(
    methods: tuple[str, ...],
    store: Path,
    part: str,
    specimens: int,
    images: int,
    out: Path | None,
    cases: Path | None,
    weights: Path | None,
    workers: int,
) -> None:
    """Measure what methods lose when specimens are changed.

    The same specimens are moved, turned by 3, 10 and 37 degrees, mirrored, magnified 1.05 and 0.95
    times (all simulated, never interpolated), and shown at half and double dose, with 1 nm more of
    twofold astigmatism and with other noise. Losses of PSNR and column F1 are paired image by
    image. Rerun the same command to resume an interrupted audit.

    Example: tembench audit bm3d unet quickstart.zarr
    """
    if weights and len(methods) > 1:
        raise click.UsageError("--weights requires a single METHOD")
    if len(set(methods)) < len(methods):
        raise click.UsageError("a METHOD is named twice")
    from tembench.dataset import open_store
    from tembench.study.audit import AUDIT_NAME, AuditPlan, audit_markdown, run_audit

    chosen = [named_method(method) for method in methods]
    opened = open_store(store)
    folder = out or Path("audits") / opened.recipe.name
    plan = AuditPlan(
        out=folder,
        cases=cases or folder / "cases",
        part=part,
        specimens=specimens,
        images=images,
        workers=workers,
    )
    audits = run_audit(chosen, opened, plan, weights=weights)
    click.echo(audit_markdown(audits))
    click.echo(f"{folder / AUDIT_NAME}.md, .csv and .png: written")
