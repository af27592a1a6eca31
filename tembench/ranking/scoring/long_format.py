"""Scores in long format, one row per image and metric, for further plots and statistics."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import OutputError, installed, lacking, refuse_inputs, write_bytes
from tembench.dataset import DRAWN_FACTORS
from tembench.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

_FACTOR_COLUMNS = (
    "model", "particle", "defect", "support", "thickness_A", "tilt_x_deg", "tilt_y_deg",
    "defocus_nm", "condition", "dose_e_per_px", "contrast",
)  # fmt: skip


def check_rows_target(path: Path, inputs: Sequence[Path] = ()) -> None:
    """Raise OutputError if rows cannot be written there, MissingPackage if pyarrow is missing.

    To be called before the scoring, which takes long.

    Parameters
    ----------
    path : Path
        A file that ends in ``.csv``, or in ``.parquet`` where pyarrow is installed.
    inputs : sequence of pathlib.Path
        Files and folders that are read, and must not be overwritten.
    """
    refuse_inputs([path], inputs, OutputError)
    if path.suffix not in (".csv", ".parquet"):
        raise OutputError(
            "rows cannot be written to this kind of file",
            where=str(path),
            expected="a name that ends in .csv or .parquet",
            got=path.suffix or "no ending",
            remedy="give --rows another name",
        )
    if path.is_dir():
        raise OutputError(
            "a folder is in the way", where=str(path), remedy="give --rows another name"
        )
    if path.suffix == ".parquet" and not installed("pyarrow"):
        raise lacking("pyarrow", str(path))


def tidy_rows(scores: pd.DataFrame, table: pd.DataFrame, *, split: str, part: str) -> pd.DataFrame:
    """Scores in long format: one row per image and metric.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per image, as in `ScoredOutputs`.
    table : pandas.DataFrame
        The store's table of images.
    split, part : str
        Split and part of the images.

    Returns
    -------
    pandas.DataFrame
        image, its factors (of a drawn data set, the drawn values that differ), split, part, metric,
        value, unit; images ascending, metrics in the order of the registry.
    """
    import pandas as pd

    images, count = scores["image"].to_numpy(), len(METRICS)
    known = [name for name in _FACTOR_COLUMNS if name in table]
    names = list(dict.fromkeys([*known, *table.attrs.get(DRAWN_FACTORS, ())]))
    rows = {"image": images} | {name: table.loc[images, name].to_numpy() for name in names}
    frame = pd.DataFrame({name: np.repeat(values, count) for name, values in rows.items()})
    metrics = list(METRICS.values())
    return frame.assign(
        split=split,
        part=part,
        metric=[metric.name for metric in metrics] * len(images),
        value=scores[list(METRICS)].to_numpy(dtype=np.float64).ravel(),
        unit=[metric.unit for metric in metrics] * len(images),
    )


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Write rows, whole or not at all, to a file that `check_rows_target` accepted."""
    if path.suffix == ".parquet":
        buffer = io.BytesIO()
        rows.to_parquet(buffer, engine="pyarrow", index=False)
        write_bytes(path, buffer.getvalue())
    else:
        write_bytes(path, rows.to_csv(index=False, lineterminator="\n").encode("utf-8"))
