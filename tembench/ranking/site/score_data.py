"""Scores of every image for the pages' scripts, and the draws of the table's intervals.

``data/images.js`` has the images of a table with their factors, ``data/draws.js`` how often each
draw of the bootstrap took each specimen, and ``data/methods/NAME.js`` the scores of a row, image by
image. With these a script computes what `tembench.ranking.statistics` does: paired differences of
any rows, with the intervals of the same draws.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.ranking.site import FACTOR_TITLES, factor_groups, image_factors, packed, write_data
from tembench.ranking.statistics import stretch

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking.table_ranks import TableScores
    from tembench.ranking.table_rows import Table

_THREADS = 2


def write_image_scores(folder: Path, table: Table, scores: TableScores) -> pd.DataFrame:
    """Write the data scripts of a table's images and rows.

    Parameters
    ----------
    folder : Path
        Folder of the table's pages.
    table : Table
        The table.
    scores : TableScores
        Of the table.

    Returns
    -------
    pandas.DataFrame
        The images' factors, from `image_factors`.
    """
    factors = image_factors(table)
    write_data(folder, "data/images", _images(factors))
    draws = scores.draws
    stretches = [0.0, 0.0, *(stretch(models) for models in range(2, draws.models + 1))]
    weights = {"draws": packed(draws.weights.astype(np.uint8)), "stretch": stretches}
    write_data(folder, "data/draws", weights)

    def write(number: int) -> None:
        own = table.rows[number].submission
        metrics = [metric for metric in table.metrics if metric.name in own.metrics]
        with np.errstate(over="ignore"):
            values = np.stack([scores.of_row(number, metric) for metric in metrics], axis=1)
            content = {"metrics": [m.name for m in metrics], "scores": packed(values)}
        write_data(folder, f"data/methods/{own.name}", content)

    # Most of the time is spent compressing, which leaves Python to the other thread.
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(write, range(len(table.rows))):
            pass
    return factors


def _images(factors: pd.DataFrame) -> dict[str, object]:
    """Numbers, specimens and factors of the images, in the order of all other data."""
    specimens, membership = np.unique(factors["model"].to_numpy(dtype=str), return_inverse=True)
    others = {}
    for name in factors.columns[2:]:
        values = factors[name]
        known = values.notna()
        others[name] = [
            (value if isinstance(value, str) else float(value)) if there else None
            for value, there in zip(values, known, strict=True)
        ]
    return {
        "images": factors["image"].tolist(),
        "specimens": specimens.tolist(),
        "membership": membership.tolist(),
        "factors": others,
        "titles": {name: FACTOR_TITLES[name] for name in others},
        "groups": _groups(factors),
    }


def _groups(factors: pd.DataFrame) -> dict[str, dict[str, list[object]]]:
    """By factor, the names of its groups, and the group that each image is in; -1 for none."""
    found: dict[str, dict[str, list[object]]] = {}
    for group in factor_groups(factors):
        known = found.setdefault(group.factor, {"names": [], "of": [-1] * len(factors)})
        for image in np.flatnonzero(group.images):
            known["of"][image] = len(known["names"])
        known["names"].append(group.name)
    return found
