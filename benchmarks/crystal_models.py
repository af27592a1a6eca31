"""Crystals of other materials than the benchmark's, and clean images of them by multislice.

The module of several benchmarks; `clean_images.py` writes a folder of many of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

from tembench.recipe import Recipe, load_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import Structure

SIDE_PX, PIXEL_SIZE_A = 800, 0.0625
# Lattice constants in angstrom.
CUBIC = {"NaCl": ("rocksalt", 5.64), "MgO": ("rocksalt", 4.21), "CdSe": ("zincblende", 6.05)}
# Silica frameworks (International Zeolite Association): cell, group, and the atoms.
FRAMEWORKS = {
    "SOD": (8.965, 229, {"Si": [(0.25, 0.5, 0)], "O": [(0.1468, 0.1468, 0.5)]}),
    "LTA": (
        11.919,
        221,
        {
            "Si": [(0, 0.1823, 0.3684)],
            "O": [(0, 0.2122, 0.5), (0, 0.2967, 0.2967), (0.1103, 0.1103, 0.3432)],
        },
    ),
}
# Crystals for benchmarks that make their images as they need them: crystal, zone axis, turn
# (degrees), shape, thickness (angstrom), defocus (nm).
SPECIMENS = (
    ("SrTiO3", (0, 0, 1), 0, "full", 40, 8),
    ("Au", (1, 1, 0), 25, "particle", 40, 5),
    ("SrTiO3", (1, 1, 0), 0, "half", 40, 12),
    ("Au", (1, 0, 0), 0, "half", 30, 8),
    ("SrTiO3", (1, 1, 0), 30, "particle", 50, -5),
    ("Au", (1, 1, 0), 0, "half", 30, -5),
    ("Si", (1, 1, 0), 0, "full", 80, 8),
    ("Au", (1, 1, 0), 0, "particle", 40, 8),
    ("NaCl", (0, 0, 1), 10, "particle", 40, 8),
    ("SrTiO3", (0, 0, 1), 17, "half", 60, 4),
    ("CdSe", (1, 1, 0), 12, "particle", 50, 8),
    ("Au", (1, 1, 0), 0, "half", 30, 8),
    ("MgO", (0, 0, 1), 0, "half", 40, 8),
    ("Au", (1, 0, 0), 20, "full", 50, 10),
    ("Si", (1, 1, 0), 35, "half", 60, 6),
    ("SrTiO3", (1, 1, 0), 0, "half", 40, 8),
)


def unit_cell(name: str) -> Atoms:
    """Return the conventional cell of a material."""
    if name == "SrTiO3":
        places = [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)]
        return crystal(["Sr", "Ti", "O"], places, spacegroup=221, cellpar=[3.905] * 3 + [90] * 3)
    if name in FRAMEWORKS:
        lattice_A, group, atoms = FRAMEWORKS[name]
        symbols = [symbol for symbol, places in atoms.items() for _ in places]
        places = [place for some in atoms.values() for place in some]
        return crystal(symbols, places, spacegroup=group, cellpar=[lattice_A] * 3 + [90] * 3)
    if name in CUBIC:
        structure, lattice_A = CUBIC[name]
        return bulk(name, structure, a=lattice_A, cubic=True)
    return bulk(name, cubic=True)


def atoms_of(
    name: str, zone: tuple[int, ...], turn_deg: float, side_A: float, thickness_A: float
) -> tuple[np.ndarray, np.ndarray]:
    """Symbols and positions (n, 3) in angstrom of a block about the origin, zone axis along z."""
    unit = unit_cell(name)
    cell = unit.cell.array
    along_z = np.array(zone) @ cell
    along_z = along_z / np.linalg.norm(along_z)
    helper = np.eye(3)[2 if abs(along_z[2]) < 0.9 else 0]
    along_x = helper - helper @ along_z * along_z
    along_x /= np.linalg.norm(along_x)
    axes = np.stack([along_x, np.cross(along_z, along_x), along_z])
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    axes = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ axes
    reach_A = np.hypot(side_A * np.sqrt(2), thickness_A) / 2 + 6
    cells = np.arange(-int(reach_A / cell.max()) - 1, int(reach_A / cell.max()) + 2)
    origins = np.stack(np.meshgrid(cells, cells, cells), axis=-1).reshape(-1, 3) @ cell
    positions = (origins[:, None] + unit.positions).reshape(-1, 3) @ axes.T + (0.31, 0.17, 0.001)
    symbols = np.tile(np.array(unit.get_chemical_symbols()), len(origins))
    inside = (np.abs(positions) < np.array([side_A, side_A, thickness_A]) / 2).all(axis=1)
    return symbols[inside], positions[inside]


def image_of(
    name: str,
    zone: tuple[int, ...],
    turn_deg: float,
    shape: str,
    thickness_A: float,
    *defocus_nm: float,
) -> np.ndarray:
    """Images of a crystal that fills the frame, its lower half, or a sphere in its middle."""
    side_A = SIDE_PX * PIXEL_SIZE_A
    symbols, positions = atoms_of(name, zone, turn_deg, side_A, thickness_A)
    shapes = {
        "full": np.full(len(positions), True),
        "half": positions[:, 1] > 0,
        "particle": (positions**2).sum(axis=1) < (0.3 * side_A) ** 2,
    }
    symbols, positions = symbols[shapes[shape]], positions[shapes[shape]]
    positions = positions - (-side_A / 2, -side_A / 2, positions[:, 2].min() - 0.5)
    structure = Structure(
        symbols=symbols,
        positions_A=positions,
        column=np.zeros(len(positions), dtype=int),
        in_particle=np.full(len(positions), True),
        site=np.zeros((len(positions), 2), dtype=int),
        cell_A=(side_A, side_A, float(np.ceil(positions[:, 2].max() + 1.5))),
        plane_A=1.9,
    )
    recipe = benchmark()
    simulation = replace(
        recipe.simulation,
        wave_grid=(640, 640),
        detector_grid=(160, 160),
        displacement_A={str(symbol): 0.08 for symbol in np.unique(symbols)},
    )
    box = replace(
        recipe.box,
        width_A=side_A,
        image_height_A=side_A,
        cell_height_A=side_A,
        image_width_px=SIDE_PX,
    )
    waves = exit_waves(structure, ((0.0, 0.0),), simulation, recipe.microscope.energy_keV)
    made = form_images(waves, defocus_nm, recipe.microscope, box)[:, 0]
    return made / recipe.microscope.dose_e_per_px


def benchmark() -> Recipe:
    """Return the recipe of the benchmark."""
    recipe = load_recipe("ptceo2-18k")
    assert isinstance(recipe, Recipe)
    return recipe
