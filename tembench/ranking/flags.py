"""Flags of suspicious rows: as good as the clean images, or like another row.

Such rows are marked but not refused: scores alone do not prove how they were obtained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tembench.ranking.submission import Submission
from tembench.ranking.untrusted import lookalike_key

CLEAN_PSNR_DB = 60.0
CLEAN_ERROR_E_PER_PX = 1e-3
SAME_PSNR_DB = 1e-3
CLEAN_SHARE, SAME_SHARE = 0.05, 0.2
"""Shares of the images that are enough for a mark, so that changing a few does not remove it.

Of the benchmark's own methods none has more than 0.6 % of its images at 60 dB, mostly blank ones,
and no two have the same PSNR on more than 1.5 %.
"""
# Fewer images than these may agree by chance.
_FEWEST_SAME = 5


def is_as_clean(submission: Submission) -> bool:
    """Whether the images, or a share of them, are as good as the clean ones.

    That is 60 dB and more, or an error within 0.001 e/px. Shot noise keeps every denoiser far from
    these values: a method that reaches them has seen the clean images. The oracle control, which is
    given them, is not marked.
    """
    scores = submission.scores
    if submission.description.method.is_control:
        return False
    psnr = scores["psnr_db"].to_numpy()
    as_clean = psnr >= CLEAN_PSNR_DB
    whole = psnr.mean() >= CLEAN_PSNR_DB
    if "mse" in scores:
        squared_error = scores["mse"].to_numpy()
        as_clean |= squared_error <= CLEAN_ERROR_E_PER_PX**2
        whole |= squared_error.mean() <= CLEAN_ERROR_E_PER_PX**2
    return bool(whole or as_clean.mean() >= CLEAN_SHARE)


def same_titles(submissions: Sequence[Submission]) -> Mapping[str, tuple[str, ...]]:
    """Names of the other rows whose titles a reader cannot tell from that of a row, by row."""
    by_key: dict[str, list[str]] = {}
    for one in submissions:
        by_key.setdefault(lookalike_key(one.description.method.title), []).append(one.name)
    return {
        name: tuple(sorted(other for other in names if other != name))
        for names in by_key.values()
        if len(names) > 1
        for name in names
    }


def same_scores(submissions: Sequence[Submission]) -> Mapping[str, tuple[str, ...]]:
    """Names of the other rows with identical images, by row; on the images that both have.

    Identical means a PSNR equal to 0.001 dB on a fifth of the images, which neither another method
    nor another training of the same method ever reaches. Perfect images, such as blank ones, count
    only where both rows have no others.
    """
    psnr = _psnr_by_row(submissions)
    found: dict[str, set[str]] = {}
    imperfect = np.where(psnr < CLEAN_PSNR_DB, psnr, np.nan)
    for first, second in (*_pairs(imperfect), *_pairs(_of_perfect_rows(psnr, imperfect))):
        found.setdefault(submissions[first].name, set()).add(submissions[second].name)
        found.setdefault(submissions[second].name, set()).add(submissions[first].name)
    return {name: tuple(sorted(others)) for name, others in found.items()}


def _psnr_by_row(submissions: Sequence[Submission]) -> np.ndarray:
    """PSNR, (row, image), of all images that any row has; NaN where a row has none."""
    images = np.unique(np.concatenate([s.scores["image"].to_numpy() for s in submissions]))
    psnr = np.full((len(submissions), len(images)), np.nan)
    for row, submission in zip(psnr, submissions, strict=True):
        scores = submission.scores
        # Infinite PSNRs, of perfect images, exceed any finite one and equal each other.
        row[np.searchsorted(images, scores["image"])] = np.minimum(scores["psnr_db"], 1e6)
    return psnr


def _of_perfect_rows(psnr: np.ndarray, imperfect: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(imperfect).all(axis=1)[:, None], psnr, np.nan)


def _pairs(psnr: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of rows that are the same on enough of the images that both have."""
    rows = len(psnr)
    there = (~np.isnan(psnr)).astype(np.float32)
    both = there @ there.T
    order = np.argsort(psnr, axis=0)
    ascending = np.take_along_axis(psnr, order, axis=0)
    same = np.zeros(rows * rows, dtype=np.int64)
    # Of each image, rows are compared with the next better one, the next but one, ...
    for step in range(1, rows):
        close = ascending[step:] - ascending[:-step] <= SAME_PSNR_DB
        if not close.any():
            break
        codes = order[:-step][close] * rows + order[step:][close]
        same += np.bincount(codes, minlength=rows * rows)
    counts = same.reshape(rows, rows) + same.reshape(rows, rows).T
    enough = (counts >= SAME_SHARE * both) & ((counts >= _FEWEST_SAME) | (counts == both))
    first, second = np.nonzero(np.triu(enough & (both > 0), k=1))
    return list(zip(first.tolist(), second.tolist(), strict=True))
