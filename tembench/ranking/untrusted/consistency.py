"""Contradictions between the scores of one image.

Only contradictions that follow from the definitions of the metrics are reported, for any image,
with a tolerance for rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tembench.metrics import BLANK_PSNR_DB

_ROUNDING = 1e-9
# A count computed from a share close to one has lost some digits.
_COUNT_ROUNDING = 1e-6
# Error of an image of 1e8 px that differs from the dose by one step in one pixel.
_LEAST = 1e-15


def contradictions(row: Mapping[str, Any]) -> list[str]:
    """One sentence for each contradiction between the scores of one image.

    Parameters
    ----------
    row : Mapping of str to float
        Scores by metric, each within its bounds. Missing and NaN values are not checked.
    """
    found = list(_fidelity(row))
    for kind in ("column", "surface", "released"):
        found += _shares(row, kind)
    return found + list(_counts(row)) + list(_nothing_invented(row))


def _fidelity(row: Mapping[str, Any]) -> Iterator[str]:
    squared_error, psnr_db = _values(row, "mse", "psnr_db")
    if math.isinf(psnr_db) and squared_error != 0.0:
        yield f"psnr_db: infinite, but mse is {squared_error:g}"
    if math.isnan(squared_error):
        return
    # The clean image is within 0-1 e/px, so clamping to that range increases no pixel's error.
    # The PSNR of a blank image has a ceiling, so a tiny error allows a lower PSNR.
    if squared_error > 0 and psnr_db < _least_psnr_db(squared_error) - 1e-6:
        yield f"psnr_db: {psnr_db:g} is less than mse = {squared_error:g} allows"
    (gain,) = _values(row, "skill")
    perfect = squared_error < 1e-15
    # mse / (1 - skill) is the error of the constant image: at most 1 when both are in 0-1 e/px, and
    # above zero, since clean images are stored in steps of 2^-11 e/px.
    constant = squared_error / (1.0 - gain) if gain < 1.0 else math.nan
    if (gain == 1.0 and not perfect) or constant > 1.0 or (squared_error > 0 and constant < _LEAST):
        yield f"skill: {gain:g} contradicts mse = {squared_error:g}"


def _least_psnr_db(squared_error: float) -> float:
    return min(-10 * math.log10(squared_error), BLANK_PSNR_DB)


def _shares(row: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Check F1 against the Jaccard index, and against precision and recall."""
    precision, recall, f1, jaccard = _values(
        row, *(f"{kind}_{name}" for name in ("precision", "recall", "f1", "jaccard"))
    )
    if math.inf in (precision, recall, f1, jaccard):
        yield f"{kind}_*: expected finite numbers"
        return
    if _differs(f1, 2 * jaccard / (1 + jaccard)):
        yield f"{kind}_f1: {f1:g} contradicts {kind}_jaccard = {jaccard:g}"
    # If no column is found, all three are 0.
    total = precision + recall
    if _differs(f1, 0.0 if total == 0 else 2 * precision * recall / total):
        yield f"{kind}_f1: {f1:g} contradicts precision = {precision:g} and recall = {recall:g}"


def _counts(row: Mapping[str, Any]) -> Iterator[str]:
    """Check that invented and missed columns are whole numbers that fit precision and recall."""
    invented, missed = _values(row, "columns_invented", "columns_missed")
    names = {"columns_invented": invented, "columns_missed": missed}
    broken = [name for name, value in names.items() if not (_unknown(value) or _whole(value))]
    yield from (f"{name}: {names[name]:g} is not a whole number" for name in broken)
    precision, recall = _values(row, "column_precision", "column_recall")
    if broken or _unknown(invented, missed, precision, recall):
        return
    if (missed == 0) != (recall > 1 - _ROUNDING):
        yield f"column_recall: {recall:g} contradicts columns_missed = {missed:g}"
        return
    wrong_precision = f"column_precision: {precision:g} contradicts columns_invented = {invented:g}"
    if missed == 0:
        # A recall of 1 does not determine the number of columns.
        if (invented == 0) != (precision > 1 - _ROUNDING):
            yield wrong_precision
        return
    matched = missed * recall / (1 - recall)
    if abs(matched - round(matched)) > _COUNT_ROUNDING * max(1.0, matched):
        yield f"column_recall: {recall:g} does not fit columns_missed = {missed:g}"
        return
    matched = round(matched)
    if _differs(precision, matched / (matched + invented) if matched else 0.0):
        yield wrong_precision


def _nothing_invented(row: Mapping[str, Any]) -> Iterator[str]:
    """Check that without invented columns there are none in vacuum, and none that is called."""
    if row.get("columns_invented") != 0:
        return
    for name in ("vacuum_false_per_nm2", "llr_invented"):
        (value,) = _values(row, name)
        if not _unknown(value) and value != 0:
            yield f"{name}: {value:g} contradicts columns_invented = 0"


def _values(row: Mapping[str, Any], *names: str) -> tuple[float, ...]:
    return tuple(row.get(name, math.nan) for name in names)


def _unknown(*values: float) -> bool:
    return any(math.isnan(value) for value in values)


def _whole(value: float) -> bool:
    return float(value).is_integer()


def _differs(value: float, expected: float) -> bool:
    """Whether two values differ by more than rounding; False where either is NaN."""
    return abs(value - expected) > _ROUNDING * max(1.0, abs(expected))
