"""Parsers of ``[particles]``, ``[defects]`` and ``[supports]``."""

from __future__ import annotations

import re

from tembench.core import Reader, quoted
from tembench.recipe.model import BLANK, ColumnRow, PlatinumParticle, Support, Vacancy

SURFACE_COLUMNS = 15
# Bulk platinum, and the gap of the released particle that has its lattice constant.
PLATINUM_A = 3.924
GAP_A = 2.69
# Surface stress contracts small platinum particles by 1 or 2 %; the released ones are 1.4 % wider.
LARGEST_STRAIN = 0.02
# The top oxygen is 0.8 A above the top cerium; platinum 1.2 A above that would overlap with it.
_LEAST_GAP_A = 2.0
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"


def named(reader: Reader) -> list[tuple[str, Reader]]:
    """Every sub-table with its name, for tables whose keys are names."""
    for name in reader.keys():  # noqa: SIM118
        if not re.fullmatch(NAME_PATTERN, name):
            reader.problem(quoted(name), f"expected a name that matches {NAME_PATTERN}")
    return [(name, reader.table(name)) for name in reader.keys()]  # noqa: SIM118


def particle(name: str, reader: Reader) -> PlatinumParticle:
    """Read one of ``[particles]``."""
    rows = []
    for row in reader.tables("rows"):
        atoms = row.integers("atoms", at_least=1, at_most=100)
        if row.is_empty("atoms"):
            row.problem("atoms", "expected at least one column")
        rows.append(ColumnRow(start=row.integer("start", at_least=-100, at_most=100), atoms=atoms))
        row.finish()
    if name == BLANK and rows:
        reader.problem("rows", f"expected none, since '{BLANK}' is the particle of blank images")
    elif name != BLANK and reader.is_empty("rows"):
        reader.problem("rows", f"expected at least one row, for all but '{BLANK}'")
    sites = reader.table("sites", default={})
    positions = {}
    for site in sites.keys():  # noqa: SIM118
        position = sites.integers(site, length=2, at_least=-1, at_most=100)
        if rows and len(position) == 2 and not 0 <= position[0] < len(rows):
            sites.problem(site, f"expected a row from 0 to {len(rows) - 1}, got {position[0]}")
        elif len(position) == 2:
            positions[site] = (position[0], position[1])
    lattice = _lattice(reader)
    gap = reader.number("gap_A", default=GAP_A, at_least=_LEAST_GAP_A, at_most=4)
    reader.finish()
    return PlatinumParticle(rows=tuple(rows), sites=positions, lattice_A=lattice, gap_A=gap)


def _lattice(reader: Reader) -> float:
    """Read ``lattice_A``; a particle scatters as platinum, so it needs the lattice of platinum."""
    before = len(reader.problems)
    lattice = reader.number("lattice_A", default=PLATINUM_A)
    if len(reader.problems) == before and abs(lattice / PLATINUM_A - 1) > LARGEST_STRAIN:
        least, most = PLATINUM_A * (1 - LARGEST_STRAIN), PLATINUM_A * (1 + LARGEST_STRAIN)
        reader.problem(
            "lattice_A",
            f"expected {least:.3f} to {most:.3f}, platinum ({PLATINUM_A} A) strained by at most "
            f"{LARGEST_STRAIN:.0%}, got {lattice:g}: all particles are simulated as platinum, "
            "no other element can be",
        )
    return lattice


def defect(reader: Reader) -> dict[str, int | str]:
    """Read one of ``[defects]``: the number of atoms left at each site."""
    changes: dict[str, int | str] = {}
    for site in reader.keys():  # noqa: SIM118
        if reader.is_text(site):
            changes[site] = reader.text(site, choices=("half",))
        else:
            changes[site] = reader.integer(site, at_least=0, at_most=100)
    return changes


def support(name: str, reader: Reader) -> Support:
    """Read one of ``[supports]``."""
    length = 0 if name == BLANK else SURFACE_COLUMNS
    layers = reader.integers("layers", length=length, at_least=1, at_most=100)
    vacancies = []
    for entry in reader.tables("vacancies", default=()):
        vacancies.append(
            Vacancy(
                place=entry.integer("place", at_least=0, at_most=SURFACE_COLUMNS - 1),
                of=entry.text("of", choices=("O", "CeO2")),
                share=entry.text("share", choices=("half", "all")),
            )
        )
        entry.finish()
    places = [vacancy.place for vacancy in vacancies]
    if len(set(places)) < len(places):
        reader.problem("vacancies", "expected every place once")
    reader.finish()
    return Support(layers=layers, vacancies=tuple(vacancies))
