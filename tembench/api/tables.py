"""Submissions and tables: outputs scored and submitted in one call, and tables of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import TableError
from tembench.ranking import Table, build_tables, score_outputs, submit_outputs

if TYPE_CHECKING:
    from tembench.dataset import Store


def submit(
    outputs: str | Path,
    store: Store | None = None,
    *,
    name: str = "",
    folder: str | Path = "submissions",
    workers: int = 0,
) -> Path:
    """Score a folder of outputs, unless it is scored already, and make a submission of it.

    Parameters
    ----------
    outputs : str or Path
        From `write_outputs` or ``tembench denoise``.
    store : Store, optional
        The data set; not needed for outputs that are scored.
    name : str
        Name of the submission; by default that of the outputs' folder.
    folder : str or Path
        Folder of all submissions; the new one is written to ``folder / name``.
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
        If a rule is broken, the outputs are not scored and no store is given, or the name is taken
        by another method.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.submit("outputs/mine", store)  # doctest: +SKIP
    """
    outputs = Path(outputs)
    if store is not None:
        score_outputs(outputs, store, workers=workers)
    return submit_outputs(outputs, name or outputs.name, Path(folder))


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
