"""`tembench plan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import tembench


@pytest.mark.slow
def test_a_plan_is_printed_and_nothing_is_written(tiny_recipe_file: Path, tmp_path: Path) -> None:
    run = tembench("plan", tiny_recipe_file, "--workers", "3", "--sample", "1", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    for part in ("12 images in 3 tasks", "with 3 workers", "measured  1 of 3 tasks, 4 images"):
        assert part in run.stdout
    planned = tembench("plan", tiny_recipe_file, "--sample", "1", "--json", cwd=tmp_path).stdout
    assert json.loads(planned)["workers"] == 2
    assert not list(tmp_path.iterdir())
