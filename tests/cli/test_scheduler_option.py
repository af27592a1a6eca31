"""`--scheduler`: passed on by the commands that can run on a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import error_line, tembench

from tembench.dataset import open_store
from tembench.methods import denoise, load_method

NO_ADDRESS = "not the address of a scheduler"


@pytest.mark.slow
@pytest.mark.parametrize("given", ["option", "variable"])
def test_generate_uses_the_option_and_the_variable_of_dask(
    given: str, tiny_recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["generate", tiny_recipe_file, "--out", tmp_path / "store.zarr"]
    if given == "variable":
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "nonsense")
    else:
        command += ["--scheduler", "nonsense"]
    assert NO_ADDRESS in error_line(tembench(*command), 4)


def test_the_other_commands_use_it_too(
    tiny_store_path: Path, tiny_recipe_file: Path, tmp_path: Path
) -> None:
    out = denoise(
        load_method("noisy"), open_store(tiny_store_path), tmp_path / "outputs", workers=0
    )
    for command, code in (
        (["reimage", tiny_store_path, "--recipe", tiny_recipe_file, "--out", tmp_path / "s"], 4),
        (["denoise", "noisy", tiny_store_path, "--out", tmp_path / "more"], 5),
        (["score", out, tiny_store_path], 6),
    ):
        assert NO_ADDRESS in error_line(tembench(*command, "--scheduler", "nonsense"), code)


def test_image_files_are_denoised_here(tmp_path: Path) -> None:
    run = tembench("apply", "noisy", tmp_path / "image.tif", "--scheduler", "tcp://host:8786")
    assert run.returncode == 2
    assert "No such option '--scheduler'" in run.stderr
