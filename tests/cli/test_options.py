"""Options that commands share: choices, completion, overrides, hints and emphasis."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from terminal_runs import STYLE, on_a_terminal

from tembench.cli import cli, leaderboard_command, score_commands, study_commands
from tembench.core.paths import list_methods, list_recipes
from tembench.dataset import splits
from tembench.metrics import METRICS
from tembench.ranking.render import table_formats
from tembench.ranking.scoring import by_factor
from tembench.study import plan

PROGRESS_BAR = """
from tembench.core import progress_bar as progress
progress.show_progress()
with progress.progress("Working", 2) as advance:
    advance(1)
"""


def test_choices_are_those_of_the_modules_that_define_them() -> None:
    assert (*by_factor.FACTOR_COLUMNS, by_factor.SPLIT_FACTOR) == score_commands._SCORE_FACTORS
    assert study_commands._STUDY_FACTORS == plan.STUDY_FACTORS
    assert study_commands._STUDY_SPLITS == plan.STUDY_SPLITS
    with pytest.raises(ValueError, match="expected one of ") as problem:
        table_formats.render_table(None, "no format")  # type: ignore[arg-type]
    formats = str(problem.value).removeprefix("expected one of ").partition(", got")[0]
    # A picture is not text: it is drawn by another function.
    assert (*formats.split(", "), "png", "site") == leaderboard_command._TABLE_FORMATS
    several = (*table_formats.FORMS_OF_SEVERAL, "site")
    assert several == leaderboard_command._FORMS_OF_SEVERAL
    assert table_formats.FORMS_WITH_COLUMNS == leaderboard_command._FORMS_WITH_COLUMNS


def test_help_states_the_size_of_the_test_subset() -> None:
    text = CliRunner().invoke(cli, ["denoise", "--help"]).output
    assert f"sample of {splits.SUBSET_IMAGES} test images" in " ".join(text.split())


def completed(arguments: str, incomplete: str) -> list[str]:
    complete = ShellComplete(cli, {}, "tembench", "_TEMBENCH_COMPLETE")
    items = complete.get_completions(arguments.split(), incomplete)
    return [item.value if item.type == "plain" else item.type for item in items]


@pytest.mark.parametrize(
    ("arguments", "incomplete", "expected"),
    [
        ("run", "qu", ["quickstart", "file"]),
        ("recipe show", "", [*list_recipes(), "file"]),
        ("generate", "st", ["stress", "file"]),
        ("reimage a.zarr --recipe", "pt", ["ptceo2-18k", "file"]),
        ("denoise", "unet-s", ["unet-small"]),
        ("train", "", list_methods()),
        ("tune", "nlm", ["nlm", "nlm-native", "nlm-open"]),
        ("run quickstart --method", "bm", ["bm3d", "bm3d-native", "bm3d-open"]),
        ("study generalization a.zarr --method", "dn", ["dncnn"]),
        ("leaderboard --rank-by", "psnr", ["psnr_db"]),
        ("leaderboard --rank-by", "", list(METRICS)),
    ],
)
def test_names_are_completed(arguments: str, incomplete: str, expected: list[str]) -> None:
    values = completed(arguments, incomplete)
    assert [value for value in values if value != "file"] == [e for e in expected if e != "file"]
    if expected[-1] == "file":
        assert values[-1] == "file"


@pytest.mark.slow
def test_a_shell_gets_completions() -> None:
    environment = {
        **os.environ,
        "_TEMBENCH_COMPLETE": "bash_complete",
        "COMP_WORDS": "tembench run qu",
        "COMP_CWORD": "2",
    }
    code = "import sys; sys.argv = ['tembench']; from tembench.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120
    )
    assert "plain,quickstart" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("run recipes/quickstart.toml", "no such file; expected a TOML file or one of"),
        ("run recipes/quickstart.toml", "'quickstart' is a recipe that comes with tembench: give"),
        ("recipe show elsewhere/stress", "'stress' is a recipe that comes with tembench"),
        ("recipe validate quickstrat", "Did you mean 'quickstart'?"),
        ("generate recipes/ptceo2-18k.toml --out x.zarr", "'ptceo2-18k' is a recipe"),
        ("apply baselines/unet x.tif", "'unet' is a method that comes with tembench: give the"),
        ("train baselines/unet x.zarr", "'unet' is a method"),
        ("tune nml x.zarr", "Did you mean 'nlm'?"),
        ("run quickstart --method baselines/tv", "'tv' is a method"),
        ("info quickstart", "tembench generate quickstart --out quickstart.zarr"),
        ("info made", "Did you mean made.zarr?"),
        ("info elsewhere/done", "Did you mean runs/done/store.zarr?"),
        ("verify runs/done", "Did you mean runs/done/store.zarr?"),
        ("info .", "not a data set; expected a folder with zarr.json. Make one with"),
        ("info /", "not a data set"),
        ("info ..", "not a data set"),
        ("denoise gaussian made --out out", "Did you mean made.zarr?"),
        ("denoise gaussian nowhere.zarr --out out", "nowhere.zarr: no such data set"),
    ],
)
def test_an_error_for_a_missing_file_suggests_one(
    arguments: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for store in ("made.zarr", "runs/done/store.zarr"):
        (tmp_path / store).mkdir(parents=True)
        (tmp_path / store / "zarr.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, arguments.split())
    assert hint in str(result.exception)
    assert not (tmp_path / "x.zarr").exists()


@pytest.mark.slow
def test_a_progress_bar_has_no_emphasis_under_no_color() -> None:
    assert STYLE.search(on_a_terminal(PROGRESS_BAR))
    bar = on_a_terminal(PROGRESS_BAR, NO_COLOR="1")
    assert "Working" in bar
    assert not STYLE.search(bar)
