from __future__ import annotations

from pathlib import Path

import pytest

from tembench.core.errors import OutputError
from tembench.dataset import DrawnStore, open_store
from tembench.study.audit import VIEWS, AuditViews, audit_images, audit_views


def test_fewer_images_are_among_more(gold_store: DrawnStore) -> None:
    every = audit_images(gold_store, "test", 20, 5)
    assert list(every) == sorted(every) == [int(i) for i in gold_store.images()]
    assert {gold_store.table.loc[i, "model"] for i in every} == set(every.values())
    one = audit_images(gold_store, "test", 1, 5)
    assert len(one) == 2
    assert len(set(one.values())) == 1
    each = audit_images(gold_store, "test", 20, 1)
    assert len(each) == len(set(each.values())) == 2
    assert one.items() | each.items() < every.items()


def test_first_frames_only(drawn_store_path: Path) -> None:
    store = open_store(drawn_store_path)
    assert set(store.table["frame"]) == {0, 1}
    chosen = audit_images(store, "test", 20, 5)
    assert set(store.table["frame"].iloc[list(chosen)]) == {0}


def test_views_are_made_once(gold_views: AuditViews) -> None:
    image = next(iter(gold_views.images))
    files = sorted(gold_views.folder.glob("*.npz"))
    assert len(files) == len(gold_views.images) * len(set(VIEWS.values()))
    before = [file.stat().st_mtime_ns for file in files]
    again = audit_views(gold_views.store, gold_views.folder, workers=0)
    assert [file.stat().st_mtime_ns for file in files] == before
    assert again.missing(image) == []


def test_an_interrupted_audit_makes_what_is_missing(gold_views: AuditViews, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for file in gold_views.folder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    image = next(iter(gold_views.images))
    lost = folder / f"{image:06}-turned-10.npz"
    lost.unlink()
    audit_views(gold_views.store, folder, workers=0)
    assert lost.read_bytes() == (gold_views.folder / lost.name).read_bytes()


def test_a_folder_of_something_else_is_refused(
    gold_views: AuditViews, tiny_camera_path: Path, tmp_path: Path
) -> None:
    other = open_store(tiny_camera_path)
    with pytest.raises(OutputError, match="holds the views of another audit"):
        audit_views(other, gold_views.folder, workers=0)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty"):
        audit_views(other, tmp_path, workers=0)


def test_a_damaged_view_is_reported(gold_views: AuditViews, tmp_path: Path) -> None:
    image = next(iter(gold_views.images))
    (tmp_path / f"{image:06}-base.npz").write_bytes(b"PK nothing")
    views = AuditViews(
        folder=tmp_path, store=gold_views.store, part="test", images=gold_views.images
    )
    for case in ("noise", "moved"):
        with pytest.raises(OutputError, match="not a view of an audit"):
            views.of(image, case)
