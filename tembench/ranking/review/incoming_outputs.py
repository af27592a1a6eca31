"""Outputs in a pull request, scored on the organiser's data set.

A folder ``incoming/NAME`` has ``outputs.toml`` and ``denoised.zarr``; or ``metadata.toml`` and one
file or folder of images, in any format that ``tembench submit`` takes. It has nothing else: scores
that come with outputs are not believed, and no code is run. Outputs are copied before they are
scored.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import OutputError
from tembench.methods import OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.ranking import Submission, submit_images
from tembench.ranking.untrusted import read_tables, refuse_links

if TYPE_CHECKING:
    from tembench.dataset import Store

METADATA_TOML = "metadata.toml"


def score_incoming(
    folder: Path, stores: Sequence[Store], scratch: Path, *, workers: int = 2
) -> Submission | None:
    """Score a folder of outputs or images.

    Parameters
    ----------
    folder : Path
        The folder; its name is that of the row. It is only read.
    stores : sequence of Store
        The organiser's data sets.
    scratch : Path
        Folder to score it in.
    workers : int
        Number of worker processes.

    Returns
    -------
    Submission or None
        What a submission of them is like, with what is implausible about them; None where there is
        no store of the recipe that outputs name, or none at all.

    Raises
    ------
    OutputError
        If they break a rule.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise OutputError("is not a folder", where=str(folder))
    refuse_links(folder)
    names = sorted(entry.name for entry in folder.iterdir())
    is_outputs = OUTPUTS_TOML in names
    store = _store_of_outputs(folder, names, stores) if is_outputs else _only(folder, stores)
    if store is None:
        return None
    metadata: dict[str, Any] = {}
    if is_outputs:
        source = scratch / "outputs" / folder.name
        shutil.copytree(folder, source, copy_function=_link_or_copy)
    else:
        source = folder / _only_images(folder, names)
        metadata = read_tables(folder / METADATA_TOML)
    made = submit_images(
        source,
        store,
        folder.name,
        scratch / "submissions",
        metadata=metadata,
        accept_warnings=True,
        workers=workers,
    )
    return made.submission


def _store_of_outputs(folder: Path, names: Sequence[str], stores: Sequence[Store]) -> Store | None:
    _refuse_strays(folder, set(names) - {OUTPUTS_TOML, OUTPUTS_ZARR})
    data = read_tables(folder / OUTPUTS_TOML).get("data")
    named = data.get("recipe_id") if isinstance(data, Mapping) else None
    return next((store for store in stores if store.recipe_id == named), None)


def _only(folder: Path, stores: Sequence[Store]) -> Store | None:
    if len(stores) > 1:
        raise OutputError(
            "images do not say which data set they are of",
            where=str(folder),
            expected="one --store",
            got=str(len(stores)),
            remedy=f"give one, or ask for a folder with {OUTPUTS_TOML}",
        )
    return stores[0] if stores else None


def _only_images(folder: Path, names: Sequence[str]) -> str:
    """Name of the images beside the metadata."""
    others = [name for name in names if name != METADATA_TOML]
    if not others:
        raise OutputError("has no images", where=str(folder), expected="one file or folder of them")
    _refuse_strays(folder, set(others[1:]))
    return others[0]


def _refuse_strays(folder: Path, strays: set[str]) -> None:
    if strays:
        raise OutputError(
            f"{min(strays)} does not belong to outputs",
            where=str(folder),
            expected=f"{OUTPUTS_TOML} and {OUTPUTS_ZARR}, or {METADATA_TOML} and images",
            remedy="outputs are scored here, on the organiser's data set",
        )


def _link_or_copy(source: str, target: str) -> None:
    """Make a file of the copy without copying its content, where the system can."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)
