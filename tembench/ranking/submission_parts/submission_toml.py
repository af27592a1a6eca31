"""Record of a submission: the file ``submission.toml``, read and checked."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tembench.core import Reader, is_plain
from tembench.methods import METHOD_NAME, OUTPUTS_FORMAT, SINGLE_LINE
from tembench.metrics import METRICS
from tembench.ranking.untrusted import (
    CONTROLS,
    RunDescription,
    ShownTable,
    false_recipe_claim,
    read_run_description,
    read_shown_table,
)
from tembench.recipe import SCORED_PARTS

_NEVER_RANKED = ("train", "validation")
# All versions of tembench had them. Without error and skill, scores cannot contradict each other,
# and do not show which clean images they are against.
_ALWAYS_SCORED = ("psnr_db", "mse", "skill")
_DIGEST = r"[0-9a-f]{64}"
_MOST_WARNINGS, _LONGEST_WARNING = 20, 500


@dataclass(frozen=True, kw_only=True)
class SubmissionRecord:
    """Content of ``submission.toml``.

    Attributes
    ----------
    name : str
        Name of the submission.
    seed_of, submitted : str
        As in `tembench.ranking.submission.Submission`; empty if not stated.
    description : RunDescription
        Method, data and run.
    metrics : Mapping
        Version of every metric in the scores.
    sha256, models : str, int
        Digest of the scores, and the number of specimens that their images show.
    outputs_sha256, scored_with, missing, warnings : str, str, int, tuple of str
        As in `tembench.ranking.submission.Submission`.
    shown : ShownTable or None
        The images that it shows; None where it shows none.
    """

    name: str
    seed_of: str
    submitted: str
    description: RunDescription
    metrics: Mapping[str, int]
    sha256: str
    models: int
    outputs_sha256: str
    scored_with: str
    missing: int
    warnings: tuple[str, ...]
    shown: ShownTable | None


def read_submission_record(reader: Reader, content: Mapping[str, Any]) -> SubmissionRecord:
    """Read the record of a submission.

    Parameters
    ----------
    reader : Reader
        Of the whole file; mistakes are noted there, including unknown keys.
    content : Mapping
        The same file as plain values.
    """
    if reader.integer("format") != OUTPUTS_FORMAT and not reader.problems:
        reader.problem("format", f"expected {OUTPUTS_FORMAT}, got {content['format']!r}")
    name = reader.text("name", pattern=METHOD_NAME)
    seed_of = reader.text("seed_of", pattern=METHOD_NAME) if reader.has("seed_of") else ""
    submitted = _date(reader, "submitted")
    before = len(reader.problems)
    description = read_run_description(reader, content)
    is_sound = len(reader.problems) == before
    if is_sound:
        _check_claims(reader, description, name)
    metrics = _metrics(reader.table("metrics"))
    scores = reader.table("scores")
    record = SubmissionRecord(
        name=name,
        seed_of=seed_of,
        submitted=submitted,
        description=description,
        metrics=metrics,
        sha256=scores.text("sha256", pattern=_DIGEST),
        models=scores.integer("models", at_least=1),
        outputs_sha256=scores.text("outputs_sha256", pattern=_DIGEST, default=""),
        scored_with=scores.text("tembench", pattern=SINGLE_LINE, max_length=40, default=""),
        missing=scores.integer("missing", at_least=0, default=0),
        warnings=_warnings(scores),
        shown=read_shown_table(reader),
    )
    images = scores.integer("images", at_least=1)
    if is_sound and images != description.data.images:
        scores.problem("images", f"expected data.images = {description.data.images}, got {images}")
    elif record.missing >= images:
        scores.problem("missing", f"expected less than {images} images, got {record.missing}")
    scores.finish()
    reader.finish()
    return record


def _check_claims(reader: Reader, description: RunDescription, name: str) -> None:
    """Note a part that is never ranked, and false claims of being a recipe or a control."""
    data, method = description.data, description.method
    if data.part in _NEVER_RANKED:
        reader.problem(
            "data.part",
            f"expected {', '.join(SCORED_PARTS)}, or dev of a drawn recipe, got {data.part}: only "
            "images under test are ranked",
        )
    wrong = false_recipe_claim(data)
    if wrong:
        reader.problem("data.recipe", wrong)
    if method.is_control and (method.name not in CONTROLS or name not in ("", method.name)):
        reader.problem(
            "method.kind",
            f"controls are {', '.join(CONTROLS)}, each submitted under its own name; "
            f"got control {method.name!r} in {name!r}",
        )
    taken = [one for one in dict.fromkeys((name, method.name)) if one in CONTROLS]
    if taken and not method.is_control:
        reader.problem("method.name", f"{taken[0]!r} is the name of a control")


def _metrics(reader: Reader) -> dict[str, int]:
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
    for key in _ALWAYS_SCORED:
        if key not in found:
            reader.problem(key, "missing")
    return found


def _date(reader: Reader, key: str) -> str:
    text = reader.text(key, max_length=10, default="")
    try:
        return datetime.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        reader.problem(key, f"expected a date such as 2027-03-14, got {text!r}")
        return ""


def _warnings(scores: Reader) -> tuple[str, ...]:
    found = scores.texts("warnings", default=())
    lines = all(
        len(text) <= _LONGEST_WARNING and "\n" not in text and is_plain(text) for text in found
    )
    if len(found) > _MOST_WARNINGS or not lines:
        scores.problem(
            "warnings",
            f"expected at most {_MOST_WARNINGS} lines of plain text, each of at most "
            f"{_LONGEST_WARNING} characters",
        )
    return found
