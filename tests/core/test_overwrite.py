"""Outputs that would overwrite inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tembench.core import overwrite
from tembench.core.errors import OutputError
from tembench.core.overwrite import refuse_inputs, same_place
from tembench.core.paths import baselines_folder
from tembench.methods.method import load_method


def refused(output: Path, *inputs: Path, replaced: bool = False) -> bool:
    try:
        refuse_inputs([output], inputs, OutputError, replaced=replaced)
    except OutputError:
        return True
    return False


def test_letter_case_matters_where_it_does_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not same_place(tmp_path / "a.tif", tmp_path / "A.tif")
    monkeypatch.setattr(overwrite, "ignores_case", lambda folder: True)
    assert same_place(tmp_path / "a.tif", tmp_path / "A.tif")
    assert same_place(tmp_path / "New" / "a.tif", tmp_path / "new" / "A.TIF")
    assert not same_place(tmp_path / "a.tif", tmp_path / "b.tif")


def test_a_disk_that_ignores_letter_case_is_recognised_by_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite.ignores_case.cache_clear()
    (tmp_path / "a.tif").write_text("")
    assert not overwrite.ignores_case(tmp_path)
    overwrite.ignores_case.cache_clear()
    monkeypatch.setattr("os.path.samefile", lambda a, b: str(a).lower() == str(b).lower())
    assert overwrite.ignores_case(tmp_path)
    assert overwrite.ignores_case(tmp_path / "not" / "there")
    overwrite.ignores_case.cache_clear()


def test_an_output_that_is_an_input_is_refused_by_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    file = folder / "raw.tif"
    file.write_text("1")
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "twice").symlink_to(tmp_path / "link")
    (tmp_path / "hard").hardlink_to(file)
    (tmp_path / "folder-link").symlink_to(folder)
    (tmp_path / "dangling").symlink_to(folder / "new")
    monkeypatch.chdir(folder)
    for name in (
        file,
        Path("raw.tif"),
        folder / ".." / "folder" / "raw.tif",
        tmp_path / "link",
        tmp_path / "twice",
        tmp_path / "hard",
        tmp_path / "folder-link" / "raw.tif",
    ):
        assert refused(name, file), name
        assert refused(file, name), name
    # What is not there yet may be named twice as well.
    assert refused(tmp_path / "dangling", folder / "new")
    assert refused(Path("new"), tmp_path / "folder-link" / "new")
    assert not refused(folder / "raw.tiff", file)
    assert not refused(folder, file)
    assert not refused(tmp_path / "new", folder / "new")


def test_nothing_is_written_into_an_input_folder(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (tmp_path / "link").symlink_to(store)
    for inside in (store / "zarr.json", store / "a" / "b", tmp_path / "link" / "a.png"):
        assert refused(inside, store)
        assert refused(inside, tmp_path / "link")
    assert not refused(tmp_path / "store-2", store)
    # What is replaced goes away first, with all that it holds.
    assert refused(tmp_path, store, replaced=True)
    assert not refused(tmp_path, store)
    assert refused(store / "a", store, replaced=True)
    assert not refused(tmp_path / "other", store, replaced=True)


def test_results_are_not_written_beside_the_code_that_a_method_shares(tmp_path: Path) -> None:
    method = load_method("unet-2-scales")
    assert method.folders == (method.folder, baselines_folder() / "unet")
    for folder in method.folders:
        with pytest.raises(OutputError, match="is the folder of the method"):
            overwrite.refuse_method_folders(folder, method.folders, OutputError)
    overwrite.refuse_method_folders(tmp_path, method.folders, OutputError)
