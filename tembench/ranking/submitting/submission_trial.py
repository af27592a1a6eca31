"""Trial of a submission: everything is checked and a few images are scored, but nothing written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import absolute, progress
from tembench.metrics import METRICS, evaluate, mean
from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.number_format import value_text
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.submission_parts import stated_tables
from tembench.ranking.submitting import UnscoredImages, unscored_images
from tembench.ranking.submitting.submit_images import content_of

if TYPE_CHECKING:
    from tembench.dataset import Store

_SCORED = 4
_SHOWN = ("psnr_db", "ssim", "skill", "column_f1", "surface_f1")


def submission_trial(
    source: Path,
    store: Store | None,
    name: str,
    folder: Path = Path("submissions"),
    *,
    metadata: Mapping[str, Any] | None = None,
    split: str = "model",
    part: str = "test",
    order: str = "inputs",
    seed_of: str = "",
    audit: Path | None = None,
) -> Iterator[str]:
    """Say what a submission would be like; parameters and errors as of `submit_images`.

    Yields
    ------
    str
        A line: what the images are, what is implausible, scores of a few images, and what would be
        written. Without a store, the scores are those that the outputs have.
    """
    source, folder, metadata = absolute(source), absolute(folder), metadata or {}
    if store is None:
        with tempfile.TemporaryDirectory() as aside:
            made = submit_outputs(
                source, name, Path(aside), metadata=metadata, seed_of=seed_of, audit=audit
            )
            yield f"{source}: scored, {len(made.submission.scores)} images"
            yield from (f"Warning: {text}" for text in made.submission.warnings)
            yield _row([dict(row) for _, row in made.submission.scores.iterrows()], "all")
    else:
        images = unscored_images(source, store, split=split, part=part, order=order)
        stated_tables(content_of(source, store, name, split, part), metadata)
        yield from examined_images(images, store)
    yield f"{folder / name}: nothing was written"


def examined_images(images: UnscoredImages, store: Store) -> Iterator[str]:
    """Look at denoised images, and score a few of them.

    Parameters
    ----------
    images : UnscoredImages
        The images.
    store : tembench.dataset.store.Store
        Data set that they were made from.

    Yields
    ------
    str
        A line, as for `submission_trial`.
    """
    kind = "outputs" if images.stack is None else images.stack.kind
    yield f"{images.path}: {kind}, {len(images.numbers)} of {len(images.expected)} images"
    if images.assumed:
        yield images.assumed
    lacking = len(images.expected) - len(images.numbers)
    if lacking:
        yield f"Warning: {lacking} images are missing and would count as the worst"
    yield from (f"Warning: {text}" for text in images.warnings(store))
    positions = np.linspace(0, len(images.numbers) - 1, _SCORED).round().astype(int)
    chosen = np.unique(images.numbers[positions]).tolist()
    rows = []
    with progress("Scoring a few images", len(chosen)) as advance:
        for number in chosen:
            denoised = images.read(number)
            if denoised is not None:
                rows.append(evaluate(metric_inputs(store, number, denoised), _SHOWN))
            advance(1)
    if rows:
        yield _row(rows, f"{len(rows)}")


def _row(rows: Sequence[Mapping[str, Any]], which: str) -> str:
    """Means of the main metrics."""
    means = {name: mean(float(row[name]) for row in rows) for name in _SHOWN if name in rows[0]}
    shown = [
        f"{METRICS[name].title} {value_text(METRICS[name], value)} {METRICS[name].unit}".rstrip()
        for name, value in means.items()
    ]
    return f"Mean of {which} images: {', '.join(shown)}"
