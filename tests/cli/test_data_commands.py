"""`tembench recipe`, `generate`, `reimage`, `info`, `describe`, `verify` and `images`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_runs import error_line, tembench
from drawn_recipes import write_drawn


@pytest.mark.slow
def test_recipes_are_listed_shown_and_validated(tiny_recipe_file: Path) -> None:
    shown = tembench("recipe", "show", tiny_recipe_file)
    assert "12 of 3 atomic models" in shown.stdout
    assert json.loads(tembench("recipe", "show", tiny_recipe_file, "--json").stdout)["images"] == 12
    assert "valid" in tembench("recipe", "validate", tiny_recipe_file).stdout
    assert "quickstart" in tembench("recipe", "list").stdout


def test_every_mistake_of_a_recipe_is_reported_before_the_work(
    tmp_path: Path, tiny_recipe_file: Path
) -> None:
    text = tiny_recipe_file.read_text()
    text = text.replace("dose_e_per_px = 0.45", "dose_e_per_px = -1")
    text = text.replace("defocus_nm = ", "defocus = ").replace("[[0, 0], [0, 2]]", "[[40, 0]]")
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    out = tmp_path / "store.zarr"
    for command in (["recipe", "validate", bad], ["generate", bad, "--out", out], ["run", bad]):
        line = error_line(tembench(*command, cwd=tmp_path), 3)
        assert "3 mistakes" in line
        for part in ("dose_e_per_px", "no unit", "tilts_deg[0][0]", "'defocus_nm'"):
            assert part in line
    assert not out.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.toml"]


@pytest.mark.slow
def test_info_and_verify_report_a_complete_store(tiny_store_path: Path) -> None:
    assert "complete" in tembench("info", tiny_store_path).stdout
    content = json.loads(tembench("info", tiny_store_path, "--json").stdout)
    assert content["complete"]
    assert content["images"] == 12
    verified = tembench("verify", tiny_store_path, "--sample", "1")
    assert verified.returncode == 0
    assert "exact" in verified.stdout


@pytest.mark.slow
def test_verify_of_a_damaged_store_exits_with_4(tiny_store_path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_store_path, tmp_path / "copy.zarr"))
    for shard in (copy / "clean" / "c").rglob("*"):
        if shard.is_file():
            shard.write_bytes(b"")
    result = tembench("verify", copy, "--sample", "0", "--json")
    assert result.returncode == 4
    assert json.loads(result.stdout)["damaged_shards"] == [0, 1, 2]


def test_a_missing_store_is_reported(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.zarr"
    for command in (["info", nowhere], ["verify", nowhere], ["train", "unet", nowhere]):
        assert "no such data set" in error_line(tembench(*command), 4)


@pytest.mark.slow
def test_generate_reports_its_costs_and_reimage_reuses_the_exit_waves(
    tiny_recipe_file: Path, tmp_path: Path
) -> None:
    low = tmp_path / "low.toml"
    low.write_text(
        tiny_recipe_file.read_text().replace("dose_e_per_px = 0.45", "dose_e_per_px = 1")
    )
    first, second = tmp_path / "first.zarr", tmp_path / "second.zarr"
    made = tembench("generate", tiny_recipe_file, "--out", first, "--json", "--workers", "0")
    assert made.returncode == 0, made.stderr
    content = json.loads(made.stdout)
    assert content["tasks_simulated"] == 3
    assert content["images_simulated"] == 12
    assert content["peak_memory_bytes"] > 10**7
    assert {"multislice", "optics", "encoding", "noise", "digests"} <= set(content["stages"])
    reimaged = tembench("reimage", first, "--recipe", low, "--out", second, "--workers", 1)
    assert reimaged.returncode == 0, reimaged.stderr
    assert "3 of 3 models simulated" in reimaged.stdout
    assert "optics" in reimaged.stdout
    assert "multislice" not in reimaged.stdout
    again = tembench("reimage", first, "--recipe", low, "--out", second)
    assert "complete already, reused; 12 images" in again.stdout
    line = error_line(tembench("reimage", second, "--recipe", low, "--out", second), 4)
    assert "would overwrite an input" in line
    assert tembench("images", first, "--models", "--out", tmp_path / "m.png").returncode == 0


@pytest.mark.slow
def test_a_picture_does_not_replace_a_folder(tiny_store_path: Path, tmp_path: Path) -> None:
    line = error_line(tembench("images", tiny_store_path, "--out", tmp_path), 8)
    assert line.startswith(f"Error: {tmp_path}: Is a directory")
    assert list(tmp_path.iterdir()) == []


# --- sealed tests ---


def test_a_seed_file_is_created_once_and_never_printed(tmp_path: Path) -> None:
    first = tembench("seal", "seed.txt", "--recipe", "au-on-carbon", cwd=tmp_path)
    assert first.returncode == 0
    seed = (tmp_path / "seed.txt").read_text()
    again = tembench("seal", "seed.txt", "--recipe", "au-on-carbon", "--json", cwd=tmp_path)
    content = json.loads(again.stdout)
    assert not content["created"]
    assert content["recipe"] == f"au-on-carbon-sealed-{content['commitment'][:8]}"
    assert content["commitment"] in first.stdout
    assert content["recipe_id"] in first.stdout
    assert (tmp_path / "seed.txt").read_text() == seed
    for shown in (first.stdout, first.stderr, again.stdout, again.stderr):
        assert seed.strip() not in shown


def test_a_commitment_is_checked_against_a_seed_that_was_told(tmp_path: Path) -> None:
    command = ("seal", "seed.txt", "--recipe", "au-on-carbon")
    absent = error_line(tembench(*command, "--check", "00" * 32, cwd=tmp_path), 3)
    assert "no such seed file" in absent
    made = json.loads(tembench(*command, "--json", cwd=tmp_path).stdout)
    right = tembench(*command, "--check", made["commitment"], cwd=tmp_path)
    assert right.returncode == 0
    line = error_line(tembench(*command, "--check", "00" * 32, cwd=tmp_path), 3)
    assert f"expected commitment {'00' * 32}, got {made['commitment']}" in line
    assert tembench("seal", "seed.txt", "--check", "00", cwd=tmp_path).returncode == 2


def test_unusable_seeds_stop_a_generation_before_it_begins(
    tmp_path: Path, tiny_recipe_file: Path
) -> None:
    weak = tmp_path / "weak"
    weak.touch(mode=0o600)
    strong = tmp_path / "strong"
    assert tembench("seal", strong).returncode == 0
    out = tmp_path / "store.zarr"
    for recipe, seed, message in (
        ("au-on-carbon", weak, "empty; expected 32 to 4096 bytes, got 0. Create one with"),
        ("au-on-carbon", tmp_path / "none", "no such seed file. Create one with: tembench seal"),
        (str(tiny_recipe_file), strong, "cannot be sealed; expected a recipe with a table [draws]"),
    ):
        result = tembench("generate", recipe, "--seal", seed, "--out", out, cwd=tmp_path)
        assert message in error_line(result, 3)
    assert not out.exists()


@pytest.mark.slow
def test_a_sealed_year_from_the_seed_to_the_scores(tmp_path: Path) -> None:
    recipe = write_drawn(tmp_path / "recipe")
    seal, store = ("--seal", "seed.txt"), "organiser.zarr"
    for command in (
        ("seal", "seed.txt", "--recipe", recipe),
        ("generate", recipe, *seal, "--out", store, "--workers", "0"),
        ("inputs", store, "--out", "inputs.zarr"),
        ("denoise", "gaussian", "inputs.zarr", "--out", "outputs", "--workers", "0"),
        ("score", "outputs", store, "--workers", "0"),
        ("verify", store, *seal),
        ("info", store),
    ):
        result = tembench(*command, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    assert "seed        sealed, commitment" in result.stdout
    seed = (tmp_path / "seed.txt").read_bytes().strip()
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "seed.txt":
            assert seed not in file.read_bytes(), file
    assert tembench("seal", "other.txt", cwd=tmp_path).returncode == 0
    wrong = tembench("verify", store, "--seal", "other.txt", cwd=tmp_path)
    assert "sealed with another seed" in error_line(wrong, 3)


@pytest.mark.slow
def test_an_open_seed_is_called_open(drawn_store_path: Path) -> None:
    assert "seed        11, open" in tembench("info", drawn_store_path).stdout
    result = tembench("verify", drawn_store_path, "--seal", drawn_store_path / "zarr.json")
    assert result.returncode == 3


# --- data cards ---


@pytest.mark.slow
def test_describe_prints_or_writes_the_card(tiny_store_path: Path, tmp_path: Path) -> None:
    shown = tembench("describe", tiny_store_path)
    assert shown.stdout.startswith("# tiny 1.0.0\n")
    out = tmp_path / "new" / "card"
    made = tembench("describe", tiny_store_path, "--out", out)
    assert made.returncode == 0, made.stderr
    assert sorted(path.name for path in out.iterdir()) == ["croissant.json", "data-card.md"]
    assert (out / "data-card.md").read_text() == shown.stdout
    printed = tembench("describe", tiny_store_path, "--json").stdout
    assert (out / "croissant.json").read_text() == printed
    assert json.loads(printed)["name"] == "tiny"
    line = error_line(tembench("describe", tiny_store_path, "--out", tiny_store_path), 6)
    assert "would overwrite an input" in line


def test_a_date_of_publication_is_a_date(tmp_path: Path) -> None:
    assert tembench("describe", tmp_path, "--published", "yesterday").returncode == 2
