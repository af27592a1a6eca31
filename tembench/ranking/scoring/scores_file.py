"""Table of scores, one row per image, as it is written to ``scores.csv`` and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import csv_text
from tembench.dataset import DRAWN_FACTORS
from tembench.metrics import METRICS
from tembench.ranking.untrusted import IMAGE_FACTORS

if TYPE_CHECKING:
    import pandas as pd

SCORES_CSV = "scores.csv"
# Bytes; generous for 18,000 images.
SCORES_LIMIT = 1 << 24


def scores_text(rows: Iterable[Mapping[str, Any]], table: pd.DataFrame) -> str:
    """Write rows of `score_image` as CSV.

    Shortest decimals that read back to the same float64; unknown values are empty.

    Parameters
    ----------
    rows : iterable of Mapping
        Scores of each image.
    table : pandas.DataFrame
        Table of the store's images, with the factors of a drawn recipe.
    """
    # Factors of closed recipes follow from the recipe; drawn ones are known from the store alone.
    drawn = DRAWN_FACTORS in table.attrs
    factors = [name for name in IMAGE_FACTORS if drawn and name in table]
    lines: list[list[str]] = [["image", "model", *factors, *METRICS, "seconds"]]
    for row in rows:
        own = {name: table[name].iloc[row["image"]] for name in factors}
        lines.append([_cell({**row, **own}[name]) for name in lines[0]])
    return csv_text(lines)


def read_scores(path: Path) -> pd.DataFrame:
    """Read a table of scores that this project wrote; infinities stay, empty cells are NaN."""
    import pandas as pd

    numbers = [name for name, kind in IMAGE_FACTORS.items() if kind is float]
    return pd.read_csv(
        path,
        dtype={"image": np.int64, "model": str},
        # Python's float reads back the same number; a model called "NA" stays a name.
        converters=dict.fromkeys((*numbers, *METRICS, "seconds"), _float),
        keep_default_na=False,
    )


def _float(text: str) -> float:
    return float(text) if text else float("nan")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
