"""Tiny recipe and store, small enough for every test."""

from __future__ import annotations

import gc
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drawn_recipes import SECRET, drawn_recipe
from filelock import FileLock
from gold_recipes import tiny_drawn

from tembench.recipe import Recipe, parse_recipe

# Modules live as long as the process: to look through them for garbage, again and again while they
# are imported, takes seconds.
gc.disable()


_SIMULATED = {
    "tiny_store_path",
    "drawn_store_path",
    "tiny_drawn_path",
    "tiny_camera_path",
    "sealed_store_path",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests of a simulated store as slow: abTEM alone takes seconds to import."""
    for item in items:
        if _SIMULATED.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Look for garbage from here on, in what the tests make."""
    gc.freeze()
    gc.enable()


TINY = """
name = "tiny"
version = "1.0.0"
description = "Three models on a coarse grid"
licence = "CC-BY-4.0"
seed = 7

[box]
width_A = 50.0
image_height_A = 50.0
cell_height_A = 62.5
image_width_px = 160

[simulation]
wave_grid = [192, 240]
detector_grid = [128, 160]
slice_thickness_A = 4.0
aperture_per_A = 0.63
parametrization = "lobato"
thermal_scattering = "absorbed"
displacement_A = { Pt = 0.07, Ce = 0.07, O = 0.07 }

[microscope]
energy_keV = 300.0
c3_um = -13.0
c5_mm = 5.0
convergence_mrad = 0.2
focal_spread_nm = 4.0
image_spread_A = 0.5
dose_e_per_px = 0.45

[factors]
tilts_deg = [[0, 0], [0, 2]]
defocus_nm = [4, 10]

[particles.Small]
sites = { S1 = [0, 0], S2 = [0, 2] }
rows = [{ start = 0, atoms = [3, 4, 3] }, { start = -1, atoms = [3, 4, 5, 4] }]

[defects.D0]
[defects.D1]
S1 = 0
[defects.Dh]
S2 = "half"

[supports.flat]
layers = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10]

[[models]]
particles = ["Small"]
defects = ["D0", "D1", "Dh"]
supports = ["flat"]
thickness_A = [12]

[splits]
validation_models = ["Small-D1_flat_12A"]
test_models = ["Small-Dh_flat_12A"]
"""


@pytest.fixture
def tiny_table() -> dict[str, Any]:
    """The tiny recipe as a table that a test may change."""
    return tomllib.loads(TINY)


@pytest.fixture(scope="session")
def tiny_recipe() -> Recipe:
    return parse_recipe(tomllib.loads(TINY), "tiny")


@pytest.fixture(scope="session")
def tiny_recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipes") / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a folder once for all processes of a test run, which only read it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = root / name, root / f"{name}.done"
        with FileLock(root / f"{name}.lock"):
            if not done.exists():
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def tiny_store_path(tiny_recipe: Recipe, made_once: Callable[..., Path]) -> Path:
    """A complete store; tests that change one copy it first."""
    from tembench.dataset.generation.generate import generate

    return made_once("tiny.zarr", lambda path: generate(tiny_recipe, path, workers=0))


@pytest.fixture(scope="session")
def tiny_drawn_path(made_once: Callable[..., Path]) -> Path:
    """A complete store of the tiny drawn recipe; tests that change one copy it first."""
    from tembench.dataset.generation.generate import generate

    return made_once("tiny-drawn.zarr", lambda path: generate(tiny_drawn(), path, workers=0))


@pytest.fixture(scope="session")
def tiny_camera_path(made_once: Callable[..., Path]) -> Path:
    """A complete store of the tiny drawn recipe, with cameras of two kinds."""
    from tembench.dataset.generation.generate import generate

    recipe = tiny_drawn(cameras=True)
    return made_once("tiny-camera.zarr", lambda path: generate(recipe, path, workers=0))


@pytest.fixture(scope="session")
def drawn_store_path(
    made_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A complete store of the tiny drawn recipe; tests that change one copy it first."""
    from tembench.dataset.generation.generate import generate

    recipe = drawn_recipe(tmp_path_factory.mktemp("drawn"))
    return made_once("drawn.zarr", lambda path: generate(recipe, path, workers=0))


@pytest.fixture(scope="session")
def sealed_store_path(
    made_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A complete store of the tiny drawn recipe's test, sealed with `SECRET`."""
    from tembench.dataset.generation.generate import generate
    from tembench.recipe import sealed_recipe

    recipe = sealed_recipe(drawn_recipe(tmp_path_factory.mktemp("sealed")), SECRET)
    return made_once("sealed.zarr", lambda path: generate(recipe, path, workers=0))


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


@pytest.fixture
def good_toml() -> str:
    return GOOD_TOML


@pytest.fixture
def good_python() -> str:
    return GOOD_PYTHON
