"""`tembench metrics`, `score`, `submit`, `check` and `leaderboard`."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import error_line, tembench as run
from click.testing import CliRunner, Result
from terminal_runs import STYLE, on_a_terminal

from tembench.cli import cli
from tembench.core.errors import OutputError
from tembench.metrics import GROUPS, METRICS

SUBMISSIONS = Path(__file__).parents[2] / "submissions" / "ptceo2-18k"
PRINT_TABLE = """
from pathlib import Path
from tembench.cli.leaderboard_command import print_table
from tembench.ranking.submission_folders import build_table
print_table(build_table(Path("submissions")))
"""


def tembench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["--quiet", *map(str, arguments)])


@pytest.fixture(scope="module")
def scored(tiny_store_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    outputs = tmp_path_factory.mktemp("cli-score") / "gaussian"
    made = tembench("denoise", "gaussian", tiny_store_path, "--out", outputs, "--workers", 0)
    assert made.exit_code == 0, made.output
    result = tembench("score", outputs, tiny_store_path, "--workers", 0)
    assert result.exit_code == 0, result.output
    return outputs


@pytest.mark.slow
def test_scores_are_printed_in_groups_and_by_factor(scored: Path, tiny_store_path: Path) -> None:
    result = tembench("score", scored, tiny_store_path, "--by", "defocus", "--by", "structure")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert "4 images, test part of split model" in lines[0]
    for heading in GROUPS:
        assert heading in lines
    assert "uPSNR" in result.output
    assert sum(line.startswith("Defocus") for line in lines) == 1
    assert sum(line.startswith("Structure") for line in lines) == 1


@pytest.mark.slow
def test_json_has_all_groups(scored: Path, tiny_store_path: Path) -> None:
    result = tembench("score", scored, tiny_store_path, "--json")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    content = json.loads(result.output, parse_constant=refuse)
    assert list(content["metrics"]) == list(METRICS)
    assert (content["split"], content["part"], content["images"]) == ("model", "test", 4)
    with open(scored / "summary.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1 + len(content["groups"])
    assert rows[0]["factor"] == "all"
    assert float(rows[0]["mse"]) == content["metrics"]["mse"]


@pytest.mark.slow
def test_a_missing_summary_is_written_again(
    scored: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    outputs = Path(shutil.copytree(scored, tmp_path / "gaussian"))
    # Scores that come with a copy are not believed.
    assert tembench("score", outputs, tiny_store_path).exit_code == 0
    before = (outputs / "summary.csv").read_bytes()
    stamp = (outputs / "scores.toml").stat().st_mtime_ns
    (outputs / "summary.csv").unlink()
    assert tembench("score", outputs, tiny_store_path).exit_code == 0
    assert (outputs / "summary.csv").read_bytes() == before
    assert (outputs / "scores.toml").stat().st_mtime_ns == stamp


@pytest.mark.slow
def test_rows_have_one_line_per_image_and_metric(
    scored: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "rows.csv"
    result = tembench("score", scored, tiny_store_path, "--rows", target)
    assert result.exit_code == 0, result.output
    with open(target, newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * len(METRICS)
    assert {row["metric"]: row["unit"] for row in rows} == {
        metric.name: metric.unit for metric in METRICS.values()
    }


def test_rows_of_another_kind_are_refused_before_the_work(
    tiny_store_path: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    result = tembench("score", nowhere, tiny_store_path, "--rows", tmp_path / "rows.xlsx")
    assert isinstance(result.exception, OutputError)
    assert "rows.xlsx" in str(result.exception)


def test_metrics_as_text_and_as_json() -> None:
    text = tembench("metrics").output
    content = json.loads(tembench("metrics", "--json").output)
    assert [entry["name"] for entry in content] == list(METRICS)
    for entry in content:
        assert entry["summary"] in text
        assert entry["name"] in GROUPS[entry["group"]]
    assert content[0]["ideal"] == "inf"
    assert content[0]["range"] == [0.0, "inf"]


def test_a_table_by_another_metric(scored: Path, tmp_path: Path) -> None:
    folder = tmp_path / "submissions"
    assert tembench("submit", scored, "--name", "gaussian", "--folder", folder).exit_code == 0
    result = tembench("leaderboard", folder, "--rank-by", "column_f1", "--json")
    assert json.loads(result.output)["ranked_by"] == "column_f1"


@pytest.mark.slow
def test_validation_images_are_scored_but_not_ranked(tiny_store_path: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    made = tembench(
        "denoise", "gaussian", tiny_store_path, "--out", outputs, "--part", "validation",
        "--workers", 0,
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    result = tembench("score", outputs, tiny_store_path, "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.output)
    assert list(content["metrics"]) == list(METRICS)
    assert (content["part"], content["images"]) == ("validation", 4)
    refused = tembench("submit", outputs, "--name", "mine", "--folder", tmp_path)
    assert "only images under test are ranked" in str(refused.exception)
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
def test_outputs_are_scored_submitted_checked_and_ranked(
    tiny_store_path: Path, tmp_path: Path
) -> None:
    for method in ("vacuum", "noisy", "clean", "gaussian"):
        out = tmp_path / "outputs" / method
        assert (
            run("denoise", method, tiny_store_path, "--out", out, "--workers", "0").returncode == 0
        )
        scored = run("score", out, tiny_store_path, "--workers", "0")
        assert scored.returncode == 0, scored.stderr
        submitted = run("submit", out, "--name", method, cwd=tmp_path)
        assert submitted.returncode == 0, submitted.stderr
        checked = run("check", tmp_path / "submissions" / method)
        assert "valid" in checked.stdout
    summary = json.loads(run("score", out, tiny_store_path, "--json").stdout)
    assert summary["images"] == 4
    table = json.loads(run("leaderboard", "--json", cwd=tmp_path).stdout)
    rows = [row["method"] for row in table["rows"]]
    assert rows[:2] == ["gaussian", "clean"]
    assert rows[-1] == "noisy"
    for form, sign in (("markdown", "|"), ("csv", ","), ("html", "<!doctype html>")):
        written = tmp_path / f"table.{form}"
        result = run("leaderboard", "--format", form, "--out", written, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert sign in written.read_text().lower()
    assert "gaussian" in run("leaderboard", cwd=tmp_path).stdout


def test_a_leaderboard_without_submissions_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "submissions").mkdir()
    assert "no submissions" in error_line(run("leaderboard", cwd=tmp_path), 6)
    assert "no such folder" in error_line(run("leaderboard", tmp_path / "none"), 6)


@pytest.mark.slow
def test_emphasis_is_for_terminals_without_no_color(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SUBMISSIONS.is_dir():
        pytest.skip("needs the submissions of a checkout")
    for name in ("clean", "gaussian", "noisy"):
        shutil.copytree(SUBMISSIONS / name, tmp_path / "submissions" / name)
    monkeypatch.chdir(tmp_path)
    assert STYLE.search(on_a_terminal(PRINT_TABLE))
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert not STYLE.search(on_a_terminal(PRINT_TABLE, **plain))
    piped = subprocess.run([sys.executable, "-c", PRINT_TABLE], capture_output=True, text=True)
    assert piped.returncode == 0
    assert "\x1b" not in piped.stdout
