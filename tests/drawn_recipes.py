"""A tiny drawn recipe, whose data set takes a second: particles, a tilted crystal, a film."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

from tembench.recipe import DrawnRecipe, load_recipe

TINY_DRAWN = """
name = "tiny-drawn"
version = "1.0.0"
description = "Particles on a crystal, a crystal off its zone axis, a film"
licence = "CC-BY-4.0"
seed = 11

[draws]
train = 5
validation = 1
dev = 1
test = 4

[frame]
width_px = 64
height_px = 48
pixel_size_A = { uniform = [0.15, 0.2] }

[physics]
wave_sampling_A = 0.15
slice_thickness_A = 2.0

[microscopes.coarse]
energy_keV = 300
aperture_per_A = 1.2
C10_nm = { uniform = [-5, 5] }
focal_spread_nm = 3
convergence_mrad = 0.3
image_spread_A = 0.6

[detectors.counter]
kind = "counting"
dqe = { uniform = [0.7, 0.9] }
mtf = [1, 0, 0.4, 2]

[detectors.perfect]

[exposure]
dose_e_per_A2 = { log_uniform = [50, 500] }
frames = 2
drift_A = 0.8
jitter_A = { uniform = [0.1, 0.3] }
detector = { choice = ["counter", "perfect"] }

[specimens.upright]
share = 4

[specimens.upright.support]
kind = "slab"
file = "MgO.cif"
thickness_A = 5

[specimens.upright.particle]
kind = "particle"
structure = "fcc"
elements = ["Au"]
lattice_A = [4.078]
zone = [0, 1, 1]
diameter_A = 10
on = "support"
x = { uniform = [0, 1] }
y = { uniform = [0, 1] }
count = { integers = [1, 2] }

[specimens.tilted.crystal]
kind = "slab"
structure = "fcc"
elements = ["Au"]
lattice_A = [4.078]
thickness_A = 12
mistilt_deg = 20

[specimens.amorphous.film]
kind = "film"
thickness_A = 5

[truth]
components = ["particle", "crystal"]
"""
MGO = """data_MgO
_cell_length_a 4.21
_cell_length_b 4.21
_cell_length_c 4.21
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
_symmetry_Int_Tables_number 225
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Mg1 Mg 0 0 0
O1 O 0.5 0.5 0.5
"""


SECRET = b"5e1f0c93d2a84b7760b1e8fa24c9d735"
"""Secret seed of the sealed test of the tiny recipe."""


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The tiny recipe's table with values at dotted paths; None removes a key."""
    table = copy.deepcopy(tomllib.loads(TINY_DRAWN))
    for dotted, value in changes.items():
        *groups, key = dotted.split(".")
        inner = table
        for group in groups:
            inner = inner.setdefault(group, {})
        if value is None:
            inner.pop(key)
        else:
            inner[key] = value
    return table


def write_drawn(folder: Path, changes: dict[str, Any] | None = None, name: str = "my") -> Path:
    """Write the tiny recipe, changed, with its file of atoms beside it."""
    from tembench.core.files import write_toml

    folder.mkdir(exist_ok=True)
    (folder / "MgO.cif").write_text(MGO)
    write_toml(folder / f"{name}.toml", changed(changes or {}))
    return folder / f"{name}.toml"


def drawn_recipe(folder: Path, changes: dict[str, Any] | None = None) -> DrawnRecipe:
    """The tiny recipe, changed, as a recipe."""
    recipe = load_recipe(write_drawn(folder, changes))
    assert isinstance(recipe, DrawnRecipe)
    return recipe


def seed_file(folder: Path, secret: bytes = SECRET) -> Path:
    """A seed file that its owner alone may read."""
    file = folder / "seed.txt"
    file.touch(mode=0o600)
    file.write_bytes(secret)
    return file
