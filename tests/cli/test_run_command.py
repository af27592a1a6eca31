"""`tembench run`: everything is made, and reused when the command is rerun."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_runs import error_line, tembench
from click.testing import CliRunner

from tembench.cli import cli
from tembench.core.paths import baselines_folder, quick_method_names
from tembench.pipeline import _choose


@pytest.mark.slow
def test_run_makes_everything_and_reuses_what_is_complete(
    tiny_recipe_file: Path, tmp_path: Path
) -> None:
    command = ["run", tiny_recipe_file, "--out", tmp_path / "run", "--method", "gaussian"]
    command += ["--workers", "0"]
    first = tembench(*command)
    assert first.returncode == 0, first.stderr
    assert "generated in" in first.stdout
    for name in ("store.zarr", "outputs/gaussian", "leaderboard.html", "figures/images.png"):
        assert (tmp_path / "run" / name).exists()
    as_json = tembench(*command, "--json")
    content = json.loads(as_json.stdout)
    assert content["table"]["rows"][0]["method"] == "gaussian"
    assert Path(content["written"]["page"]).is_file()
    assert "12 images complete, reused" in as_json.stderr
    second = tembench(*command)
    assert "12 images complete, reused" in second.stdout
    assert "gaussian: denoised, scored (reused)" in second.stdout
    table = first.stdout.split("\n\n")[1]
    assert table == second.stdout.split("\n\n")[1]


def test_a_method_may_not_take_the_name_of_a_control(
    tiny_recipe_file: Path, tmp_path: Path
) -> None:
    mine = Path(shutil.copytree(baselines_folder() / "gaussian", tmp_path / "mine"))
    text = (mine / "method.toml").read_text()
    (mine / "method.toml").write_text(text.replace('name = "gaussian"', 'name = "noisy"'))
    out = tmp_path / "run"
    result = tembench("run", tiny_recipe_file, "--out", out, "--method", mine)
    assert "two methods with the same name" in error_line(result, 5)
    assert not out.exists()


def test_help_names_the_default_methods() -> None:
    chosen = [m.name for m in _choose((), lambda line: None) if m.kind != "control"]
    assert sorted(chosen) == quick_method_names()
    text = CliRunner().invoke(cli, ["run", "--help"], terminal_width=80).output
    assert f"Default: {', '.join(quick_method_names())}." in " ".join(text.split())
