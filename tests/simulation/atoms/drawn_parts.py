"""Drawn components of specimens, for tests: only what a test is about is named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from tembench.recipe import (
    AtomsFile,
    Component,
    Crystal,
    Defects,
    DrawSeed,
    Film,
    Frame,
    Orientation,
    Particle,
    Slab,
    Strain,
)
from tembench.simulation import Specimen, build_specimen

CUBIC_CIF = """data_{name}
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c {a}
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt '{group}'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
{more}{sites}
"""


def cubic_cif(a: float, group: str, *sites: str, more: str = "") -> str:
    return CUBIC_CIF.format(name="test", a=a, group=group, sites="\n".join(sites), more=more)


SRTIO3 = cubic_cif(3.905, "P m -3 m", "Sr1 Sr 0 0 0", "Ti1 Ti .5 .5 .5", "O1 O .5 .5 0")
SODALITE = cubic_cif(8.965, "I m -3 m", "T1 Si .25 .5 0", "O1 O .3514 .3514 0")
NO_STRAIN = Strain(xx=0.0, yy=0.0, xy=0.0, gradient_per_nm=0.0)


def from_file(text: str, name: str = "test.cif") -> Crystal:
    digest = hashlib.sha256(text.encode()).hexdigest()
    file = AtomsFile(name=name, sha256=digest, text=text)
    return Crystal(file=file, structure=None, elements=None, lattice_A=None)


def named(structure: str, elements: tuple[str, ...], *lattice: float) -> Crystal:
    return Crystal(file=None, structure=structure, elements=elements, lattice_A=lattice)


GOLD = named("fcc", ("Au",), 4.078)
CERIA = named("fluorite", ("Ce", "O"), 5.41)


def oriented(zone: Any, up: Any = None, **angles: float) -> Orientation[float]:
    values = {"rotation_deg": 0.0, "mistilt_deg": 0.0, "mistilt_azimuth_deg": 0.0, **angles}
    return Orientation(zone=zone, up=up, **values)


def defects(vacancies: float = 0.0, twins: int = 0, stacking_faults: int = 0) -> Defects[float]:
    return Defects(vacancies=vacancies, twins=twins, stacking_faults=stacking_faults)


def slab(crystal: Crystal, orientation: Orientation[float], **values: Any) -> Slab[float]:
    given = {
        "thickness_A": 20.0, "strain": NO_STRAIN, "defects": defects(), "surface": None, "steps": 0,
    } | values  # fmt: skip
    return Slab(crystal=crystal, orientation=orientation, **given)


def particle(crystal: Crystal, orientation: Orientation[float], **values: Any) -> Particle[float]:
    given = {
        "shape": "wulff", "diameter_A": 24.0, "facets": {"100": 1.15, "111": 1.0},
        "truncation": 0.0, "roughness": 0.0, "adatoms": 0, "strain": NO_STRAIN,
        "defects": defects(), "on": None, "side": "exit", "gap_A": 2.3, "x": 0.5, "y": 0.5,
        "count": 1,
    } | values  # fmt: skip
    return Particle(crystal=crystal, orientation=orientation, **given)


def film(**values: Any) -> Film[float]:
    given = {
        "composition": {"C": 1.0}, "density_g_cm3": 1.9, "thickness_A": 20.0, "bond_A": 1.42,
    } | values  # fmt: skip
    return Film(**given)


def built(
    components: Mapping[str, Component[float]],
    *,
    seed: int = 1,
    size_A: float = 40.0,
    margin_A: float = 7.5,
    displacement_A: Mapping[str, float] | None = None,
    prefix: str = "",
) -> Specimen:
    frame = Frame(width_px=256, height_px=256, pixel_size_A=size_A / 256)
    draw = DrawSeed(seed=seed, part="train", specimen=0)
    return build_specimen(components, frame, margin_A, draw, displacement_A or {}, prefix)


def generators(seed: int = 0) -> Any:
    """Generators of random choices by name, as a component gets them."""
    return DrawSeed(seed=seed, part="train", specimen=0).generator


def of_kind(specimen: Specimen, kind: str) -> np.ndarray:
    """Positions of the atoms of a kind of component."""
    kinds = np.array(specimen.kinds)[specimen.component]
    return specimen.positions_A[kinds == kind]
