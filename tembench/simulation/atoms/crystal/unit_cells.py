"""Unit cells of crystals: read from a recipe's file or built by the name of their structure."""

from __future__ import annotations

import functools
import io
import itertools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import AtomsFile, Crystal

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitCell:
    """A unit cell, with what may occupy each of its sites; compared by identity, so cacheable.

    Attributes
    ----------
    cell_A : ndarray, shape (3, 3)
        Cell vectors, one a row.
    positions_A : ndarray, shape (sites, 3)
        Cartesian, inside the cell.
    symbols : ndarray of str, shape (sites,)
        The element that occupies most of each site.
    mixed : mapping of int to tuple of (symbol, share)
        Elements and occupancies of the sites that are not simply occupied.
    displacement_A : mapping of (int, str) to float
        Root mean square displacement along an axis, by site and element, where the file has it.
    """

    cell_A: np.ndarray
    positions_A: np.ndarray
    symbols: np.ndarray
    mixed: Mapping[int, tuple[tuple[str, float], ...]]
    displacement_A: Mapping[tuple[int, str], float]

    @property
    def volume_per_site_A3(self) -> float:
        """Volume of the cell over the number of its sites."""
        return float(abs(np.linalg.det(self.cell_A)) / len(self.positions_A))


@functools.lru_cache(maxsize=64)
def read_crystal(crystal: Crystal) -> Atoms:
    """Return the unit cell of a crystal as `ase.Atoms`; it is shared, so do not change it.

    Raises
    ------
    RecipeError
        If the file cannot be read, or ASE does not know the structure.
    """
    return _read(crystal.file) if crystal.file is not None else _built(crystal)


# Formats of ASE that describe atoms and run nothing; its CASTEP reader looks for programs.
_FORMATS = ("cif", "vasp", "extxyz", "json", "proteindatabank", "xsf", "cfg", "gen")


def _read(file: AtomsFile) -> Atoms:
    import ase.io
    from ase.io.formats import UnknownFileTypeError, filetype

    try:
        kind = filetype(file.name.rsplit("/", 1)[-1], read=False)
    except UnknownFileTypeError:
        kind = ""
    if kind not in _FORMATS:
        raise RecipeError(
            "unknown format of a file of atoms",
            where=file.name,
            expected="a name that ends in .cif, .vasp, .xyz, .extxyz, .json, .pdb, .xsf, .cfg or "
            ".gen, or POSCAR",
        )
    options: dict[str, Any] = {"store_tags": True} if kind == "cif" else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            atoms: Any = ase.io.read(io.StringIO(file.text), format=kind, **options)
    except Exception as error:  # ASE's readers raise whatever their parsing runs into
        reason = str(error) or "it ends too early or too late"
        if isinstance(error, KeyError):
            reason = f"no such element or key: {error}"
        raise RecipeError(
            f"cannot read atoms: {reason}",
            where=file.name,
            expected=f"a file of the format {kind}, as its name says",
        ) from None
    if len(atoms) == 0:
        raise RecipeError("no atoms", where=file.name, expected="at least one atom")
    return atoms


def _built(crystal: Crystal) -> Atoms:
    from ase.build import bulk

    elements, lattice = crystal.elements or (), crystal.lattice_A or ()
    # ASE takes a formula; of its structures only fluorite has unlike numbers of two elements.
    formula = "".join(elements) + ("2" if crystal.structure == "fluorite" else "")
    lengths: dict[str, Any] = dict(zip("ac", lattice, strict=False))
    where = f"{crystal.structure} {formula}"
    try:
        try:
            return bulk(formula, crystal.structure, cubic=True, **lengths)
        except (RuntimeError, AssertionError):  # there is no cubic cell
            return bulk(formula, crystal.structure, **lengths)
    except Exception as error:  # ASE raises several kinds for an unknown structure or element
        raise RecipeError(
            f"no such crystal: {str(error) or type(error).__name__}",
            where=where,
            expected="a structure of ASE's bulk, its elements, and lattice constants a or a, c",
        ) from None


