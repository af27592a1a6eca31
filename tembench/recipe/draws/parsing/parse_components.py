"""Parsers of ``[specimens]``: kinds of specimens and their components."""

from __future__ import annotations

import re
from typing import Any

from tembench.core import REQUIRED, quoted
from tembench.recipe.draws.component_fields import component_of
from tembench.recipe.draws.components import Component
from tembench.recipe.draws.distributions import Choice
from tembench.recipe.draws.drawn_recipe import SpecimenKind
from tembench.recipe.draws.parsing.atoms_files import FileSource
from tembench.recipe.draws.parsing.value_reader import ValueReader
from tembench.recipe.parse_closed import closed_models

# Names become parts of coordinates and of dotted paths.
_NAME = r"[A-Za-z][A-Za-z0-9_]{0,39}"
_PLANE = r"(-?[0-9]){3}|-?[0-9]{1,2}( -?[0-9]{1,2}){2,3}"
ELEMENT_SYMBOLS = frozenset(
    re.findall(
        "[A-Z][a-z]?",
        "HHeLiBeBCNOFNeNaMgAlSiPSClArKCaScTiVCrMnFeCoNiCuZnGaGeAsSeBrKrRbSrYZrNbMoTcRuRhPdAgCdInSnSb"
        "TeIXeCsBaLaCePrNdPmSmEuGdTbDyHoErTmYbLuHfTaWReOsIrPtAuHgTlPbBiPoAtRnFrRaAcThPaUNpPuAmCmBkCf"
        "EsFmMdNoLr",
    )
)
"""Symbols of the elements 1 to 103, those that scattering factors are tabulated for."""

# Structures by the names of `ase.build.bulk`: number of elements, and of lattice constants.
STRUCTURES = {
    "sc": (1, 1),
    "fcc": (1, 1),
    "bcc": (1, 1),
    "diamond": (1, 1),
    "hcp": (1, 2),
    "rocksalt": (2, 1),
    "cesiumchloride": (2, 1),
    "zincblende": (2, 1),
    "fluorite": (2, 1),
    "wurtzite": (2, 2),
}
SHAPES = ("wulff", "sphere", "box", "decahedron", "file")
SIDES = ("exit", "entrance", "top")


def named_tables(reader: ValueReader, apart: tuple[str, ...] = ()) -> list[tuple[str, ValueReader]]:
    """Every sub-table with its name, in alphabetical order, so that the file's order is nothing."""
    names = [name for name in reader.keys() if name not in apart]  # noqa: SIM118
    for name in names:
        if not re.fullmatch(_NAME, name):
            reader.problem(
                quoted(name), "expected a name of letters, digits and '_' that starts with a letter"
            )
    return [(name, reader.table(name)) for name in sorted(names)]


def specimen_kind(reader: ValueReader, find: FileSource) -> SpecimenKind:
    """Read one of ``[specimens]``."""
    share = reader.number("share", default=1.0, at_least=0)
    material = reader.text("material", default="", max_length=80)
    tables = named_tables(reader, ("share", "material"))
    components = {name: _component(inner, find) for name, inner in tables}
    return SpecimenKind(share=share, components=components, material=material)


def _component(reader: ValueReader, find: FileSource) -> Component[Any]:
    before = len(reader.problems)
    kind = reader.text("kind", choices=tuple(_PARSERS)) or "film"
    if len(reader.problems) > before:
        # Without a kind, every other key would be a mistake too.
        return component_of("film", _film(ValueReader({}, []), find))
    values = _PARSERS[kind](reader, find)
    reader.finish()
    return component_of(kind, values)


def _slab(reader: ValueReader, find: FileSource) -> dict[str, Any]:
    return {
        **_crystal(reader, find),
        **_orientation(reader),
        **_strain(reader),
        **_defects(reader),
        "thickness_A": reader.value("thickness_A", at_least=1, at_most=500),
        "surface": reader.value("surface", default=None, at_least=0, at_most=1),
        "steps": reader.value("steps", default=0, at_least=0, at_most=20, whole=True),
    }


def _particle(reader: ValueReader, find: FileSource) -> dict[str, Any]:
    shape = reader.text("shape", default="wulff", choices=SHAPES)
    # The atoms of a whole file have their own size.
    diameter = 0.0 if shape == "file" else REQUIRED
    return {
        **_crystal(reader, find),
        **_orientation(reader),
        **_strain(reader),
        **_defects(reader),
        **_facets(reader),
        "shape": shape,
        "diameter_A": reader.value("diameter_A", default=diameter, at_least=2, at_most=500),
        "truncation": reader.value("truncation", default=0.0, at_least=0, at_most=0.9),
        "roughness": reader.value("roughness", default=0.0, at_least=0, at_most=1),
        "adatoms": reader.value("adatoms", default=0, at_least=0, at_most=1000, whole=True),
        "on": reader.text("on", default="") or None,
        "side": reader.text("side", default="exit", choices=SIDES),
        "gap_A": reader.value("gap_A", default=2.3, at_least=1, at_most=20),
        "x": reader.value("x", default=0.5, at_least=-0.5, at_most=1.5),
        "y": reader.value("y", default=0.5, at_least=-0.5, at_most=1.5),
        "count": reader.value("count", default=1, at_least=0, at_most=100, whole=True),
    }


