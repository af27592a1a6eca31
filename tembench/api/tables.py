"""Submissions and tables: outputs scored and submitted in one call, and tables of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core import TableError
from tembench.ranking import Table, build_tables, submit_images

if TYPE_CHECKING:
    from tembench.dataset import Store


def submit(
    outputs: str | Path,
    store: Store | None = None,
    *,
    name: str = "",
    folder: str | Path = "submissions",
    metadata: Mapping[str, Any] | None = None,
    split: str = "model",
    part: str = "test",
    order: str = "inputs",
    replace: bool = False,
    accept_warnings: bool = False,
    workers: int = 0,
) -> Path:
    """Score denoised images, unless they are scored already, and make a submission of them.

    Parameters
    ----------
    outputs : str or Path
        From `write_outputs` or ``tembench denoise``; or a Zarr array, a folder of NumPy or TIFF
        files, or one such file, with the images of the part.
    store : Store, optional
        The data set; not needed for outputs that are scored.
    name : str
        Name of the submission; by default that of the outputs, without a suffix.
    folder : str or Path
        Folder of all submissions; the new one is written to ``folder / name``.
    metadata : mapping, optional
        What the submission states of the method and its run, in addition to what outputs do:
        ``title``, ``authors``, ``paper`` (a DOI, an arXiv id, a web address, or a table), ``code``
        (a web address), ``licence``, ``trained_on`` ("this track", "other simulations", "real
        data", "nothing"), ``training_data``, ``supervised``, ``kind`` ("learned", "classical"),
        ``input``, ``summary``, ``hardware``, ``seconds_per_image``, and any other key of the tables
        ``[method]`` and ``[run]`` of *docs/outputs.md*.
    split, part : str
        The images, where `outputs` is not a folder of outputs, which states them.
    order : {"inputs", "store"}
        Order of images that come without numbers: that of ``tembench inputs``, or ascending.
    replace : bool
        Whether scores of a submission of that name may change.
    accept_warnings : bool
        Whether to submit images that look shifted, permuted, in other units, or too good.
    workers : int
        Number of processes that score; with more than 0, call this below
        ``if __name__ == "__main__":`` in a script.

    Returns
    -------
    Path
        The submission.

    Raises
    ------
    OutputError
        If a rule is broken, the outputs are not scored and no store is given, images look
        implausible, the name is taken by another method, or scores would change.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.submit("outputs/mine", store)  # doctest: +SKIP
    >>> tb.submit(  # doctest: +SKIP
    ...     "denoised.npy", store, name="mine", metadata={"title": "Mine", "trained_on": "nothing"}
    ... )
    """
    made = submit_images(
        Path(outputs),
        store,
        name or Path(outputs).stem,
        Path(folder),
        metadata=metadata,
        split=split,
        part=part,
        order=order,
        replace=replace,
        accept_warnings=accept_warnings,
        workers=workers,
    )
    return Path(folder) / made.path.name


def leaderboard(
    folder: str | Path = "submissions",
    *,
    recipe: str | None = None,
    part: str | None = None,
    rank_by: str = "psnr_db",
    reference: str = "",
) -> Table:
    """Rank the submissions in a folder.

    Parameters
    ----------
    folder : str or Path
        Contains submissions, or folders of them.
    recipe, part : str, optional
        Choose the table, where the folder has several.
    rank_by : str
        Name of the metric used for ranking; see `tembench.METRICS`.
    reference : str
        Name of the submission that others are compared with; by default BM3D.

    Returns
    -------
    Table
        Its `to_dataframe` has a row for each method.

    Raises
    ------
    OutputError
        If a submission breaks a rule, or there is none.
    TableError
        If the folder has several tables, or none of the recipe and part.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.leaderboard("submissions", recipe="open-hrtem").to_dataframe()  # doctest: +SKIP
    """
    tables = build_tables(
        Path(folder), recipe=recipe, part=part, ranked_by=rank_by, reference=reference
    )
    if len(tables) > 1:
        labels = [f"{one.data.recipe} ({one.data.part} part)" for one in tables]
        raise TableError(
            f"{len(tables)} tables",
            where=str(folder),
            expected="one",
            got=", ".join(labels),
            remedy="choose one with recipe= and part=",
        )
    return tables[0]
