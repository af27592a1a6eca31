"""Saturation: pixels at the largest value that a detector or a file can store."""

from __future__ import annotations

import numpy as np

# In a histogram of counts the last level has fewer pixels than the one before it. Saturated pixels
# pile up there.
_PILE, _FEW = 4, 20


def saturation_warning(values: np.ndarray) -> str | None:
    """Return a warning if pixels pile up at the largest value; None if they do not.

    Parameters
    ----------
    values : numpy.ndarray
        Stored values (y, x), without hot pixels; finite.
    """
    most = values.max()
    below = values[values < most]
    at_most = values.size - below.size
    if not below.size or at_most <= _PILE * np.count_nonzero(below == below.max()) + _FEW:
        return None
    return (
        f"saturated: {100 * at_most / values.size:.2g} % of the pixels have the largest value, "
        f"{most:g}; electrons beyond it are lost, and the result is too dark there"
    )
