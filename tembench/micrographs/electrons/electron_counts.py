"""Electron counts: values judged by their noise, and converted to counts."""

from __future__ import annotations

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.electrons.noise_level import (
    noise_over_mean,
    usual_noise_over_mean,
)
from tembench.micrographs.electrons.outliers import fill

# Noise variance over mean: 1 for counted electrons. Less for a detector that blurs, more for one
# that misses electrons or counts some more than once; almost none for clean images.
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
    """Convert stored values to counts; return warnings about unusual ones too.

    Parameters
    ----------
    values : numpy.ndarray
        Stored values (y, x).
    gain : float, optional
        Stored value of one electron.
    allow_negative : bool
        Accept negative values, as read noise produces them.
    outliers : numpy.ndarray, optional
        Mask (y, x) of pixels to ignore when judging the values.

    Returns
    -------
    counts : numpy.ndarray
        (y, x); integers in the narrowest unsigned type that holds them, else float32.
    warnings : list of str
        One line each.

    Raises
    ------
    ImageError
        If the values cannot be counts: not finite, negative, all zero, or scaled.
    """
    check_finite(values)
    if gain is not None:
        values = values / np.float64(gain)
    if values.min() < 0 and not allow_negative:
        raise ImageError(
            "has negative values",
            expected="counts",
            got=f"{np.count_nonzero(values < 0)} of {values.size}, down to {values.min():g}",
            remedy="Add back the offset that was subtracted, or accept read noise with "
            "--allow-negative",
        )
    if not values.mean() > 0:
        raise ImageError("contains no counts", got=f"a mean of {values.mean():g}")
    judged = values if outliers is None else fill(values, outliers)
    warnings = [] if gain else _check_unscaled(judged)
    ratio = noise_over_mean(judged)
    if ratio < _CLEAN:
        raise ImageError(
            "does not have the noise of counted electrons",
            expected="a noise variance close to the mean",
            got=f"{ratio:.2g} times the mean",
            remedy="For a clean image, draw noise with --add-noise; otherwise give the value of "
            "one electron with --gain",
        )
    usual = usual_noise_over_mean(judged)
    if min(ratio, usual) > _SCALED:
        raise ImageError(
            "has more noise than counted electrons",
            expected="a noise variance close to the mean",
            got=f"{usual:.3g} times the mean",
            remedy=f"Give the value of one electron with --gain, perhaps {usual:.3g}",
        )
    if not _LEAST_USUAL < ratio < _MOST_USUAL:
        warnings.append(
            f"the noise variance is {ratio:.2f} times the mean (1 for counted electrons): the "
            "detector blurs or adds noise, or the values need --gain"
        )
    return _narrow(values, warnings, gain is not None), warnings


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
            remedy=f"If that is the value of one electron, use --gain {step:.6g}",
        )
    return []


def _narrow(values: np.ndarray, warnings: list[str], divided: bool) -> np.ndarray:
    """Return integers in the narrowest type that holds them, other values as float32."""
    whole = values if values.dtype.kind in "uib" else np.rint(values)
    # Values that were scaled to 8 bits have been rounded.
    if whole is values or np.abs(values - whole).max() < (0.1 if divided else 1e-3):
        if whole.min() >= 0 and _resolves_electrons(values):
            return in_type_for(whole)
    else:
        warnings.append("the counts are not integers and are used as they are")
    return values.astype(np.float32)


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
