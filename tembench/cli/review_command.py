"""The ``review`` command: what a pull request changes under ``submissions/``."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.options import FOLDER, workers


@click.command()
@click.argument("base", type=FOLDER)
@click.argument("head", type=FOLDER)
@click.option(
    "--store",
    "stores",
    multiple=True,
    type=FOLDER,
    metavar="STORE",
    help="Data set that outputs in HEAD/incoming are scored on; may be repeated.",
)
@click.option("--out", type=FOLDER, metavar="FILE", help="Markdown file to write.")
@workers
def review(
    base: Path, head: Path, stores: tuple[Path, ...], out: Path | None, workers: int
) -> None:
    """Review the submissions of a pull request.

    BASE and HEAD are two checkouts, or their folders of submissions: what the pull request is
    merged into, and what it proposes. HEAD is read as data; no code of it is run. The exit code is
    6 where something is refused.

    Example: tembench review base head --out review.md
    """
    from tembench.core import OutputError, refuse_inputs, write_text
    from tembench.dataset import open_store
    from tembench.ranking import review_markdown, review_pull_request, review_verdict

    if out is not None:
        refuse_inputs([out], [base, head, *stores], OutputError)
    found = review_pull_request(base, head, [open_store(path) for path in stores], workers=workers)
    text = review_markdown(found)
    if out is None:
        click.echo(text.rstrip("\n"))
    else:
        write_text(out, text)
        click.echo(f"{out}: written. {review_verdict(found)}")
    if found.refusals:
        click.get_current_context().exit(OutputError.exit_code)
