"""Commands on a drawn store: what works on any store works on it, or is refused in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from cli_runs import error_line, tembench
from drawn_recipes import write_drawn

from tembench.metrics import METRICS

pytestmark = pytest.mark.slow


def test_info_verify_images_and_inputs(drawn_store_path: Path, tmp_path: Path) -> None:
    content = json.loads(tembench("info", drawn_store_path, "--json").stdout)
    assert content["complete"]
    assert content["task_kind"] == "windows"
    assert content["drawn"]["redraws"] == 2
    assert "drawn again" in tembench("info", drawn_store_path).stdout
    verified = tembench("verify", drawn_store_path, "--sample", "1")
    assert verified.returncode == 0
    assert "validation-00000: exact" in verified.stdout
    for extra in (["--number", "3"], ["--models"]):
        out = tmp_path / f"{extra[0]}.png"
        assert tembench("images", drawn_store_path, "--out", out, *extra).returncode == 0
        assert out.is_file()
    written = tembench("inputs", drawn_store_path, "--out", tmp_path / "in", "--part", "dev")
    assert "2 images, dev part" in written.stdout


def test_undefined_metrics_are_left_out_and_counted(drawn_store_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = tembench("denoise", "gaussian", drawn_store_path, "--out", out, "--workers", "0")
    assert made.returncode == 0, made.stderr
    scored = tembench("score", out, drawn_store_path, "--workers", "0", "--json")
    assert scored.returncode == 0, scored.stderr
    scores = pd.read_csv(out / "scores.csv")
    assert scores["image"].tolist() == [*range(14, 22)]
    # An amorphous film, a tilted crystal, and two specimens with particles on their zone axis.
    for name in ("column_f1", "columns_invented", "position_error_pm", "llr_columns"):
        assert scores[name].isna().tolist() == [True] * 4 + [False] * 4, name
    assert scores["vacuum_ripple"].isna().all()
    assert scores["psnr_db"].notna().all()
    overall = json.loads(scored.stdout)
    assert overall["metrics"]["columns_invented"] == pytest.approx(
        scores["columns_invented"][4:].mean()
    )
    assert overall["metrics"]["vacuum_ripple"] is None
    assert overall["images_defined"]["column_f1"] == 4
    assert overall["images_defined"]["vacuum_ripple"] == 0
    assert "psnr_db" not in overall["images_defined"]
    assert {*overall["metrics"]} == {*METRICS}
    rows = tmp_path / "rows.csv"
    assert tembench("score", out, drawn_store_path, "--rows", rows).returncode == 0
    assert {"C10_nm", "kind"} <= {*pd.read_csv(rows).columns}
    line = error_line(tembench("score", out, drawn_store_path, "--by", "contrast"), 2)
    assert "'contrast': the images of this data set have none" in line
    picture = tmp_path / "inspect.png"
    for image in ("14", "18"):
        run = tembench("inspect", out, drawn_store_path, "--image", image, "--out", picture)
        assert run.returncode == 0, run.stderr


def test_generate_says_what_is_in_the_way(drawn_store_path: Path, tmp_path: Path) -> None:
    recipe = write_drawn(tmp_path / "recipe")
    store = Path(shutil.copytree(drawn_store_path, tmp_path / "copy.zarr"))
    reused = tembench("generate", recipe, "--out", store)
    assert "complete already, reused; 22 images" in reused.stdout
    edited = write_drawn(tmp_path / "recipe", {"seed": 12}, name="edited")
    line = error_line(tembench("generate", edited, "--out", store), 4)
    assert "contains the data set of another recipe" in line
    assert "Choose another folder" in line
    line = error_line(tembench("generate", recipe, "--out", tmp_path / "recipe"), 4)
    assert "exists already, and is not a data set" in line


def test_preview_is_for_drawn_recipes(tmp_path: Path, tiny_recipe_file: Path) -> None:
    out = tmp_path / "preview.png"
    recipe = write_drawn(tmp_path)
    run = tembench("recipe", "preview", recipe, "--out", out, "--number", "2", "--workers", "0")
    assert run.returncode == 0, run.stderr
    assert out.is_file()
    line = error_line(tembench("recipe", "preview", tiny_recipe_file, "--out", out), 2)
    assert "a closed recipe" in line


def test_outputs_are_submitted_and_ranked(drawn_store_path: Path, tmp_path: Path) -> None:
    rows = {"gaussian": "test", "vacuum": "test", "wiener": "dev"}
    for method, part in rows.items():
        out, folder = tmp_path / method, tmp_path / "submissions" / part
        made = tembench("denoise", method, drawn_store_path, "--out", out, "--part", part)
        assert made.returncode == 0, made.stderr
        assert tembench("score", out, drawn_store_path, "--workers", "0").returncode == 0
        submitted = tembench("submit", out, "--name", method, "--folder", folder)
        assert submitted.returncode == 0, submitted.stderr
        assert f"{part} part" in tembench("check", folder / method).stdout
    scores = pd.read_csv(tmp_path / "gaussian" / "scores.csv")
    assert scores.columns[:4].tolist() == ["image", "model", "dose_e_per_A2", "C10_nm"]
    table = tembench("leaderboard", cwd=tmp_path).stdout
    assert table.index("test part of split model: 8 images") < table.index("dev part")
    line = error_line(tembench("leaderboard", "--json", cwd=tmp_path), 2)
    assert "--format json shows one table, and there are 2" in line
    content = json.loads(tembench("leaderboard", "--json", "--part", "test", cwd=tmp_path).stdout)
    assert [row["name"] for row in content["rows"]] == ["gaussian", "vacuum"]
    assert content["rows"][0]["values"]["column_f1"]["models"] == 2
    line = error_line(tembench("leaderboard", "--part", "movie", cwd=tmp_path), 7)
    assert "no such submissions" in line
    page = tmp_path / "page.html"
    written = tembench("leaderboard", "--format", "html", "--out", page, cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    assert page.read_text(encoding="utf-8").count('class="track"') == 2


def test_a_whole_benchmark_of_a_drawn_recipe_runs(tmp_path: Path) -> None:
    recipe = write_drawn(tmp_path / "recipe")
    out = tmp_path / "run"
    run = tembench("run", recipe, "--out", out, "--method", "gaussian", "--workers", "0")
    assert run.returncode == 0, run.stderr
    assert "Open track: tiny-drawn 1.0.0" in run.stdout
    assert (out / "leaderboard.html").is_file()


def test_closed_recipes_alone_are_studied(drawn_store_path: Path, tmp_path: Path) -> None:
    study = ["study", "generalization", drawn_store_path, "--factor", "structure"]
    line = error_line(tembench(*study, "--out", tmp_path / "study"), 4)
    assert "no factor structure" in line
