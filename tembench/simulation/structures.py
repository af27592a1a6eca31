"""Platinum particles on ceria supports, as ASE atoms.

Axes of the cell: x runs along the surface, y from vacuum down into the support (the direction
of image rows), z along the beam. Lengths in angstrom. The spacings were measured on released
images of the benchmark's predecessor (doi 10.1109/TCI.2022.3176536).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.recipe import Model, PlatinumParticle, Recipe, Vacancy

if TYPE_CHECKING:
    from ase import Atoms

CERIA_A = 5.400
"""Lattice constant of CeO2.

Measured on released images, along x and y within 0.01 %, at 50 / 1024 A per pixel. Fifteen columns
leave a seam of 0.4 A where the box closes, at the image's edge, as in the released images.
"""
CERIUM_SPACING_A = CERIA_A * math.sqrt(6) / 4
"""Distance of neighbouring Ce columns of a row."""
_PLANE_A = CERIA_A / math.sqrt(8)
TOP_CERIUM_Y_A = 25.0
"""Height of the top Ce row in the cell."""
PARTICLE_X_A = 25.0
"""Middle of the lowest Pt row."""
REGISTRY = 0.833
"""Position of that middle between two Ce columns of the top row, in Ce column spacings.

Fitted to released images: PtNp2 within 0.01 A, the others within 0.04 A.
"""
PLANE_OFFSET = 0.25
"""Depth of the support's first atomic plane, in planes; slices start here, one on every plane."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    """An atomic model in its cell.

    Attributes
    ----------
    symbols : ndarray of str, shape (atoms,)
        Chemical symbols.
    positions_A : ndarray, shape (atoms, 3)
        x, y, z of each atom.
    column : ndarray of int, shape (atoms,)
        Number of the atomic column that each atom belongs to.
    in_particle : ndarray of bool, shape (atoms,)
        Whether an atom belongs to the particle.
    site : ndarray of int, shape (atoms, 2)
        Row of each atom's column and its index in the row, in its own lattice.
    cell_A : tuple of float
        Extent along x, y and z; z is the thickness of the support.
    plane_A : float
        Distance of the support's atomic planes along the beam.
    """

    symbols: np.ndarray
    positions_A: np.ndarray
    column: np.ndarray
    in_particle: np.ndarray
    site: np.ndarray
    cell_A: tuple[float, float, float]
    plane_A: float

    def to_ase(self) -> Atoms:
        """The structure as `ase.Atoms`, periodic in x and y."""
        from ase import Atoms

        return Atoms(
            symbols=list(self.symbols),
            positions=self.positions_A,
            cell=self.cell_A,
            pbc=(True, True, False),
        )


def build_structure(recipe: Recipe, model: Model) -> Structure:
    """Build the atoms of a model.

    Parameters
    ----------
    recipe : Recipe
        Shapes of the particle and the support, and the box.
    model : Model
        Its particle, defect, support and thickness.

    Returns
    -------
    Structure
        The thickness is rounded to whole periods of ceria along the beam (3.826 A). A blank
        model has no atoms, in a cell like that of any other.
    """
    n_planes, depth = _planes(model), _depth(model)
    columns = _support_columns(recipe, model, n_planes) + _particle_columns(recipe, model, depth)
    counts = np.array([len(column.z_A) for column in columns], dtype=int)
    positions = np.array([(c.x_A, c.y_A, z) for c in columns for z in c.z_A], dtype=np.float64)
    sites = np.array([column.site for column in columns], dtype=int)
    return Structure(
        symbols=np.repeat(np.array([c.symbol for c in columns], dtype=str), counts),
        positions_A=positions.reshape(-1, 3),
        column=np.repeat(np.arange(len(columns)), counts),
        in_particle=np.repeat(np.array([c.in_particle for c in columns], dtype=bool), counts),
        site=np.repeat(sites.reshape(-1, 2), counts, axis=0),
        cell_A=(recipe.box.width_A, recipe.box.cell_height_A, depth),
        plane_A=_PLANE_A,
    )


def _planes(model: Model) -> int:
    return 2 * max(1, round(model.thickness_A / (2 * _PLANE_A)))


def _depth(model: Model) -> float:
    return _planes(model) * CERIA_A / math.sqrt(8)


@dataclass(frozen=True, kw_only=True)
class ParticleSites:
    """Sites of the particle's columns, including those that its defect removes.

    Attributes
    ----------
    x_A, y_A, depth_A : ndarray, shape (sites,)
        Middle of the whole column, as in `tembench.simulation.atomic_columns.Columns`.
    whole_atoms, atoms : ndarray of int, shape (sites,)
        Atoms without the defect and with it.
    """

    x_A: np.ndarray
    y_A: np.ndarray
    depth_A: np.ndarray
    whole_atoms: np.ndarray
    atoms: np.ndarray


def particle_sites(recipe: Recipe, model: Model) -> ParticleSites:
    """Sites of a model's particle, in the order in which its columns are built."""
    depth = _depth(model)
    columns = _particle_columns(recipe, model, depth, whole=True)
    numbers = _atoms_per_site(recipe, model) if columns else {}
    return ParticleSites(
        x_A=np.array([column.x_A for column in columns], dtype=np.float64),
        y_A=np.array([column.y_A for column in columns], dtype=np.float64),
        depth_A=np.array([np.mean(c.z_A) - depth / 2 for c in columns], dtype=np.float64),
        whole_atoms=np.array([numbers[column.site][0] for column in columns], dtype=int),
        atoms=np.array([numbers[column.site][1] for column in columns], dtype=int),
    )


@dataclass(frozen=True, kw_only=True)
class _AtomColumn:
    symbol: str
    x_A: float
    y_A: float
    z_A: tuple[float, ...]
    in_particle: bool
    site: tuple[int, int]


