"""Contradictory scores are found, and consistent ones never reported."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tembench.metrics.matching import ColumnCounts
from tembench.ranking.untrusted import consistency

FEW = st.integers(0, 4) | st.integers(0, 3000)


def contradictions(scores: dict[str, float]) -> list[str]:
    """Contradictions between the scores of one image among others that lack all scores."""
    lacking = [math.nan, math.nan]
    found = consistency.contradictions(
        {name: np.array([*lacking, value, *lacking]) for name, value in scores.items()}
    )
    assert found.keys() <= {2}
    return found.get(2, [])


def shares(kind: str, counts: ColumnCounts) -> dict[str, float]:
    names = ("precision", "recall", "f1", "jaccard")
    return {f"{kind}_{name}": getattr(counts, name) for name in names}


def row(matched: int = 14, missed: int = 1, invented: int = 1) -> dict[str, float]:
    counts = ColumnCounts(matched=matched, missed=missed, invented=invented)
    return {
        "psnr_db": 30.0,
        "mse": 0.001,
        "seconds": 0.1,
        **shares("column", counts),
        **shares("surface", counts),
        "columns_invented": float(invented),
        "columns_missed": float(missed),
        "vacuum_false_per_nm2": 0.0,
        "llr_invented": 0.0,
    }


@pytest.mark.slow
@given(FEW, FEW, FEW)
def test_true_counts_contradict_nothing(matched: int, missed: int, invented: int) -> None:
    assert contradictions(row(matched, missed, invented)) == []


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_released_protocol_may_pair_two_with_one(
    matched: int, missed: int, denoised: int
) -> None:
    if denoised == 0:
        matched = 0  # nothing there to be paired with
    counts = ColumnCounts(matched=matched, missed=missed, invented=denoised - matched)
    assert contradictions({"psnr_db": 30.0, "seconds": 0.1, **shares("released", counts)}) == []


@pytest.mark.parametrize(
    ("changed", "reported"),
    [
        ({"column_f1": 0.95}, "column_f1: 0.95 contradicts column_jaccard = 0.875"),
        ({"surface_precision": 0.5}, "surface_f1: 0.933333 contradicts precision = 0.5"),
        ({"surface_jaccard": 1.0}, "surface_f1: 0.933333 contradicts surface_jaccard = 1"),
        ({"columns_invented": 1.5}, "columns_invented: 1.5 is not a whole number"),
        ({"columns_missed": math.inf}, "columns_missed: inf is not a whole number"),
        ({"columns_missed": 0.0}, "column_recall: 0.933333 contradicts columns_missed = 0"),
        ({"columns_invented": 2.0}, "column_precision: 0.933333 contradicts columns_invented = 2"),
        ({"column_recall": 0.93}, "column_recall: 0.93 does not fit columns_missed = 1"),
        ({"surface_f1": math.inf}, "surface_.*: expected finite numbers"),
    ],
)
def test_a_contradiction_is_reported(changed: dict[str, float], reported: str) -> None:
    found = contradictions(row() | changed)
    assert any(reported.replace(".*", "*") in text for text in found), found


def test_nothing_invented_is_nowhere() -> None:
    clean = row(invented=0)
    assert contradictions(clean | {"vacuum_false_per_nm2": 0.2}) == [
        "vacuum_false_per_nm2: 0.2 contradicts columns_invented = 0"
    ]
    assert contradictions(clean | {"llr_invented": 1.0})
    assert contradictions(row(missed=0) | {"column_precision": 1.0, "column_f1": 1.0})


def test_metrics_that_are_not_there_contradict_nothing() -> None:
    assert contradictions({"psnr_db": 30.0, "seconds": math.nan}) == []
