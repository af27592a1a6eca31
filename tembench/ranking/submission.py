"""Submission: a folder of data that can be checked without the images.

``submissions/NAME/`` contains ``submission.toml`` (method, data, cost and metrics), ``scores.csv``
(one row per image) and ``panel.png``, and may carry an audit and shown images. It is data, never
code: nothing in it is executed or unpickled, and no link out of the folder is followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, together
from tembench.ranking.submission_parts import read_submitted_files
from tembench.ranking.untrusted import MOST_PROBLEMS_SHOWN, AuditScores, RunDescription, ShownImages

if TYPE_CHECKING:
    import pandas as pd


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
    submitted : str
        Date of the submission, YYYY-MM-DD; empty if not stated.
    outputs_sha256 : str
        Digest of the denoised images, see `tembench.ranking.scoring.image_scores`; empty if not
        recorded.
    scored_with : str
        Version of tembench that scored the outputs; empty if not recorded.
    missing : int
        Number of images that the outputs lack, which count as the worst.
    warnings : tuple of str
        What scoring said about the outputs, such as that they look shifted, and was accepted.
    scores_sha256 : str
        Digest of ``scores.csv``.
    shown : ShownImages or None
        Crops of a few images as denoised, where the folder carries them.
    """

    name: str
    path: Path
    description: RunDescription
    metrics: Mapping[str, int]
    scores: pd.DataFrame
    panel: bytes
    audit: AuditScores | None = None
    seed_of: str = ""
    submitted: str = ""
    outputs_sha256: str = ""
    scored_with: str = ""
    missing: int = 0
    warnings: tuple[str, ...] = ()
    scores_sha256: str = ""
    shown: ShownImages | None = None

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
        One line with all mistakes found, in all of its files.
    """
    submission, errors = examine_submission(path)
    if submission is None:
        raise errors[0] if len(errors) == 1 else _joined(Path(path), errors)
    return submission


def examine_submission(path: Path) -> tuple[Submission | None, list[OutputError]]:
    """Check a submission, as `check_submission` does.

    Parameters
    ----------
    path : Path
        Folder of the submission.

    Returns
    -------
    submission : Submission or None
        None unless it keeps every rule.
    errors : list of OutputError
        One for each file that breaks a rule, with the mistakes found in it.
    """
    path = Path(path)
    files, errors = read_submitted_files(path)
    if files is None:
        return None, errors
    record = files.record
    return Submission(
        name=record.name,
        path=path,
        description=record.description,
        metrics=record.metrics,
        scores=files.scores,
        panel=files.panel,
        audit=files.audit,
        seed_of=record.seed_of,
        scores_sha256=record.sha256,
        submitted=record.submitted,
        outputs_sha256=record.outputs_sha256,
        scored_with=record.scored_with,
        missing=record.missing,
        warnings=record.warnings,
        shown=files.shown,
    ), []


def mistake_text(error: OutputError, path: Path) -> str:
    """Describe an error found in a submission: the file in its folder, and what is wrong."""
    where = (error.where or "").removeprefix(str(path)).lstrip("/")
    return str(OutputError(error.what, where=where, expected=error.expected, got=error.got))


def _joined(path: Path, errors: Sequence[OutputError]) -> OutputError:
    remedies = dict.fromkeys(error.remedy for error in errors if error.remedy)
    return OutputError(
        together([mistake_text(error, path) for error in errors], MOST_PROBLEMS_SHOWN),
        where=str(path),
        remedy=". ".join(remedies),
    )
