"""What scores of one image cannot be true together, whatever the image was.

Only what follows from the definitions is held against a row, with room for rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tembench.metrics.fidelity import BLANK_PSNR_DB

_ROUNDING = 1e-9
# A count worked out from a share near one has lost some digits.
_COUNT_ROUNDING = 1e-6
# Of a single pixel of a hundred million, one step from the dose.
_LEAST = 1e-15


def contradictions(row: Mapping[str, Any]) -> list[str]:
    """Sentences on what contradicts what in the scores of one image.

    Parameters
    ----------
    row : Mapping of str to float
        By metric, each within its bounds. What is missing or NaN is left out.
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
    # Clamping to 0-1 e/px brings no pixel further from a clean image that lies within it.
    # The PSNR of a blank image has a ceiling, so a tiny error allows for less.
    if squared_error > 0 and psnr_db < _least_psnr_db(squared_error) - 1e-6:
        yield f"psnr_db: {psnr_db:g} is less than mse = {squared_error:g} allows"
    (gain,) = _values(row, "skill")
    perfect = squared_error < 1e-15
    # mse / (1 - skill) is the constant image's error: at most 1 when both lie in 0-1 e/px, and more
    # than nothing, since a clean image is stored in steps of 2^-11 e/px.
    constant = squared_error / (1.0 - gain) if gain < 1.0 else math.nan
    if (gain == 1.0 and not perfect) or constant > 1.0 or (squared_error > 0 and constant < _LEAST):
        yield f"skill: {gain:g} contradicts mse = {squared_error:g}"


def _least_psnr_db(squared_error: float) -> float:
    return min(-10 * math.log10(squared_error), BLANK_PSNR_DB)


def _shares(row: Mapping[str, Any], kind: str) -> Iterator[str]:
    """F1 against the Jaccard index, and against precision and recall."""
    precision, recall, f1, jaccard = _values(
        row, *(f"{kind}_{name}" for name in ("precision", "recall", "f1", "jaccard"))
    )
    if math.inf in (precision, recall, f1, jaccard):
        yield f"{kind}_*: expected finite numbers"
        return
    if _differs(f1, 2 * jaccard / (1 + jaccard)):
        yield f"{kind}_f1: {f1:g} contradicts {kind}_jaccard = {jaccard:g}"
    # Nothing found of something: all three are 0.
    total = precision + recall
    if _differs(f1, 0.0 if total == 0 else 2 * precision * recall / total):
        yield f"{kind}_f1: {f1:g} contradicts precision = {precision:g} and recall = {recall:g}"


def _counts(row: Mapping[str, Any]) -> Iterator[str]:
    """Invented and missed columns: whole numbers that fit the shares."""
    invented, missed = _values(row, "columns_invented", "columns_missed")
    names = {"columns_invented": invented, "columns_missed": missed}
    broken = [name for name, value in names.items() if not (_unknown(value) or _whole(value))]
    yield from (f"{name}: {names[name]:g} is no whole number" for name in broken)
    precision, recall = _values(row, "column_precision", "column_recall")
    if broken or _unknown(invented, missed, precision, recall):
        return
    if (missed == 0) != (recall > 1 - _ROUNDING):
        yield f"column_recall: {recall:g} contradicts columns_missed = {missed:g}"
        return
    told = f"column_precision: {precision:g} contradicts columns_invented = {invented:g}"
    if missed == 0:
        # How many are found the recall of 1 does not say.
        if (invented == 0) != (precision > 1 - _ROUNDING):
            yield told
        return
    matched = missed * recall / (1 - recall)
    if abs(matched - round(matched)) > _COUNT_ROUNDING * max(1.0, matched):
        yield f"column_recall: {recall:g} is no share that leaves {missed:g} missed"
        return
    matched = round(matched)
    if _differs(precision, matched / (matched + invented) if matched else 0.0):
        yield told


def _nothing_invented(row: Mapping[str, Any]) -> Iterator[str]:
    """Without any invented column there is none in vacuum, nor one that is called."""
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
    """False where either is unknown, and was told or is not among the metrics."""
    return abs(value - expected) > _ROUNDING * max(1.0, abs(expected))
