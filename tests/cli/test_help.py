"""Help, hints, completion and emphasis of the command line."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from tembench.cli import cli
from tembench.core.paths import method_names, quick_method_names, recipe_names
from tembench.metrics import METRICS
from tembench.pipeline import _choose


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group, as the words that call it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def found(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def help_of(path: tuple[str, ...], columns: int) -> str:
    result = CliRunner().invoke(cli, [*path, "--help"], terminal_width=columns)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("columns", [78, 80, 100])
@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_help_breaks_no_name(path: tuple[str, ...], columns: int) -> None:
    text = help_of(path, columns)
    assert not re.search(r"\w-\n", text)
    assert "\N{NON-BREAKING HYPHEN}" not in text
    assert max(map(len, text.splitlines())) <= columns
    for word in (found(path).help or "").split():
        assert word in text


@pytest.mark.parametrize("columns", [78, 80])
@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_an_example_can_be_copied(path: tuple[str, ...], columns: int) -> None:
    example = re.search(r"Example: (tembench .*)", found(path).help or "")
    assert example
    text = " ".join(help_of(path, columns).split())
    assert " ".join(example[1].split()) in text


def test_run_names_the_methods_that_it_runs() -> None:
    chosen = [m.name for m in _choose((), lambda line: None) if m.kind != "control"]
    assert sorted(chosen) == quick_method_names()
    assert f"Default: {', '.join(quick_method_names())}." in " ".join(help_of(("run",), 80).split())


def completed(arguments: str, incomplete: str) -> list[str]:
    complete = ShellComplete(cli, {}, "tembench", "_TEMBENCH_COMPLETE")
    items = complete.get_completions(arguments.split(), incomplete)
    return [item.value if item.type == "plain" else item.type for item in items]


@pytest.mark.parametrize(
    ("arguments", "incomplete", "expected"),
    [
        ("run", "qu", ["quickstart", "file"]),
        ("recipe show", "", [*recipe_names(), "file"]),
        ("generate", "st", ["stress", "file"]),
        ("reimage a.zarr --recipe", "pt", ["ptceo2-18k", "file"]),
        ("denoise", "unet-", ["unet-2-scales", "unet-6-scales", "unet-bias-free", "unet-small"]),
        ("train", "", method_names()),
        ("tune", "nl", ["nlm", "nlm-native"]),
        ("run quickstart --method", "bm", ["bm3d", "bm3d-native"]),
        ("study generalization a.zarr --method", "dn", ["dncnn"]),
        ("leaderboard --rank-by", "psnr", ["psnr_db"]),
        ("leaderboard --rank-by", "", list(METRICS)),
    ],
)
def test_names_complete(arguments: str, incomplete: str, expected: list[str]) -> None:
    values = completed(arguments, incomplete)
    assert [value for value in values if value != "file"] == [e for e in expected if e != "file"]
    if expected[-1] == "file":
        assert values[-1] == "file"


def test_a_shell_completes() -> None:
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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("run recipes/quickstart.toml", "no such file; expected a TOML file or one of"),
        ("run recipes/quickstart.toml", "'quickstart' is a recipe that comes with tembench: give"),
        ("recipe show elsewhere/stress", "'stress' is a recipe that comes with tembench"),
        ("recipe validate quickstrat", "Did you mean 'quickstart'?"),
        ("generate recipes/ptceo2-18k.toml --out x.zarr", "'ptceo2-18k' is a recipe"),
        ("denoise baselines/unet x.tif", "'unet' is a method that comes with tembench: give the"),
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
def test_what_is_not_found_is_hinted_at(
    arguments: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for store in ("made.zarr", "runs/done/store.zarr"):
        (tmp_path / store).mkdir(parents=True)
        (tmp_path / store / "zarr.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, arguments.split())
    assert told in str(result.exception)
    assert not (tmp_path / "x.zarr").exists()


def on_a_terminal(code: str, **environment: str) -> str:
    """What a program writes to a terminal."""
    leader, follower = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=follower,
        stderr=follower,
        env={**clean, "TERM": "xterm-256color", **environment},
    )
    os.close(follower)
    written = b""
    try:
        while block := os.read(leader, 4096):
            written += block
    except OSError:  # that the other end is closed
        pass
    os.close(leader)
    assert process.wait(120) == 0, written.decode()
    return written.decode()


SUBMISSIONS = Path(__file__).parents[2] / "submissions"
TABLE = f"""
from pathlib import Path
from tembench.cli.score_commands import print_table
from tembench.leaderboard.table import build_table
print_table(build_table(Path({str(SUBMISSIONS)!r})))
"""
BAR = """
from tembench.core import progress_bar as progress
progress.enable()
with progress.progress("Working", 2) as advance:
    advance(1)
"""
STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.slow
def test_emphasis_is_for_terminals_without_no_color() -> None:
    assert STYLE.search(on_a_terminal(TABLE))
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert not STYLE.search(on_a_terminal(TABLE, **plain))
    piped = subprocess.run([sys.executable, "-c", TABLE], capture_output=True, text=True)
    assert piped.returncode == 0
    assert "\x1b" not in piped.stdout


def test_a_bar_has_no_emphasis_under_no_color() -> None:
    assert STYLE.search(on_a_terminal(BAR))
    bar = on_a_terminal(BAR, NO_COLOR="1")
    assert "Working" in bar
    assert not STYLE.search(bar)
