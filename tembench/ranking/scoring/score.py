"""Scores of outputs: one row per image, from the clean images of their store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import (
    OutputError,
    absolute,
    csv_text,
    progress,
    run_tasks,
    write_bytes,
    write_text,
    write_toml,
)
from tembench.dataset import DRAWN_FACTORS
from tembench.methods import OUTPUTS_FORMAT, OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.metrics import METRICS, evaluate, versions
from tembench.ranking.scoring import (
    CheckedOutputs,
    Group,
    KeptRows,
    OutputReader,
    fingerprint,
    group_scores,
    groups_csv,
    read_outputs,
)
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.untrusted import IMAGE_FACTORS, SHOWN_CSV, SHOWN_PNG, read_tables
from tembench.recipe import SUBSET_PART

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset import Store

SCORES_CSV = "scores.csv"
SCORES_TOML = "scores.toml"
PANEL_PNG = "panel.png"
SUMMARY_CSV = "summary.csv"
# Bytes; generous for 18,000 images.
SCORES_LIMIT = 1 << 24
# Below this, starting processes takes longer than the scores.
_FEWEST_FOR_PROCESSES = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredOutputs:
    """Outputs with their scores.

    Attributes
    ----------
    outputs : CheckedOutputs
        What was scored.
    scores : pandas.DataFrame
        One row per image in ascending order: image, model, a column per metric, seconds.
    groups : list of Group
        Means of the scores over all images, and by every factor.
    """

    outputs: CheckedOutputs
    scores: pd.DataFrame
    groups: list[Group]

    @property
    def split(self) -> str:
        """The split, or track, that the images are from."""
        return self.outputs.description.data.split

    @property
    def part(self) -> str:
        """The part of the split."""
        return self.outputs.description.data.part


class _WorkerDied(OutputError):
    """A worker process ended; the rows scored so far are kept."""


def score_outputs(
    outputs: Path, store: Store, *, workers: int = 2, scheduler: str | None = None
) -> ScoredOutputs:
    """Score outputs against the clean images of their store.

    Parameters
    ----------
    outputs : Path
        Folder with ``outputs.toml`` and ``denoised.zarr``. Gets ``scores.csv``, ``panel.png``,
        ``shown.png``, ``shown.csv``, ``summary.csv`` and, last, ``scores.toml``; existing scores of
        the same outputs and metric versions are reused. ``scores.part.jsonl`` keeps the rows of an
        interrupted run.
    store : tembench.dataset.store.Store
        The store that the outputs were made from.
    workers : int
        Number of worker processes; 0 runs in the main process. Changes no value.
    scheduler : str, optional
        Address of a dask.distributed scheduler, whose workers are used instead of `workers`
        processes; they see both folders under the same absolute paths.

    Returns
    -------
    ScoredOutputs
        The scores, and their means by factor.

    Raises
    ------
    OutputError
        If the outputs break a rule; in that case nothing is written.
    """
    checked = read_outputs(absolute(outputs), store)
    state = fingerprint(checked.path, store.data_digest())
    if _is_complete(checked, state):
        scored = _with_scores(checked, store)
        if not (checked.path / SUMMARY_CSV).is_file():
            write_text(checked.path / SUMMARY_CSV, groups_csv(scored.groups))
        return scored
    kept = KeptRows(checked.path, state, _models(checked, store))
    rows = _rows(checked, store, workers, scheduler, kept)
    # Imported before the first result is written: a missing library loses nothing.
    from tembench.ranking.scoring import draw_crops, draw_panel, images_to_show

    shown, reader = images_to_show(store, _shown_of(checked, store)), checked.reader()
    picture = draw_panel(store, shown[0], reader.denoised(shown[0]))
    crops = draw_crops(store, shown, reader.denoised)
    text = _as_csv(rows, store.table)
    write_text(checked.path / SCORES_CSV, text)
    write_bytes(checked.path / PANEL_PNG, picture)
    crops.write(checked.path)
    scored = _with_scores(checked, store)
    write_text(checked.path / SUMMARY_CSV, groups_csv(scored.groups))
    write_toml(
        checked.path / SCORES_TOML,
        {
            "format": OUTPUTS_FORMAT,
            "fingerprint": state,
            **{table: checked.content[table] for table in ("method", "data", "run")},
            "metrics": versions(),
            "scores": {
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "images": len(rows),
                "models": len({row["model"] for row in rows}),
            },
            "shown": crops.table,
        },
    )
    kept.discard()
    return scored


def written_files(outputs: Path) -> list[Path]:
    """Return the paths that `tembench denoise` and `tembench score` write in an output folder."""
    scores = (SCORES_CSV, SCORES_TOML, SUMMARY_CSV)
    names = (OUTPUTS_ZARR, OUTPUTS_TOML, *scores, PANEL_PNG, SHOWN_PNG, SHOWN_CSV)
    return [Path(outputs) / name for name in names]


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


def score_image(reader: OutputReader, store: Store, image: int) -> dict[str, Any]:
    """Row of one image: model, every metric, and the run time of the method."""
    values = evaluate(metric_inputs(store, image, reader.denoised(image)))
    model = str(store.table.loc[image, "model"])
    return {"image": image, "model": model, **values, "seconds": reader.seconds(image)}


def _models(checked: CheckedOutputs, store: Store) -> dict[int, str]:
    models = store.table["model"].to_numpy()
    return {int(image): str(models[int(image)]) for image in checked.images}


def _rows(
    checked: CheckedOutputs, store: Store, workers: int, scheduler: str | None, kept: KeptRows
) -> list[dict[str, Any]]:
    """Rows of all images in ascending order; cached rows are not scored again."""
    images = [int(image) for image in checked.images if int(image) not in kept.rows]
    if len(images) < _FEWEST_FOR_PROCESSES:
        workers = 0
    job = _ScoreJob(outputs=checked, store=store)
    rows = run_tasks(job, images, workers, _WorkerDied, where=checked.path, scheduler=scheduler)
    title = f"Scoring {checked.description.method.name}"
    with progress(title, len(checked.images), len(kept.rows)) as advance:
        try:
            for row in rows:
                kept.add(row)
                advance(1)
        except OutputError as problem:
            # Outputs that break a rule have no scores; a worker may end for other reasons.
            if not isinstance(problem, _WorkerDied):
                kept.discard()
            raise
    return [kept.rows[image] for image in sorted(kept.rows)]


@dataclass(frozen=True, kw_only=True)
class _ScoreJob:
    outputs: CheckedOutputs
    store: Store

    def prepare(self) -> Callable[[int], dict[str, Any]]:
        reader = self.outputs.reader()
        return lambda image: score_image(reader, self.store, image)


def _shown_of(checked: CheckedOutputs, store: Store) -> np.ndarray:
    """Images to choose those to show from: the same for rows of the test and of its subset."""
    data = checked.description.data
    return store.images(data.split, SUBSET_PART) if data.part == "test" else checked.images


def _with_scores(checked: CheckedOutputs, store: Store) -> ScoredOutputs:
    """Outputs with the ``scores.csv`` beside them."""
    scores, data = read_scores(checked.path / SCORES_CSV), checked.description.data
    groups = group_scores(scores, store.table, split=data.split, part=data.part)
    return ScoredOutputs(outputs=checked, scores=scores, groups=groups)


def _is_complete(checked: CheckedOutputs, state: str) -> bool:
    """Whether scores of exactly these outputs, by these metrics, exist already."""
    summary, scores = checked.path / SCORES_TOML, checked.path / SCORES_CSV
    written = (SCORES_TOML, SCORES_CSV, PANEL_PNG, SHOWN_PNG, SHOWN_CSV)
    if not all((checked.path / name).is_file() for name in written):
        return False
    try:
        content = read_tables(summary)
        recorded = content["scores"]["sha256"]
    except (OutputError, KeyError, TypeError):
        return False
    return (
        scores.stat().st_size <= SCORES_LIMIT
        and content.get("fingerprint") == state
        and content.get("metrics") == versions()
        and recorded == hashlib.sha256(scores.read_bytes()).hexdigest()
    )


def _as_csv(rows: list[dict[str, Any]], table: pd.DataFrame) -> str:
    """Shortest decimals that read back to the same float64; unknown values are empty."""
    # Factors of closed recipes follow from the recipe; drawn ones are known from the store alone.
    drawn = DRAWN_FACTORS in table.attrs
    factors = [name for name in IMAGE_FACTORS if drawn and name in table]
    lines: list[list[str]] = [["image", "model", *factors, *METRICS, "seconds"]]
    for row in rows:
        own = {name: table[name].iloc[row["image"]] for name in factors}
        lines.append([_cell((row | own)[name]) for name in lines[0]])
    return csv_text(lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
