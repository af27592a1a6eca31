"""Electrons placed on pixels of another size: one by one, or by the share of each new pixel.

An electron lies anywhere within its old pixel with equal chance, so the electrons of one old pixel
are dealt out to the new ones by the area that these have in common with it: a multinomial draw.
Along y and along x the places are independent, so it is a chain of binomial draws along one axis
and then along the other, whose cost does not grow with the counts.
"""

from __future__ import annotations

import numpy as np

# Electrons placed at once.
_MOST = 1 << 22
# Below this mean per pixel, electrons are placed one by one: of the few that images at low dose
# have, that is the cheaper way, and what has been published of such images was drawn so.
_FEW_PER_PX = 16
# A row is placed at once, and takes some 40 bytes an electron.
_FEW_PER_ROW = 1 << 24
# Pixels split at once.
_PIXELS = 1 << 20


def few_electrons(counts: np.ndarray) -> bool:
    """Whether electrons are so few that each is placed by itself."""
    # In double precision: sums of the largest counts are beyond 64 bits.
    rows = counts.sum(axis=1, dtype=np.float64)
    return bool(rows.sum() <= _FEW_PER_PX * counts.size and rows.max() <= _FEW_PER_ROW)


def place_one_by_one(
    counts: np.ndarray, ratio: float, shape: tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """Draw a place for every electron.

    Parameters
    ----------
    counts : numpy.ndarray
        (y, x), whole numbers.
    ratio : float
        Size of an old pixel in new ones.
    shape : tuple of int
        Of the new image; electrons beyond are left out.
    generator : numpy.random.Generator
        Of the places.

    Returns
    -------
    numpy.ndarray
        Counts, int64, `shape`.
    """
    height, width = shape
    placed = np.zeros(height * width, dtype=np.int64)
    totals = counts.sum(axis=1, dtype=np.int64)
    first = 0
    while first < len(counts):
        last = first + max(1, int(np.searchsorted(totals[first:].cumsum(), _MOST, side="right")))
        y, x = np.nonzero(counts[first:last])
        each = counts[first:last][y, x].astype(np.int64)
        y, x = np.repeat(y + first, each), np.repeat(x, each)
        y = ((y + generator.random(len(y))) * ratio).astype(np.int64)
        x = ((x + generator.random(len(x))) * ratio).astype(np.int64)
        inside = (y < height) & (x < width)
        start = int(first * ratio) * width
        number = np.bincount((y[inside] * width + x[inside]) - start)
        placed[start : start + len(number)] += number
        first = last
    return placed.reshape(height, width)


def split_among_pixels(
    counts: np.ndarray, ratio: float, shape: tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """Deal the electrons of each old pixel out to the new ones that it overlaps.

    Parameters and result are those of `place_one_by_one`, and so is the distribution of the
    result, down to counts of 2^53; time and memory are those of the pixels, not of the electrons.
    """
    height, width = shape
    rows = _split_rows(counts, ratio, height, generator)
    return np.ascontiguousarray(_split_rows(rows.T, ratio, width, generator).T)


def _split_rows(
    counts: np.ndarray, ratio: float, height: int, generator: np.random.Generator
) -> np.ndarray:
    """Deal electrons out along the first axis; int64 (height, x)."""
    split = np.zeros((height, counts.shape[1]), dtype=np.int64)
    step = max(1, _PIXELS // counts.shape[1])
    for first in range(0, len(counts), step):
        rest = counts[first : first + step].astype(np.int64)
        old = np.arange(first, first + len(rest))
        for place, chance in _chances(old, ratio):
            part = generator.binomial(rest, chance[:, None])
            rest -= part
            _add_rows(split, part, place)
    return split


def _chances(old: np.ndarray, ratio: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return new pixels that old ones overlap, from the first on.

    Returns
    -------
    list of tuple
        Of each old pixel a new one, and the chance that an electron of it that has fallen into
        none of the earlier lies there.
    """
    begin, end = old * ratio, (old + 1) * ratio
    at = np.floor(begin).astype(np.int64)
    chances = []
    while (begin < end).any():
        edge = np.minimum(at + 1, end)
        left = end - begin
        chance = np.where(left > 0, (edge - begin) / np.where(left > 0, left, 1), 0.0)
        # Of what is left over by rounding, nothing is left over.
        chances.append((at.copy(), np.where(edge >= end, 1.0, np.clip(chance, 0, 1))))
        begin, at = edge, at + 1
    return chances


def _add_rows(total: np.ndarray, rows: np.ndarray, place: np.ndarray) -> None:
    """Add rows at ascending places, several of which may be the same, but for those beyond."""
    inside = place < len(total)
    rows, place = rows[inside], place[inside]
    if len(place):
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        total[place[starts]] += np.add.reduceat(rows, starts, axis=0)
