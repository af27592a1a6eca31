"""`tembench leaderboard`: columns, formats and pages; usage errors before any work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_runs import error_line, tembench

ROWS = Path(__file__).parents[2] / "submissions" / "ptceo2-18k"
MARKER, END = "<!-- tembench leaderboard ptceo2-18k test -->", "<!-- /tembench leaderboard -->"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Submissions of a control and of a filter; read only."""
    if not ROWS.is_dir():
        pytest.skip("needs the submissions of a checkout")
    folder = tmp_path_factory.mktemp("rows")
    for name in ("noisy", "gaussian"):
        shutil.copytree(ROWS / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--check", "--check requires --update FILE"),
        ("--columns psnr_db --format html", "--columns is for --format terminal, markdown, latex"),
        ("--columns psnr_db --show costs", "without --show"),
        ("--columns psnr_db --update README.md", "the page names the columns of a table in its"),
        ("--update README.md --format latex", "--update writes the page alone"),
        ("--update README.md --out table.md", "--update writes the page alone"),
        ("--update README.md --json", "--update writes the page alone"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: str, message: str) -> None:
    assert message in error_line(tembench("leaderboard", "nowhere", *options.split()), 2)


@pytest.mark.slow
def test_a_page_is_kept_fresh(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"# Mine\n\n{MARKER}\n{END}\n")
    update = ("leaderboard", folder, "--recipe", "ptceo2-18k", "--update", page)
    line = error_line(tembench(*update, "--check"), 7)
    assert "stale: ptceo2-18k test" in line
    assert "Run the same command without --check" in line
    assert page.read_text() == f"# Mine\n\n{MARKER}\n{END}\n"
    assert tembench(*update).stdout == f"{page}: written (ptceo2-18k test)\n"
    assert "| Gaussian filter |" in page.read_text()
    checked = tembench(*update, "--check")
    assert (checked.returncode, checked.stdout) == (0, f"{page}: up to date\n")


@pytest.mark.slow
def test_columns_are_chosen(folder: Path, tmp_path: Path) -> None:
    chosen = ("leaderboard", folder, "--columns", "ssim, seconds_per_image")
    head = tembench(*chosen, "--format", "markdown").stdout.splitlines()[2]
    assert head == "| Rank | Method | SSIM | s/image |"
    assert "SSIM  s/image" in tembench(*chosen).stdout
    out = tmp_path / "table.tex"
    assert tembench(*chosen, "--format", "latex", "--out", out).returncode == 0
    assert "Rank & Method & SSIM & s/image" in out.read_text()
    line = error_line(tembench(*chosen[:-1], "ssmi,psnr_db"), 7)
    assert "the table has no such column" in line
    assert "got ssmi" in line
    assert "Did you mean 'ssim'?" in line
