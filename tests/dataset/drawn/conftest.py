"""The tiny drawn recipe, its store, and a copy of it that a test may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from drawn_recipes import drawn_recipe

from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.recipe import DrawnRecipe


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DrawnRecipe:
    return drawn_recipe(tmp_path_factory.mktemp("drawn"))


@pytest.fixture
def drawn_store(drawn_store_path: Path) -> DrawnStore:
    store = open_store(drawn_store_path)
    assert isinstance(store, DrawnStore)
    return store


@pytest.fixture
def drawn_copy(drawn_store_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn_store_path, tmp_path / "copy.zarr"))
