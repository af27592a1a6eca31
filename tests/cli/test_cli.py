"""The command line as a user meets it: one line an error, a code by kind, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tembench.cli import cli, main

COMMANDS = sorted(cli.commands)


def tembench(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tembench", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
    )


def error_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of an error, after checking that it is one and that the code fits."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len([line for line in lines if line.startswith("Error: ")]) == 1
    return lines[-1]


def test_help_loads_nothing_heavy() -> None:
    heavy = "numpy zarr torch abtem dask pandas skimage matplotlib rich scipy"
    code = (
        "import sys; from tembench.cli import cli; "
        f"sys.exit(' '.join(m for m in '{heavy}'.split() if m in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.strip() == ""
    assert tembench("--help").returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_summary_and_an_example(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert "Example: tembench" in result.output
    assert cli.commands[name].get_short_help_str(200).endswith((".", ")"))


def test_version() -> None:
    from tembench import __version__

    assert __version__ in tembench("--version").stdout


def test_recipe_commands(tiny_recipe_file: Path) -> None:
    shown = tembench("recipe", "show", tiny_recipe_file)
    assert "12 of 3 atomic models" in shown.stdout
    assert json.loads(tembench("recipe", "show", tiny_recipe_file, "--json").stdout)["images"] == 12
    assert "valid" in tembench("recipe", "validate", tiny_recipe_file).stdout
    assert "quickstart" in tembench("recipe", "list").stdout


def test_recipe_with_mistakes(tmp_path: Path, tiny_recipe_file: Path) -> None:
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


def test_info_and_verify(tiny_store_path: Path) -> None:
    assert "complete" in tembench("info", tiny_store_path).stdout
    content = json.loads(tembench("info", tiny_store_path, "--json").stdout)
    assert content["complete"]
    assert content["images"] == 12
    verified = tembench("verify", tiny_store_path, "--sample", "1")
    assert verified.returncode == 0
    assert "exact" in verified.stdout


def test_verify_of_a_damaged_store_exits_with_4(tiny_store_path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_store_path, tmp_path / "copy.zarr"))
    for shard in (copy / "clean" / "c").rglob("*"):
        if shard.is_file():
            shard.write_bytes(b"")
    result = tembench("verify", copy, "--sample", "0", "--json")
    assert result.returncode == 4
    assert json.loads(result.stdout)["damaged_shards"] == [0, 1, 2]


def test_no_store(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.zarr"
    for command in (["info", nowhere], ["verify", nowhere], ["train", "unet", nowhere]):
        assert "no such data set" in error_line(tembench(*command), 4)


def test_no_such_method(tiny_store_path: Path, tmp_path: Path) -> None:
    result = tembench("denoise", "magic", tiny_store_path, "--out", tmp_path / "out")
    assert "gaussian" in error_line(result, 5)
    assert not (tmp_path / "out").exists()


def test_method_without_build(tiny_store_path: Path, tmp_path: Path) -> None:
    from tembench.core.paths import baselines_folder

    folder = Path(shutil.copytree(baselines_folder() / "vacuum", tmp_path / "mine"))
    (folder / "method.py").write_text("def make(parameters):\n    return None\n")
    result = tembench("denoise", folder, tiny_store_path, "--out", tmp_path / "out")
    assert "defines no build" in error_line(result, 5)
    assert not (tmp_path / "out").exists()


def test_from_method_to_table(tiny_store_path: Path, tmp_path: Path) -> None:
    for method in ("vacuum", "noisy", "clean", "gaussian"):
        out = tmp_path / "outputs" / method
        run = ["--workers", "0"]
        assert tembench("denoise", method, tiny_store_path, "--out", out, *run).returncode == 0
        scored = tembench("score", out, tiny_store_path, *run)
        assert scored.returncode == 0, scored.stderr
        submitted = tembench("submit", out, "--name", method, cwd=tmp_path)
        assert submitted.returncode == 0, submitted.stderr
        checked = tembench("check", tmp_path / "submissions" / method)
        assert "valid" in checked.stdout
    summary = json.loads(tembench("score", out, tiny_store_path, "--json").stdout)
    assert summary["images"] == 4
    table = json.loads(tembench("leaderboard", "--json", cwd=tmp_path).stdout)
    rows = [row["method"] for row in table["rows"]]
    assert rows[0] == "clean"
    assert rows[-1] == "noisy"
    for form, sign in (("markdown", "|"), ("csv", ","), ("html", "<!doctype html>")):
        written = tmp_path / f"table.{form}"
        result = tembench("leaderboard", "--format", form, "--out", written, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert sign in written.read_text().lower()
    assert "gaussian" in tembench("leaderboard", cwd=tmp_path).stdout


def test_empty_leaderboard(tmp_path: Path) -> None:
    (tmp_path / "submissions").mkdir()
    assert "no submissions" in error_line(tembench("leaderboard", cwd=tmp_path), 6)
    assert "no such folder" in error_line(tembench("leaderboard", tmp_path / "none"), 6)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(tiny_store_path: Path) -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "tembench", "info", str(tiny_store_path)],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert result.returncode == 8
    assert "Traceback" not in result.stderr
    assert "No space left" in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_line(tiny_recipe_file: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    result = tembench("generate", tiny_recipe_file, "--out", closed / "store.zarr")
    assert "may write to" in error_line(result, 8)


def test_generation_says_what_it_took_and_its_waves_serve_another_dose(
    tiny_recipe_file: Path, tmp_path: Path
) -> None:
    low = tmp_path / "low.toml"
    low.write_text(
        tiny_recipe_file.read_text().replace("dose_e_per_px = 0.45", "dose_e_per_px = 1")
    )
    first, second = tmp_path / "first.zarr", tmp_path / "second.zarr"
    made = tembench("generate", tiny_recipe_file, "--out", first, "--json")
    assert made.returncode == 0, made.stderr
    content = json.loads(made.stdout)
    assert content["models_simulated"] == 3
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
    assert "would write over what is read" in line
    assert tembench("images", first, "--models", "--out", tmp_path / "m.png").returncode == 0


def test_run_makes_everything_and_reuses_it(tiny_recipe_file: Path, tmp_path: Path) -> None:
    command = ["run", tiny_recipe_file, "--out", tmp_path / "run", "--method", "gaussian"]
    first = tembench(*command)
    assert first.returncode == 0, first.stderr
    assert "generated in" in first.stdout
    for name in ("store.zarr", "outputs/gaussian", "leaderboard.html", "figures/images.png"):
        assert (tmp_path / "run" / name).exists()
    as_json = tembench(*command, "--json")
    content = json.loads(as_json.stdout)
    assert content["table"]["rows"][0]["method"] == "clean"
    assert Path(content["written"]["page"]).is_file()
    assert "12 images complete, reused" in as_json.stderr
    second = tembench(*command)
    assert "12 images complete, reused" in second.stdout
    assert "gaussian: denoised, scored already, reused" in second.stdout
    table = first.stdout.split("\n\n")[1]
    assert table == second.stdout.split("\n\n")[1]


def test_a_reader_that_has_gone_ends_the_command_quietly() -> None:
    command = f"{sys.executable} -m tembench recipe show quickstart | true; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.strip() in ("0", "1")


@pytest.mark.parametrize(
    ("problem", "code", "told"),
    [
        (MemoryError("8 TiB"), 8, "not enough memory: 8 TiB. Use fewer --workers"),
        (OSError(28, "No space left on device", "x.zarr"), 8, "x.zarr: No space left on device"),
        (OSError(21, "Is a directory", ".aside.part", None, "x.png"), 8, "x.png: Is a directory"),
        (RuntimeError("a\n\x1b[31mb"), 1, "RuntimeError: a \\x1b[31mb. This is a fault of"),
    ],
)
def test_what_is_raised_is_one_line(
    problem: Exception,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise problem

    monkeypatch.setattr(cli, "main", fail)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == code
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert written.startswith(f"Error: {told}")


def test_a_folder_in_the_way_of_a_picture(tiny_store_path: Path, tmp_path: Path) -> None:
    line = error_line(tembench("images", tiny_store_path, "--out", tmp_path), 8)
    assert line.startswith(f"Error: {tmp_path}: Is a directory")
    assert list(tmp_path.iterdir()) == []


def test_a_method_may_not_take_the_name_of_a_control(
    tiny_recipe_file: Path, tmp_path: Path
) -> None:
    from tembench.core.paths import baselines_folder

    mine = Path(shutil.copytree(baselines_folder() / "gaussian", tmp_path / "mine"))
    text = (mine / "method.toml").read_text()
    (mine / "method.toml").write_text(text.replace('name = "gaussian"', 'name = "noisy"'))
    out = tmp_path / "run"
    result = tembench("run", tiny_recipe_file, "--out", out, "--method", mine)
    assert "two methods of one name" in error_line(result, 5)
    assert not out.exists()
