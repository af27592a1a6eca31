"""A small drawn recipe with every kind of component, for tests that change it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tembench.recipe import DrawnRecipe
from tembench.recipe.draws.parsing.atoms_files import files_beside
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn

SMALL = """
name = "small"
version = "1.0.0"
description = "one slab with particles on its surface, and particles on a film"
licence = "CC-BY-4.0"
seed = 7

[draws]
train = 4
validation = 1
dev = 1
test = 2
images_each = 2

[frame]
width_px = 64
height_px = 48
pixel_size_A = { uniform = [0.08, 0.12] }

[microscopes.corrected]
preset = "300kV-corrected"
share = 3
C10_nm = { uniform = [-10, 10] }

[microscopes.plain]
energy_keV = { choice = [80, 200] }
focal_spread_nm = 4
convergence_mrad = { log_uniform = [0.05, 0.5] }
image_spread_A = 0.5

[detectors.ideal]
kind = "ideal"

[detectors.counter]
kind = "counting"
dqe = { uniform = [0.6, 0.9] }
mtf = [1, 0, 0.4, { uniform = [2, 3] }]

[exposure]
dose_e_per_A2 = { log_uniform = [50, 500] }
drift_A = { uniform = [0, 0.5] }
detector = { choice = ["ideal", "counter"] }

[specimens.profile.crystal]
kind = "slab"
structure = "rocksalt"
elements = ["Mg", "O"]
lattice_A = [4.21]
zone = [1, 1, 0]
up = [0, 0, 1]
thickness_A = { normal = [40, 10], within = [20, 60] }
surface = 0.6
steps = { integers = [0, 2] }

[specimens.profile.particle]
kind = "particle"
structure = "fcc"
elements = ["Au"]
lattice_A = [4.078]
zone = { choice = [[1, 1, 0], "random"], shares = [2, 1] }
diameter_A = { choice = [15, { uniform = [20, 25] }] }
on = "crystal"
side = "top"
count = { integers = [0, 3] }

[specimens.above]
share = 2

[specimens.above.film]
kind = "film"
thickness_A = { uniform = [20, 40] }

[specimens.above.particle]
kind = "particle"
file = "Au.cif"
diameter_A = 20
facets = { 100 = { uniform = [1.0, 1.3] }, 111 = 1 }
on = "film"
x = { uniform = [0, 1] }

[truth]
elements = ["Au"]
components = ["particle"]
"""


@pytest.fixture
def drawn_table() -> dict[str, Any]:
    return tomllib.loads(SMALL)


@pytest.fixture(scope="session")
def recipe_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "small.toml").write_text(SMALL)
    (folder / "Au.cif").write_text("data_Au\n")
    (folder / "empty.cif").write_text(" \n")
    (folder / "latin.cif").write_bytes(b"data_\xe4")
    (folder / "folder.cif").mkdir()
    return folder


@pytest.fixture(scope="session")
def parse(recipe_folder: Path) -> Callable[[Mapping[str, Any]], DrawnRecipe]:
    """Parse a table whose files lie in the folder of the small recipe."""
    return lambda table: parse_drawn(table, "my.toml", files_beside(recipe_folder))
