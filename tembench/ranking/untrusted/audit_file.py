"""Audit of a method: the cases of an audit, and the strict reader of the file with its scores.

A folder that carries an audit, such as a submission, holds ``audit.toml`` and ``audit.csv``. The
first says what was audited and has the SHA-256 of the second, which has a row for every image and
case: ``specimen,image,case,psnr_db,column_f1``. Losses are not in the files: whoever reads them
computes them.
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import OutputError, Reader, together
from tembench.methods import METHOD_NAME
from tembench.ranking.untrusted.untrusted_files import read_bounded, read_tables
from tembench.recipe.parse_specimen import NAME_PATTERN

if TYPE_CHECKING:
    import pandas as pd

AUDIT_TOML = "audit.toml"
AUDIT_CSV = "audit.csv"
AUDIT_FORMAT = 1
AUDIT_COLUMNS = ("specimen", "image", "case", "psnr_db", "column_f1")
AUDIT_LIMIT = 1 << 20
"""Bytes of an ``audit.csv``: 1,000 images in all cases have a tenth of it."""
HALF_DB = 10 * math.log10(2)
"""Loss of an efficient estimator at half the dose: its squared error is that of the counts."""
AUDIT_BASE = "base"
_REMEDY = "make it again with: tembench audit"
_MOST_PROBLEMS_SHOWN = 8
_MOST_IMAGES = 1000
_SPECIMEN = r"[\x21-\x7e]{1,100}"
_DATA = {
    "recipe": NAME_PATTERN,
    "version": r"\d+\.\d+\.\d+",
    "recipe_id": r"[0-9a-f]{64}",
    "part": r"[a-z-]{1,20}",
}


@dataclass(frozen=True, kw_only=True)
class AuditCase:
    """A case of an audit: what differs from the base.

    Attributes
    ----------
    title : str
        What was done to the specimen or the image, in tables.
    dose_loss_db : float
        PSNR that the dose takes from an efficient estimator, whose squared error is inversely
        proportional to the dose; negative where there are more electrons than at the base.
    """

    title: str
    dose_loss_db: float = 0.0

    @property
    def excused_db(self) -> float:
        """Loss that a method is not to blame for; more electrons never excuse one."""
        return max(self.dose_loss_db, 0.0)


AUDIT_CASES = {
    "moved": AuditCase(title="moved"),
    "turned-3": AuditCase(title="turned 3°"),
    "turned-10": AuditCase(title="turned 10°"),
    "turned-37": AuditCase(title="turned 37°"),
    "mirrored": AuditCase(title="mirrored"),
    "magnified-1.05": AuditCase(title="magnified 1.05"),
    "magnified-0.95": AuditCase(title="magnified 0.95"),
    "half-dose": AuditCase(title="half dose", dose_loss_db=HALF_DB),
    "double-dose": AuditCase(title="double dose", dose_loss_db=-HALF_DB),
    "astigmatism": AuditCase(title="1 nm astigmatism"),
    "noise": AuditCase(title="other noise"),
}
"""Cases in the order of tables; the base, which all are compared with, is not among them."""
_MOST_LINES = 1 + _MOST_IMAGES * (1 + len(AUDIT_CASES))


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditScores:
    """Scores of a method in all cases of an audit.

    Attributes
    ----------
    method : str
        Name of the method.
    recipe, version, recipe_id, part : str
        Data set whose specimens were changed.
    scores : pandas.DataFrame
        Columns `AUDIT_COLUMNS`; one row for each image and case, the base among the cases. A
        `column_f1` that is not defined is NaN.
    """

    method: str
    recipe: str
    version: str
    recipe_id: str
    part: str
    scores: pd.DataFrame

    def __repr__(self) -> str:
        """Method, data and numbers, in one line."""
        images = len(self.scores) // (len(AUDIT_CASES) + 1)
        return (
            f"AuditScores({self.method!r}): {images} images of "
            f"{self.scores['specimen'].nunique()} specimens of {self.recipe} {self.version}"
        )


def read_audit(folder: Path) -> AuditScores:
    """Read the audit in a folder, and check everything.

    Parameters
    ----------
    folder : Path
        Holds ``audit.toml`` and ``audit.csv``.

    Raises
    ------
    OutputError
        One line with the mistakes found: a missing file, another format, an unknown or missing
        case, scores out of their range, or rows that are not those of ``audit.toml``.
    """
    folder = Path(folder)
    where = folder / AUDIT_TOML
    reader = Reader(read_tables(where))
    if reader.integer("format") != AUDIT_FORMAT:
        reader.problem("format", f"expected {AUDIT_FORMAT}")
    method = reader.text("method", pattern=METHOD_NAME)
    data, files = reader.table("data"), reader.table("scores")
    made_from = {key: data.text(key, pattern=pattern) for key, pattern in _DATA.items()}
    specimens, images = (
        files.integer(key, at_least=1, at_most=_MOST_IMAGES) for key in ("specimens", "images")
    )
    recorded = files.text("sha256", pattern=r"[0-9a-f]{64}")
    for table in (data, files, reader):
        table.finish()
    reader.raise_problems(OutputError, str(where), _REMEDY)
    content = read_bounded(folder / AUDIT_CSV, AUDIT_LIMIT, _REMEDY)
    found = hashlib.sha256(content).hexdigest()
    if found != recorded:
        raise OutputError(
            "differs from the file that the audit wrote",
            where=str(folder / AUDIT_CSV),
            expected=f"sha256 {recorded}",
            got=found,
            remedy=_REMEDY,
        )
    scores = _scores(content, folder / AUDIT_CSV, specimens, images)
    return AuditScores(method=method, scores=scores, **made_from)


def read_submitted_audit(folder: Path, method: str, recipe_id: str) -> AuditScores | None:
    """Read the audit that a submission carries.

    Parameters
    ----------
    folder : Path
        Folder of the submission.
    method, recipe_id : str
        Name of its method, and identity of the recipe that its images are of.

    Returns
    -------
    AuditScores or None
        None where the folder has neither of the files.

    Raises
    ------
    OutputError
        As `read_audit`, or if the audit is of another method or recipe.
    """
    if not any((Path(folder) / name).exists() for name in (AUDIT_TOML, AUDIT_CSV)):
        return None
    audit = read_audit(folder)
    if (audit.method, audit.recipe_id) != (method, recipe_id):
        raise OutputError(
            "the audit is of another method or recipe",
            where=str(Path(folder) / AUDIT_TOML),
            expected=f"{method}, recipe {recipe_id[:8]}",
            got=f"{audit.method}, recipe {audit.recipe_id[:8]}",
            remedy=_REMEDY,
        )
    return audit


def _scores(content: bytes, path: Path, specimens: int, images: int) -> pd.DataFrame:
    """Rows of the file, complete and within bounds."""
    import pandas as pd

    problems: list[str] = []
    heading, *lines = _lines(content, path)
    if tuple(heading) != AUDIT_COLUMNS:
        problems.append(f"expected the columns {','.join(AUDIT_COLUMNS)}")
    else:
        rows = [_row(number, line, problems) for number, line in enumerate(lines, 2)]
    if not problems:
        table = pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))
        problems += _incomplete(table, specimens, images)
    if problems:
        together_ = together(problems, _MOST_PROBLEMS_SHOWN)
        raise OutputError(together_, where=str(path), remedy=_REMEDY)
    return table


def _lines(content: bytes, path: Path) -> list[list[str]]:
    try:
        text = content.decode("utf-8").splitlines()
        if len(text) > _MOST_LINES:
            expected, got = f"at most {_MOST_LINES} lines", str(len(text))
            raise OutputError("too long", where=str(path), expected=expected, got=got)
        return [next(csv.reader([line], strict=True), []) for line in text] or [[]]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise OutputError("not a CSV file", where=str(path), got=str(problem)) from None


def _row(number: int, line: list[str], problems: list[str]) -> list[Any]:
    """Values of one line; mistakes are noted in `problems`."""
    if len(line) != len(AUDIT_COLUMNS):
        problems.append(f"line {number}: expected {len(AUDIT_COLUMNS)} values, got {len(line)}")
        return []
    specimen, image, case, psnr, f1 = line
    right = {
        "specimen": re.fullmatch(_SPECIMEN, specimen, re.ASCII) is not None,
        "image": re.fullmatch(r"[0-9]{1,9}", image, re.ASCII) is not None,
        "case": case == AUDIT_BASE or case in AUDIT_CASES,
        # Of float32 images, as the bounds of the metric: an exact one is infinite.
        "psnr_db": -300 <= _number(psnr) <= 300 or psnr == "inf",
        "column_f1": f1 == "" or 0 <= _number(f1) <= 1,
    }
    problems += [
        f"line {number}: {name}: not expected, {text[:40]!r}"
        for (name, fits), text in zip(right.items(), line, strict=True)
        if not fits
    ]
    if not all(right.values()):
        return []
    return [specimen, int(image), case, float(psnr), _number(f1)]


def _number(text: str) -> float:
    fits = re.fullmatch(r"-?[0-9.]{1,30}(e[-+]?[0-9]{1,3})?", text, re.ASCII)
    try:
        return float(text) if fits else math.nan
    except ValueError:
        return math.nan


def _incomplete(table: pd.DataFrame, specimens: int, images: int) -> list[str]:
    """Return what a table of valid rows lacks."""
    problems = []
    if table["image"].nunique() != images:
        problems.append(f"expected {images} images, got {table['image'].nunique()}")
    if table["specimen"].nunique() != specimens:
        problems.append(f"expected {specimens} specimens, got {table['specimen'].nunique()}")
    if (table.groupby("image")["specimen"].nunique() > 1).any():
        problems.append("an image is of two specimens")
    cases = {AUDIT_BASE, *AUDIT_CASES}
    wrong = [
        int(image)
        for image, rows in table.groupby("image")
        if len(rows) != len(cases) or set(rows["case"]) != cases
    ]
    if wrong:
        problems.append(f"image {wrong[0]}: expected one row for each of {', '.join(cases)}")
    return problems
