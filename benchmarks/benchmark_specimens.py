"""Six materials, a microscope and a cell that benchmarks of specimens share."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from tembench.recipe import DrawSeed, Frame, Optics, Physics
from tembench.recipe.draws.components import (
    AtomsFile,
    Component,
    Crystal,
    Defects,
    Film,
    Orientation,
    Particle,
    Slab,
    Strain,
)
from tembench.simulation import build_specimen
from tembench.simulation.atoms.specimen import Specimen

PADDING_A = 7.5
APERTURE_PER_A = 1.6
PHYSICS = Physics(
    wave_sampling_A=0.0905,
    slice_thickness_A=1.0,
    parametrization="lobato",
    thermal_scattering="background",
    displacement_A={},
    frozen_phonons=0,
    padding_A=None,
)
FIVE_FOCI_NM = (0.0, 4.0, 8.0, 12.0, 16.0)
NONE = Strain(xx=0.0, yy=0.0, xy=0.0, gradient_per_nm=0.0)
PERFECT = Defects(vacancies=0.0, twins=0.0, stacking_faults=0.0)
ALL_ABERRATIONS = Optics(
    energy_keV=300.0,
    aperture_per_A=APERTURE_PER_A,
    C10_nm=6.0,
    C12_nm=3.0,
    phi12_deg=25.0,
    C21_nm=80.0,
    phi21_deg=-70.0,
    C23_nm=60.0,
    phi23_deg=100.0,
    C30_um=-13.0,
    C32_um=2.0,
    phi32_deg=10.0,
    C34_um=1.5,
    phi34_deg=40.0,
    C50_mm=5.0,
    focal_spread_nm=4.0,
    convergence_mrad=0.2,
    image_spread_A=0.5,
)
COHERENT = replace(ALL_ABERRATIONS, focal_spread_nm=0.0, convergence_mrad=0.0, image_spread_A=0.0)
SODALITE = """data_sodalite
_cell_length_a 8.83
_cell_length_b 8.83
_cell_length_c 8.83
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'I m -3 m'
_symmetry_Int_Tables_number 229
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Si Si 0.25 0.0 0.5
O O 0.0 0.3536 0.3536
"""
STRONTIUM_TITANATE = """data_SrTiO3
_cell_length_a 3.905
_cell_length_b 3.905
_cell_length_c 3.905
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P m -3 m'
_symmetry_Int_Tables_number 221
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Ti Ti 0.0 0.0 0.0
Sr Sr 0.5 0.5 0.5
O O 0.5 0.0 0.0
"""
MOLYBDENITE = """data_MoS2
_cell_length_a 3.160
_cell_length_b 3.160
_cell_length_c 12.295
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
_symmetry_space_group_name_H-M 'P 63/m m c'
_symmetry_Int_Tables_number 194
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Mo Mo 0.33333333 0.66666667 0.25
S S 0.33333333 0.66666667 0.621
"""


def cif(text: str) -> Crystal:
    name = text.split()[0].removeprefix("data_") + ".cif"
    digest = hashlib.sha256(text.encode()).hexdigest()
    file = AtomsFile(name=name, sha256=digest, text=text)
    return Crystal(file=file, structure=None, elements=None, lattice_A=None)


def named(structure: str, elements: tuple[str, ...], *lattice_A: float) -> Crystal:
    return Crystal(file=None, structure=structure, elements=elements, lattice_A=lattice_A)


def oriented(zone: tuple[int, ...], mistilt_deg: float = 0.0) -> Orientation[float]:
    return Orientation(
        zone=zone, up=None, rotation_deg=10.0, mistilt_deg=mistilt_deg, mistilt_azimuth_deg=40.0
    )


def slab(crystal: Crystal, zone: tuple[int, ...], thickness_A: float) -> Slab[float]:
    return Slab(
        crystal=crystal,
        orientation=oriented(zone),
        thickness_A=thickness_A,
        strain=NONE,
        defects=PERFECT,
        surface=None,
        steps=0.0,
    )


def particle(element: str, lattice_A: float, on: str | None, **changes: Any) -> Particle[float]:
    values: dict[str, Any] = {
        "crystal": named("fcc", (element,), lattice_A),
        "orientation": oriented((0, 1, 1)),
        "shape": "wulff",
        "diameter_A": 32.0,
        "facets": {"100": 1.15, "111": 1.0},
        "truncation": 0.0,
        "roughness": 0.0,
        "adatoms": 0.0,
        "strain": NONE,
        "defects": PERFECT,
        "on": on,
        "side": "exit",
        "gap_A": 2.5,
        "x": 0.5,
        "y": 0.5,
        "count": 1.0,
    }
    return Particle(**{**values, **changes})


CARBON = Film(composition={"C": 1.0}, density_g_cm3=2.0, thickness_A=40.0, bond_A=1.42)
MATERIALS: dict[str, dict[str, Component[float]]] = {
    "SrTiO3 [110], 40 A": {"slab": slab(cif(STRONTIUM_TITANATE), (1, 1, 0), 40.0)},
    "Au decahedron on 40 A of carbon": {
        "film": CARBON,
        "particle": particle(
            "Au", 4.078, "film", shape="decahedron", orientation=oriented((1, 1, 0))
        ),
    },
    "CdSe [100], 40 A": {
        "slab": slab(named("wurtzite", ("Cd", "Se"), 4.30, 7.01), (1, 0, 0), 40.0)
    },
    "MoS2, one layer": {"slab": slab(cif(MOLYBDENITE), (0, 0, 1), 4.0)},
    "sodalite [100], 40 A": {"slab": slab(cif(SODALITE), (1, 0, 0), 40.0)},
    "Pt particle, 3 degrees off [110]": {
        "particle": particle("Pt", 3.924, None, orientation=oriented((0, 1, 1), 3.0))
    },
}


def frame(size_A: float, pixel_size_A: float = 0.0625) -> Frame[float]:
    pixels = round(size_A / pixel_size_A)
    return Frame(width_px=pixels, height_px=pixels, pixel_size_A=pixel_size_A)


def seed(number: int) -> DrawSeed:
    return DrawSeed(seed=7, part="benchmark", specimen=number)


def built(components: dict[str, Component[float]], size_A: float, number: int) -> Specimen:
    return build_specimen(components, frame(size_A), PADDING_A, seed(number), {})
