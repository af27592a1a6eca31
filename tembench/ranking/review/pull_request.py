"""Review of a pull request: two checkouts are compared, and what differs is checked and scored."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError
from tembench.ranking import Submission, check_submissions
from tembench.ranking.review import (
    SUBMISSIONS,
    ChangedFile,
    MovedRank,
    ProposedRow,
    TouchedFolders,
    changed_files,
    check_proposals,
    propose_rows,
    score_incoming,
    sort_changes,
)

if TYPE_CHECKING:
    from tembench.dataset import Store


@dataclass(frozen=True, kw_only=True, eq=False)
class Review:
    """What a review found.

    Attributes
    ----------
    touched : TouchedFolders
        What the pull request changes.
    rows : list of ProposedRow
        Rows that it adds or changes.
    moved : list of MovedRank
        Ranks of other rows that it moves.
    refusals : list of str
        Everything for which it is refused.
    for_a_person : list of str
        What only a person can judge.
    not_scored : list of str
        Folders of outputs that no store was given for.
    """

    touched: TouchedFolders
    rows: list[ProposedRow]
    moved: list[MovedRank]
    refusals: list[str]
    for_a_person: list[str]
    not_scored: list[str]

    @property
    def outside(self) -> list[ChangedFile]:
        """Changed files that are neither of a submission nor of outputs."""
        return self.touched.outside


def review_pull_request(
    base: Path, head: Path, stores: Sequence[Store] = (), *, workers: int = 2
) -> Review:
    """Review what a pull request changes, from data alone.

    Parameters
    ----------
    base : Path
        Checkout that the pull request is to be merged into, or its folder of submissions.
    head : Path
        Checkout of the pull request, or its folder of submissions. It is only read: no file of it
        is executed, imported or followed out of it.
    stores : sequence of Store
        Data sets that outputs in ``incoming/`` are scored on.
    workers : int
        Number of worker processes that score.

    Returns
    -------
    Review
        What was found; whether anything is refused is for the caller to act upon.

    Raises
    ------
    OutputError
        If `base` or `head` is no checkout, or a submission of `base` breaks a rule.
    """
    base, head, inside = _checkouts(Path(base), Path(head))
    touched = sort_changes(changed_files(base, head, inside=inside), base, head)
    proposals = check_proposals(touched.submissions, base, head)
    refusals = [*touched.refusals, *proposals.refusals]
    for_a_person = [*proposals.for_a_person]
    there = check_submissions(base / SUBMISSIONS) if _has_any(base / SUBMISSIONS) else []
    replaced = [one for one in there if _folder(one, base) in proposals.submissions]
    with tempfile.TemporaryDirectory(prefix="tembench-review-") as scratch:
        proposed, not_scored = dict(proposals.submissions), []
        for folder in touched.incoming:
            try:
                scored = score_incoming(head / folder, stores, Path(scratch), workers=workers)
            except OutputError as problem:
                refusals.append(f"{folder}: {_without(problem, head / folder, Path(scratch))}")
                continue
            if scored is None:
                not_scored.append(folder)
                continue
            proposed[folder] = scored
            for_a_person += [f"{folder}: {text}" for text in scored.warnings]
        tables = propose_rows(there, proposed, replaced)
    return Review(
        touched=touched,
        rows=tables.rows,
        moved=tables.moved,
        refusals=[*refusals, *tables.refusals],
        for_a_person=[*for_a_person, *tables.for_a_person],
        not_scored=not_scored,
    )


def _checkouts(base: Path, head: Path) -> tuple[Path, Path, str]:
    """Two folders that contain ``submissions``, and the only folder in them that is compared."""
    found, inside = [], ""
    for folder in (base, head):
        if not folder.is_dir():
            raise OutputError("no such folder", where=str(folder), expected="a checkout")
        inner = folder / SUBMISSIONS
        if inner.is_symlink() or not (inner.is_dir() or folder.name == SUBMISSIONS):
            raise OutputError(
                "is not a checkout",
                where=str(folder),
                expected=f"a folder that contains {SUBMISSIONS}, or is named so",
            )
        if not inner.is_dir():
            folder, inside = folder.absolute().parent, SUBMISSIONS
        found.append(folder)
    return found[0], found[1], inside


def _has_any(submissions: Path) -> bool:
    return any(entry.is_dir() for entry in submissions.iterdir())


def _folder(submission: Submission, base: Path) -> str:
    return submission.path.relative_to(base).as_posix()


def _without(problem: OutputError, *folders: Path) -> str:
    """The line of an error without the paths that only the reviewer knows."""
    text = str(problem)
    for folder in folders:
        text = text.replace(f"{folder}", "")
    return text.lstrip("/: ")
