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


@pytest.fixture
def write_method(tmp_path: Path):
    """Write a method folder; keys of method.toml and lines of method.py can be replaced."""

    def write(toml: str | None = None, python: str | None = None, name: str = "mine") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if toml is None:
            toml = GOOD_TOML
        (folder / "method.toml").write_text(toml)
        if python is None:
            python = GOOD_PYTHON
        if python:
            (folder / "method.py").write_text(python)
        return folder

    return write


GOOD_TOML = """
name = "mine"
title = "Mine"
summary = "A method."
kind = "classical"
licence = "MIT"
[parameters]
scale = 1.0
[search]
scale = [0.5, 1.0]
"""

GOOD_PYTHON = """
import numpy as np

class Mine:
    def __init__(self, scale):
        self.scale = scale
    def denoise(self, image):
        return np.full(image.counts.shape, self.scale * image.counts.mean(), np.float32)

def build(parameters):
    return Mine(parameters["scale"])
"""


@pytest.fixture(name="lattice")
def lattice_fixture():
    return lattice


@pytest.fixture(name="noisy_image")
def noisy_image_fixture():
    return noisy_image


@pytest.fixture
def good_toml() -> str:
    return GOOD_TOML


@pytest.fixture
def good_python() -> str:
    return GOOD_PYTHON
