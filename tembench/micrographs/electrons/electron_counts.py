"""Electron counts: values checked, their step, and integers of the narrowest type."""

from __future__ import annotations

import numpy as np

from tembench.core import ImageError

_SAMPLE = 1 << 18
MOST_EXACT = 2**53
"""The largest count: above it, a double cannot represent one electron more or less."""
_TYPES = (np.uint8, np.uint16, np.uint32, np.uint64)


def check_finite(values: np.ndarray) -> None:
    """Refuse NaN and infinite values, with their location."""
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return
    bad = ~np.isfinite(values)
    rows, columns = np.flatnonzero(bad.any(1)), np.flatnonzero(bad.any(0))
    raise ImageError(
        "has values that are not finite",
        got=f"{np.count_nonzero(bad)} NaN or infinite in {len(rows)} rows (from {rows[0]} to "
        f"{rows[-1]}) and {len(columns)} columns (from {columns[0]} to {columns[-1]})",
        remedy="Crop these rows or columns, or replace the values by those of their neighbours",
    )


def value_step(values: np.ndarray) -> float | None:
    """Return the step that all values are multiples of; None if there is none, or it is 1."""
    levels = np.unique(values.ravel()[:_SAMPLE])
    if values.dtype.kind in "ui":
        # Values that are clipped at the largest of their type are multiples of nothing.
        levels = levels[levels < np.iinfo(values.dtype).max]
    levels = levels[levels > 0].astype(np.float64)
    if not 1 < len(levels) <= 256:
        return None
    rough = min(levels[0], np.diff(levels).min())
    step = float(levels[-1] / np.round(levels[-1] / rough))
    off = np.abs(levels / step - np.round(levels / step)).max()
    return step if off < 0.05 and not 0.75 < step < 1.5 else None


def narrow_counts(electrons: np.ndarray, *, divided: bool) -> np.ndarray:
    """Return integers in the narrowest unsigned type that holds them, other values as float32.

    Parameters
    ----------
    electrons : numpy.ndarray
        Values (y, x), finite.
    divided : bool
        They were divided by a gain: values that were scaled to 8 bits have been rounded, and are
        whole to 0.1 only.
    """
    whole = electrons if electrons.dtype.kind in "uib" else np.rint(electrons)
    near = whole is electrons or np.abs(electrons - whole).max() < (0.1 if divided else 1e-3)
    if near and whole.min() >= 0 and _resolves_electrons(electrons):
        return in_type_for(whole)
    return electrons.astype(np.float32)


def _resolves_electrons(values: np.ndarray) -> bool:
    """Return whether the type resolves one electron at the largest value."""
    most = values.max()
    # As a Python number: in half precision the largest count overflows.
    exact = most.item() <= MOST_EXACT
    if values.dtype.kind == "f":
        return bool(exact and most - np.nextafter(most, most.dtype.type(0)) <= 1)
    return bool(exact)


def in_type_for(counts: np.ndarray, least: type[np.unsignedinteger] = np.uint8) -> np.ndarray:
    """Convert integers to the narrowest unsigned type that holds all of them, so that none wraps.

    Parameters
    ----------
    counts : numpy.ndarray
        Integers of any type, not negative, at most `MOST_EXACT` each.
    least : type
        Narrowest type allowed.
    """
    most = int(counts.max(initial=0))
    bits = np.iinfo(least).bits
    wide = [kind for kind in _TYPES if np.iinfo(kind).bits >= bits and np.iinfo(kind).max >= most]
    return counts.astype(wide[0])
