"""Judge of a hostile case: what happened, and everything that should not have."""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cases_of_text import everywhere
from hostile_case import SECRET, HostileCase
from hostile_formats import differences, rendered
from hostile_guard import Guarded, guarded
from ranking_fakes import FakeStore

from tembench.core import TembenchError, is_plain
from tembench.ranking.render.captions import marks, notes
from tembench.ranking.scoring.score import ScoredOutputs, score_outputs
from tembench.ranking.submission import Submission, check_submission
from tembench.ranking.submission_folders import build_tables
from tembench.ranking.table_rows import Table
from tembench.ranking.untrusted_images import open_image_stack

MOST_SECONDS, MOST_MB = 2.0, 200.0
SPOILED = "good"
# Written beside outputs when they are scored.
_OF_SCORING = {
    "scores.csv", "scores.toml", "panel.png", "shown.png", "shown.csv", "summary.csv",
    "scores.part.jsonl",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What happened.

    Attributes
    ----------
    happened : str
        The line of the refusal, or how it was accepted.
    seconds, memory_MB : float
        Time of the processor, and growth of memory.
    faults : tuple of str
        What should not have happened; empty where all is right.
    """

    happened: str
    seconds: float
    memory_MB: float
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Judge of all cases.

    Attributes
    ----------
    submitted, outputs : Path
        Good submissions of six methods, and outputs of one of them; copied.
    store : FakeStore
        The store that they were scored against.
    """

    submitted: Path
    outputs: Path
    store: FakeStore

    def judge(self, case: HostileCase, root: Path) -> Outcome:
        """Spoil a good folder in `root`, which is empty, read it, and look at what happened."""
        (root / "secret.txt").write_text(f"{SECRET}\n")
        target = self._target(case.kind, root)
        plain = self._plain(root.parent / f"{root.name}-plain") if case.kind == "text" else {}
        path = case.spoil(target)
        before = _snapshot(root)
        error: BaseException | None = None
        tables: list[Table] = []
        with guarded(root) as guard:
            try:
                if case.kind == "outputs":
                    scored = score_outputs(target, self.store, workers=0)  # type: ignore[arg-type]
                elif case.kind == "images":
                    _read_all(Path(str(path)), self.store)
                else:
                    if case.kind != "folder":
                        read_shown(check_submission(target))
                    tables = build_tables(target if case.kind == "folder" else target.parent)
                    shown = rendered(tables) if case.kind == "text" else {}
            except (Exception, RecursionError) as problem:
                error = problem
        faults = [*guard.broken, *_costs(case, guard), *_changed(before, _snapshot(root), error)]
        if error is not None:
            happened = str(error) if isinstance(error, TembenchError) else repr(error)
            faults += _of_refusal(case, error, happened)
        else:
            happened = _said_of_outputs(scored) if case.kind == "outputs" else _said(tables)
            faults += _of_acceptance(case, happened)
            if case.kind == "outputs":
                faults += _forged(scored, self.submitted / SPOILED) if not case.said else []
            elif case.kind != "images":
                faults += _moved(_numbers(build_tables(self.submitted)), _numbers(tables))
            faults += differences(plain, shown) if plain else []
        return Outcome(
            happened=happened.replace(str(root), "").replace(f"{root.resolve()}", ""),
            seconds=guard.seconds,
            memory_MB=guard.memory_MB,
            faults=tuple(faults),
        )

    def _plain(self, folder: Path) -> dict[str, str]:
        """All formats with a plain text in the same places."""
        shutil.copytree(self.submitted, folder)
        everywhere("plain words")(folder / SPOILED)
        try:
            return rendered(build_tables(folder))
        finally:
            shutil.rmtree(folder)

    def _target(self, kind: str, root: Path) -> Path:
        if kind == "images":
            (root / "images").mkdir()
            return root / "images"
        if kind == "outputs":
            return Path(shutil.copytree(self.outputs, root / "outputs"))
        shutil.copytree(self.submitted, root / "submissions")
        return root / "submissions" / ("" if kind == "folder" else SPOILED)


def read_shown(submission: Submission) -> None:
    """Read the shown images of a submission as the site does."""
    if submission.shown is not None:
        assert len(submission.shown.columns.columns) == 6
        for image in submission.shown.table.images:
            submission.shown.electrons(image)


def _read_all(path: Path, store: FakeStore) -> None:
    images = open_image_stack(path, store.shape, len(store.images()))
    assert all(image.shape == store.shape for image in images.images())


def _snapshot(root: Path) -> dict[str, Any]:
    """What is in a folder: kinds of entries, targets of links, content of files."""
    found: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        for path in waiting.pop().iterdir():
            mode = path.lstat().st_mode
            name = str(path.relative_to(root))
            if stat.S_ISDIR(mode):
                # Deeper folders than any that are read have paths too long for the system.
                waiting += [path] if len(name) < 2000 else []
                found[name] = "folder"
            elif stat.S_ISLNK(mode):
                found[name] = path.readlink()
            elif stat.S_ISREG(mode) and path.stat().st_size < 1 << 25:
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                found[name] = mode, path.lstat().st_size
    return found


def _changed(
    before: Mapping[str, Any], after: Mapping[str, Any], error: BaseException | None
) -> list[str]:
    """Files that reading changed; scores of accepted outputs are new."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if error is None:
        changed -= {f"outputs/{name}" for name in _OF_SCORING}
    return [f"changed {name}" for name in sorted(changed)]


def _costs(case: HostileCase, guard: Guarded) -> list[str]:
    # What is accepted is also scored, or drawn in all formats; that is no cost of the case.
    faults = []
    if case.refused and guard.seconds > MOST_SECONDS:
        faults.append(f"took {guard.seconds:.1f} s")
    if case.refused and guard.memory_MB > MOST_MB:
        faults.append(f"took {guard.memory_MB:.0f} MB")
    return faults


def _of_refusal(case: HostileCase, error: BaseException, line: str) -> list[str]:
    if not isinstance(error, TembenchError):
        return [f"not an error for users: {line[:200]}"]
    faults = ["more than one line"] if "\n" in line else []
    if not is_plain(line):
        faults.append("signs that control a terminal")
    if "canary" in line:
        faults.append("the secret is in the message")
    if not case.refused:
        faults.append(f"refused: {line[:300]}")
    elif not re.search(case.refused, line):
        faults.append(f"refused for another reason: {line[:300]}")
    return faults


def _said(tables: list[Table]) -> str:
    """What an accepted folder's tables say of their rows."""
    marked = [f"{row.submission.name} {marks(row)}" for t in tables for row in t.rows if marks(row)]
    said = [*marked, *(note for table in tables for note in notes(table))]
    return " ".join(["accepted", *said])


def _said_of_outputs(scored: ScoredOutputs) -> str:
    """What scoring says of accepted outputs."""
    missing = [f"{scored.missing} images are missing and count as the worst"] * bool(scored.missing)
    return ". ".join(["accepted", *missing, *scored.warnings])


def _of_acceptance(case: HostileCase, said: str) -> list[str]:
    if case.refused:
        return [f"accepted; should be refused: {case.refused}"]
    return [] if re.search(case.said, said) else [f"nothing said like {case.said}"]


def _forged(scored: ScoredOutputs, honest: Path) -> list[str]:
    """Scores of accepted outputs that are not those of their images."""
    expected = check_submission(honest).scores
    same = np.allclose(scored.scores["psnr_db"], expected["psnr_db"], rtol=1e-6)
    return [] if same else ["other scores than those of the images"]


def _numbers(tables: list[Table]) -> dict[str, Any]:
    """Means and bounds of all rows but the spoiled one."""
    return {
        row.submission.name: {
            name: (value.mean, value.low, value.high) for name, value in row.values.items()
        }
        for table in tables
        for row in table.rows
        if row.submission.name != SPOILED
    }


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Rows of others whose numbers an accepted folder changed."""
    return [
        f"the row {name} of another changed"
        for name, numbers in before.items()
        if repr(after.get(name)) != repr(numbers)
    ]
