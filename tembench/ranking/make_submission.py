"""Submission made of scored outputs: written aside, checked, then moved into place."""

from __future__ import annotations

import re
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
from tembench.ranking.scoring import PANEL_PNG, SCORES_CSV, SCORES_TOML
from tembench.ranking.submission import check_submission
from tembench.ranking.submission_files import SUBMISSION_TOML, read_submitted
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

# Each submission locks the folder for less than a second.
_LONGEST_WAIT_S = 60.0


def submit_outputs(
    outputs: Path,
    name: str,
    folder: Path = Path("submissions"),
    *,
    seed_of: str = "",
    audit: Path | None = None,
) -> Path:
    """Make a submission of scored outputs.

    Parameters
    ----------
    outputs : Path
        Folder that `tembench.ranking.scoring.score.score` has scored.
    name : str
        Name of the submission: lower-case letters, digits, hyphens and underscores.
    folder : Path
        Folder of all submissions.
    seed_of : str
        Name of the submission that this is a further training of, with another seed: a table shows
        the mean of all trainings in one row.
    audit : Path, optional
        Folder with the method's audit, which the submission then carries.

    Returns
    -------
    Path
        ``folder / name``. A submission of the same method on the same data is replaced.

    Raises
    ------
    OutputError
        If the outputs are not scored, the name is taken by another entry, or a rule is broken.
    """
    outputs, target = Path(outputs), Path(folder) / name
    for one in (name, seed_of or name):
        _check_name(one)
    refuse_inputs([target], [outputs], OutputError, replaced=True)
    content, description = _scored(outputs)
    target.parent.mkdir(parents=True, exist_ok=True)
    # One submission at a time, written and checked aside, then moved into place.
    with (
        locked(target.parent, OutputError, wait_s=_LONGEST_WAIT_S),
        staging(target, OutputError) as aside,
    ):
        _refuse_other(target, description)
        staged = aside / name
        staged.mkdir()
        shown = ("shown",) if "shown" in content else ()
        for file in (SCORES_CSV, PANEL_PNG, *((SHOWN_PNG, SHOWN_CSV) if shown else ())):
            write_bytes(staged / file, read_submitted(outputs, file))
        if audit is not None:
            for file in (AUDIT_TOML, AUDIT_CSV):
                write_bytes(staged / file, read_submitted(audit, file))
        tables = ("method", "data", "run", "metrics", "scores", *shown)
        write_toml(
            staged / SUBMISSION_TOML,
            {
                "format": OUTPUTS_FORMAT,
                "name": name,
                **({"seed_of": seed_of} if seed_of else {}),
                **{table: content[table] for table in tables},
            },
        )
        check_submission(staged)
        put_in_place(staged, target)
    return target


def _check_name(name: str) -> None:
    if not re.fullmatch(METHOD_NAME, name):
        raise OutputError(
            "not a name for a submission",
            where=name,
            expected=METHOD_NAME_IN_WORDS,
            got=repr(name[:80]),
            remedy="choose another with --name",
        )


def _scored(outputs: Path) -> tuple[dict[str, Any], RunDescription]:
    summary = outputs / SCORES_TOML
    if not summary.is_file():
        raise OutputError(
            "not scored yet",
            where=str(outputs),
            expected=SCORES_TOML,
            remedy=f"run: tembench score {outputs} STORE",
        )
    refuse_links(outputs)
    content = read_tables(summary)
    reader = Reader(content)
    description = read_run_description(reader, content)
    for table in ("metrics", "scores"):
        reader.table(table)
    reader.raise_problems(OutputError, str(summary), "score the outputs again")
    return content, description


def _refuse_other(target: Path, description: RunDescription) -> None:
    """Raise OutputError if the name is taken by another method, or for other data."""
    if not target.exists():
        return
    old, new = check_submission(target).description.key, description.key
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
