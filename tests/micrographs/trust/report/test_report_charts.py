"""Charts of a report."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.micrographs.trust.report.report_charts import HEIGHT, WIDTH, Chart, Line, ticks


def test_a_line_has_gaps_and_stays_inside() -> None:
    line = Line(name="a", style="first", y=np.array([0.0, 5.0, np.nan, 1.0]))
    chart = Chart(x=np.arange(4.0), lines=(line,), x_title="", y_title="", y_range=(0.0, 2.0))
    path = line.d(chart)
    assert path.count("M") == 2
    assert path.count("L") == 1
    left, top, right, bottom = chart.box
    assert path.startswith(f"M{left:.1f} {bottom:.1f}L")
    assert path.endswith(f"{right:.1f} {(top + bottom) / 2:.1f}")
    assert 0 < left < right < WIDTH
    assert 0 < top < bottom < HEIGHT


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.2, 1.0), (0.3, 1.38), (0, 570)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 3 <= len(found) <= 12
    assert low <= found[0] < found[-1] <= high


def test_ticks_of_nothing() -> None:
    assert list(ticks(1.0, 1.0)) == [1.0]
