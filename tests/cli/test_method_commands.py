"""`tembench methods`, and the choice of weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import tembench

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
