"""Files of a submission, read and checked, each as far as the others allow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, Reader, together
from tembench.core.bounded_toml import BYTES_LIMIT
from tembench.ranking.scoring import PANEL_PNG, SCORES_CSV, SCORES_LIMIT
from tembench.ranking.submission_parts.submission_toml import (
    SubmissionRecord,
    read_submission_record,
)
from tembench.ranking.untrusted import (
    AUDIT_CSV,
    AUDIT_LIMIT,
    AUDIT_TOML,
    MOST_PROBLEMS_SHOWN,
    SHOWN_CSV,
    SHOWN_LIMIT,
    SHOWN_PNG,
    AuditScores,
    ShownImages,
    check_expected_images,
    check_png,
    check_undefined_cells,
    read_audit,
    read_bounded,
    read_rows,
    read_shown_files,
    read_submitted_audit,
    read_tables,
    refuse_links,
)

if TYPE_CHECKING:
    import pandas as pd

SUBMISSION_TOML = "submission.toml"
# Small enough for a repository and a web page.
SIZE_LIMITS = {
    SUBMISSION_TOML: BYTES_LIMIT,
    SCORES_CSV: SCORES_LIMIT,
    PANEL_PNG: 1 << 22,
    "README.md": 1 << 18,
    AUDIT_TOML: BYTES_LIMIT,
    AUDIT_CSV: AUDIT_LIMIT,
    SHOWN_PNG: SHOWN_LIMIT,
    SHOWN_CSV: SHOWN_LIMIT,
}
_REQUIRED = (SUBMISSION_TOML, SCORES_CSV, PANEL_PNG)
_REMEDY = "submissions are made by: tembench submit OUTPUTS --name NAME"


@dataclass(frozen=True, kw_only=True, eq=False)
class SubmittedFiles:
    """Content of the files of a submission.

    Attributes
    ----------
    record : SubmissionRecord
        That of ``submission.toml``.
    scores : pandas.DataFrame
        That of ``scores.csv``.
    panel : bytes
        That of ``panel.png``.
    audit : AuditScores or None
        The method's audit, where there is one.
    shown : ShownImages or None
        Crops of a few images as denoised, where there are any.
    """

    record: SubmissionRecord
    scores: pd.DataFrame
    panel: bytes
    audit: AuditScores | None
    shown: ShownImages | None


def read_submitted_files(path: Path) -> tuple[SubmittedFiles | None, list[OutputError]]:
    """Read and check all files of a submission.

    Parameters
    ----------
    path : Path
        Folder of the submission.

    Returns
    -------
    files : SubmittedFiles or None
        None unless they keep every rule.
    errors : list of OutputError
        One for each file that breaks a rule, with the mistakes found in it.
    """
    examination = _Examination(path)
    return examination.files(), examination.errors


def read_submitted(folder: Path, name: str) -> bytes:
    """Read one file of a submission; OutputError if it is missing or exceeds its size limit."""
    return read_bounded(folder / name, SIZE_LIMITS[name], "score the outputs again")


class _Examination:
    """Reading of all files of a submission, each as far as the others allow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.errors: list[OutputError] = []
        # Files that may be opened, and dotted keys of the record that are wrong.
        self._usable: set[str] = set()
        self._wrong: set[str] = set()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OutputError as error:
            self.errors.append(error)

    def files(self) -> SubmittedFiles | None:
        with self._noting():
            self._check_folder()
        if self.errors:
            return None
        with self._noting():
            self._check_files()
        record = self._record()
        scores = self._scores(record) if record else None
        panel, audit = self._panel(), self._audit(record)
        shown = self._shown(record, scores)
        if self.errors or record is None or scores is None:
            return None
        return SubmittedFiles(record=record, scores=scores, panel=panel, audit=audit, shown=shown)

    def _check_folder(self) -> None:
        if not self.path.is_dir():
            raise OutputError(
                "no such folder",
                where=str(self.path),
                expected="a submission",
                remedy="make one with: tembench submit OUTPUTS --name NAME",
            )
        if self.path.is_symlink():
            raise OutputError(
                "is a link",
                where=str(self.path),
                expected="a folder of its own",
                remedy="replace the link by the folder itself",
            )
        refuse_links(self.path)

    def _check_files(self) -> None:
        present = {entry.name for entry in self.path.iterdir()}
        problems = [f"{name} is missing" for name in _REQUIRED if name not in present]
        for name in sorted(present):
            if name not in SIZE_LIMITS:
                problems.append(f"{name} does not belong in a submission")
            elif (self.path / name).is_symlink() or not (self.path / name).is_file():
                problems.append(f"{name} is not a file")
            elif (size := (self.path / name).stat().st_size) > SIZE_LIMITS[name]:
                problems.append(f"{name} has {size} bytes, more than {SIZE_LIMITS[name]}")
            else:
                self._usable.add(name)
        if problems:
            raise OutputError(
                together(problems, MOST_PROBLEMS_SHOWN),
                where=str(self.path),
                expected=", ".join(_REQUIRED),
                remedy="keep only what tembench submit writes",
            )

    def _record(self) -> SubmissionRecord | None:
        if SUBMISSION_TOML not in self._usable:
            return None
        file, record = self.path / SUBMISSION_TOML, None
        with self._noting():
            content = read_tables(file)
            reader = Reader(content)
            record = read_submission_record(reader, content)
            name, folder = record.name, self.path.resolve().name
            if name not in ("", folder):
                reader.problem("name", f"expected the folder's name {folder!r}, got {name!r}")
            self._wrong = {problem.partition(":")[0] for problem in reader.problems}
            reader.raise_problems(OutputError, str(file), _REMEDY)
        return record

    def _is_wrong(self, *tables: str) -> bool:
        return any(key.split(".")[0] in tables for key in self._wrong)

    def _scores(self, record: SubmissionRecord) -> pd.DataFrame | None:
        if SCORES_CSV not in self._usable:
            return None
        file, data, scores = self.path / SCORES_CSV, b"", None
        with self._noting():
            data = read_submitted(self.path, SCORES_CSV)
            if not {"scores", "scores.sha256"} & self._wrong:
                _check_digest(data, record.sha256, file)
        if self._is_wrong("metrics", "data"):
            return None
        with self._noting():
            scores = read_rows(data, file, record.metrics, record.description.data.images)
        if scores is not None:
            with self._noting():
                check_expected_images(scores, record.description.data, file)
                check_undefined_cells(scores, record.description.data, file)
            with self._noting():
                self._check_models(scores, record)
        return scores

    def _check_models(self, scores: pd.DataFrame, record: SubmissionRecord) -> None:
        found = scores["model"].nunique()
        if found != record.models and not {"scores", "scores.models"} & self._wrong:
            raise OutputError(
                "scores.models disagrees with the scores",
                where=str(self.path / SUBMISSION_TOML),
                expected=str(found),
                got=str(record.models),
                remedy=_REMEDY,
            )

    def _panel(self) -> bytes:
        data = b""
        if PANEL_PNG in self._usable:
            with self._noting():
                data = read_submitted(self.path, PANEL_PNG)
                check_png(data, self.path / PANEL_PNG)
        return data

    def _audit(self, record: SubmissionRecord | None) -> AuditScores | None:
        with self._noting():
            if record is not None and not self._is_wrong("method", "data"):
                method, data = record.description.method, record.description.data
                return read_submitted_audit(self.path, method.name, data.recipe_id)
            if {AUDIT_TOML, AUDIT_CSV} & self._usable:
                read_audit(self.path)
        return None

    def _shown(
        self, record: SubmissionRecord | None, scores: pd.DataFrame | None
    ) -> ShownImages | None:
        if record is None or scores is None or self._is_wrong("shown"):
            return None
        shown, errors = read_shown_files(self.path, record.shown, scores["image"].tolist())
        self.errors += errors
        return shown


def _check_digest(data: bytes, recorded: str, file: Path) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != recorded:
        raise OutputError(
            "differs from the file that was submitted",
            where=str(file),
            expected=f"sha256 {recorded}",
            got=found,
            remedy=_REMEDY,
        )
