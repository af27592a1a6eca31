"""`tembench` itself: every command has help, and every error is one line with its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import error_line, tembench
from click.testing import CliRunner

from tembench.cli import cli, main

COMMANDS = sorted(cli.commands)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_reported_in_one_line() -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "tembench", "recipe", "show", "quickstart"],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert result.returncode == 8
    assert "Traceback" not in result.stderr
    assert "No space left" in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_reported_in_one_line(tiny_recipe_file: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    result = tembench("generate", tiny_recipe_file, "--out", closed / "store.zarr")
    assert "Check its permissions" in error_line(result, 8)


@pytest.mark.slow
def test_a_closed_pipe_ends_the_command_quietly() -> None:
    command = f"{sys.executable} -m tembench recipe show quickstart | true; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.strip() in ("0", "1")


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (MemoryError("8 TiB"), 8, "not enough memory: 8 TiB. Use fewer --workers"),
        (OSError(28, "No space left on device", "x.zarr"), 8, "x.zarr: No space left on device"),
        (OSError(21, "Is a directory", ".aside.part", None, "x.png"), 8, "x.png: Is a directory"),
        (PermissionError(13, "Permission denied", "x"), 8, "x: Permission denied. Check its perm"),
        (RuntimeError("a\n\x1b[31mb"), 1, "RuntimeError: a \\x1b[31mb. This is a bug in"),
    ],
)
def test_every_exception_is_one_line(
    problem: Exception,
    code: int,
    message: str,
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
    assert written.startswith(f"Error: {message}")


def test_an_interrupted_command_says_how_to_resume(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupt)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 130
    assert "run the same command to resume" in capsys.readouterr().err
