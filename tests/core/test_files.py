"""Files and folders that are written whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tembench.core.errors import OutputError
from tembench.core.files import locked, remove_leftovers, staging, write_text


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


def test_stagings_of_one_target_do_not_remove_each_other(tmp_path: Path) -> None:
    def once(_: int) -> bool:
        with staging(tmp_path / "result", OutputError) as aside:
            (aside / "part").mkdir()
            return aside.is_dir()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(once, range(100)))
    assert not any(tmp_path.iterdir())


def test_staging_interrupted_leaves_nothing(tmp_path: Path) -> None:
    def stop(aside: Path) -> None:
        (aside / "data").write_text("1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), staging(tmp_path / "result", OutputError) as aside:
        stop(aside)
    assert not list(tmp_path.iterdir())


def test_staging_removes_leftovers_of_killed_processes_but_no_folder_in_use(tmp_path: Path) -> None:
    left, used = tmp_path / ".result.dead.part", tmp_path / ".result.busy.part"
    for folder in (left, used):
        folder.mkdir()
        (folder / "data").write_text("1")
    with locked(used, OutputError), staging(tmp_path / "result", OutputError):
        assert not left.exists()
        assert used.exists()


def test_leftovers_of_killed_processes_are_removed_but_no_file_in_use(tmp_path: Path) -> None:
    import fcntl

    for name in (".a.tif.dead.part", ".a.tif.busy.part", ".b.tif.dead.part", "a.tif.part"):
        (tmp_path / name).write_text("half")
    with (tmp_path / ".a.tif.busy.part").open("rb") as used:
        fcntl.flock(used, fcntl.LOCK_EX)
        remove_leftovers([tmp_path / "a.tif", tmp_path / "none" / "a.tif"])
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".a.tif.busy.part", ".b.tif.dead.part", "a.tif.part"]
