"""Files and folders that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tembench import files
from tembench.errors import OutputError
from tembench.files import (
    locked,
    refuse_inputs,
    remove_leftovers,
    same_place,
    staging,
    write_text,
)


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "table.csv"
    write_text(path, "first")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space") as caught:
        write_text(path, "second")
    assert caught.value.filename == str(path)
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["table.csv"]


def test_staging_leaves_nothing_beside_the_target(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with staging(target, OutputError) as aside:
        (aside / "data").write_text("1")
        aside.rename(target)
    assert [p.name for p in tmp_path.iterdir()] == ["result"]


def test_staging_interrupted_leaves_nothing(tmp_path: Path) -> None:
    def stop(aside: Path) -> None:
        (aside / "data").write_text("1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), staging(tmp_path / "result", OutputError) as aside:
        stop(aside)
    assert not list(tmp_path.iterdir())


def test_staging_sweeps_what_the_killed_left_and_spares_what_is_in_use(tmp_path: Path) -> None:
    left, used = tmp_path / ".result.dead.part", tmp_path / ".result.busy.part"
    for folder in (left, used):
        folder.mkdir()
        (folder / "data").write_text("1")
    with locked(used, OutputError), staging(tmp_path / "result", OutputError):
        assert not left.exists()
        assert used.exists()


def refused(output: Path, *inputs: Path, replaced: bool = False) -> bool:
    try:
        refuse_inputs([output], inputs, OutputError, replaced=replaced)
    except OutputError:
        return True
    return False


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


def test_nothing_goes_into_a_folder_that_is_read(tmp_path: Path) -> None:
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


def test_cases_of_letters_are_heeded_where_the_disk_heeds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not same_place(tmp_path / "a.tif", tmp_path / "A.tif")
    monkeypatch.setattr(files, "ignores_case", lambda folder: True)
    assert same_place(tmp_path / "a.tif", tmp_path / "A.tif")
    assert same_place(tmp_path / "New" / "a.tif", tmp_path / "new" / "A.TIF")
    assert not same_place(tmp_path / "a.tif", tmp_path / "b.tif")


def test_a_disk_that_ignores_cases_is_known_by_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.ignores_case.cache_clear()
    (tmp_path / "a.tif").write_text("")
    assert not files.ignores_case(tmp_path)
    files.ignores_case.cache_clear()
    monkeypatch.setattr("os.path.samefile", lambda a, b: str(a).lower() == str(b).lower())
    assert files.ignores_case(tmp_path)
    assert files.ignores_case(tmp_path / "not" / "there")
    files.ignores_case.cache_clear()


def test_leftovers_of_the_killed_are_removed_and_what_is_in_use_stays(tmp_path: Path) -> None:
    import fcntl

    for name in (".a.tif.dead.part", ".a.tif.busy.part", ".b.tif.dead.part", "a.tif.part"):
        (tmp_path / name).write_text("half")
    with (tmp_path / ".a.tif.busy.part").open("rb") as used:
        fcntl.flock(used, fcntl.LOCK_EX)
        remove_leftovers([tmp_path / "a.tif", tmp_path / "none" / "a.tif"])
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".a.tif.busy.part", ".b.tif.dead.part", "a.tif.part"]
