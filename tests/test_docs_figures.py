"""Numbers in the docs, checked against the pictures and tables that they come from."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tembench.core.plotting import picture_record
from tembench.metrics import columns, frc, inputs, occupancy, paper_protocol
from tembench.ranking import render_table, update_page
from tembench.ranking.render.table_figure import table_record
from tembench.ranking.table_rows import Table

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
# Its numbers are printed by commands.
PRINTED = "docs/calibration.md"
# Pages with tables between markers.
MARKED = ["README.md", "docs/open-track.md"]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load(ROOT / "docs" / "figures.py")


@pytest.fixture(scope="module")
def tables(script: ModuleType) -> list[Table]:
    """Of the closed and of the open track."""
    return script.tables_of_tracks()


@pytest.fixture(scope="module")
def table(tables: list[Table]) -> Table:
    return tables[0]


@pytest.fixture(scope="module")
def found(script: ModuleType, tables: list[Table]) -> dict[str, str]:
    return script.figures(*tables)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_quotes_the_numbers_of_the_records(
    page: str, script: ModuleType, found: dict[str, str]
) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert script.refreshed(text, found) == text, "run: python docs/figures.py"


@pytest.mark.slow
@pytest.mark.parametrize("page", MARKED)
def test_the_tables_of_a_page_are_fresh(page: str, tables: list[Table]) -> None:
    update_page(ROOT / page, tables, check=True)


@pytest.mark.slow
def test_the_whole_table_of_the_open_track_is_fresh(tables: list[Table]) -> None:
    text = (ROOT / "docs" / "results" / "open-hrtem.md").read_text(encoding="utf-8")
    assert text == render_table(tables[1], "markdown"), "the command is in docs/open-track.md"


@pytest.mark.parametrize("page", [page for page in PAGES if page != PRINTED])
def test_no_decibel_is_typed_by_hand(page: str, script: ModuleType) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for written in (r"^```.*?^```", r"^<!-- tembench leaderboard .*?^<!-- /tembench leaderboard"):
        text = re.sub(written, "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"[\d.]+\s+dB\b", script.MARKED.sub("", text))


@pytest.mark.parametrize("page", PAGES)
def test_no_mark_begins_a_line_of_text(page: str) -> None:
    # Markdown would treat such a line as HTML and show its other marks literally.
    text = (ROOT / page).read_text(encoding="utf-8")
    assert not re.findall(r"^\s*<!--.*?-->.+$", text, flags=re.MULTILINE)


def test_a_mark_without_a_number_is_an_error(script: ModuleType) -> None:
    assert script.refreshed("<!--=a-->0<!--/=--> <!--=trial-->2 dB<!--/=-->", {"a": "1 dB"}) == (
        "<!--=a-->1 dB<!--/=--> <!--=trial-->2 dB<!--/=-->"
    )
    broken = "<!--=a-->1\ndB<!--/=-->"
    assert script.refreshed(broken, {"a": "1 dB"}) == broken
    with pytest.raises(KeyError, match="b"):
        script.refreshed("<!--=b-->0<!--/=-->", {"a": "1"})


def rows(*names: str) -> SimpleNamespace:
    """Give a table with rows of these methods."""
    described = [SimpleNamespace(method=SimpleNamespace(name=name)) for name in names]
    return SimpleNamespace(
        rows=[SimpleNamespace(submission=SimpleNamespace(description=one)) for one in described]
    )


def test_baselines_without_a_row_are_named(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "list_methods", lambda: ["a", "b", "c"])
    assert script._coverage(rows("a", "b"), rows("c", "other")) == "all 3 baselines"
    assert script._coverage(rows("a", "c")) == "2 of the 3 baselines (`b` has no row)"
    assert script._coverage(rows("a")) == "1 of the 3 baselines (`b` and `c` have no row)"


@pytest.mark.slow
def test_the_picture_of_the_table_matches_the_submissions(table: Table) -> None:
    drawn = picture_record(ROOT / "docs" / "ptceo2-18k-table.png")
    assert drawn == table_record(table), (
        "run: tembench leaderboard submissions --recipe ptceo2-18k --format png "
        "--out docs/ptceo2-18k-table.png"
    )


@pytest.mark.parametrize(
    "phrase",
    [
        f"within {columns.MATCH_A} Å, by optimal assignment",
        f"Laplacian of a Gaussian of {columns.SIGMA_A} Å",
        f"stronger than {columns.CLEAN_THRESHOLD} e/px",
        f"from {columns.DENOISED_THRESHOLD} e/px up",
        f"within {columns.SURFACE_A} Å of a surface column",
        f"circumradius below {paper_protocol.CIRCUMRADIUS_A} Å",
        f"Gaussian of {occupancy.COLUMN_A} Å",
        f"its surroundings ({occupancy.SURROUNDINGS_A} Å)",
        f"disc (radius {inputs.DISC_A:.2f} Å)",
        f"above its {1 - inputs.FALSE_ALARM_RATE:.0%}".replace("%", " %"),
        f"difference to a Gaussian of {inputs.REFERENCE_SIGMA_A} Å",
        f"rings of {frc.STEP_PER_A * frc.STEPS_PER_RING:g} 1/Å from {frc.BAND_PER_A[0]:g} to",
    ],
)
def test_the_page_of_metrics_has_the_constants_of_the_code(phrase: str) -> None:
    text = " ".join((ROOT / "docs" / "metrics.md").read_text(encoding="utf-8").split())
    assert phrase in text
