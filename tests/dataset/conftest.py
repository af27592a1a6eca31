"""A copy of the tiny store that a test may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def store_copy(tiny_store_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_store_path, tmp_path / "copy.zarr"))
