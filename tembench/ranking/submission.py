"""Submission: a folder of data that can be checked without the images.

``submissions/NAME/`` contains ``submission.toml`` (method, data, cost and metrics), ``scores.csv``
(one row per image) and ``panel.png``, and may carry an audit and shown images. It is data, never
code: nothing in it is executed or unpickled, and no link out of the folder is followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import (
    OutputError,
    Reader,
    together,
)
from tembench.core.bounded_toml import BYTES_LIMIT
from tembench.methods import METHOD_NAME, OUTPUTS_FORMAT
from tembench.metrics import METRICS
from tembench.ranking.scoring import PANEL_PNG, SCORES_CSV, SCORES_LIMIT
from tembench.ranking.untrusted import (
    AUDIT_CSV,
    AUDIT_LIMIT,
    AUDIT_TOML,
    CONTROLS,
    MOST_PROBLEMS_SHOWN,
    SHOWN_CSV,
    SHOWN_LIMIT,
    SHOWN_PNG,
    AuditScores,
    RunDescription,
    ShownImages,
    ShownTable,
    check_expected_images,
    check_png,
    check_undefined_cells,
    false_recipe_claim,
    read_bounded,
    read_rows,
    read_run_description,
    read_shown_files,
    read_shown_table,
    read_submitted_audit,
    read_tables,
    refuse_links,
)
from tembench.recipe import SCORED_PARTS

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
_NEVER_RANKED = ("train", "validation")
_REQUIRED = (SUBMISSION_TOML, SCORES_CSV, PANEL_PNG)


@dataclass(frozen=True, kw_only=True, eq=False)
class Submission:
    """A checked submission.

    Attributes
    ----------
    name : str
        Name of the folder.
    path : Path
        The folder.
    description : RunDescription
        Method, data and run.
    metrics : Mapping
        Version of every metric in the scores.
    scores : pandas.DataFrame
        image, model, of a drawn recipe the columns of `IMAGE_FACTORS`, a column per metric,
        seconds; one row per image, ascending. NaN where a metric is not defined.
    panel : bytes
        PNG of one test image: noisy, denoised, clean, error, side by side.
    audit : AuditScores or None
        The method's audit, where the folder carries one.
    seed_of : str
        Name of the submission that this is a further training of, with another seed; or empty.
    shown : ShownImages or None
        Crops of a few images as denoised, where the folder carries them.
    scores_sha256 : str
        Digest of ``scores.csv``.
    """

    name: str
    path: Path
    description: RunDescription
    metrics: Mapping[str, int]
    scores: pd.DataFrame
    panel: bytes
    audit: AuditScores | None = None
    seed_of: str = ""
    shown: ShownImages | None = None
    scores_sha256: str = ""

    def __repr__(self) -> str:
        """Name, path and images, on one line."""
        data = self.description.data
        return (
            f"Submission({self.name!r}, {str(self.path)!r}): {self.description.method.name} on "
            f"{data.images} images of {data.recipe} {data.version}"
        )


def check_submission(path: Path) -> Submission:
    """Check a submission against every rule that does not need the images.

    Parameters
    ----------
    path : Path
        Folder of the submission.

    Raises
    ------
    OutputError
        One line with all mistakes found.
    """
    path = Path(path)
    if not path.is_dir():
        raise OutputError(
            "no such folder",
            where=str(path),
            expected="a submission",
            remedy="make one with: tembench submit OUTPUTS --name NAME",
        )
    if path.is_symlink():
        raise OutputError(
            "is a link",
            where=str(path),
            expected="a folder of its own",
            remedy="replace the link by the folder itself",
        )
    refuse_links(path)
    _check_files(path)
    content = read_tables(path / SUBMISSION_TOML)
    reader = Reader(content)
    seed_of = reader.text("seed_of", pattern=METHOD_NAME) if reader.has("seed_of") else ""
    description, name, metrics, recorded, models, shown = _read_description(reader, content)
    if name and name != path.resolve().name:
        reader.problem("name", f"expected the folder's name {path.resolve().name!r}, got {name!r}")
    remedy = "submissions are made by: tembench submit OUTPUTS --name NAME"
    reader.raise_problems(OutputError, str(path / SUBMISSION_TOML), remedy)
    data = read_submitted(path, SCORES_CSV)
    if hashlib.sha256(data).hexdigest() != recorded:
        raise OutputError(
            "differs from the file that was submitted",
            where=str(path / SCORES_CSV),
            expected=f"sha256 {recorded}",
            got=hashlib.sha256(data).hexdigest(),
            remedy=remedy,
        )
    scores = read_rows(data, path / SCORES_CSV, metrics, description.data.images)
    check_expected_images(scores, description.data, path / SCORES_CSV)
    check_undefined_cells(scores, description.data, path / SCORES_CSV)
    panel = read_submitted(path, PANEL_PNG)
    check_png(panel, path / PANEL_PNG)
    if scores["model"].nunique() != models:
        raise OutputError(
            "scores.models disagrees with the scores",
            where=str(path / SUBMISSION_TOML),
            expected=str(scores["model"].nunique()),
            got=str(models),
            remedy=remedy,
        )
    return Submission(
        name=name,
        path=path,
        description=description,
        metrics=metrics,
        scores=scores,
        panel=panel,
        audit=read_submitted_audit(path, description.method.name, description.data.recipe_id),
        seed_of=seed_of,
        shown=read_shown_files(path, shown, scores["image"].tolist()),
        scores_sha256=recorded,
    )


def read_submitted(folder: Path, name: str) -> bytes:
    """Read one file of a submission; OutputError if it is missing or exceeds its size limit."""
    return read_bounded(folder / name, SIZE_LIMITS[name], "score the outputs again")


def _check_files(path: Path) -> None:
    present = {entry.name for entry in path.iterdir()}
    problems = [f"{name} is missing" for name in _REQUIRED if name not in present]
    for name in sorted(present):
        if name not in SIZE_LIMITS:
            problems.append(f"{name} does not belong in a submission")
        elif not (path / name).is_file():
            problems.append(f"{name} is not a file")
        elif (path / name).stat().st_size > SIZE_LIMITS[name]:
            size, limit = (path / name).stat().st_size, SIZE_LIMITS[name]
            problems.append(f"{name} has {size} bytes, more than {limit}")
    if problems:
        raise OutputError(
            together(problems, MOST_PROBLEMS_SHOWN),
            where=str(path),
            expected=", ".join(_REQUIRED),
            remedy="keep only what tembench submit writes",
        )


def _read_description(
    reader: Reader, content: dict[str, Any]
) -> tuple[RunDescription, str, dict[str, int], str, int, ShownTable | None]:
    before = len(reader.problems)
    if reader.integer("format") != OUTPUTS_FORMAT and len(reader.problems) == before:
        reader.problem("format", f"expected {OUTPUTS_FORMAT}, got {content['format']!r}")
    name = reader.text("name", pattern=METHOD_NAME)
    description = read_run_description(reader, content)
    if not reader.problems and description.data.part in _NEVER_RANKED:
        reader.problem(
            "data.part",
            f"expected {', '.join(SCORED_PARTS)}, or dev of a drawn recipe, got "
            f"{description.data.part}: only images under test are ranked",
        )
    metrics = _read_metrics(reader.table("metrics"))
    _check_claims(reader, description, name)
    scores = reader.table("scores")
    recorded = scores.text("sha256", pattern=r"[0-9a-f]{64}")
    images = scores.integer("images", at_least=1)
    if images != description.data.images and not reader.problems:
        scores.problem("images", f"expected data.images = {description.data.images}, got {images}")
    models = scores.integer("models", at_least=1)
    scores.finish()
    shown = read_shown_table(reader)
    reader.finish()
    return description, name, metrics, recorded, models, shown


def _check_claims(reader: Reader, description: RunDescription, name: str) -> None:
    """Note false claims of being a recipe's version or a control."""
    wrong = false_recipe_claim(description.data)
    if wrong:
        reader.problem("data.recipe", wrong)
    method = description.method
    if method.is_control and (method.name not in CONTROLS or name not in ("", method.name)):
        reader.problem(
            "method.kind",
            f"controls are {', '.join(CONTROLS)}, each submitted under its own name; "
            f"got control {method.name!r} in {name!r}",
        )


def _read_metrics(reader: Reader) -> dict[str, int]:
    found = {}
    for key in list(reader.keys()):
        version = reader.integer(key, at_least=1)
        if key not in METRICS:
            reader.problem(key, f"unknown metric; this tembench knows {', '.join(METRICS)}")
        elif version > METRICS[key].version:
            reader.problem(
                key, f"unknown version {version}; this tembench knows {METRICS[key].version}"
            )
        found[key] = version
    if "psnr_db" not in found:
        reader.problem("psnr_db", "missing")
    return found
