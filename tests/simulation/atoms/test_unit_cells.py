"""Unit cells from files and names, mixed sites, displacements, and what is wrong with a file."""

from __future__ import annotations

import io

import numpy as np
import pytest
from simulation.atoms.drawn_parts import (
    CERIA,
    GOLD,
    SRTIO3,
    built,
    cubic_cif,
    from_file,
    named,
    oriented,
    slab,
)

from tembench.core import RecipeError
from tembench.recipe import Crystal
from tembench.simulation import check_crystal, describe_crystal, read_crystal
from tembench.simulation.atoms.crystal import unit_cell

MIXED = cubic_cif(
    3.95,
    "P m -3 m",
    "Sr1 Sr 0 0 0 0.7 0.010",
    "Ba1 Ba 0 0 0 0.3 0.012",
    "Ti1 Ti .5 .5 .5 1 0.005",
    "O1 O .5 .5 0 0.9 0.020",
    more="_atom_site_occupancy\n_atom_site_U_iso_or_equiv\n",
)


@pytest.mark.parametrize(
    ("crystal", "sites", "formula"),
    [
        (GOLD, 4, "Au"),
        (CERIA, 12, "CeO2"),
        (named("hcp", ("Co",), 2.51, 4.07), 2, "Co"),
        (named("wurtzite", ("Cd", "Se"), 4.299, 7.01), 4, "CdSe"),
        (from_file(SRTIO3), 5, "SrTiO3, space group P m -3 m (221)"),
        (from_file(MIXED), 5, "Ba0.3Sr0.7TiO2.7"),
    ],
)
def test_cells_have_their_atoms(crystal: Crystal, sites: int, formula: str) -> None:
    assert len(unit_cell(crystal).positions_A) == sites
    text = describe_crystal(crystal)
    assert text.startswith(f"{formula}, ")
    check_crystal(crystal, "kinds.a.slab")


@pytest.mark.parametrize(("name", "kind"), [("a.vasp", "vasp"), ("a.extxyz", "extxyz")])
def test_other_formats_are_read(name: str, kind: str) -> None:
    import ase.io

    text = io.StringIO()
    ase.io.write(text, read_crystal(CERIA), format=kind)
    found = unit_cell(from_file(text.getvalue(), name))
    expected = unit_cell(CERIA)
    np.testing.assert_allclose(found.cell_A, expected.cell_A)
    assert sorted(found.symbols) == sorted(expected.symbols)


def test_a_file_that_names_no_symmetry_is_said_to() -> None:
    text = SRTIO3.replace("_space_group_name_H-M_alt 'P m -3 m'\n", "")
    assert "3 sites" in describe_crystal(from_file(text))
    assert "names no symmetry" in describe_crystal(from_file(text))


def test_mixed_sites_are_drawn_one_by_one() -> None:
    specimen = built({"slab": slab(from_file(MIXED), oriented((0, 0, 1)), thickness_A=60.0)})
    counts = {s: int((specimen.symbols == s).sum()) for s in ("Sr", "Ba", "Ti", "O")}
    # Shares of some 3,000 sites: three standard deviations are 2.5 per cent.
    assert counts["Ba"] / (counts["Ba"] + counts["Sr"]) == pytest.approx(0.3, abs=0.025)
    assert counts["O"] / counts["Ti"] == pytest.approx(2.7, abs=0.1)
    other = built({"slab": slab(from_file(MIXED), oriented((0, 0, 1)), thickness_A=60.0)}, seed=2)
    assert int((other.symbols == "Ba").sum()) != counts["Ba"]


def test_displacements_of_a_file_come_before_the_table_and_after_the_recipe() -> None:
    components = {"slab": slab(from_file(MIXED), oriented((0, 0, 1)))}
    specimen = built(components, displacement_A={"Ti": 0.06})
    for symbol, square in (("Sr", 0.010), ("Ba", 0.012), ("O", 0.020), ("Ti", 0.06**2)):
        found = specimen.displacement_A[specimen.symbols == symbol]
        np.testing.assert_allclose(found, np.sqrt(square))


def test_b_is_a_displacement_too() -> None:
    text = MIXED.replace("U_iso_or_equiv", "B_iso_or_equiv")
    specimen = built({"slab": slab(from_file(text), oriented((0, 0, 1)))})
    found = specimen.displacement_A[specimen.symbols == "Ti"]
    np.testing.assert_allclose(found, np.sqrt(0.005 / (8 * np.pi**2)))


def test_extended_xyz_keeps_occupancies_and_displacements() -> None:
    import ase.io

    text = io.StringIO()
    ase.io.write(text, read_crystal(from_file(MIXED)), format="extxyz")
    found, expected = unit_cell(from_file(text.getvalue(), "a.extxyz")), unit_cell(from_file(MIXED))
    assert found.mixed == expected.mixed
    assert found.displacement_A == expected.displacement_A


@pytest.mark.parametrize(
    ("crystal", "words"),
    [
        (from_file("hello"), "cannot read atoms"),
        (from_file(SRTIO3.replace("P m -3 m", "P z 3")), "invalid spacegroup `P z 3`"),
        (from_file("0\n\n", "a.xyz"), "no atoms"),
        (from_file("1", "a.py"), "unknown format"),
        (from_file("2\n\nH 0 0 0\nH 0 0 0.74\n", "a.xyz"), "no cell"),
        (from_file(SRTIO3.replace(".5 .5 0\n", ".5 .5 0.02\n")), "O and O are 0.16 A apart"),
        (from_file(MIXED.replace("0.3 0.012", "0.4 0.012")), "Ba and Sr on one site add up to 1.1"),
        (from_file(SRTIO3.replace("Sr1 Sr", "X X")), "no scattering factors of X"),
        (
            from_file('1\nLattice="4 0 0 0 4 0 0 0 4" occupancy=half\nAu 0 0 0\n', "a.xyz"),
            "occupancies that cannot be read",
        ),
        (named("rocksalt", ("Mg",), 4.2), "specify 2 atoms"),
        (named("nonsense", ("Mg",), 4.2), "Unknown structure: nonsense"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(crystal: Crystal, words: str) -> None:
    with pytest.raises(RecipeError) as caught:
        check_crystal(crystal, "kinds.a.slab")
    line = str(caught.value)
    assert words in line
    assert line.startswith("kinds.a.slab: ")
    assert "\n" not in line


def test_atoms_without_a_cell_can_be_a_particle() -> None:
    check_crystal(from_file("2\n\nH 0 0 0\nH 0 0 0.74\n", "a.xyz"), "a", needs_cell=False)
    with pytest.raises(RecipeError, match=r"0\.20 A apart"):
        check_crystal(from_file("2\n\nH 0 0 0\nH 0 0 0.2\n", "a.xyz"), "a", needs_cell=False)
