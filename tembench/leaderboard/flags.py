"""Rows to look at twice: as good as the truth itself, or the same as another row.

Such rows are marked, not refused: scores alone prove nothing about how they came to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tembench.leaderboard.submission import Submission

CLEAN_PSNR_DB = 60.0
CLEAN_ERROR_E_PER_PX = 1e-3
SAME_PSNR_DB = 1e-3


def is_as_clean(submission: Submission) -> bool:
    """Whether the images are as good as the clean ones: 60 dB and more, or within 0.001 e/px.

    Of what shot noise leaves no denoiser comes near that: whoever does has seen the truth. Not so
    the oracle control, which shows that.
    """
    scores = submission.scores
    if submission.description.method.is_control:
        return False
    psnr = bool(scores["psnr_db"].mean() >= CLEAN_PSNR_DB)
    return psnr or ("mse" in scores and bool(scores["mse"].mean() <= CLEAN_ERROR_E_PER_PX**2))


def same_scores(submissions: Sequence[Submission]) -> Mapping[str, tuple[str, ...]]:
    """By name of a row: the other rows whose images are the same, on all images that both have.

    Equal in PSNR to 0.001 dB on every image, which another method, or another training of the same
    one, never is.
    """
    found: dict[str, set[str]] = {}
    for images in {tuple(s.scores["image"]) for s in submissions}:
        for first, second in _pairs(submissions, np.array(images)):
            found.setdefault(first, set()).add(second)
            found.setdefault(second, set()).add(first)
    return {name: tuple(sorted(others)) for name, others in found.items()}


def _pairs(submissions: Sequence[Submission], images: np.ndarray) -> list[tuple[str, str]]:
    """Pairs of the same PSNR on some images; only neighbours in the mean are compared."""
    rows = []
    for submission in submissions:
        scores = submission.scores
        there = np.isin(scores["image"].to_numpy(), images)
        if np.count_nonzero(there) == len(images):
            # Infinite ones, of perfect images, are beyond any finite one and equal to each other.
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
