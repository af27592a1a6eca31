"""Untrusted scores: read in bounded memory, every value in its range."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from spoiled_submissions import COLUMNS, QUICK, set_score

from tembench.core.errors import OutputError
from tembench.metrics import versions
from tembench.ranking.submission import check_submission
from tembench.ranking.submission_folders import build_table
from tembench.ranking.untrusted.scores_csv import read_rows

HEADING = (",".join(COLUMNS) + "\n").encode()


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * (1 << 24),
        HEADING + b"\n" * (1 << 24),
        HEADING + b"," * (1 << 24),
        HEADING + b'"' * (1 << 24),
        HEADING + b"1" * (1 << 24),
        HEADING + b"1,m" + b",0" * (len(COLUMNS) - 2) + b"\n" * (1 << 24),
        HEADING + b'"\n' * (1 << 23),
        HEADING + b"a\n" * (1 << 23),
    ],
    ids=["lines", "rows", "commas", "quotes", "one line", "row and lines", "open", "short"],
)
def test_sixteen_megabytes_without_scores_are_refused_at_once(content: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(OutputError) as caught:
        read_rows(content, Path("scores.csv"), versions(), 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("psnr_db", "5000"),
        ("umse", "-1e308"),
        ("umse", "-1e5"),
        ("umse_product", "-inf"),
        ("umse_paired", "-inf"),
        ("skill", "-1e300"),
        ("particle_skill", "-inf"),
        ("columns_missed", "1e308"),
        ("columns_invented", "inf"),
        ("mse", "1e308"),
        ("llr_columns", "inf"),
        ("llr_pixels", "1e5"),
        ("released_f1", "1e308"),
        ("vacuum_ripple", "1e308"),
        ("occupancy_error_atoms", "inf"),
        ("seconds", "1e308"),
        ("seconds", "inf"),
    ],
)
def test_a_score_beyond_any_image_is_refused_by_metric_range_and_image(
    submission: Path, column: str, text: str
) -> None:
    set_score(submission, 2, column, text)
    with pytest.raises(
        OutputError, match=rf"{column}: expected a number from .* to .* got"
    ) as told:
        check_submission(submission)
    assert "for image 3" in str(told.value)


@pytest.mark.slow
def test_no_accepted_score_overflows_in_the_table(folder: Path) -> None:
    for row in range(1, 11):
        for column, text in (("vacuum_ripple", "9e99"), ("occupancy_error_atoms", "9e99")):
            set_score(folder / "poor", row, column, text)
    assert len(build_table(folder, ranked_by="vacuum_ripple").rows) == 6


CELLS = st.one_of(
    st.sampled_from(
        ["", "inf", "-inf", "nan", "1e308", "-1e308", "1e-320", "0", "1", "1_0", '"', "m"]
    ),
    st.floats().map(repr),
    st.text(max_size=8),
)


@pytest.mark.slow
@QUICK
@given(st.data())
def test_any_scores_are_read_or_refused(submitted: Path, data: st.DataObject) -> None:
    lines = (submitted / "good" / "scores.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    for _ in range(data.draw(st.integers(1, 4))):
        row = cells[data.draw(st.integers(0, len(cells) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    content = "\n".join(",".join(row) for row in cells).encode("utf-8", "surrogatepass")
    with suppress(OutputError):
        read_rows(content, Path("scores.csv"), versions(), 10)
