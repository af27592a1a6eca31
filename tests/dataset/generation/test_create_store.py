"""Empty stores: leftovers of killed processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tembench.core.errors import StoreError
from tembench.core.files import locked
from tembench.dataset.generation.create_store import create_store
from tembench.recipe import Recipe


@pytest.mark.slow
def test_leftovers_of_a_killed_process_are_removed(tiny_recipe: Recipe, tmp_path: Path) -> None:
    left, locked_folder = tmp_path / ".new.zarr.a.part", tmp_path / ".new.zarr.b.part"
    (left / "clean").mkdir(parents=True)
    locked_folder.mkdir()
    with locked(locked_folder, StoreError):
        create_store(tmp_path / "new.zarr", tiny_recipe)
    assert sorted(p.name for p in tmp_path.iterdir()) == [locked_folder.name, "new.zarr"]