def has_cell(atoms: Atoms) -> bool:
    """Whether atoms have a cell in three directions, so that they can be repeated."""
    return bool(atoms.cell.rank == 3)


def nearest_images(cell: UnitCell) -> np.ndarray:
    """Sites of a cell and of the 26 cells around it, shape (27 sites, 3)."""
    steps = np.array(list(itertools.product((-1, 0, 1), repeat=3))) @ cell.cell_A
    return np.asarray((cell.positions_A + steps[:, None]).reshape(-1, 3))


@functools.lru_cache(maxsize=64)
def unit_cell(crystal: Crystal) -> UnitCell:
    """Return a crystal's unit cell, with occupancies and displacements as its file gives them."""
    atoms = read_crystal(crystal)
    if has_cell(atoms):
        atoms = atoms.copy()
        atoms.set_pbc(True)
        # Values just below 1 are a rounded 0: both sides of the cell would have them otherwise.
        scaled = atoms.get_scaled_positions()
        positions = (scaled - np.floor(scaled + 1e-6)) @ atoms.cell.array
    else:
        positions = atoms.positions - atoms.positions.mean(axis=0)
    symbols = np.array(atoms.get_chemical_symbols())
    mixed: dict[int, tuple[tuple[str, float], ...]] = {}
    displacements: dict[tuple[int, str], float] = {}
    rows = _displacement_rows(atoms.info)
    kinds = _kinds(atoms)
    for site, (symbol, shares) in enumerate(zip(symbols, _occupancies(atoms), strict=True)):
        if shares and (len(shares) > 1 or min(shares.values()) < 1):
            mixed[site] = tuple(sorted(shares.items()))
        for name in shares or (str(symbol),):
            if (kinds[site], name) in rows:
                displacements[site, name] = rows[kinds[site], name]
    return UnitCell(
        cell_A=np.asarray(atoms.cell.array),
        positions_A=positions,
        symbols=symbols,
        mixed=mixed,
        displacement_A=displacements,
    )


def _kinds(atoms: Atoms) -> np.ndarray:
    """Row of the CIF file that each atom comes from."""
    return np.asarray(atoms.arrays.get("spacegroup_kinds", np.arange(len(atoms))))


def _occupancies(atoms: Atoms) -> list[dict[str, float]]:
    """Elements and shares of every site; empty where the file has none."""
    told = atoms.info.get("occupancy", {})
    try:
        shares = {
            int(kind): {str(symbol): float(share) for symbol, share in value.items()}
            for kind, value in told.items()
        }
    except (AttributeError, TypeError, ValueError):
        raise RecipeError(
            "occupancies that cannot be read",
            expected='elements and shares by site, such as {"0": {"Sr": 0.7, "Ba": 0.3}}',
            got=str(told)[:40],
        ) from None
    return [shares.get(int(kind), {}) for kind in _kinds(atoms)]


def _displacement_rows(info: Mapping[str, Any]) -> dict[tuple[int, str], float]:
    """Displacement of each element at each row of a CIF file; rows of one place share a site."""
    names = info.get("_atom_site_type_symbol") or info.get("_atom_site_label") or []
    places = [info.get(f"_atom_site_fract_{axis}", []) for axis in "xyz"]
    rows = {}
    for tag, factor in (("b", 1 / (8 * np.pi**2)), ("u", 1.0)):
        values = info.get(f"_atom_site_{tag}_iso_or_equiv", [])
        for row, value in enumerate(values):
            if not isinstance(value, int | float) or value <= 0:
                continue
            symbol = "".join(c for c in str(names[row])[:2] if c.isalpha()).capitalize()
            for kind in range(len(values)):
                if all(abs(place[kind] - place[row]) < 1e-3 for place in places):
                    rows[kind, symbol] = float(np.sqrt(value * factor))
    return rows
