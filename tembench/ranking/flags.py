"""Flags of suspicious rows: as good as the clean images, or identical to another row.

Such rows are marked but not refused: scores alone do not prove how they were obtained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tembench.ranking.submission import Submission

CLEAN_PSNR_DB = 60.0
CLEAN_ERROR_E_PER_PX = 1e-3
SAME_PSNR_DB = 1e-3


def is_as_clean(submission: Submission) -> bool:
    """Whether the images are as good as the clean ones: 60 dB and more, or within 0.001 e/px.

    Shot noise keeps every denoiser far from these values: a method that reaches them has seen the
    clean images. The oracle control, which is given them, is not marked.
    """
    scores = submission.scores
    if submission.description.method.is_control:
        return False
    psnr = bool(scores["psnr_db"].to_numpy().mean() >= CLEAN_PSNR_DB)
    error = scores["mse"].to_numpy().mean() if "mse" in scores else np.inf
    return psnr or bool(error <= CLEAN_ERROR_E_PER_PX**2)


def same_scores(submissions: Sequence[Submission]) -> Mapping[str, tuple[str, ...]]:
    """Names of the other rows with identical images, by row; on all images that both have.

    Identical means a PSNR equal to 0.001 dB on every image, which neither another method nor
    another training of the same method ever reaches.
    """
    found: dict[str, set[str]] = {}
    for images in {tuple(s.scores["image"]) for s in submissions}:
        for first, second in _pairs(submissions, np.array(images)):
            found.setdefault(first, set()).add(second)
            found.setdefault(second, set()).add(first)
    return {name: tuple(sorted(others)) for name, others in found.items()}


def _pairs(submissions: Sequence[Submission], images: np.ndarray) -> list[tuple[str, str]]:
    """Pairs with the same PSNR on the given images; only rows of close means are compared."""
    rows = []
    for submission in submissions:
        scores = submission.scores
        there = np.isin(scores["image"].to_numpy(), images)
        if np.count_nonzero(there) == len(images):
            # Infinite PSNRs, of perfect images, exceed any finite one and equal each other.
            psnr = np.minimum(scores["psnr_db"].to_numpy()[there], 1e6)
            rows.append((float(psnr.mean()), submission.name, psnr))
    rows.sort(key=lambda row: row[:2])
    pairs = []
    for number, (mean, name, psnr) in enumerate(rows):
        for other_mean, other_name, other in rows[number + 1 :]:
            if other_mean - mean > SAME_PSNR_DB:
                break
            if name != other_name and np.abs(psnr - other).max() <= SAME_PSNR_DB:
                pairs.append((name, other_name))
    return pairs
