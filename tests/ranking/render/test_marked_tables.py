"""Tables between markers in a page: written again, left alone, and refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import drawn_scores, scores_of, submission_of

from tembench.core import TableError
from tembench.ranking import update_page
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

pytestmark = pytest.mark.slow

OPEN, CLOSED = "<!-- tembench leaderboard open test -->", "<!-- tembench leaderboard tiny test -->"
END = "<!-- /tembench leaderboard -->"


def table(recipe: str, drawn: bool, *values: tuple[str, float]) -> Table:
    rows = []
    for name, psnr_db in values:
        scores = drawn_scores(12) if drawn else scores_of()
        noise = np.random.default_rng(len(name)).normal(0, 0.01, len(scores))
        scores["psnr_db"] = psnr_db + noise
        kind = "control" if name == "noisy" else "classical"
        rows.append(submission_of(name, scores, recipe=recipe, kind=kind))
    return table_of_submissions(rows)


@pytest.fixture(scope="module")
def tables() -> list[Table]:
    return [
        table("open", True, ("noisy", 35.0), ("bm3d", 31.0), ("smooth", 28.0)),
        table("tiny", False, ("bm3d", 40.0), ("smooth", 30.0)),
    ]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(f"# Mine\n\n{OPEN}\nStale.\n{END}\n\nText.\n\n{CLOSED}\n{END}\nEnd.", "utf-8")
    return path


def test_tables_are_written_between_their_markers(page: Path, tables: list[Table]) -> None:
    assert update_page(page, tables) == f"{page}: written (open test, tiny test)"
    text = page.read_text("utf-8")
    assert text.startswith(f"# Mine\n\n{OPEN}\n\n| Rank | Method | PSNR, dB |")
    assert text.endswith(f"\n\n{END}\nEnd.")
    assert "Stale." not in text
    opened = text.partition(OPEN)[2].partition(END)[0]
    assert "PSNR minus bm3d, dB" in opened
    names = [line.split(" | ")[1] for line in opened.splitlines() if line.startswith("| ")]
    assert names[0] == "Method"
    # The control is last, however good it is.
    assert names[-1] == "*Noisy*"
    assert "of 12 specimens" in opened
    before = page.stat().st_mtime_ns
    assert update_page(page, tables) == f"{page}: up to date"
    assert update_page(page, tables, check=True) == f"{page}: up to date"
    assert page.stat().st_mtime_ns == before


def test_a_stale_row_is_named_and_nothing_written(page: Path, tables: list[Table]) -> None:
    update_page(page, tables)
    fresh = page.read_text("utf-8")
    row = next(line for line in fresh.splitlines() if "Smooth" in line)
    page.write_text(fresh.replace(row, row.replace("28.00", "39.00"), 1), "utf-8")
    with pytest.raises(TableError, match=r"stale: open test; expected .*28\.00.*got .*39\.00"):
        update_page(page, tables, check=True)
    assert "39.00" in page.read_text("utf-8")
    update_page(page, tables)
    assert page.read_text("utf-8") == fresh
    page.write_text(fresh.replace(row + "\n", "", 1), "utf-8")
    with pytest.raises(TableError, match=r"expected .*Smooth"):
        update_page(page, tables, check=True)


def test_other_tables_are_left_alone(page: Path, tables: list[Table]) -> None:
    assert update_page(page, tables[1:], recipe="tiny") == f"{page}: written (tiny test)"
    assert f"{OPEN}\nStale.\n{END}" in page.read_text("utf-8")
    with pytest.raises(TableError, match=r"no line <!-- tembench leaderboard open dev -->"):
        update_page(page, tables, recipe="open", part="dev")


def test_a_marker_names_its_columns(page: Path, tables: list[Table]) -> None:
    marker = "<!-- tembench leaderboard open test: ssim, worst_tenth -->"
    page.write_text(f"{marker}\n{END}\n", "utf-8")
    update_page(page, tables)
    head = page.read_text("utf-8").splitlines()[2]
    assert head == "| Rank | Method | SSIM | PSNR worst tenth, dB |"
    page.write_text(f"{marker.replace('ssim', 'beauty')}\n{END}\n", "utf-8")
    with pytest.raises(TableError, match=r"open, test part: .*no such column; .*got beauty"):
        update_page(page, tables)


def test_markers_in_code_are_text(page: Path, tables: list[Table]) -> None:
    code = f"````\n{OPEN}\n```\n{OPEN}\n````\n~~~ md\n{END}\n~~~\n"
    page.write_text(f"{code}{OPEN}\n{END}\n", "utf-8")
    update_page(page, tables)
    assert page.read_text("utf-8").startswith(f"{code}{OPEN}\n\n|")


def test_line_ends_are_kept(page: Path, tables: list[Table]) -> None:
    page.write_bytes(f"{OPEN}\r\n{END}\r\n".encode())
    update_page(page, tables)
    lines = page.read_bytes().split(b"\n")
    assert len(lines) > 5
    assert all(line.endswith(b"\r") for line in lines[:-1])
    assert update_page(page, tables) == f"{page}: up to date"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "no line <!-- tembench leaderboard RECIPE test -->"),
        (f"{OPEN}\n", f"line 1: no {END} after {OPEN}"),
        (f"a\n{END}\n", f"line 2: expected a line .* got {END}"),
        (f"{OPEN}\n{CLOSED}\n{END}\n", f"line 2: expected {END}, got {CLOSED}"),
        (f"Text {OPEN}\n{END}\n", "2 mistakes: line 1: expected a line"),
        ("<!--tembench leaderboard open-->\n", "line 1: expected a line"),
        (f"{OPEN.replace('open', 'shut')}\n{END}\n", "no table of shut test among open test, tiny"),
        (f"{OPEN}\n{END}\n{END}\n{OPEN}\n", "2 mistakes: line 3: .*; line 4: no "),
    ],
)
def test_wrong_markers_are_named(page: Path, tables: list[Table], text: str, message: str) -> None:
    page.write_text(text, "utf-8")
    with pytest.raises(TableError, match=message) as problem:
        update_page(page, tables)
    assert "\n" not in str(problem.value)
    assert page.read_text("utf-8") == text


def test_a_page_must_be_there_and_text(page: Path, tables: list[Table]) -> None:
    with pytest.raises(TableError, match="no such file; expected a Markdown page"):
        update_page(page.with_name("other.md"), tables)
    page.write_bytes(b"\xff\xfe")
    with pytest.raises(TableError, match="not a text file"):
        update_page(page, tables)


def test_tables_of_two_splits_are_not_told_apart(page: Path, tables: list[Table]) -> None:
    with pytest.raises(TableError, match="line 3: several tables of open test among"):
        update_page(page, [*tables, tables[0]])
