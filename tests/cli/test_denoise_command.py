"""`tembench denoise` with a store; with image files it is tested in `methods/micrographs`."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from cli_runs import error_line, tembench

from tembench.cli import denoise_command
from tembench.core.paths import baselines_folder
from tembench.methods.micrographs.file_options import FileOptions


@pytest.mark.slow
def test_an_unknown_method_is_reported_with_the_known_ones(
    tiny_store_path: Path, tmp_path: Path
) -> None:
    result = tembench("denoise", "magic", tiny_store_path, "--out", tmp_path / "out")
    assert "gaussian" in error_line(result, 5)
    assert not (tmp_path / "out").exists()


def test_a_method_without_build_is_reported(tiny_store_path: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(baselines_folder() / "vacuum", tmp_path / "mine"))
    (folder / "method.py").write_text("def make(parameters):\n    return None\n")
    result = tembench("denoise", folder, tiny_store_path, "--out", tmp_path / "out")
    assert "defines no build" in error_line(result, 5)
    assert not (tmp_path / "out").exists()


def test_options_of_image_files_are_the_fields_of_their_class() -> None:
    fields = [field.name for field in dataclasses.fields(FileOptions)]
    assert sorted(denoise_command._FILE_OPTIONS) == sorted([*fields, "overwrite"])
    declared = {parameter.name for parameter in denoise_command.denoise.params}
    assert {*denoise_command._FILE_OPTIONS, *denoise_command._STORE_OPTIONS} <= declared
