"""Output files: their names, and inputs that are never written over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micrograph_files import SIDE, counts_file, done, names, refused, run

from tembench.core.errors import OutputError
from tembench.micrographs.file_batches import made_result


def _itself(raw: Path) -> Path:
    return raw


def _by_dots(raw: Path) -> Path:
    return raw.parent / "empty" / ".." / raw.name


def _symlink(raw: Path) -> Path:
    link = raw.with_name("symlink.tif")
    link.symlink_to(raw)
    return link


def _hard_link(raw: Path) -> Path:
    link = raw.with_name("hard.tif")
    link.hardlink_to(raw)
    return link


def _folder_link(raw: Path) -> Path:
    link = raw.parent / "elsewhere"
    link.symlink_to(raw.parent)
    return link / raw.name


@pytest.mark.parametrize("alias", [_itself, _by_dots, _symlink, _hard_link, _folder_link])
@pytest.mark.parametrize("more", [(), ("--overwrite",)])
def test_an_input_is_never_an_output(
    tmp_path: Path, alias: Callable[[Path], Path], more: tuple[str, ...]
) -> None:
    (tmp_path / "empty").mkdir()
    raw = counts_file(tmp_path / "raw.tif")
    before = raw.read_bytes()
    out = alias(raw)
    assert "would overwrite an input" in refused(OutputError, "gaussian", raw, "--out", out, *more)
    # The other way round too: read by the link, written by the name.
    assert "would overwrite" in refused(OutputError, "gaussian", out, "--out", raw, *more)
    assert raw.read_bytes() == before


def test_a_relative_path_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    monkeypatch.chdir(tmp_path)
    refused(OutputError, "gaussian", "raw.tif", "--out", raw, "--overwrite")
    refused(OutputError, "gaussian", raw, "--out", "./raw.tif", "--overwrite")


def test_the_preview_is_an_output_too(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    (tmp_path / "view.png").symlink_to(raw)
    said = refused(OutputError, "gaussian", raw, "--out", tmp_path / "view.tif", "--overwrite")
    assert "view.png: would overwrite" in said


def test_an_output_of_one_file_is_not_the_input_of_another(tmp_path: Path) -> None:
    first = counts_file(tmp_path / "a.tif")
    second = counts_file(tmp_path / "a.gaussian.tif", 1)
    before = second.read_bytes()
    refused(OutputError, "gaussian", first, second, "--out", tmp_path, "--overwrite")
    assert second.read_bytes() == before
    second.unlink()
    # Nor is one that is not there yet.
    refused(OutputError, "gaussian", first, second, "--out", tmp_path, "--overwrite")


def test_nothing_is_written_among_weights_or_into_the_method(
    tmp_path: Path, write_method: Any
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    method = write_method()
    (method / "weights").mkdir()
    inside = method / "weights" / "results"
    assert "would overwrite" in refused(OutputError, method, raw, "--out", inside)
    assert "folder of the method" in refused(OutputError, method, raw, "--out", method)
    assert names(method) == ["method.py", "method.toml", "weights"]


@pytest.mark.slow
def test_frames_of_a_stack_have_names_of_their_own(tmp_path: Path) -> None:
    stack = np.random.default_rng(1).poisson(0.45, (3, SIDE, SIDE)).astype(np.uint16)
    file = tmp_path / "movie.npy"
    np.save(file, stack)
    out = tmp_path / "out"
    for frame in (0, 2, "sum"):
        done("gaussian", file, "--pixel-size-A", 0.0625, "--frame", frame, "--out", out)
    found = [name for name in names(out) if name.endswith(".tif")]
    assert found == [
        "movie.frame0.gaussian.tif",
        "movie.frame2.gaussian.tif",
        "movie.sum.gaussian.tif",
    ]
    done("gaussian", file, "--pixel-size-A", 0.0625, "--frame", 1, "--dataset", 0, "--out", out)
    assert "movie.dataset0.frame1.gaussian.tif" in names(out)


def test_two_files_of_one_name_are_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = counts_file(tmp_path / "a.tif"), counts_file(tmp_path / "b" / "a.tif", 1)
    upper = counts_file(tmp_path / "A.tif", 2)
    said = refused(OutputError, "gaussian", one, two, "--out", tmp_path / "out")
    assert f"got {one} and {two}" in said
    assert not (tmp_path / "out").exists()
    done("gaussian", one, upper, "--out", tmp_path / "out")
    assert len(names(tmp_path / "out")) == 4
    # Where a disk takes a and A for one letter both names are one file.
    monkeypatch.setattr("tembench.core.overwrite.ignores_case", lambda folder: True)
    assert "to the same path" in refused(
        OutputError, "gaussian", one, upper, "--out", tmp_path / "other"
    )


@pytest.mark.parametrize(
    "name", ["x.png", "x.PNG", "x.jpg", "x.mrc", "x.dm4", "x.npy", "x.csv", "x.zip"]
)
def test_an_output_named_like_another_file_format_is_refused(tmp_path: Path, name: str) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    said = refused(OutputError, "gaussian", raw, "--out", tmp_path / name)
    assert "expected a folder, or a name that ends in .tif" in said
    assert not (tmp_path / name).exists()


@pytest.mark.slow
def test_a_folder_may_have_any_name_and_a_tiff_any_case(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    done("gaussian", raw, "--out", tmp_path / "run.2024-11-03")
    (tmp_path / "x.png").mkdir()
    (tmp_path / "x.tif").mkdir()
    for folder in ("run.2024-11-03", "x.png", "x.tif"):
        done("gaussian", raw, "--out", tmp_path / folder)
        assert names(tmp_path / folder) == ["raw.gaussian.png", "raw.gaussian.tif"]
    for name in ("y.TIF", "y.TIFF"):
        done("gaussian", raw, "--out", tmp_path / name, "--overwrite")
        assert (tmp_path / name).is_file()


def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "deeper", tmp_path / "file" / "x.tif"):
        said = refused(OutputError, "gaussian", raw, "--out", out)
        assert f"{tmp_path / 'file'}: is a file where a folder is needed" in said
    monkeypatch.setattr(made_result, "denoise_file", None)
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and real(path, mode))
    result = run("gaussian", raw, "--out", tmp_path / "no" / "such")
    assert isinstance(result.exception, PermissionError)
    assert result.exception.filename == str(tmp_path)


def test_an_output_that_is_a_folder_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    (tmp_path / "out" / "raw.gaussian.tif").mkdir(parents=True)
    for more in ((), ("--overwrite",)):
        assert run("gaussian", raw, "--out", tmp_path / "out", *more).exit_code
        assert names(tmp_path / "out") == ["raw.gaussian.tif"]
