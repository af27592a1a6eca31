"""Submission made of scored outputs: written aside, checked, then moved into place."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tembench.core import (
    OutputError,
    Reader,
    locked,
    put_in_place,
    refuse_inputs,
    staging,
    write_bytes,
    write_toml,
)
from tembench.methods import METHOD_NAME, METHOD_NAME_IN_WORDS, OUTPUTS_FORMAT
from tembench.ranking.changed_scores import changed_scores
from tembench.ranking.scoring import PANEL_PNG, SCORES_CSV, SCORES_TOML
from tembench.ranking.submission import Submission, check_submission
from tembench.ranking.submission_parts import SUBMISSION_TOML, read_submitted, stated_tables
from tembench.ranking.untrusted import (
    AUDIT_CSV,
    AUDIT_TOML,
    SHOWN_CSV,
    SHOWN_PNG,
    RunDescription,
    read_run_description,
    read_tables,
    refuse_links,
)

# Each submission locks the folder for about a second.
_LONGEST_WAIT_S = 60.0
_MOST_CHANGES = 8


@dataclass(frozen=True, kw_only=True)
class MadeSubmission:
    """A submission that was made.

    Attributes
    ----------
    path : Path
        Its folder.
    submission : Submission
        The same, checked.
    changed : tuple of str
        Differences to the scores that it replaced, from `changed_scores`.
    """

    path: Path
    submission: Submission
    changed: tuple[str, ...]


def submit_outputs(outputs: Path, name: str, folder: Path, **options: Any) -> Path:
    """Make a submission of scored outputs, as `made_submission` does, and return its folder."""
    return made_submission(outputs, name, folder, **options).path


def made_submission(
    outputs: Path,
    name: str,
    folder: Path = Path("submissions"),
    *,
    metadata: Mapping[str, Any] | None = None,
    seed_of: str = "",
    audit: Path | None = None,
    replace: bool = False,
) -> MadeSubmission:
    """Make a submission of scored outputs.

    Parameters
    ----------
    outputs : Path
        Folder that `tembench.ranking.scoring.score.score` has scored.
    name : str
        Name of the submission: lower-case letters, digits, hyphens and underscores.
    folder : Path
        Folder of all submissions.
    metadata : Mapping, optional
        What it states about its method and run, in addition to or instead of what the outputs do;
        see `tembench.ranking.submission_parts.submission_metadata.stated_tables`.
    seed_of : str
        Name of the submission that this is a further training of, with another seed: a table shows
        the mean of all trainings in one row.
    audit : Path, optional
        Folder with the method's audit, which the submission then carries.
    replace : bool
        Whether scores may differ from those of the submission that is replaced.

    Returns
    -------
    MadeSubmission
        That in ``folder / name``. One of the same method on the same data is replaced.

    Raises
    ------
    OutputError
        If the outputs are not scored, the name is taken by another entry, scores would change, or
        a rule is broken.
    """
    outputs, target = Path(outputs), Path(folder) / name
    for one in (name, seed_of or name):
        check_submission_name(one)
    refuse_inputs([target], [outputs], OutputError, replaced=True)
    content, description = _scored(outputs, metadata or {})
    target.parent.mkdir(parents=True, exist_ok=True)
    with staging(target, OutputError) as aside:
        staged = aside / name
        staged.mkdir()
        shown = (SHOWN_PNG, SHOWN_CSV) if "shown" in content else ()
        for file in (SCORES_CSV, PANEL_PNG, *shown):
            write_bytes(staged / file, read_submitted(outputs, file))
        if audit is not None:
            for file in (AUDIT_TOML, AUDIT_CSV):
                write_bytes(staged / file, read_submitted(audit, file))
        record = {
            "format": OUTPUTS_FORMAT,
            "name": name,
            "submitted": datetime.date.today().isoformat(),
            **({"seed_of": seed_of} if seed_of else {}),
            **content,
        }
        write_toml(staged / SUBMISSION_TOML, record)
        made = check_submission(staged)
        # Written and checked aside; only moving it into place waits for others.
        with locked(target.parent, OutputError, wait_s=_LONGEST_WAIT_S):
            old = _replaced(target, description)
            changed = changed_scores(old, made) if old else []
            if changed and not replace:
                raise _refused(target, changed)
            if old and old.submitted and not changed:
                record["submitted"] = old.submitted
                write_toml(staged / SUBMISSION_TOML, record)
            put_in_place(staged, target)
    made = dataclasses.replace(made, path=target, submitted=str(record["submitted"]))
    return MadeSubmission(path=target, submission=made, changed=tuple(changed))


def check_submission_name(name: str) -> None:
    """Raise OutputError unless a submission may have this name."""
    if not re.fullmatch(METHOD_NAME, name):
        raise OutputError(
            "not a name for a submission",
            where=name,
            expected=METHOD_NAME_IN_WORDS,
            got=repr(name[:80]),
            remedy="choose another with --name",
        )


def _scored(outputs: Path, metadata: Mapping[str, Any]) -> tuple[dict[str, Any], RunDescription]:
    """Tables of the submission, and what they say of method, data and run."""
    summary = outputs / SCORES_TOML
    if not summary.is_file():
        raise OutputError(
            "not scored yet",
            where=str(outputs),
            expected=SCORES_TOML,
            remedy="name its data set too: tembench submit OUTPUTS STORE --name NAME, or run "
            f"tembench score {outputs} STORE",
        )
    refuse_links(outputs)
    content = read_tables(summary)
    reader = Reader(content)
    read_run_description(reader, content)
    for table in ("metrics", "scores"):
        reader.table(table)
    reader.raise_problems(OutputError, str(summary), "score the outputs again")
    tables = stated_tables(content, metadata)
    description = read_run_description(Reader(tables), tables)
    own = [name for name in ("metrics", "scores", "shown") if name in content]
    return {**tables, **{name: content[name] for name in own}}, description


def _replaced(target: Path, description: RunDescription) -> Submission | None:
    """The submission of that name; OutputError if it is of another method, or for other data."""
    if not target.exists():
        return None
    submission = check_submission(target)
    old, new = submission.description.key, description.key
    if old != new:
        labels = ("method", "recipe_id", "split", "part")
        differing = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        raise OutputError(
            "the name is taken by another submission",
            where=str(target),
            expected=", ".join(f"{labels[i]} {old[i]}" for i in differing),
            got=", ".join(f"{labels[i]} {new[i]}" for i in differing),
            remedy="choose another name with --name",
        )
    return submission


def _refused(target: Path, changed: list[str]) -> OutputError:
    shown = list(changed)
    if len(shown) > _MOST_CHANGES:
        # The last ones explain the change.
        shown[_MOST_CHANGES - 3 : -3] = [f"and {len(shown) - _MOST_CHANGES} more"]
    return OutputError(
        "scores of a submission would change: " + "; ".join(shown),
        where=str(target),
        remedy="leave it as it is, or submit with --replace if the change is meant",
    )
