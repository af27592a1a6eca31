"""Folders of submissions: found, checked, and sorted into tables.

A folder of submissions holds submissions, or folders of them, such as one for each recipe. Each
table is of one part of one recipe: `build_tables` sorts whatever it finds, tables of drawn recipes
first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tembench.core import OutputError, TableError, progress
from tembench.core.parallel.workers import worker_pool
from tembench.ranking.submission import Submission, check_submission
from tembench.ranking.submission_parts import SUBMISSION_TOML
from tembench.ranking.table import RANKED_BY, table_of_submissions
from tembench.ranking.table_rows import Table

# submissions/RECIPE/PART/NAME
_DEEPEST = 3
_MOST_THREADS = 4
# Starting processes takes as long as checking a hundred submissions.
_ENOUGH_FOR_PROCESSES, _PATHS_OF_A_TASK = 200, 10


def build_table(folder: Path, *, ranked_by: str = RANKED_BY, reference: str = "") -> Table:
    """Make the table of all submissions in a folder, which are of one part of one data set.

    Parameters
    ----------
    folder : Path
        Contains submissions, or folders of them; hidden folders are skipped.
    ranked_by : str
        Name of the metric used for ranking.
    reference : str
        Name of the row that others are compared with.

    Raises
    ------
    OutputError
        If a submission breaks a rule (the message names it), or there is none.
    TableError
        If two submissions are not comparable, or all lack the ranking metric.
    """
    return table_of_submissions(check_submissions(folder), ranked_by=ranked_by, reference=reference)


def build_tables(
    folder: Path,
    *,
    recipe: str | None = None,
    part: str | None = None,
    ranked_by: str = RANKED_BY,
    reference: str = "",
    workers: int = 0,
) -> list[Table]:
    """Make the tables of all submissions in a folder, one for each data set, split and part.

    Parameters
    ----------
    folder : Path
        Contains submissions, or folders of them; hidden folders are skipped.
    recipe, part : str, optional
        Only tables of the recipe of this name, or of this part.
    ranked_by, reference : str
        As in `build_table`.
    workers : int
        As in `check_submissions`.

    Returns
    -------
    list of Table
        Drawn recipes first, each with its test before other parts, then by name.

    Raises
    ------
    OutputError
        If a submission breaks a rule (the message names it), or there is none.
    TableError
        If there is none of the recipe and part, or two of a table are not comparable.
    """
    sorted_out: dict[tuple[str, ...], list[Submission]] = {}
    found = check_submissions(folder, workers=workers)
    for submission in found:
        data = submission.description.data
        if recipe in (None, data.recipe) and part in (None, data.table_part):
            sorted_out.setdefault(data.table_key, []).append(submission)
    if not sorted_out:
        raise TableError(
            "no such submissions",
            where=str(folder),
            expected=", ".join(sorted({_label(submission) for submission in found})),
            got=" ".join(filter(None, (recipe, part and f"({part} part)"))),
            remedy="choose another --recipe or --part",
        )
    tables = [
        table_of_submissions(own, ranked_by=ranked_by, reference=reference)
        for own in sorted_out.values()
    ]
    return sorted(tables, key=_order)


def _order(table: Table) -> tuple[bool, str, str, bool, str, bool, str]:
    data = table.data
    return (
        not table.drawn,
        data.recipe,
        data.recipe_id,
        data.split != "model",
        data.split,
        data.part != "test",
        data.part,
    )


def _label(submission: Submission) -> str:
    data = submission.description.data
    return f"{data.recipe} ({data.part} part)"


def check_submissions(folder: Path, *, workers: int = 0) -> list[Submission]:
    """Check all submissions in a folder, in the order of their paths.

    Parameters
    ----------
    folder : Path
        Contains submissions, or folders of them; hidden folders are skipped.
    workers : int
        Processes that check submissions where there are hundreds; 0: threads of this process.

    Raises
    ------
    OutputError
        If there is none, or if one breaks a rule: the first in the order of paths.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise OutputError(
            "no such folder",
            where=str(folder),
            expected="a folder of submissions",
            remedy="make one with: tembench submit OUTPUTS --name NAME; the benchmark's own rows "
            "are in the folder submissions of its source code, not in an installed package",
        )
    paths = _paths(folder, _DEEPEST)
    if not paths:
        raise OutputError(
            "no submissions here",
            where=str(folder),
            expected=f"folders with a {SUBMISSION_TOML}",
            remedy="make one with: tembench submit OUTPUTS --name NAME",
        )
    many = len(paths) >= _ENOUGH_FOR_PROCESSES
    checked = _in_processes(paths, workers) if workers and many else _in_threads(paths)
    found = []
    with progress("Checking submissions", len(paths)) as advance:
        for submission in checked:
            found.append(submission)
            advance(1)
    return found


def _in_threads(paths: Sequence[Path]) -> Iterator[Submission]:
    # Alone, since it fills caches that the others need.
    yield check_submission(paths[0])
    # Much of the time is spent in compiled code that leaves Python to the other threads.
    pool = ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1))
    try:
        yield from pool.map(check_submission, paths[1:])
    finally:
        # After an error or Ctrl-C the others are not checked.
        pool.shutdown(cancel_futures=True)


def _in_processes(paths: Sequence[Path], workers: int) -> Iterator[Submission]:
    with worker_pool(workers, error=OutputError) as pool:
        yield from pool.map(check_submission, paths, chunksize=_PATHS_OF_A_TASK)


def _paths(folder: Path, depth: int) -> list[Path]:
    """Submissions in a folder; a broken one counts as one, and is named when it is checked."""
    # A link to a folder of submissions is refused like a link to one.
    if (folder / SUBMISSION_TOML).is_file() or (depth < _DEEPEST and folder.is_symlink()):
        return [folder]
    inner = sorted(p for p in folder.iterdir() if p.is_dir() and not _is_passed_over(p.name))
    if depth < _DEEPEST and (depth == 0 or not inner):
        return [folder]
    return [path for one in inner for path in _paths(one, depth - 1)]


def _is_passed_over(name: str) -> bool:
    """Hidden, or what Python leaves beside a script that is imported."""
    return name.startswith(".") or name == "__pycache__"
