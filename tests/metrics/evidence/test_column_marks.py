"""Marks of columns: found, not found, not there, and what the counts say of each."""

from __future__ import annotations

import numpy as np
import pytest
from metrics_fakes import BRIGHTNESS, blob, drawn, inputs, nothing, particle, without

from tembench.metrics import FALSE_ALARM_RATE
from tembench.metrics.evidence.column_marks import (
    COLUMN_KINDS,
    ColumnMarks,
    column_marks,
    invented_discs,
    true_discs,
)

AWAY_A = (3.0, 3.0)


def places(marks: ColumnMarks, kind: str) -> np.ndarray:
    return marks.xy_A[marks.kind == kind]


@pytest.mark.slow
def test_each_column_is_marked_as_what_it_is() -> None:
    sites = without(particle(), 0)
    shown = without(sites, 5)
    marks = column_marks(inputs(drawn(shown) + blob(*AWAY_A, 6 * BRIGHTNESS), sites=sites))
    assert [int((marks.kind == kind).sum()) for kind in COLUMN_KINDS] == [10, 1, 1, 1]
    assert places(marks, "missed")[0] == pytest.approx(sites.xy_A[5], abs=0.1)
    assert places(marks, "invented")[0] == pytest.approx(AWAY_A, abs=0.1)
    assert places(marks, "removed")[0] == pytest.approx(sites.xy_A[0])


@pytest.mark.slow
def test_a_bright_column_is_called_and_a_removed_one_is_not_tested() -> None:
    sites = without(particle(), 0)
    given = inputs(sites=sites, dose=20.0)
    marks = column_marks(given)
    matched, removed = (marks.kind == kind for kind in ("matched", "removed"))
    assert matched.sum() == 11
    assert marks.called[matched].all()
    assert (marks.ratio[matched] > given.nulls.fixed.critical(FALSE_ALARM_RATE)).all()
    assert np.isnan(marks.ratio[removed]).all()
    assert not marks.called[removed].any()


def test_an_invented_column_is_held_to_the_searched_null() -> None:
    given = inputs(drawn(nothing()) + blob(*AWAY_A, 6 * BRIGHTNESS), sites=nothing())
    discs = invented_discs(given)
    assert len(discs.ratio) == 1
    assert not discs.called.any()
    # A ratio between the two critical values is significant at a place fixed beforehand alone.
    fixed, searched = (
        null.critical(FALSE_ALARM_RATE) for null in (given.nulls.fixed, given.nulls.searched)
    )
    assert fixed < searched


def test_ratios_are_those_of_the_true_columns() -> None:
    given = inputs(sites=particle())
    marks, discs = column_marks(given), true_discs(given)
    assert marks.ratio[marks.kind == "matched"] == pytest.approx(discs.ratio)


def test_a_blank_image_has_no_marks() -> None:
    assert len(column_marks(inputs(sites=nothing())).kind) == 0
