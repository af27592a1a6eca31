"""Submission of denoised images: looked at, scored and described, whatever they come as."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import OutputError, absolute, locked, notice, refuse_inputs, together
from tembench.methods import OUTPUTS_TOML
from tembench.ranking.make_submission import (
    MadeSubmission,
    check_submission_name,
    made_submission,
)
from tembench.ranking.scoring import SCORES_TOML, score_outputs
from tembench.ranking.submission_parts import Question, metadata_tables, stated_tables, unstated
from tembench.ranking.submitting import (
    content_of,
    import_images,
    is_scored,
    unscored_images,
)
from tembench.ranking.untrusted import read_tables

if TYPE_CHECKING:
    from tembench.dataset import Store

_MOST_WARNINGS = 8


def submit_images(
    source: Path,
    store: Store | None,
    name: str,
    folder: Path = Path("submissions"),
    *,
    metadata: Mapping[str, Any] | None = None,
    split: str = "model",
    part: str = "test",
    order: str = "inputs",
    seed_of: str = "",
    audit: Path | None = None,
    replace: bool = False,
    accept_warnings: bool = False,
    workers: int = 2,
    scheduler: str | None = None,
) -> MadeSubmission:
    """Score denoised images, unless they are scored, and make a submission of them.

    Parameters
    ----------
    source : Path
        A folder of outputs, scored or not, or images as
        `tembench.ranking.untrusted_images.open_image_stack` reads them. These are written as
        outputs in a hidden folder beside the submission, where an interrupted run is resumed, and
        which is removed at the end.
    store : Store, optional
        Data set that they were made from; not needed for outputs that are scored.
    name, folder : str, Path
        The submission is written to ``folder / name``.
    metadata : Mapping, optional
        What is stated about the method and the run; see `metadata_tables`.
    split, part : str
        Part that images in a format of their own are of.
    order : {"inputs", "store"}
        Order of images that come without numbers.
    seed_of, audit, replace : str, Path, bool
        As for `made_submission`.
    accept_warnings : bool
        Whether to submit images that look implausible; the submission records why.
    workers, scheduler : int, str
        As for `score_outputs`.

    Returns
    -------
    MadeSubmission
        The submission.

    Raises
    ------
    OutputError
        If a rule is broken, or images look implausible, or scores would change.
    """
    source, folder, metadata = absolute(source), absolute(folder), metadata or {}
    check_target(source, store, name, folder)
    working = _working(folder, name)
    submit = functools.partial(
        made_submission,
        name=name,
        folder=folder,
        metadata=metadata,
        seed_of=seed_of,
        audit=audit,
        replace=replace,
    )
    if store is None:
        _check_scored(source)
        _refuse_warnings(source, _recorded_warnings(source), accept_warnings)
        return submit(source)
    images = unscored_images(source, store, split=split, part=part, order=order)
    content = content_of(source, store, name, split, part)
    stated_tables(content, metadata)  # mistakes are reported before the work
    if images.assumed:
        notice(images.assumed)
    _refuse_warnings(source, images.warnings(store), accept_warnings)
    if images.stack is None:
        score_outputs(source, store, workers=workers, scheduler=scheduler)
        return submit(source)
    working.mkdir(parents=True, exist_ok=True)
    with locked(working, OutputError):
        import_images(images, store, working, content)
        score_outputs(working, store, workers=workers, scheduler=scheduler)
        made = submit(working)
        shutil.rmtree(working)
    return made


def check_target(source: Path, store: Store | None, name: str, folder: Path) -> None:
    """Raise OutputError for a name that a submission cannot have, or one that is an input."""
    check_submission_name(name)
    inputs = [source, *([store.path] if store else [])]
    refuse_inputs([folder / name, _working(folder, name)], inputs, OutputError, replaced=True)


def _working(folder: Path, name: str) -> Path:
    """Hidden folder of outputs that images are written to."""
    return folder / f".{name}.outputs"


def unanswered(source: Path, metadata: Mapping[str, Any]) -> list[Question]:
    """Questions about a method that neither its outputs nor the metadata answer.

    Parameters
    ----------
    source : Path
        As for `submit_images`.
    metadata : Mapping
        As for `submit_images`.
    """
    content: Mapping[str, Any] = {}
    for file in (OUTPUTS_TOML, SCORES_TOML):
        if (source / file).is_file():
            content = read_tables(source / file)
            break
    tables = {}
    for table, stated in zip(("method", "run"), metadata_tables(metadata), strict=True):
        own = content.get(table)
        tables[table] = {**(own if isinstance(own, Mapping) else {}), **stated}
    return list(unstated(tables))


def _check_scored(source: Path) -> None:
    if not source.exists():
        raise OutputError("no such file or folder", where=str(source), expected="denoised images")
    if not is_scored(source):
        raise OutputError(
            "not scored yet",
            where=str(source),
            expected=SCORES_TOML,
            remedy="name the data set too: tembench submit OUTPUTS STORE --name NAME, or run "
            f"tembench score {source} STORE",
        )


def _recorded_warnings(source: Path) -> list[str]:
    scores = read_tables(source / SCORES_TOML).get("scores")
    found = scores.get("warnings") if isinstance(scores, Mapping) else None
    return [str(text) for text in found] if isinstance(found, list) else []


def _refuse_warnings(source: Path, warnings: list[str], accept: bool) -> None:
    if warnings and not accept:
        raise OutputError(
            together(warnings, _MOST_WARNINGS),
            where=str(source),
            remedy="If the images are right as they are, submit them with --accept-warnings",
        )
