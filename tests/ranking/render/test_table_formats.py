"""Formats of a table: complete, self-contained, and safe against untrusted text."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from parsed_page import parse

from tembench.core.files import write_toml
from tembench.metrics import GROUPS, METRICS
from tembench.ranking.number_format import interval_text, number_text, seconds_text
from tembench.ranking.render.axis import FigureAxis
from tembench.ranking.render.table_formats import render_table
from tembench.ranking.statistics import Interval
from tembench.ranking.submission_folders import build_table
from tembench.ranking.table_rows import Table

CONTROLS_LAST = ["twin", "good", "poor", "clean", "vacuum", "noisy"]
PICTURE = "data:image/png;base64,"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>|`*_{{7*7}}"


@pytest.fixture(scope="module")
def table(submitted: Path) -> Table:
    return build_table(submitted)


@pytest.fixture
def evil_table(submitted: Path, tmp_path: Path) -> Table:
    """A submission whose every free text attacks the page."""
    folder = Path(shutil.copytree(submitted, tmp_path / "all"))
    path = folder / "good" / "submission.toml"
    content = tomllib.loads(path.read_text())
    content["method"] |= {
        "title": EVIL,
        "summary": EVIL,
        "licence": EVIL,
        "training_data": EVIL,
        "paper": {"title": EVIL, "doi": '10.1000/"onload=alert(3)', "url": "javascript:alert(4)"},
        "parameters": {EVIL: [EVIL]},
    }
    content["run"] |= {"device": EVIL, "tembench": "</style>"}
    write_toml(path, content)
    return build_table(folder)


@pytest.mark.slow
@pytest.mark.parametrize("width", [50, 56, 60, 64, 71, 72, 80, 88, 96, 100, 104, 110, 140])
def test_terminal_fits(table: Table, width: int) -> None:
    text = render_table(table, "terminal", width=width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    assert "∞" in text
    assert "\x1b" not in text
    for row in table.rows:
        name = row.submission.name
        assert sum(name in line.lower() for line in text.splitlines()) == 1


def test_no_terminal_is_too_narrow_for_a_number(table: Table) -> None:
    assert render_table(table, "terminal", width=20) == render_table(table, "terminal", width=50)


def test_terminal_in_colour(table: Table) -> None:
    assert "\x1b[" in render_table(table, "terminal", width=80, colour=True)


@pytest.mark.slow
def test_terminal_shortens_long_names_alone(evil_table: Table) -> None:
    text = render_table(evil_table, "terminal", width=110)
    assert "<script>" in text  # harmless there
    line = next(line for line in text.splitlines() if "<script>" in line)
    assert "…" in line
    assert line.endswith("learned")


def test_markdown_has_a_row_each(table: Table) -> None:
    for text in render_table(table, "markdown").split("**Costs**"):
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len(lines) == 2 + len(table.rows)
        assert len({line.count("|") for line in lines}) == 1


@pytest.mark.slow
def test_markdown_is_escaped(evil_table: Table) -> None:
    text = render_table(evil_table, "markdown")
    assert not re.search(r"(?<!\\)<script", text)
    row = next(line for line in text.splitlines() if "script" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 11


def test_csv_reads_back(table: Table) -> None:
    rows = list(csv.DictReader(io.StringIO(render_table(table, "csv"))))
    assert [row["name"] for row in rows] == CONTROLS_LAST
    assert rows[-3]["psnr_db"] == "inf"
    assert float(rows[0]["psnr_db_low"]) < float(rows[0]["psnr_db"])
    assert {row["recipe_id"] for row in rows} == {"ab" * 32}


@pytest.mark.slow
def test_csv_holds_no_formula(submitted: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(submitted, tmp_path / "all"))
    path = folder / "good" / "submission.toml"
    content = tomllib.loads(path.read_text())
    content["method"]["title"] = '=HYPERLINK("http://x")'
    write_toml(path, content)
    rows = csv.DictReader(io.StringIO(render_table(build_table(folder), "csv")))
    assert all(row["title"][0] not in "=+-@" for row in rows)


def test_json_is_valid_and_complete(table: Table) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    found = json.loads(render_table(table, "json"), parse_constant=refuse)
    assert [row["name"] for row in found["rows"]] == CONTROLS_LAST
    assert [metric["name"] for metric in found["metrics"]] == list(METRICS)
    assert found["rows"][-3]["values"]["psnr_db"]["mean"] == "inf"
    assert found["rows"][-3]["rank"] is None


@pytest.mark.slow
def test_html_needs_no_network(table: Table) -> None:
    page = parse(render_table(table, "html"))
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        for name in ("srcset", "poster", "data", "action"):
            assert name not in attributes
        assert str(attributes.get("src", PICTURE)).startswith(PICTURE)
        if tag == "a":
            assert str(attributes["href"]).startswith(("#", "https://doi.org/"))
    assert "url(" not in render_table(table, "html")


@pytest.mark.slow
def test_html_says_everything(table: Table) -> None:
    html = render_table(table, "html")
    page = parse(html)
    for word in ("tiny 1.0.0", "model, test part", "ab" * 32, "10.1109/TCI.2022.3176536"):
        assert word in page.text
    for metric in table.metrics:
        assert metric.summary in page.text
    for row in table.rows:
        assert row.submission.description.method.title in page.text
    for heading in GROUPS:
        assert page.text.count(heading) >= 1 + len(table.rows)
    for row in table.rows:
        for metric in table.metrics:
            assert interval_text(metric, row.values[metric.name]) in page.text
    buttons = [tag for tag, _ in page.elements if tag == "button"]
    headers = [attributes for tag, attributes in page.elements if tag == "th"]
    # The interval is a picture of the PSNR beside it; all else sorts, and so does the theme.
    assert len(buttons) == len(headers)
    # Methods and controls of two tables: what was scored, and what it cost.
    assert sum(tag == "tbody" for tag, _ in page.elements) == 4
    assert [
        h["aria-sort"] for h in headers if h.get("aria-sort") != "none" and "aria-sort" in h
    ] == ["descending"]
    assert all(
        attributes.get("aria-label")
        for _, attributes in page.elements
        if attributes.get("role") == "img"
    )


@pytest.mark.slow
def test_html_escapes_every_word(evil_table: Table) -> None:
    html = render_table(evil_table, "html")
    page = parse(html)
    assert "onerror=alert" in page.text  # shown as text
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert tags.count("style") == 1
    assert all(
        str(attributes["src"]).startswith(PICTURE) and "onload" not in attributes
        for tag, attributes in page.elements
        if tag == "img"
    )
    assert not [
        name for _, attributes in page.elements for name in attributes if name.startswith("on")
    ]
    assert "javascript:" not in html
    assert "10.1000/&#34;onload" not in html  # no link is made of it
    assert "49" not in page.text.partition("{{7*7}}")[0][-30:]


@pytest.mark.slow
def test_html_runs_its_own_script_only(evil_table: Table) -> None:
    html = render_table(evil_table, "html")
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(
        str(attributes["content"])
        for tag, attributes in parse(html).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


@pytest.mark.slow
def test_the_page_is_the_same_every_time(table: Table, submitted: Path) -> None:
    assert render_table(table, "html") == render_table(build_table(submitted), "html")


def test_unknown_format(table: Table) -> None:
    with pytest.raises(ValueError, match="expected one of terminal"):
        render_table(table, "docx")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (38.456, 2, "38.46"),
        (-0.00001, 3, "0.000"),
        (-0.5, 1, "−0.5"),
        (-701.9, 3, "−702"),
        (1.5e9, 2, "1.5e+09"),
        (float("inf"), 2, "∞"),
        (float("-inf"), 2, "−∞"),
        (float("nan"), 2, "–"),
    ],
)
def test_numbers(value: float, decimals: int, text: str) -> None:
    assert number_text(value, decimals) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0001, "<0.001"),
        (0.034, "0.034"),
        (0.814, "0.81"),
        (1.96, "2.0"),
        (9.96, "10"),
        (0.00151, "0.002"),
        (123.4, "123"),
    ],
)
def test_seconds(seconds: float | None, text: str) -> None:
    assert seconds_text(seconds) == text


def test_an_unbounded_interval_is_a_dash() -> None:
    wide = Interval(mean=30.0, low=float("-inf"), high=float("inf"))
    assert interval_text(METRICS["psnr_db"], wide) == "–"


def test_a_hopeless_control_does_not_squeeze_the_axis() -> None:
    rows = [Interval(mean=m, low=m - 0.2, high=m + 0.2) for m in (30.0, 34.0)]
    axis = FigureAxis(rows, [Interval(mean=6.0, low=5.9, high=6.1)], digit=0.01)
    assert 27 < axis.low < 30
    assert 34 < axis.high < 36
    assert axis.position(6.0) == 0.0
    assert not axis.includes(6.0)
    assert all(axis.includes(tick) for tick in axis.ticks)
    assert 2 <= len(axis.ticks) <= 6


@pytest.mark.parametrize("means", [[], [30.0], [float("inf")], [30.0, 30.0], [1e60]])
def test_an_axis_of_hardly_anything(means: list[float]) -> None:
    everywhere = [Interval(mean=m, low=-float("inf"), high=float("inf")) for m in means]
    axis = FigureAxis(everywhere, [], digit=0.01)
    assert axis.low < axis.high
    assert axis.ticks
