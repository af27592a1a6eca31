"""Scores of one image, also of one that is missing, and the digest of all images that were scored.

An image that outputs lack counts as the worst of two trivial ones, metric by metric: an image of
zeros, and the noisy image as it was recorded. Nobody gains by leaving an image out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.metrics import evaluate, worst_of
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.scoring.output_reader import OutputReader

if TYPE_CHECKING:
    from tembench.dataset import Store

MISSING = ""
"""Digest of an image that outputs lack."""


def score_image(reader: OutputReader, store: Store, image: int) -> dict[str, Any]:
    """Row of one image.

    Parameters
    ----------
    reader : OutputReader
        The denoised images.
    store : tembench.dataset.store.Store
        The store that they were made from.
    image : int
        Number of the image in the store.

    Returns
    -------
    dict
        Its number, ``model``, every metric, ``seconds`` (run time of the method) and ``sha256``,
        the digest of its values or `MISSING`.
    """
    denoised = reader.found(image)
    if denoised is None:
        values, seconds = missing_scores(store, image), float("nan")
    else:
        values, seconds = evaluate(metric_inputs(store, image, denoised)), reader.seconds(image)
    return {
        "image": image,
        "model": str(store.table.loc[image, "model"]),
        **values,
        "seconds": seconds,
        "sha256": MISSING if denoised is None else image_digest(denoised),
    }


def missing_scores(store: Store, image: int) -> dict[str, float]:
    """Scores of an image that outputs lack: the worst of a trivial image's, by metric."""
    trivial = (np.zeros(store.shape, np.float32), store.noisy(image).astype(np.float32))
    return worst_of([evaluate(metric_inputs(store, image, one)) for one in trivial])


def image_digest(denoised: np.ndarray) -> str:
    """SHA-256 of an image's values as little-endian float32, row by row."""
    return hashlib.sha256(np.ascontiguousarray(denoised, dtype="<f4").data).hexdigest()


def outputs_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of the digests of all images in ascending order; a missing one counts as nothing.

    It depends on the values alone, not on how they were stored.
    """
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda row: int(row["image"])):
        digest.update(bytes.fromhex(row["sha256"]) or hashlib.sha256().digest())
    return digest.hexdigest()
