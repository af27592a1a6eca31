"""`tembench submit`: images or outputs to a submission."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tembench.cli.options import FOLDER, part, scheduler, split, workers
from tembench.cli.submission_commands.metadata_options import answered, metadata_options
from tembench.core import printable

if TYPE_CHECKING:
    from tembench.ranking import MadeSubmission

order = click.option(
    "--order",
    default="inputs",
    show_default=True,
    type=click.Choice(["inputs", "store"]),
    help="Order of images that come without numbers: that of tembench inputs, or ascending numbers "
    "of the store.",
)


@click.command()
@click.argument("outputs", type=FOLDER)
@click.argument("store", type=FOLDER, required=False)
@click.option(
    "--name",
    required=True,
    metavar="NAME",
    help="Name of the submission: lower-case letters, digits, hyphens and underscores.",
)
@click.option(
    "--folder",
    default="submissions",
    show_default=True,
    type=FOLDER,
    metavar="FOLDER",
    help="Folder of all submissions; the new one is written to FOLDER/NAME.",
)
@metadata_options
@split
@part
@order
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything and score a few images, and say what the row would be like; write "
    "nothing.",
)
@click.option(
    "--accept-warnings",
    is_flag=True,
    help="Submit images that look shifted, permuted, in other units, or too good; the submission "
    "records it.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Replace a submission of this name though its scores change.",
)
@click.option(
    "--seed-of",
    default="",
    metavar="NAME",
    help="The submission that this is a further training of, with another seed; the table shows "
    "the mean of all of them in one row, and their spread.",
)
@click.option(
    "--audit",
    type=FOLDER,
    metavar="FOLDER",
    help="Folder with the method's audit, from tembench audit, which the submission then carries.",
)
@workers
@scheduler
def submit(
    outputs: Path,
    store: Path | None,
    name: str,
    folder: Path,
    stated: dict[str, Any],
    dry_run: bool,
    accept_warnings: bool,
    replace: bool,
    workers: int,
    scheduler: str | None,
    **rest: Any,
) -> None:
    """Score denoised images and make a submission of them (data only, no code).

    OUTPUTS is a folder from tembench denoise, scored or not; or a Zarr array, a folder of .npy or
    .tif files, or one .npy, .npz or .tif file, with one image for each of the test. STORE is their
    data set; scored outputs need none. What the table says of the method is asked for, or taken
    from the options.

    Example: tembench submit denoised/ open.zarr --name my-method --dry-run
    """
    from tembench.dataset import open_store
    from tembench.ranking import check_target, submission_trial, submit_images, unanswered

    truth = open_store(store) if store else None
    check_target(outputs, truth, name, folder)
    stated = {**stated, **answered(unanswered(outputs, stated), outputs)}
    if dry_run:
        for line in submission_trial(outputs, truth, name, folder, metadata=stated, **rest):
            click.echo(printable(line))
        return
    made = submit_images(
        outputs,
        truth,
        name,
        folder,
        metadata=stated,
        accept_warnings=accept_warnings,
        replace=replace,
        workers=workers,
        scheduler=scheduler,
        **rest,
    )
    for text in _remarks(made):
        click.echo(printable(f"Warning: {text}"), err=True)
    click.echo(f"{folder / name}: written")


def _remarks(made: MadeSubmission) -> list[str]:
    """What a submitter must know of a submission that was made."""
    one = made.submission
    found = [f"the scores have changed: {text}" for text in made.changed]
    if one.missing:
        found.append(
            f"{one.missing} of {len(one.scores)} images are missing and count as the worst, which "
            "the table marks"
        )
    return found + [f"accepted, and recorded in the submission: {text}" for text in one.warnings]
