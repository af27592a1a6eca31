"""Scores of outputs: one row per image, from the clean images of their store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench import __version__
from tembench.core import (
    OutputError,
    absolute,
    progress,
    run_tasks,
    write_bytes,
    write_text,
    write_toml,
)
from tembench.methods import OUTPUTS_FORMAT, OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.metrics import versions
from tembench.ranking.plausibility import DenoisedImages, implausibilities
from tembench.ranking.scoring import (
    MISSING,
    SCORES_CSV,
    SCORES_LIMIT,
    CheckedOutputs,
    Group,
    KeptRows,
    fingerprint,
    group_scores,
    groups_csv,
    outputs_digest,
    read_outputs,
    read_scores,
    score_image,
    scores_text,
)
from tembench.ranking.untrusted import SHOWN_CSV, SHOWN_PNG, read_tables
from tembench.recipe import SUBSET_PART

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset import Store

SCORES_TOML = "scores.toml"
PANEL_PNG = "panel.png"
SUMMARY_CSV = "summary.csv"
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
    missing : int
        Number of images that the outputs lack, which count as the worst.
    warnings : tuple of str
        What is implausible about the outputs, from `implausibilities`.
    """

    outputs: CheckedOutputs
    scores: pd.DataFrame
    groups: list[Group]
    missing: int
    warnings: tuple[str, ...]

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
        If the outputs break a rule, or have no image at all; in that case nothing is written.
    """
    checked = read_outputs(absolute(outputs), store)
    state = fingerprint(checked.path, store.data_digest())
    recorded = _recorded(checked, state)
    if recorded is not None:
        scored = _with_scores(checked, store, recorded)
        if not (checked.path / SUMMARY_CSV).is_file():
            write_text(checked.path / SUMMARY_CSV, groups_csv(scored.groups))
        return scored
    kept = KeptRows(checked.path, state, _models(checked, store))
    rows = _rows(checked, store, workers, scheduler, kept)
    # Imported before the first result is written: a missing library loses nothing.
    from tembench.ranking.scoring import draw_crops, draw_panel

    reader, there = checked.reader(), _there(checked, rows, kept)
    shown = _shown_of(checked, store, there)
    picture = draw_panel(store, shown[0], reader.denoised(shown[0]))
    crops = draw_crops(store, shown, reader.denoised)
    is_control = checked.description.method.is_control
    images = DenoisedImages(numbers=there, read=reader.found, is_control=is_control)
    text = scores_text(rows, store.table)
    record = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "images": len(rows),
        "models": len({row["model"] for row in rows}),
        "outputs_sha256": outputs_digest(rows),
        "tembench": __version__,
        "missing": len(rows) - len(there),
        "warnings": implausibilities(images, store),
    }
    write_text(checked.path / SCORES_CSV, text)
    write_bytes(checked.path / PANEL_PNG, picture)
    crops.write(checked.path)
    scored = _with_scores(checked, store, record)
    write_text(checked.path / SUMMARY_CSV, groups_csv(scored.groups))
    write_toml(
        checked.path / SCORES_TOML,
        {
            "format": OUTPUTS_FORMAT,
            "fingerprint": state,
            **{table: checked.content[table] for table in ("method", "data", "run")},
            "metrics": versions(),
            "scores": record,
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


def _there(checked: CheckedOutputs, rows: list[dict[str, Any]], kept: KeptRows) -> np.ndarray:
    """Numbers of the images that the outputs have; OutputError if they have none."""
    there = np.array([row["image"] for row in rows if row["sha256"] != MISSING], dtype=np.int64)
    if not there.size:
        kept.discard()
        raise OutputError(
            "all images are missing",
            where=str(checked.path),
            remedy="run tembench denoise again, or write the images",
        )
    return there


def _shown_of(checked: CheckedOutputs, store: Store, there: np.ndarray) -> list[int]:
    """Images to show: the same for rows of the test and of its subset, as far as they are there."""
    from tembench.ranking.scoring import images_to_show

    data = checked.description.data
    images = store.images(data.split, SUBSET_PART) if data.part == "test" else checked.images
    shown = [image for image in images_to_show(store, images) if image in there]
    return shown or images_to_show(store, there)


def _with_scores(checked: CheckedOutputs, store: Store, record: Mapping[str, Any]) -> ScoredOutputs:
    """Outputs with the ``scores.csv`` beside them, and what is recorded of it."""
    scores, data = read_scores(checked.path / SCORES_CSV), checked.description.data
    return ScoredOutputs(
        outputs=checked,
        scores=scores,
        groups=group_scores(scores, store.table, split=data.split, part=data.part),
        missing=record["missing"],
        warnings=tuple(record["warnings"]),
    )


def _recorded(checked: CheckedOutputs, state: str) -> Mapping[str, Any] | None:
    """Record of complete scores of exactly these outputs, by these metrics; None without one."""
    summary, scores = checked.path / SCORES_TOML, checked.path / SCORES_CSV
    written = (SCORES_TOML, SCORES_CSV, PANEL_PNG, SHOWN_PNG, SHOWN_CSV)
    if not all((checked.path / name).is_file() for name in written):
        return None
    try:
        content = read_tables(summary)
        record = content["scores"]
        recorded = [record[key] for key in ("sha256", "outputs_sha256", "missing", "warnings")]
    except (OutputError, KeyError, TypeError):
        return None
    current = (
        scores.stat().st_size <= SCORES_LIMIT
        and content.get("fingerprint") == state
        and content.get("metrics") == versions()
        and recorded[0] == hashlib.sha256(scores.read_bytes()).hexdigest()
    )
    return record if current else None
