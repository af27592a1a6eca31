"""`tembench check`: a submission, or images before they are submitted."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.options import FOLDER, as_json, part, print_json, split
from tembench.cli.submission_commands.submit_command import order
from tembench.core import OutputError, printable


@click.command()
@click.argument("submission", type=FOLDER)
@click.argument("store", type=FOLDER, required=False)
@split
@part
@order
@as_json
def check(
    submission: Path, store: Path | None, split: str, part: str, order: str, as_json: bool
) -> None:
    """Check a submission, and say everything that is wrong with it.

    Given a STORE, check outputs or images instead, as tembench submit takes them: formats, numbers,
    units, positions and order, and the scores of a few images.

    Example: tembench check submissions/bm3d
    """
    if store is not None:
        _check_images(submission, store, split, part, order)
        return
    from tembench.ranking import examine_submission, mistake_text

    checked, errors = examine_submission(submission)
    texts = [mistake_text(error, submission) for error in errors]
    if as_json and errors:
        print_json({"valid": False, "name": submission.name, "mistakes": texts})
    if checked is None:
        if len(errors) == 1:
            raise errors[0]
        if not as_json:
            for text in texts:
                click.echo(printable(f"- {text}"))
        raise OutputError(
            f"{len(errors)} things are wrong",
            where=str(submission),
            remedy=". ".join(dict.fromkeys(one.remedy for one in errors if one.remedy)),
        )
    data = checked.description.data
    if as_json:
        print_json(
            {
                "valid": True,
                "name": checked.name,
                "method": checked.description.method.name,
                "recipe_id": data.recipe_id,
                "split": data.split,
                "part": data.part,
                "images": data.images,
                "missing": checked.missing,
                "warnings": list(checked.warnings),
            }
        )
        return
    for text in checked.warnings:
        click.echo(printable(f"Warning: accepted by the submitter: {text}"), err=True)
    lacking = f", {checked.missing} of them missing" if checked.missing else ""
    click.echo(
        f"{submission}: valid; {checked.description.method.name} on {data.images} images{lacking} "
        f"of {data.recipe} {data.version}, {data.part} part of split {data.split}"
    )


def _check_images(images: Path, store: Path, split: str, part: str, order: str) -> None:
    from tembench.dataset import open_store
    from tembench.ranking import examined_images, unscored_images

    truth = open_store(store)
    found = unscored_images(images, truth, split=split, part=part, order=order)
    for line in examined_images(found, truth):
        click.echo(printable(line))
