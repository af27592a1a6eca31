"""CSV and Markdown as every room writes them, and amounts in three figures."""

from __future__ import annotations

import csv
import io
import math

import pytest

from tembench.core.text_tables import (
    amount_text,
    csv_text,
    first_few,
    markdown_escaped,
    markdown_table,
)


def test_floats_read_back_from_csv_to_the_same_value() -> None:
    values = [0.1 + 0.2, 1e-300, -math.inf, 1 / 3]
    headings, row = csv.reader(io.StringIO(csv_text([["a", "b", "c", "d"], values])))
    assert headings == ["a", "b", "c", "d"]
    assert [float(cell) for cell in row] == values


def test_csv_quotes_what_needs_it_and_leaves_none_empty() -> None:
    assert csv_text([["name", "n"], ['a, "b"', None]]) == 'name,n\n"a, ""b""",\n'


def test_markdown_aligns_text_left_and_numbers_right() -> None:
    rows = [["Method", "dB", "Kind"], ["a", "30.1", "network"]]
    assert markdown_table(rows, (0, 2)).splitlines() == [
        "| Method | dB | Kind |",
        "|:--|--:|:--|",
        "| a | 30.1 | network |",
    ]
    assert markdown_table(rows, padded=True).splitlines()[1] == "| :-- | --: | --: |"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("UNet, 2 scales", "UNet, 2 scales"),
        ("a|b", "a\\|b"),
        ("<b>", "\\<b\\>"),
        ("@name", "\\@<!-- -->name"),
        ("https://a.b", "https\\://a.b"),
        ("www.a.b", "www\\.a.b"),
    ],
)
def test_untrusted_text_is_plain_in_markdown(text: str, escaped: str) -> None:
    assert markdown_escaped(text) == escaped


def test_a_message_shows_the_first_few_numbers() -> None:
    assert first_few([3, 1]) == "3, 1"
    assert first_few(range(9)) == "0, 1, 2, 3, 4, ..."


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [(0, "", "0"), (7, "", "7"), (999.4, "", "999"), (999.6, "", "1 k"), (31_042, "", "31 k"),
     (7_654_321, "", "7.65 M"), (1.2e9, "", "1.2 G"), (3e15, "", "3000 T"),
     (0, "B", "0 B"), (109_000_000, "B", "109 MB"), (999_700_000, "B", "1 GB")],
)  # fmt: skip
def test_amounts_have_three_figures(number: float, unit: str, text: str) -> None:
    assert amount_text(number, unit) == text
