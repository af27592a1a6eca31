"""Changed files sorted by what they belong to: a submission, incoming outputs, or neither."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tembench.ranking import SUBMISSION_TOML
from tembench.ranking.review import ChangedFile

SUBMISSIONS, INCOMING = "submissions", "incoming"
"""Folders of a checkout with submissions, and with outputs to be scored."""
# submissions/RECIPE/PART/NAME; tables are made of no deeper ones.
_DEEPEST = 4


@dataclass(frozen=True, kw_only=True)
class TouchedFolders:
    """What a pull request changes.

    Attributes
    ----------
    submissions : dict of str to list of ChangedFile
        Changed files of each submission, by the path of its folder.
    incoming : list of str
        Folders of outputs.
    outside : list of ChangedFile
        Files that are neither.
    refusals : list of str
        Files that belong to no submission and are where only submissions may be.
    """

    submissions: dict[str, list[ChangedFile]]
    incoming: list[str]
    outside: list[ChangedFile]
    refusals: list[str]


def sort_changes(changes: Iterable[ChangedFile], base: Path, head: Path) -> TouchedFolders:
    """Sort changed files.

    Parameters
    ----------
    changes : iterable of ChangedFile
        From `changed_files`.
    base, head : Path
        The two checkouts.
    """
    submissions: dict[str, list[ChangedFile]] = {}
    incoming: dict[str, None] = {}
    outside, refusals = [], []
    for file in changes:
        parts = file.path.split("/")
        if parts[0] == SUBMISSIONS:
            folder = _submission_of(parts, base, head)
            if folder:
                submissions.setdefault(folder, []).append(file)
            elif file.how == "added" or file.problem:
                why = file.problem or "belongs to no submission"
                refusals.append(f"{file.path} {why}")
            else:
                outside.append(file)
        elif parts[0] == INCOMING and file.how != "removed":
            if len(parts) > 2:
                incoming["/".join(parts[:2])] = None
            else:
                refusals.append(f"{file.path} {file.problem or 'belongs to no outputs'}")
        else:
            outside.append(file)
    return TouchedFolders(
        submissions=submissions, incoming=list(incoming), outside=outside, refusals=refusals
    )


def _submission_of(parts: list[str], base: Path, head: Path) -> str:
    """Path of the submission that a file belongs to; empty if it belongs to none."""
    for depth in range(2, min(len(parts), _DEEPEST + 1)):
        folder = "/".join(parts[:depth])
        if parts[depth - 1].startswith("."):
            return ""
        # The file may be anything, a link too, which is refused when the submission is checked.
        if any(os.path.lexists(root / folder / SUBMISSION_TOML) for root in (base, head)):
            return folder
    return ""
