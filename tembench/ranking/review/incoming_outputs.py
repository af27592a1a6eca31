"""Outputs in a pull request, scored on the organiser's data set.

A folder ``incoming/NAME`` has ``outputs.toml`` and ``denoised.zarr`` and nothing else: scores that
come with it would be believed by nobody, and no code is ever run. It is copied before it is scored.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError
from tembench.methods import OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.ranking import Submission, check_submission, score_outputs, submit_outputs
from tembench.ranking.untrusted import read_tables, refuse_links

if TYPE_CHECKING:
    from tembench.dataset import Store

_FILES = (OUTPUTS_TOML, OUTPUTS_ZARR)


@dataclass(frozen=True, kw_only=True)
class IncomingRow:
    """Outputs that were scored.

    Attributes
    ----------
    submission : Submission
        What a submission of them is like.
    warnings : tuple of str
        What is implausible about them.
    """

    submission: Submission
    warnings: tuple[str, ...]


def score_incoming(
    folder: Path, stores: Mapping[str, Store], scratch: Path, *, workers: int = 2
) -> IncomingRow | None:
    """Score a folder of outputs.

    Parameters
    ----------
    folder : Path
        Has ``outputs.toml`` and ``denoised.zarr``; its name is that of the row. It is only read.
    stores : mapping of str to Store
        The organiser's data sets, by recipe id.
    scratch : Path
        Folder to score it in.
    workers : int
        Number of worker processes.

    Returns
    -------
    IncomingRow or None
        None where no store is of the recipe that the outputs name.

    Raises
    ------
    OutputError
        If the outputs break a rule.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise OutputError("is not a folder", where=str(folder))
    refuse_links(folder)
    strays = sorted({entry.name for entry in folder.iterdir()} - set(_FILES))
    if strays:
        raise OutputError(
            f"{strays[0]} does not belong to outputs",
            where=str(folder),
            expected=" and ".join(_FILES),
            remedy="outputs are scored here, on the organiser's data set",
        )
    data = read_tables(folder / OUTPUTS_TOML).get("data")
    store = stores.get(str(data.get("recipe_id")) if isinstance(data, dict) else "")
    if store is None:
        return None
    copy = scratch / "outputs" / folder.name
    shutil.copytree(folder, copy, copy_function=_link_or_copy)
    scored = score_outputs(copy, store, workers=workers)
    submitted = submit_outputs(copy, folder.name, scratch / "submissions")
    return IncomingRow(submission=check_submission(submitted), warnings=scored.warnings)


def _link_or_copy(source: str, target: str) -> None:
    """Make a file of the copy without copying its content, where the system can."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)
