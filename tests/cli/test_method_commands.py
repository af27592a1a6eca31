"""`tembench methods`, `new-method`, and the choice of weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import error_line, tembench

from tembench.cli.method_commands import chosen_weights
from tembench.core import list_methods
from tembench.methods.method import load_method


def test_methods_are_listed_as_text_and_as_json() -> None:
    listed = json.loads(tembench("methods", "--json").stdout)
    assert [method["name"] for method in listed] == list(list_methods())
    lines = tembench("methods").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(list_methods())


def test_weights_of_the_working_folder_replace_those_of_the_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    unet = load_method("unet")
    assert chosen_weights(unet, None) == (None, "")
    assert capsys.readouterr().err == ""
    (tmp_path / "weights" / "unet").mkdir(parents=True)
    found, origin = chosen_weights(unet, None)
    assert (found, origin) == (Path("weights/unet"), "found in the working folder")
    assert "instead of those that come with unet" in capsys.readouterr().err
    assert chosen_weights(unet, tmp_path) == (tmp_path, "option")


@pytest.mark.slow
@pytest.mark.parametrize("trained", [False, True])
def test_a_new_method_runs_as_it_is_written(
    tiny_store_path: Path, tmp_path: Path, trained: bool
) -> None:
    made = tembench("new-method", "mine", *["--trained"] * trained, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    short = [f"--set={name}" for name in ("steps=2", "batch=2", "crop=8", "device=cpu")]
    commands = [line.partition(": ")[2].split() for line in made.stdout.splitlines()[2:]]
    assert [words[1] for words in commands] == (["train"] if trained else []) + ["denoise"]
    if trained:
        pytest.importorskip("torch")
        commands[0] += short
        commands[1] += ["--set=device=cpu"]
    commands[-1] += ["--workers", "0"]
    for words in [*commands, ["tembench", "score", "outputs/mine", "STORE", "--workers", "0"]]:
        given = [str(tiny_store_path) if word == "STORE" else word for word in words[1:]]
        result = tembench(*given, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    again = tembench("new-method", "mine", cwd=tmp_path)
    assert "exists already" in error_line(again, 5)