def _support_columns(recipe: Recipe, model: Model, n_planes: int) -> list[_AtomColumn]:
    """Columns of the fluorite lattice, (111) up, seen along [1-10].

    In projection each (111) layer is the one above it, moved left by a third of the column
    spacing; the particle's rows move right. Released images show both (a twin's relation).
    Oxygen is a quarter of the body diagonal above and below each cerium, so a layer's oxygen
    has x and parity of the cerium one layer above (the upper oxygen) and below (the lower one).

    A layer is one formula unit, O-Ce-O, and a vacancy removes atoms from the topmost layer of its
    column: the oxygen at the free surface, as of reduced ceria, or the whole formula unit.
    """
    support = recipe.supports[model.support]
    layers = support.layers
    vacancies = {vacancy.place: vacancy for vacancy in support.vacancies}
    spacing = CERIUM_SPACING_A
    rise = CERIA_A / math.sqrt(3)
    oxygen = CERIA_A * math.sqrt(3) / 4
    # Neighbouring columns are half a period apart along the beam; with 15 of them this leaves a
    # fault where the box closes, at its edge, which is invisible in projection.
    start = (PARTICLE_X_A - REGISTRY * spacing) % spacing
    columns = []
    for row in range(max(layers, default=0)):
        for index, terrace in enumerate(layers):
            if row < max(layers) - terrace:
                continue
            for symbol, origin, drop in (
                ("Ce", row, 0.0),
                ("O", row - 1, oxygen),
                ("O", row + 1, -oxygen),
            ):
                parity = (origin + index - origin // 3) % 2
                planes = range(parity, n_planes, 2)
                if row == max(layers) - terrace and index in vacancies:
                    planes = _remaining(planes, vacancies[index], at_surface=origin < row)
                if not planes:
                    continue
                columns.append(
                    _AtomColumn(
                        symbol=symbol,
                        x_A=(start + (index - origin % 3 / 3) * spacing) % recipe.box.width_A,
                        y_A=TOP_CERIUM_Y_A + origin * rise + drop,
                        z_A=tuple((PLANE_OFFSET + k) * _PLANE_A for k in planes),
                        in_particle=False,
                        site=(row, index),
                    )
                )
    return columns


def _remaining(planes: range, vacancy: Vacancy, *, at_surface: bool) -> range:
    """Planes whose atoms a vacancy leaves in its column."""
    if vacancy.of == "O" and not at_surface:
        return planes
    return planes[::2] if vacancy.share == "half" else planes[:0]


def platinum_spacing_A(particle: PlatinumParticle) -> float:
    """Distance of neighbouring Pt columns of a row."""
    return particle.lattice_A * math.sqrt(6) / 4


def _particle_columns(
    recipe: Recipe, model: Model, depth: float, *, whole: bool = False
) -> list[_AtomColumn]:
    """Columns of face-centred platinum, (111) rows parallel to the surface, along [1-10].

    They are the columns that the defect leaves, or with `whole` those without the defect.

    The lattice sites along a column are half a period deeper in every second column. A column of
    few atoms occupies the sites nearest to the middle of the support. A defect removes atoms
    from the exit end, as in the released image of PtNp2 with two atoms removed from S3 and S5.

    The support ends in oxygen under the particle too, which leaves Pt-O distances of 1.6 to 1.9 A,
    shorter than any real bond. The released images have it as well: a support without that oxygen
    fits them worse (correlation in the band below the lowest Pt row 0.90 instead of 0.99).
    """
    particle = recipe.particles[model.particle]
    if not particle.rows:
        return []
    spacing = platinum_spacing_A(particle)
    rise = particle.lattice_A / math.sqrt(3)
    period = particle.lattice_A / math.sqrt(2)
    bottom = len(particle.rows) - 1
    last = particle.rows[bottom]
    middle = bottom / 3 + last.start + (len(last.atoms) - 1) / 2
    columns = []
    for (row, index), (atoms, left) in sorted(_atoms_per_site(recipe, model).items()):
        left = atoms if whole else left
        if left == 0:
            continue
        from_start = particle.rows[row].start + index
        parity = (row + from_start) % 2
        columns.append(
            _AtomColumn(
                symbol="Pt",
                x_A=(PARTICLE_X_A + (row / 3 + from_start - middle) * spacing) % recipe.box.width_A,
                y_A=TOP_CERIUM_Y_A - particle.gap_A - (bottom - row) * rise,
                z_A=_central_sites(atoms, parity, period, depth)[:left],
                in_particle=True,
                site=(row, index),
            )
        )
    return columns


def _atoms_per_site(recipe: Recipe, model: Model) -> dict[tuple[int, int], tuple[int, int]]:
    """Number of atoms of the whole column at each site, and of those that the defect leaves.

    Half of an odd number is the larger half: demo-4, a released image, shows three atoms of five.
    """
    particle = recipe.particles[model.particle]
    sites = {
        (row, index): (atoms, atoms)
        for row, line in enumerate(particle.rows)
        for index, atoms in enumerate(line.atoms)
    }
    for name, left in recipe.defects[model.defect].items():
        site = particle.sites[name]
        whole, _ = sites.get(site, (0, 0))
        count = whole - whole // 2 if isinstance(left, str) else left
        # A site may gain atoms or be beside a row.
        sites[site] = (max(whole, count), count)
    return sites


def _central_sites(atoms: int, parity: int, period: float, depth: float) -> tuple[float, ...]:
    reach = np.arange(-atoms, atoms + 1)
    sites = (reach + parity / 2) * period
    # A tiny preference for the deeper site decides between equals.
    nearest = np.argsort(np.abs(sites - 1e-6), kind="stable")[:atoms]
    return tuple(float(z) for z in np.sort(sites[nearest]) + depth / 2)
