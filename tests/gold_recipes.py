"""Tiny drawn recipes: gold slabs in frames of 64 px, simulated in a second."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tembench.recipe import DrawnRecipe
from tembench.recipe.draws.parsing.atoms_files import files_beside
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn

TINY_DRAWN = """
name = "tiny-drawn"
version = "1.0.0"
description = "Thin slabs of gold at any rotation"
licence = "CC-BY-4.0"
seed = 11

[draws]
train = 4
validation = 2
dev = 1
test = 2
images_each = 2

[frame]
width_px = 64
height_px = 64
pixel_size_A = 0.1

[physics]
wave_sampling_A = 0.15

[microscopes.corrected]
preset = "300kV-corrected"
aperture_per_A = 0.7
C10_nm = { uniform = [-5, 5] }

[exposure]
dose_e_per_A2 = { log_uniform = [100, 1000] }

[specimens.gold.slab]
kind = "slab"
structure = "fcc"
elements = ["Au"]
lattice_A = [4.078]
zone = [0, 0, 1]
thickness_A = { uniform = [20, 40] }
rotation_deg = { uniform = [0, 360] }
"""

WITH_CAMERAS = """
[detectors.counter]
kind = "counting"
dqe = 0.8
mtf = [1, 0, 0.4, 3]

[detectors.scintillator]
kind = "integrating"
dqe = { uniform = [0.4, 0.6] }
mtf = [1, 0, 0.2, 2]
gain = 20
offset = 100
read_noise = 5
"""


def tiny_drawn(*, cameras: bool = False, **frame: str) -> DrawnRecipe:
    """Return the tiny recipe, with cameras of two kinds, or with other lines in its frame."""
    text = TINY_DRAWN
    for key, value in frame.items():
        old = next(line for line in text.splitlines() if line.startswith(f"{key} ="))
        text = text.replace(old, f"{key} = {value}")
    if cameras:
        exposure = '[exposure]\ndetector = { choice = ["counter", "scintillator"] }'
        text = text.replace("[exposure]", exposure) + WITH_CAMERAS
    return parse_drawn(tomllib.loads(text), "tiny-drawn", files_beside(Path()))
