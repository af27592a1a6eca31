"""`tembench study` as a user meets it, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from study_fakes import size_of

from tembench.cli import cli
from tembench.core.errors import StoreError, TableError, TembenchError


def tembench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["--quiet", "study", *map(str, arguments)])


def test_every_study_has_a_summary_and_an_example() -> None:
    group = cli.commands["study"]
    for name in group.commands:  # type: ignore[attr-defined]
        result = tembench(name, "--help")
        assert result.exit_code == 0
        assert "Example: tembench study" in result.output


@pytest.mark.slow
def test_generalization_on_a_store(
    tiny_store_path: Path, method_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("generalization", tiny_store_path, "--method", method_folder, "--out", out)
    result = tembench(*common, "--factor", "defect", "--split", "paper", "--workers", 0)
    assert result.exit_code == 0, result.exception
    assert "n = 0, left out" in result.output
    assert (out / "generalization.md").read_text() in result.output
    lines = (out / "generalization.csv").read_text().splitlines()
    # One image of twelve is under test; networks of all three defects see it.
    assert [line.split(",")[0] for line in lines[1:]] == ["defect"] * 3
    assert size_of(out / "generalization.png")[0] > 1000
    for defect in ("D0", "D1", "Dh"):
        assert "complete = true" in (out / "defect" / defect / "training.toml").read_text()


def test_mistakes_are_reported_before_any_work(
    tiny_store_path: Path, method_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("generalization", tiny_store_path, "--method", method_folder, "--out", out)
    wrong = tembench(*common, "--factor", "colour")
    assert wrong.exit_code == 2
    assert "'colour' is not one of" in wrong.output
    assert tembench(*common, "--factor", "all", "--values", "D0").exit_code == 2
    cases: list[tuple[tuple[str | Path, ...], type[TembenchError]]] = [
        (("--values", "D0,D9"), StoreError),
        (("--compare", tmp_path / "none.csv"), TableError),
        (("--set", "steps=x"), TembenchError),
    ]
    for extra, kind in cases:
        result = tembench(*common, "--factor", "defect", *extra)
        assert isinstance(result.exception, kind)
        assert "\n" not in str(result.exception)
    assert not out.exists()


@pytest.mark.slow
def test_an_interrupted_study_is_resumed(
    tiny_store_path: Path, method_folder: Path, tmp_path: Path
) -> None:
    stop = method_folder / ".stop-D1"
    stop.touch()
    out = tmp_path / "out"
    common = ("generalization", tiny_store_path, "--method", method_folder, "--out", out)
    options = ("--factor", "defect", "--split", "paper", "--workers", 0)
    assert tembench(*common, *options).exit_code != 0
    assert "complete = true" in (out / "defect" / "D0" / "training.toml").read_text()
    assert "complete = false" in (out / "defect" / "D1" / "training.toml").read_text()
    stop.unlink()
    assert tembench(*common, *options).exit_code == 0
