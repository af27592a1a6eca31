"""Submissions that a pull request adds, changes or removes, each checked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tembench.ranking import (
    SUBMISSION_TOML,
    Submission,
    check_submission,
    examine_submission,
    mistake_text,
)
from tembench.ranking.changed_scores import changed_scores
from tembench.ranking.review import ChangedFile
from tembench.ranking.untrusted import read_tables

_MOST_KEYS = 12


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What is proposed.

    Attributes
    ----------
    submissions : dict of str to Submission
        Submissions that keep every rule, by the path of their folder.
    refusals : list of str
        Everything that is wrong.
    for_a_person : list of str
        Changes of rows that are there already, which only a person can judge.
    """

    submissions: dict[str, Submission]
    refusals: list[str]
    for_a_person: list[str]


def check_proposals(
    touched: Mapping[str, Sequence[ChangedFile]], base: Path, head: Path
) -> Proposals:
    """Check the submissions that a pull request touches.

    Parameters
    ----------
    touched : mapping of str to sequence of ChangedFile
        Changed files of each submission, by the path of its folder.
    base, head : Path
        The two checkouts.
    """
    found = Proposals(submissions={}, refusals=[], for_a_person=[])
    for folder, files in touched.items():
        was_there = os.path.lexists(base / folder / SUBMISSION_TOML)
        if was_there and not os.path.lexists(head / folder / SUBMISSION_TOML):
            found.refusals.append(f"{folder}: removes a submission")
            continue
        # Links within a submission are harmless to read, but not to check out elsewhere.
        problems = [f"{file.path} {file.problem}" for file in files if file.problem]
        submission, errors = examine_submission(head / folder)
        problems += [f"{folder}: {mistake_text(error, head / folder)}" for error in errors]
        if submission is not None and was_there:
            old = check_submission(base / folder)
            problems += [f"{folder}: {text}" for text in _forbidden(old, submission)]
            found.for_a_person.extend(f"{folder}: {text}" for text in _edited(old, submission))
            found.for_a_person.extend(
                f"{file.path} is {file.how}" for file in files if _is_other(file)
            )
        found.refusals.extend(problems)
        if submission is not None and not problems:
            found.submissions[folder] = submission
    return found


def _is_other(file: ChangedFile) -> bool:
    """Whether a file is neither the description nor the scores, whose changes are named."""
    return file.path.rsplit("/", 1)[1] not in (SUBMISSION_TOML, "scores.csv")


def _forbidden(old: Submission, new: Submission) -> Iterator[str]:
    """Changes of an existing submission that are refused."""
    if old.description.key != new.description.key:
        was, becomes = (
            f"{one.description.method.name} on {one.description.data.recipe_id[:8]}, "
            f"{one.description.data.part} part of split {one.description.data.split}"
            for one in (old, new)
        )
        yield f"changes what was submitted: {was} → {becomes}"
        return
    changes = changed_scores(old, new)
    if changes:
        yield f"changed scores: {'; '.join(changes)}"


def _edited(old: Submission, new: Submission) -> Iterator[str]:
    """Keys of the description that differ, apart from those of the scores."""
    before, after = (dict(_flat(read_tables(one.path / SUBMISSION_TOML))) for one in (old, new))
    keys = sorted(
        key
        for key in before.keys() | after.keys()
        if repr(before.get(key)) != repr(after.get(key)) and not key.startswith("scores.")
    )
    if keys:
        more = ["..."] if len(keys) > _MOST_KEYS else []
        yield f"edits the description of a row: {', '.join([*keys[:_MOST_KEYS], *more])}"


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
