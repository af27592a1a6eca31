"""Blocks of lines: read as a whole or cell by cell, with the same values and the same messages."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from spoiled_submissions import COLUMNS, QUICK

from tembench.core.errors import OutputError
from tembench.metrics import versions
from tembench.ranking.untrusted import csv_block, scores_csv
from tembench.ranking.untrusted.csv_block import CsvBlock, read_block
from tembench.ranking.untrusted.scores_csv import read_rows

TEXTS = ["model", "material"]
LINE = b"7,m,Au on C,0.5,1.25,0.1\n"
NUMBERS = 3
LONGEST = 200


def by_cell(lines: list[bytes]) -> CsvBlock:
    return csv_block._any_block(2, lines, TEXTS, NUMBERS, LONGEST)


def at_once(lines: list[bytes]) -> CsvBlock | None:
    return csv_block._plain_block(2, lines, TEXTS, NUMBERS, LONGEST)


def same(one: CsvBlock, other: CsvBlock) -> bool:
    arrays = (
        np.array_equal(one.numbers, other.numbers, equal_nan=True),
        np.array_equal(np.signbit(one.numbers), np.signbit(other.numbers)),
        *(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("images", "empty", "whole")),
    )
    plain = (one.first, list(one.lines), dict(one.texts), one.broken)
    return all(arrays) and plain == (
        other.first,
        list(other.lines),
        dict(other.texts),
        other.broken,
    )


HARD = [
    "0.1",
    "1e22",
    "1e23",
    "9007199254740993",
    "-9007199254740993.0",
    "4503599627370497.5",
    "1.7976931348623157e308",
    "2.2250738585072014e-308",
    "5e-324",
    "2.4703282292062328e-324",
    "1e-400",
    "1e400",
    "-inf",
    "-0.0",
    "0.30000000000000004",
    "0.00000000000000000000000000000000000123",
    "1234567890123456789012345678901234567890",
    "+.5e+00001",
    "5.",
    "",
]


def test_hard_numbers_are_read_to_the_last_bit() -> None:
    lines = [b"7,m,," + f"{text},,1\n".encode() for text in HARD]
    found = at_once(lines)
    assert found is not None
    assert same(found, by_cell(lines))
    expected = [float(text) if text else math.nan for text in HARD]
    np.testing.assert_array_equal(found.numbers[0], expected)
    assert found.empty[0].tolist() == [text == "" for text in HARD]


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        LINE[:-1],
        b"000000007,NA,,1,,\n",
        b"7,,x y,1,2,3\n",
        b"7,#m,'a',1,2,3\n",
    ],
)
def test_plain_lines_are_read_at_once(line: bytes) -> None:
    lines = [LINE, line]
    found = at_once(lines)
    assert found is not None
    assert same(found, by_cell(lines))


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"7,m,,1,2\n",
        b"7,m,,1,2,3,4\n",
        b"7,m,,1,2,3\r\n",
        b"7,m,,1,\r2,3\n",
        b"7,m,,1,2,\0\n",
        b'7,m,"",1,2,3\n',
        b'7,m,,"1",2,3\n',
        b"7,m,,1,2,nan\n",
        b"7,m,,1,2,NA\n",
        b"7,m,,1,2,1_0\n",
        b"7,m,,1,2,0x10\n",
        b"7,m,,1,2,\t3\n",
        b"7,m,,1e,2,3\n",
        b"7,m,,1e 5,2,3\n",
        b"7,m,,,,True\n",
        b"7,m,,False,,\n",
        b"7,m,,1,2,Infinity\n",
        b"7,m,,1,2, 3\n",
        b"7,m,,1,2," + b"0" * 40 + b"1\n",
        "7,m,,1,2,٣\n".encode(),
        "٣,m,,1,2,3\n".encode(),
        "7,é,,1,2,3\n".encode(),
        "\ufeff7,m,,1,2,3\n".encode(),
        b"7,\xff,,1,2,3\n",
        b"+7,m,,1,2,3\n",
        b" 7,m,,1,2,3\n",
        b"7.0,m,,1,2,3\n",
        b",m,,1,2,3\n",
        b"1234567890,m,,1,2,3\n",
        b"7,m," + b"x" * LONGEST + b",1,2,3\n",
    ],
)
def test_other_lines_are_read_cell_by_cell(line: bytes) -> None:
    for lines in ([line], [LINE, line, LINE]):
        assert at_once(lines) is None
        assert same(read_block(2, lines, TEXTS, NUMBERS, LONGEST), by_cell(lines))


def test_a_line_that_is_not_csv_ends_a_block() -> None:
    found = read_block(2, [LINE, b'7,m,"\n', LINE], TEXTS, NUMBERS, LONGEST)
    assert len(found.images) == 1
    assert found.broken.startswith("line 3: ")


Verdict = pd.DataFrame | str


def verdict(content: bytes, images: int) -> Verdict:
    try:
        return read_rows(content, Path("scores.csv"), versions(), images)
    except OutputError as problem:
        return str(problem)


ODD = st.sampled_from(
    [
        "",
        "inf",
        "nan",
        "1_0",
        '"1"',
        '"',
        "+1",
        " 1",
        "1e400",
        "True",
        "0" * 41,
        "\r",
        "\0",
        "é",
        "٣",
        "m",
    ]
)
CELLS = st.one_of(ODD, st.floats().map(repr), st.decimals(allow_nan=False).map(str))
ENDS = st.sampled_from([b"", b"\n\n", b"\r\n", b"\r", b",\n", b" \n", b"\x0b\n"])


def changed(lines: list[bytes], data: st.DataObject) -> None:
    """Change a cell, a line or a byte."""
    line = data.draw(st.integers(0, len(lines) - 1))
    what = data.draw(st.sampled_from(["cell", "byte", "end", "twice", "left out"]))
    if what == "cell":
        cells = lines[line].split(b",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(CELLS).encode()
        lines[line] = b",".join(cells)
    elif what == "byte" and lines[line]:
        content = bytearray(lines[line])
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.one_of(st.sampled_from(b'0123456789.,-eE\n\r" _'), st.integers(0, 255))
        )
        lines[line] = bytes(content)
    elif what == "end":
        lines[line] = lines[line].rstrip(b"\n") + data.draw(ENDS)
    elif what == "twice":
        lines.insert(line, lines[line])
    elif len(lines) > 1:
        lines.pop(line)


@pytest.mark.slow
@QUICK
@given(st.data())
def test_both_ways_of_reading_agree_on_any_file(submitted: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["good", "clean"]))
    lines = (submitted / name / "scores.csv").read_bytes().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(0, 3))):
        changed(lines, data)
    content = b"".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores_csv, "_LINES_OF_A_BLOCK", data.draw(st.sampled_from([1, 3, 4096])))
        found = verdict(content, 10)
        patch.setattr(csv_block, "_plain_block", lambda *_: None)
        expected = verdict(content, 10)
    if isinstance(expected, str):
        assert found == expected
    else:
        assert isinstance(found, pd.DataFrame)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_file_of_several_blocks(submitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (submitted / "good" / "scores.csv").read_bytes().splitlines(keepends=True)
    heading, *rows = lines
    expected = verdict(b"".join(lines), 10)
    monkeypatch.setattr(scores_csv, "_LINES_OF_A_BLOCK", 4)
    found = verdict(b"".join([heading, *reversed(rows)]), 10)
    assert isinstance(expected, pd.DataFrame)
    assert isinstance(found, pd.DataFrame)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    at = COLUMNS.index("ssim")
    for row in (0, 7):
        cells = rows[row].split(b",")
        cells[at] = b"2"
        rows[row] = b",".join(cells)
    assert "line 2: ssim: expected a number from -1 to 1, got '2' for image 2; line 9: ssim" in (
        str(verdict(b"".join([heading, *rows]), 10))
    )
    assert "expected 9 images, got more" in str(verdict(b"".join(lines), 9))