def _facets(reader: ValueReader) -> dict[str, Any]:
    """Distances of families of planes, by their Miller indices."""
    table = reader.table("facets", default={"100": 1.15, "111": 1.0})
    distances = {}
    for plane in sorted(table.keys()):
        if not re.fullmatch(_PLANE, plane) or not re.search("[1-9]", plane):
            table.problem(quoted(plane), 'expected Miller indices, such as 111 or "1 -1 0"')
        distances[f"facets.{plane}"] = table.value(plane, at_least=0.1, at_most=10)
    if not distances:
        reader.problem("facets", "expected at least one family of planes")
    return distances


def _film(reader: ValueReader, find: FileSource) -> dict[str, Any]:
    composition = reader.table("composition", default={"C": 1.0})
    shares = {
        element: composition.number(element, above=0, at_most=1000)
        for element in sorted(composition.keys())
    }
    for element in set(shares) - ELEMENT_SYMBOLS:
        composition.problem(quoted(element), "no such element from H to Lr")
    # Amorphous carbon: 1.8 to 2.2 g/cm3, and graphite's distance of neighbours.
    carbon = set(shares) == {"C"}
    density, bond = (2.0, 1.42) if carbon else (REQUIRED, REQUIRED)
    return {
        "composition": shares,
        "density_g_cm3": reader.value("density_g_cm3", default=density, above=0, at_most=25),
        "thickness_A": reader.value("thickness_A", at_least=1, at_most=500),
        "bond_A": reader.value("bond_A", default=bond, at_least=0.7, at_most=4),
    }


def _ptceo2(reader: ValueReader, find: FileSource) -> dict[str, Any]:
    recipe = reader.text("recipe", default="ptceo2-18k")
    models = closed_models(recipe)
    if not models:
        reader.problem("recipe", f"no closed recipe that comes with tembench, got '{recipe}'")
    every = Choice(values=models, shares=(1.0,) * len(models))
    return {
        "recipe": recipe,
        "model": reader.one_of("model", choices=models, default=every),
        "x": reader.value("x", default=0.5, at_least=-0.5, at_most=1.5),
        "y": reader.value("y", default=0.5, at_least=-0.5, at_most=1.5),
        **_turns(reader),
    }


_PARSERS = {"slab": _slab, "particle": _particle, "film": _film, "ptceo2": _ptceo2}


def _turns(reader: ValueReader) -> dict[str, Any]:
    return {
        "rotation_deg": reader.value("rotation_deg", default=0.0, at_least=-360, at_most=360),
        "mistilt_deg": reader.value("mistilt_deg", default=0.0, at_least=0, at_most=45),
        "mistilt_azimuth_deg": reader.value(
            "mistilt_azimuth_deg", default=0.0, at_least=-360, at_most=360
        ),
    }


def _orientation(reader: ValueReader) -> dict[str, Any]:
    return {
        "zone": reader.direction("zone", default=(0, 0, 1), words=("random",)),
        "up": reader.direction("up", default=None),
        **_turns(reader),
    }


def _strain(reader: ValueReader) -> dict[str, Any]:
    keys = ("strain_xx", "strain_yy", "strain_xy", "strain_gradient_per_nm")
    return {k: reader.value(k, default=0.0, at_least=-0.1, at_most=0.1) for k in keys}


def _defects(reader: ValueReader) -> dict[str, Any]:
    return {
        "vacancies": reader.value("vacancies", default=0.0, at_least=0, at_most=0.5),
        "twins": reader.value("twins", default=0, at_least=0, at_most=20, whole=True),
        "stacking_faults": reader.value(
            "stacking_faults", default=0, at_least=0, at_most=20, whole=True
        ),
    }


def _crystal(reader: ValueReader, find: FileSource) -> dict[str, Any]:
    """Read ``file``, or ``structure``, ``elements`` and ``lattice_A``."""
    nothing = {"file": None, "structure": None, "elements": None, "lattice_A": None}
    named = [key for key in ("structure", "elements", "lattice_A") if reader.has(key)]
    if not named and not reader.has("file"):
        reader.problem("file", "missing (or structure, elements and lattice_A)")
        reader.text("file", default="")
        return nothing
    if not named:
        return {**nothing, "file": find(reader, "file")}
    if reader.has("file"):
        reader.problem("file", f"expected either a file or {', '.join(named)}, got both")
        reader.text("file")
    before = len(reader.problems)
    structure = reader.text("structure", choices=tuple(STRUCTURES))
    known = len(reader.problems) == before
    elements = reader.texts("elements")
    lattice = reader.numbers("lattice_A", at_least=1, at_most=50)
    for element in elements:
        if element not in ELEMENT_SYMBOLS:
            reader.problem("elements", f"no such element: '{element}'")
    if known:
        n_elements, n_lattice = STRUCTURES[structure]
        if len(elements) != n_elements and reader.has("elements"):
            reader.problem(
                "elements", f"expected {n_elements} for {structure}, got {len(elements)}"
            )
        if not 1 <= len(lattice) <= n_lattice and reader.has("lattice_A"):
            reader.problem("lattice_A", f"expected [a{', c' * (n_lattice > 1)}] for {structure}")
    return {"file": None, "structure": structure, "elements": elements, "lattice_A": lattice}
