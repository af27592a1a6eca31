"""Whether the values of a file are counted electrons, and how they become so."""

from __future__ import annotations

import numpy as np

from tembench.core import ImageError
from tembench.methods.micrographs.electrons.noise_level import (
    noise_over_mean,
    usual_noise_over_mean,
)
from tembench.methods.micrographs.electrons.outliers import fill

# Noise variance over mean: 1 for counted electrons. A detector that blurs has less, one that
# counts some electrons not at all or more than once has more; clean images have next to none.
_CLEAN, _LEAST_USUAL, _MOST_USUAL, _SCALED = 0.02, 0.7, 1.4, 5.0
_SAMPLE = 1 << 18
MOST_EXACT = 2**53
"""The largest count: above it, a double cannot represent one electron more or less."""
_TYPES = (np.uint8, np.uint16, np.uint32, np.uint64)


def as_counts(
    values: np.ndarray,
    *,
    gain: float | None = None,
    allow_negative: bool = False,
    outliers: np.ndarray | None = None,
) -> tuple[np.ndarray, list[str]]:
    """Return counts, and what about them is unusual.

    Parameters
    ----------
    values : numpy.ndarray
        (y, x), as stored.
    gain : float, optional
        Stored value of one electron.
    allow_negative : bool
        Accept negative values, as read noise makes them.
    outliers : numpy.ndarray, optional
        bool (y, x): pixels by which the others are not judged.

    Returns
    -------
    counts : numpy.ndarray
        (y, x); whole numbers in the narrowest unsigned type that holds them, else float32.
    warnings : list of str
        A line each.

    Raises
    ------
    ImageError
        If they can be no counts: not finite, negative, nothing at all, or scaled.
    """
    check_finite(values)
    if gain is not None:
        values = values / np.float64(gain)
    if values.min() < 0 and not allow_negative:
        raise ImageError(
            "has negative values",
            expected="counts",
            got=f"{np.count_nonzero(values < 0)} of {values.size}, down to {values.min():g}",
            remedy="Add the offset that was subtracted, or allow read noise: --allow-negative",
        )
    if not values.mean() > 0:
        raise ImageError("has no counts in it", got=f"a mean of {values.mean():g}")
    judged = values if outliers is None else fill(values, outliers)
    warnings = [] if gain else _check_unscaled(judged)
    ratio = noise_over_mean(judged)
    if ratio < _CLEAN:
        raise ImageError(
            "has no noise of counted electrons",
            expected="a noise variance of about the mean",
            got=f"{ratio:.2g} of it",
            remedy="Add noise to a clean image with --add-noise, or give the value of one electron "
            "with --gain",
        )
    usual = usual_noise_over_mean(judged)
    if min(ratio, usual) > _SCALED:
        raise ImageError(
            "has more noise than counted electrons",
            expected="a noise variance of about the mean",
            got=f"{usual:.3g} times it",
            remedy=f"Give the value of one electron with --gain, perhaps {usual:.3g}",
        )
    if not _LEAST_USUAL < ratio < _MOST_USUAL:
        warnings.append(
            f"the noise variance is {ratio:.2f} times the mean, and 1 for counted electrons: a "
            "detector that blurs or adds noise, or values that need --gain"
        )
    return _narrow(values, warnings, gain is not None), warnings


def check_finite(values: np.ndarray) -> None:
    """Refuse NaN and infinity, and say where they are."""
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return
    bad = ~np.isfinite(values)
    rows, columns = np.flatnonzero(bad.any(1)), np.flatnonzero(bad.any(0))
    raise ImageError(
        "has values that are not finite",
        got=f"{np.count_nonzero(bad)} NaN or infinite in {len(rows)} rows (from {rows[0]} to "
        f"{rows[-1]}) and {len(columns)} columns (from {columns[0]} to {columns[-1]})",
        remedy="Cut these rows or columns off, or replace them by their neighbours",
    )


def value_step(values: np.ndarray) -> float | None:
    """Return the step that all values are multiples of, where it is one and not 1."""
    levels = np.unique(values.ravel()[:_SAMPLE])
    levels = levels[levels > 0].astype(np.float64)
    if not 1 < len(levels) <= 256:
        return None
    rough = min(levels[0], np.diff(levels).min())
    step = float(levels[-1] / np.round(levels[-1] / rough))
    off = np.abs(levels / step - np.round(levels / step)).max()
    return step if off < 0.05 and not 0.75 < step < 1.5 else None


def _check_unscaled(values: np.ndarray) -> list[str]:
    step = value_step(values)
    if step is not None:
        raise ImageError(
            "is scaled",
            expected="counts",
            got=f"multiples of {step:.5g} up to {values.max():g}",
            remedy=f"If that is the value of one electron: --gain {step:.6g}",
        )
    return []


def _narrow(values: np.ndarray, warnings: list[str], divided: bool) -> np.ndarray:
    """Whole numbers in the narrowest type that holds them, others as float32."""
    whole = values if values.dtype.kind in "uib" else np.rint(values)
    # What was stretched to 8 bits has been rounded there.
    if whole is values or np.abs(values - whole).max() < (0.1 if divided else 1e-3):
        if whole.min() >= 0 and _tells_electrons(values):
            return in_type_for(whole)
    else:
        warnings.append("the counts are not whole numbers and are taken as they are")
    return values.astype(np.float32)


def _tells_electrons(values: np.ndarray) -> bool:
    """Whether the largest value could have been one electron more: large floats are all whole."""
    most = values.max()
    if values.dtype.kind == "f":
        return bool(most <= MOST_EXACT and most - np.nextafter(most, most.dtype.type(0)) <= 1)
    return bool(most <= MOST_EXACT)


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
