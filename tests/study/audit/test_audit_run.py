from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tembench.cli import cli
from tembench.core.errors import OutputError
from tembench.dataset import open_store
from tembench.methods import load_method
from tembench.ranking import read_audit
from tembench.study.audit import AuditPlan, AuditViews, run_audit


def test_the_command_writes_figure_tables_and_files_for_submissions(
    gold_views: AuditViews, tiny_drawn_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "audit"
    # Views that another audit has made.
    cases = tmp_path / "cases"
    cases.mkdir()
    for file in gold_views.folder.iterdir():
        (cases / file.name).write_bytes(file.read_bytes())
    words = ["audit", "gaussian", "vacuum", str(tiny_drawn_path), "--workers", "0"]
    result = CliRunner().invoke(cli, [*words, "--out", str(out), "--cases", str(cases)])
    assert result.exit_code == 0, result.output
    assert "| turned 10° |" in result.output
    assert {path.name for path in out.iterdir()} == {
        "gaussian", "vacuum", "losses.csv", "losses.md", "losses.png"
    }  # fmt: skip
    for name in ("gaussian", "vacuum"):
        audit = read_audit(out / name)
        assert (audit.method, audit.recipe, audit.part) == (name, "tiny-drawn", "test")
        assert set(audit.scores["image"]) == set(gold_views.images)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gaussian", "gaussian", "STORE"], "named twice"),
        (["gaussian", "vacuum", "STORE", "--weights", "w"], "requires a single METHOD"),
        (["STORE"], "Missing argument"),
    ],
)
def test_wrong_words_are_refused(words: list[str], message: str) -> None:
    result = CliRunner().invoke(cli, ["audit", *words])
    assert result.exit_code == 2
    assert message in result.output


def test_no_input_is_overwritten(tiny_drawn_path: Path) -> None:
    store = open_store(tiny_drawn_path)
    plan = AuditPlan(out=tiny_drawn_path, cases=tiny_drawn_path / "cases", workers=0)
    with pytest.raises(OutputError):
        run_audit([load_method("vacuum")], store, plan)
