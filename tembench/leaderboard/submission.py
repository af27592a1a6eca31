"""A submission: a folder of data that anyone can check without the images.

``submissions/NAME/`` holds ``submission.toml`` (who, on what, at what cost, which metrics),
``scores.csv`` (one row per image) and ``panel.png``. It is data, never code: nothing in it is run,
unpickled or followed out of the folder.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import (
    OutputError,
    Reader,
    locked,
    put_in_place,
    refuse_inputs,
    staging,
    together,
    write_bytes,
    write_toml,
)
from tembench.core.bounded_toml import BYTES_LIMIT
from tembench.leaderboard.scoring.score import PANEL, SCORES, SCORES_LIMIT, SUMMARY
from tembench.leaderboard.untrusted.expected_images import check_images, claimed_recipe
from tembench.leaderboard.untrusted.png_file import check_png
from tembench.leaderboard.untrusted.run_info import CONTROLS, Identity, read_identity
from tembench.leaderboard.untrusted.scores_csv import MOST_TOLD, read_rows
from tembench.leaderboard.untrusted.untrusted_files import read_bounded, read_tables, refuse_links
from tembench.methods.method_toml import NAME, NAME_IN_WORDS
from tembench.methods.runs.output_writer import FORMAT
from tembench.metrics import METRICS
from tembench.recipe import SCORED_PARTS

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTION = "submission.toml"
# Small enough for a repository and a web page.
SIZE_LIMITS = {DESCRIPTION: BYTES_LIMIT, SCORES: SCORES_LIMIT, PANEL: 1 << 22, "README.md": 1 << 18}
_REQUIRED = (DESCRIPTION, SCORES, PANEL)
# Each takes the folder for less than a second.
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Submission:
    """A checked submission.

    Attributes
    ----------
    name : str
        The folder's name.
    path : Path
        The folder.
    identity : Identity
        Method, data and run.
    metrics : Mapping
        Version of every metric in the scores.
    scores : pandas.DataFrame
        image, model, a column per metric, seconds; one row per image, ascending.
    panel : bytes
        PNG of one test image: noisy, denoised, clean, error, side by side.
    """

    name: str
    path: Path
    identity: Identity
    metrics: Mapping[str, int]
    scores: pd.DataFrame
    panel: bytes

    def __repr__(self) -> str:
        """Name, place and images, in a line."""
        data = self.identity.data
        return (
            f"Submission({self.name!r}, {str(self.path)!r}): {self.identity.method.name} on "
            f"{data.images} images of {data.recipe} {data.version}"
        )


def submit(outputs: Path, name: str, folder: Path = Path("submissions")) -> Path:
    """Make a submission of scored outputs.

    Parameters
    ----------
    outputs : Path
        Folder that `tembench.leaderboard.scoring.score.score` has scored.
    name : str
        Name of the submission: lower-case letters, digits, hyphens and underscores.
    folder : Path
        Where submissions lie.

    Returns
    -------
    Path
        ``folder / name``. One of the same method on the same data is replaced, whole.

    Raises
    ------
    OutputError
        If the outputs are not scored, the name is taken by another entry, or a rule is broken.
    """
    outputs, target = Path(outputs), Path(folder) / name
    _check_name(name)
    refuse_inputs([target], [outputs], OutputError, replaced=True)
    content, identity = _scored(outputs)
    target.parent.mkdir(parents=True, exist_ok=True)
    # One after the other; each written and checked out of sight, then moved into place.
    with (
        locked(target.parent, OutputError, wait_s=_LONGEST_WAIT_S),
        staging(target, OutputError) as aside,
    ):
        _refuse_other(target, identity)
        staged = aside / name
        staged.mkdir()
        for file in (SCORES, PANEL):
            write_bytes(staged / file, _read(outputs, file))
        tables = ("method", "data", "run", "metrics", "scores")
        write_toml(
            staged / DESCRIPTION,
            {"format": FORMAT, "name": name, **{table: content[table] for table in tables}},
        )
        check(staged)
        put_in_place(staged, target)
    return target


def check(path: Path) -> Submission:
    """Hold a submission to every rule that can be checked without the images.

    Parameters
    ----------
    path : Path
        The submission's folder.

    Raises
    ------
    OutputError
        One line with every mistake found.
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
            remedy="one row under two names is one row: put the folder itself there",
        )
    refuse_links(path)
    _check_files(path)
    content = read_tables(path / DESCRIPTION)
    reader = Reader(content)
    identity, name, metrics, recorded, models = _read_description(reader, content)
    if name and name != path.resolve().name:
        reader.problem("name", f"expected the folder's name {path.resolve().name!r}, got {name!r}")
    remedy = "submissions are made by: tembench submit OUTPUTS --name NAME"
    reader.raise_problems(OutputError, str(path / DESCRIPTION), remedy)
    data = _read(path, SCORES)
    if hashlib.sha256(data).hexdigest() != recorded:
        raise OutputError(
            "differs from the file that was submitted",
            where=str(path / SCORES),
            expected=f"sha256 {recorded}",
            got=hashlib.sha256(data).hexdigest(),
            remedy=remedy,
        )
    scores = read_rows(data, path / SCORES, metrics, identity.data.images)
    check_images(scores, identity.data, path / SCORES)
    panel = _read(path, PANEL)
    check_png(panel, path / PANEL)
    if scores["model"].nunique() != models:
        raise OutputError(
            "scores.models disagrees with the scores",
            where=str(path / DESCRIPTION),
            expected=str(scores["model"].nunique()),
            got=str(models),
            remedy=remedy,
        )
    return Submission(
        name=name,
        path=path,
        identity=identity,
        metrics=metrics,
        scores=scores,
        panel=panel,
    )


