"""Checks of crystals before anything is drawn, and their description in one line."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tembench.core import RecipeError, together
from tembench.recipe import Crystal
from tembench.simulation.atoms.crystal.unit_cells import (
    UnitCell,
    has_cell,
    nearest_images,
    read_crystal,
    unit_cell,
)

LAST_ELEMENT = 103
"""Lobato's and Kirkland's tables of scattering factors end at lawrencium."""
LEAST_DISTANCE_A = 0.5
LEAST_OF_BOND = 0.6
"""Atoms nearer than this share of the sum of their covalent radii overlap."""
_MOST_PROBLEMS = 3
_ANIONS = " H P As Sb Te Se S N I Br Cl O F "
"""What formulas end with, by increasing electronegativity."""


def check_crystal(crystal: Crystal, where: str, *, needs_cell: bool = True) -> None:
    """Check that a crystal can be simulated.

    Parameters
    ----------
    crystal : Crystal
        The crystal.
    where : str
        Dotted path of the recipe, which errors begin with.
    needs_cell : bool
        Whether it is to be repeated; atoms without a cell can only be a particle as they are.

    Raises
    ------
    RecipeError
        In one line: a file that cannot be read, no atoms, no cell, elements without scattering
        factors, occupancies above 1, atoms too near each other.
    """
    try:
        atoms = read_crystal(crystal)
        cell = unit_cell(crystal)
    except RecipeError as error:
        raise error.at(f"{where}: {error.where}" if error.where else where) from None
    name = crystal.file.name if crystal.file is not None else describe_crystal(crystal)
    problems = []
    if needs_cell and not has_cell(atoms):
        problems.append('no cell; give the file a lattice, or use its atoms with shape = "file"')
    unknown = sorted({a.symbol for a in atoms if not 1 <= a.number <= LAST_ELEMENT})
    if unknown:
        problems.append(f"no scattering factors of {', '.join(unknown)}")
    for shares in dict.fromkeys(shares for _, shares in sorted(cell.mixed.items())):
        total = sum(share for _, share in shares)
        if total > 1.001:
            elements = " and ".join(symbol for symbol, _ in shares)
            problems.append(
                f"occupancies of {elements} on one site add up to {total:.3g}, expected at most 1"
            )
    problems += _too_near(cell, repeated=has_cell(atoms))
    if problems:
        raise RecipeError(together(problems, _MOST_PROBLEMS), where=f"{where}: {name}")


def describe_crystal(crystal: Crystal) -> str:
    """Describe a crystal: formula, space group where known, atoms and size of its cell."""
    atoms = read_crystal(crystal)
    cell = unit_cell(crystal)
    amounts: dict[str, float] = {}
    for site, symbol in enumerate(cell.symbols):
        for name, share in cell.mixed.get(site, ((str(symbol), 1.0),)):
            amounts[name] = amounts.get(name, 0.0) + share
    whole = [round(amount) for amount in amounts.values()]
    exact = all(abs(a - w) < 1e-6 for a, w in zip(amounts.values(), whole, strict=True))
    divisor = int(np.gcd.reduce(whole)) if exact else 1
    order = sorted(amounts, key=lambda symbol: (_ANIONS.find(f" {symbol} "), symbol))
    shares = {symbol: amounts[symbol] / divisor for symbol in order}
    formula = "".join(
        symbol + (f"{share:.4g}" if abs(share - 1) > 1e-6 else "")
        for symbol, share in shares.items()
    )
    if not has_cell(atoms):
        return f"{formula}, {len(atoms)} atoms without a cell"
    a, b, c, *angles = atoms.cell.cellpar()
    size = f"{len(atoms)} sites in a cell of {a:.4g} x {b:.4g} x {c:.4g} A"
    if not np.allclose(angles, 90):
        size += f" at {', '.join(f'{angle:g}' for angle in angles)} degrees"
    return ", ".join([formula, *_group(crystal, atoms.info), size])


def _group(crystal: Crystal, info: dict[str, object]) -> list[str]:
    if crystal.file is None:
        return [str(crystal.structure)]
    group = info.get("spacegroup")
    if group is None:
        return []
    told = any(tag.startswith(("_symmetry", "_space_group")) for tag in info)
    note = "" if told else ", as the file names no symmetry"
    number = f" ({group.no})" if hasattr(group, "no") else ""
    return [f"space group {getattr(group, 'symbol', group)}{number}{note}"]


def _too_near(cell: UnitCell, *, repeated: bool) -> list[str]:
    """Tell the first pair of sites that no two atoms can have."""
    from ase.data import atomic_numbers, covalent_radii

    every = nearest_images(cell) if repeated else cell.positions_A
    if len(every) < 2:
        return []
    radii = np.array([covalent_radii[atomic_numbers[str(s)]] for s in cell.symbols])
    pairs = cKDTree(cell.positions_A).query_ball_point(every, LEAST_OF_BOND * 2 * radii.max())
    for image, near in enumerate(pairs):
        site = image % len(radii)
        for other in near:
            distance = float(np.linalg.norm(every[image] - cell.positions_A[other]))
            least = max(LEAST_DISTANCE_A, LEAST_OF_BOND * (radii[site] + radii[other]))
            itself = site == other and distance < 1e-6
            if distance < least and not itself:
                names = f"{cell.symbols[site]} and {cell.symbols[other]}"
                return [
                    f"{names} are {distance:.2f} A apart, expected at least {least:.2f} A: check "
                    "the space group, and for sites that are split or off their mirror plane"
                ]
    return []
