from __future__ import annotations

import sys
from pathlib import Path

import pytest

# A module of its own, on the path, so that worker processes can import the fake store too.
sys.path.insert(0, str(Path(__file__).parent))
from methods_fakes import FakeStore, lattice, noisy_image


@pytest.fixture
def store(tmp_path: Path) -> FakeStore:
    return FakeStore(tmp_path / "fake.zarr")


@pytest.fixture(name="lattice")
def lattice_fixture():
    return lattice


@pytest.fixture(name="noisy_image")
def noisy_image_fixture():
    return noisy_image
