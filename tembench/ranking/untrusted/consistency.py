"""Contradictions between the scores of one image.

Only contradictions that follow from the definitions of the metrics are reported, for any image,
with a tolerance for rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tembench.metrics import BLANK_PSNR_DB

_ROUNDING = 1e-9
# A count computed from a share close to one has lost some digits.
_COUNT_ROUNDING = 1e-6
# Error of an image of 1e8 px that differs from the dose by one step in one pixel.
_LEAST = 1e-15

_Scores = Mapping[str, np.ndarray]
# Images, and the sentence about them with the places of their scores.
_Rule = tuple[np.ndarray, str]


def contradictions(scores: Mapping[str, np.ndarray]) -> dict[int, list[str]]:
    """One sentence for each contradiction between the scores of an image.

    Parameters
    ----------
    scores : Mapping of str to array of float64 (images,)
        Scores by metric, each within its bounds. Missing and NaN values are not checked.

    Returns
    -------
    dict of int to list of str
        Sentences by position of the image, for images with contradictions only.
    """
    found: dict[int, list[str]] = {}
    with np.errstate(all="ignore"):
        rules = [rule for part in _PARTS for rule in part(scores)]
    for images, sentence in rules:
        for image in np.flatnonzero(images).tolist():
            own = {name: values[image] for name, values in scores.items()}
            found.setdefault(image, []).append(sentence.format(**own))
    return found


def _fidelity(scores: _Scores) -> Iterator[_Rule]:
    squared_error, psnr_db, gain = _values(scores, "mse", "psnr_db", "skill")
    yield (
        np.isinf(psnr_db) & (squared_error != 0),
        "psnr_db: infinite, but mse is {mse:g}",
    )
    # The clean image is within 0-1 e/px, so clamping to that range increases no pixel's error.
    # The PSNR of a blank image has a ceiling, so a tiny error allows a lower PSNR.
    least_psnr_db = np.minimum(-10 * np.log10(squared_error), BLANK_PSNR_DB)
    yield (
        (squared_error > 0) & (psnr_db < least_psnr_db - 1e-6),
        "psnr_db: {psnr_db:g} is less than mse = {mse:g} allows",
    )
    # mse / (1 - skill) is the error of the constant image: at most 1 when both are in 0-1 e/px, and
    # above zero, since clean images are stored in steps of 2^-11 e/px.
    constant = np.where(gain < 1, squared_error / (1 - gain), np.nan)
    yield (
        ((gain == 1) & (squared_error >= 1e-15))
        | (constant > 1)
        | ((squared_error > 0) & (constant < _LEAST)),
        "skill: {skill:g} contradicts mse = {mse:g}",
    )


def _shares(scores: _Scores) -> Iterator[_Rule]:
    """Check F1 against the Jaccard index, and against precision and recall."""
    for kind in ("column", "surface", "released"):
        names = [f"{kind}_{name}" for name in ("precision", "recall", "f1", "jaccard")]
        precision, recall, f1, jaccard = _values(scores, *names)
        infinite = np.any(
            [np.isposinf(value) for value in (precision, recall, f1, jaccard)], axis=0
        )
        yield infinite, f"{kind}_*: expected finite numbers"
        yield (
            ~infinite & _differs(f1, 2 * jaccard / (1 + jaccard)),
            f"{kind}_f1: {{{kind}_f1:g}} contradicts {kind}_jaccard = {{{kind}_jaccard:g}}",
        )
        # If no column is found, all three are 0.
        total = precision + recall
        harmonic = np.where(total == 0, 0.0, 2 * precision * recall / total)
        yield (
            ~infinite & _differs(f1, harmonic),
            f"{kind}_f1: {{{kind}_f1:g}} contradicts precision = {{{kind}_precision:g}} and "
            f"recall = {{{kind}_recall:g}}",
        )


def _counts(scores: _Scores) -> Iterator[_Rule]:
    """Check that invented and missed columns are whole numbers that fit precision and recall."""
    names = ("columns_invented", "columns_missed", "column_precision", "column_recall")
    invented, missed, precision, recall = _values(scores, *names)
    known = ~np.isnan([invented, missed, precision, recall]).any(axis=0)
    for name, count in (("columns_invented", invented), ("columns_missed", missed)):
        broken = ~np.isnan(count) & ~(np.isfinite(count) & (count == np.floor(count)))
        yield broken, f"{name}: {{{name}:g}} is not a whole number"
        known &= ~broken
    none_missed = missed == 0
    all_recalled = recall > 1 - _ROUNDING
    contradicted = known & (none_missed != all_recalled)
    yield (
        contradicted,
        "column_recall: {column_recall:g} contradicts columns_missed = {columns_missed:g}",
    )
    # A recall of 1 does not determine the number of columns.
    matched = missed * recall / (1 - recall)
    whole = np.rint(matched)
    counted = known & ~contradicted & ~none_missed
    misfit = counted & (np.abs(matched - whole) > _COUNT_ROUNDING * np.maximum(1, matched))
    yield (
        misfit,
        "column_recall: {column_recall:g} does not fit columns_missed = {columns_missed:g}",
    )
    expected = np.where(whole == 0, 0.0, whole / (whole + invented))
    yield (
        (known & ~contradicted & none_missed & ((invented == 0) != (precision > 1 - _ROUNDING)))
        | (counted & ~misfit & _differs(precision, expected)),
        "column_precision: {column_precision:g} contradicts columns_invented = "
        "{columns_invented:g}",
    )


def _nothing_invented(scores: _Scores) -> Iterator[_Rule]:
    """Check that without invented columns there are none in vacuum, and none that is called."""
    (invented,) = _values(scores, "columns_invented")
    for name in ("vacuum_false_per_nm2", "llr_invented"):
        (value,) = _values(scores, name)
        yield (
            (invented == 0) & ~np.isnan(value) & (value != 0),
            f"{name}: {{{name}:g}} contradicts columns_invented = 0",
        )


_PARTS = (_fidelity, _shares, _counts, _nothing_invented)


def _values(scores: _Scores, *names: str) -> tuple[np.ndarray, ...]:
    images = len(next(iter(scores.values())))
    return tuple(scores.get(name, np.full(images, np.nan)) for name in names)


def _differs(value: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Where two values differ by more than rounding; not where either is NaN."""
    return np.abs(value - expected) > _ROUNDING * np.maximum(1, np.abs(expected))
