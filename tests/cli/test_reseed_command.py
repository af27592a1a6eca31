"""`tembench leaderboard --reseed`."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_runs import error_line, tembench
from drawn_recipes import write_drawn

from tembench.cli import reseed_command
from tembench.core.errors import TableError
from tembench.metrics import METRICS
from tembench.ranking import ranked_scores
from tembench.recipe import load_recipe

SUBMISSIONS = Path(__file__).parents[2] / "submissions"
CLOSED = SUBMISSIONS / "ptceo2-18k"


def table(recipe: str = "open", recipe_id: str = "ab" * 32, *names: str) -> SimpleNamespace:
    """A table of methods, with what `rank_again` uses of it."""
    import numpy as np
    import pandas as pd

    scores = pd.DataFrame({"model": ["a", "b", "c", "d"], "psnr_db": np.arange(4.0)})
    rows = [
        SimpleNamespace(
            is_control=False,
            on_subset=False,
            submission=SimpleNamespace(
                name=name,
                scores=scores.assign(psnr_db=scores["psnr_db"] + number),
                description=SimpleNamespace(method=SimpleNamespace(name=name, input="noisy")),
            ),
        )
        for number, name in enumerate(names)
    ]
    return SimpleNamespace(
        rows=rows,
        models=4,
        ranked_by=METRICS["psnr_db"],
        drawn=True,
        data=SimpleNamespace(part="test", recipe=recipe, version="1.0.0", recipe_id=recipe_id),
    )


def options(work: Path, **changed: object) -> dict[str, object]:
    return {
        "reseed": 2, "methods": (), "specimens": 4, "recipe_file": None, "work": work,
        "workers": 0, **changed,
    }  # fmt: skip


@pytest.mark.slow
def test_methods_are_ranked_again_and_the_results_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = str(write_drawn(tmp_path / "recipe", {"exposure.frames": 1}))
    ours = table("mine", "ab" * 32, "wiener", "gaussian", "bm3d", "not-here")
    given = options(tmp_path / "work", recipe_file=recipe, methods=("gaussian", "wiener"))
    reseed_command.rank_again([ours], **given)  # type: ignore[arg-type]
    printed = capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "work" / "ranks.csv").read_text().splitlines()))
    assert {(r["kind"], r["draw"]) for r in rows} == {
        ("table", "0"), ("specimens", "1"), ("specimens", "2"), ("noise", "1"), ("noise", "2")
    }  # fmt: skip
    assert {row["method"] for row in rows} == {"gaussian", "wiener"}
    text = (tmp_path / "work" / "ranks.md").read_text()
    assert text.strip() in printed
    assert "over 2 draws of fresh specimens, 4 specimens each" in text
    assert "Rank stability: between random halves of the 4 specimens the ranks of 4" in text
    assert (tmp_path / "work" / "ranks.png").is_file()


def test_methods_that_cannot_be_run_are_left_out_unless_they_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ours = table("mine", "ab" * 32, "gaussian", "wiener", "not-here")
    assert set(ranked_scores(ours)) == {"gaussian", "wiener", "not-here"}  # type: ignore[arg-type]
    found = list(reseed_command._entrants(ours, ()))  # type: ignore[arg-type]
    assert [one.name for one in found] == ["gaussian", "wiener"]
    with pytest.raises(TableError, match="not ranked in the table"):
        reseed_command._entrants(ours, ("gaussian", "bm3d"))  # type: ignore[arg-type]
    with pytest.raises(TableError, match="fewer than two methods"):
        reseed_command._entrants(ours, ("gaussian",))  # type: ignore[arg-type]


def test_a_table_without_a_drawn_recipe_is_refused(tmp_path: Path) -> None:
    for name, message in (
        ("unknown", "does not come with tembench.*--recipe-file"),
        ("quickstart", "its recipe lists its models"),
        ("au-on-carbon", "another version of its recipe"),
    ):
        with pytest.raises(TableError, match=message):
            reseed_command._recipe_of(table(name), None)  # type: ignore[arg-type]
    given = str(write_drawn(tmp_path))
    assert reseed_command._recipe_of(table("any"), given) == load_recipe(given)  # type: ignore[arg-type]


def test_options_of_fresh_draws_need_reseed(tmp_path: Path) -> None:
    result = tembench("leaderboard", SUBMISSIONS, "--specimens", "5", cwd=tmp_path)
    assert result.returncode == 2
    assert "--specimens requires --reseed" in result.stderr


@pytest.mark.slow
def test_the_closed_table_is_not_drawn_again(tmp_path: Path) -> None:
    closed = Path(shutil.copytree(CLOSED / "bm3d", tmp_path / "submissions" / "bm3d")).parent
    line = error_line(tembench("leaderboard", closed, "--reseed", "2", cwd=tmp_path), 7)
    assert "cannot be drawn again: its recipe lists its models" in line
    assert not (tmp_path / "reseed").exists()