def _read(folder: Path, name: str) -> bytes:
    return read_bounded(folder / name, SIZE_LIMITS[name], "score the outputs again")


def _check_name(name: str) -> None:
    if not re.fullmatch(NAME, name):
        raise OutputError(
            "not a name for a submission",
            where=name,
            expected=NAME_IN_WORDS,
            got=repr(name[:80]),
            remedy="choose another with --name",
        )


def _scored(outputs: Path) -> tuple[dict[str, Any], Identity]:
    summary = outputs / SUMMARY
    if not summary.is_file():
        raise OutputError(
            "not scored yet",
            where=str(outputs),
            expected=SUMMARY,
            remedy=f"run: tembench score {outputs} STORE",
        )
    refuse_links(outputs)
    content = read_tables(summary)
    reader = Reader(content)
    identity = read_identity(reader, content)
    for table in ("metrics", "scores"):
        reader.table(table)
    reader.raise_problems(OutputError, str(summary), "score the outputs again")
    return content, identity


def _refuse_other(target: Path, identity: Identity) -> None:
    """Raise OutputError if the name belongs to another method, or to other data."""
    if not target.exists():
        return
    old, new = check(target).identity.key, identity.key
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


def _check_files(path: Path) -> None:
    present = {entry.name for entry in path.iterdir()}
    problems = [f"{name} is missing" for name in _REQUIRED if name not in present]
    for name in sorted(present):
        if name not in SIZE_LIMITS:
            problems.append(f"{name} has no place in a submission")
        elif not (path / name).is_file():
            problems.append(f"{name} is not a file")
        elif (path / name).stat().st_size > SIZE_LIMITS[name]:
            size, limit = (path / name).stat().st_size, SIZE_LIMITS[name]
            problems.append(f"{name} has {size} bytes, more than {limit}")
    if problems:
        raise OutputError(
            together(problems, MOST_TOLD),
            where=str(path),
            expected=", ".join(_REQUIRED),
            remedy="keep only what tembench submit writes",
        )


def _read_description(
    reader: Reader, content: dict[str, Any]
) -> tuple[Identity, str, dict[str, int], str, int]:
    before = len(reader.problems)
    if reader.integer("format") != FORMAT and len(reader.problems) == before:
        reader.problem("format", f"expected {FORMAT}, got {content['format']!r}")
    name = reader.text("name", pattern=NAME)
    identity = read_identity(reader, content)
    if not reader.problems and identity.data.part not in SCORED_PARTS:
        reader.problem(
            "data.part",
            f"expected one of {', '.join(SCORED_PARTS)}, got {identity.data.part}: only images "
            "under test are ranked",
        )
    metrics = _read_metrics(reader.table("metrics"))
    _check_claims(reader, identity, name)
    scores = reader.table("scores")
    recorded = scores.text("sha256", pattern=r"[0-9a-f]{64}")
    images = scores.integer("images", at_least=1)
    if images != identity.data.images and not reader.problems:
        scores.problem("images", f"expected data.images = {identity.data.images}, got {images}")
    models = scores.integer("models", at_least=1)
    scores.finish()
    reader.finish()
    return identity, name, metrics, recorded, models


def _check_claims(reader: Reader, identity: Identity, name: str) -> None:
    """Note names that a submission has no right to: of recipes, and of controls."""
    wrong = claimed_recipe(identity.data)
    if wrong:
        reader.problem("data.recipe", wrong)
    method = identity.method
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
