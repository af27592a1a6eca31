from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tembench.methods.method import Method, load_method

sys.path.insert(0, str(Path(__file__).parent))
from study_fakes import FakeStore, write_method


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def method_folder(tmp_path: Path) -> Path:
    return write_method(tmp_path / "methods" / "flat")


@pytest.fixture
def method(method_folder: Path) -> Method:
    return load_method(method_folder)
