"""The types that counts are held in: whole numbers never wrap, whatever their size."""

from __future__ import annotations

import numpy as np

MOST_EXACT = 2**53
"""The largest count: beyond, a double no longer tells one electron more from one less."""

_TYPES = (np.uint8, np.uint16, np.uint32, np.uint64)


def in_type_for(counts: np.ndarray, least: type[np.unsignedinteger] = np.uint8) -> np.ndarray:
    """Return whole numbers in the narrowest unsigned type that holds all of them.

    Parameters
    ----------
    counts : numpy.ndarray
        Whole, not negative, at most `MOST_EXACT` each; of any type.
    least : type
        No narrower than this.
    """
    most = int(counts.max(initial=0))
    bits = np.iinfo(least).bits
    wide = [kind for kind in _TYPES if np.iinfo(kind).bits >= bits and np.iinfo(kind).max >= most]
    return counts.astype(wide[0])
