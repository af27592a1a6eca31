"""`tembench denoise` and `apply`; image files themselves are tested in `micrographs`."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from cli_runs import error_line, tembench

from tembench.cli.image_commands import apply_command, image_options
from tembench.core.paths import baselines_folder
from tembench.micrographs.reading.file_options import FileOptions


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
    fields = sorted(field.name for field in dataclasses.fields(FileOptions))
    listed = [*image_options.FILE_OPTIONS, *apply_command._NOISE_OPTIONS]
    assert sorted(listed) == fields
    assert {*listed} <= {parameter.name for parameter in apply_command.apply.params}


def test_each_command_names_the_other(tiny_store_path: Path, tmp_path: Path) -> None:
    image = tmp_path / "image.tif"
    image.touch()
    for files in ([image], [image, image]):
        run = tembench("denoise", "bm3d", *files)
        assert run.returncode == 2
        assert "for image files: tembench apply bm3d FILE" in run.stderr
    run = tembench("apply", "bm3d", image, tiny_store_path)
    assert run.returncode == 2
    assert f"is a data set: tembench denoise bm3d {tiny_store_path} --out OUTPUTS" in run.stderr
    assert "Missing option '--out'" in tembench("denoise", "bm3d", tiny_store_path).stderr
