"""`tembench recipe`: mistakes of recipes and of files of atoms, each told in one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_runs import error_line, tembench
from drawn_recipes import MGO, write_drawn

from tembench.core.errors import RecipeError

SUPPORT, PARTICLE = "specimens.upright.support", "specimens.upright.particle"
CAMERA: dict[str, Any] = {"kind": "integrating", "mtf": [1, 0, 0.4, 2], "offset": 100}
UNCORRECTED: dict[str, Any] = {
    "energy_keV": 200,
    "aperture_per_A": 1.2,
    "C30_um": 1200,
    "focal_spread_nm": 3,
    "convergence_mrad": 0.05,
    "image_spread_A": 0.6,
}
FILES = {
    "broken.cif": "data_x\nloop_\n_atom_site_label\n_atom_site_fract_x\nAu1\n",
    "no_cell.xyz": "2\n\nAu 0 0 0\nAu 2.9 0 0\n",
    # One oxygen of three, since the space group is missing, lies on its neighbour.
    "too_near.cif": MGO.replace("0.5 0.5 0.5", "0.05 0.05 0.05"),
    "no_symmetry.cif": MGO.replace("'F m -3 m'", "'P 1'").replace("225", "1"),
    "unknown.cif": MGO.replace("Mg1 Mg", "Qq1 Qq"),
    "no_group.cif": MGO.replace("'F m -3 m'", "'F z -9 m'").replace("225", "999"),
    "crowded.cif": MGO.replace("_atom_site_fract_z\n", "_atom_site_fract_z\n_atom_site_occupancy\n")
    .replace("Mg 0 0 0", "Mg 0 0 0 0.8")
    .replace("O 0.5 0.5 0.5", "O 0.5 0.5 0.5 1")
    + "Ca1 Ca 0 0 0 0.5\n",
    "atoms.txt": "Au 0 0 0\n",
    "no_atoms.xyz": "0\n\n",
    "superheavy.xyz": '1\nLattice="3 0 0 0 3 0 0 0 3"\nRf 0 0 0\n',
}
BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    # Files of atoms
    ({f"{SUPPORT}.file": "broken.cif"}, [SUPPORT, "broken.cif", "cannot read atoms", "format cif"]),
    ({f"{SUPPORT}.file": "no_cell.xyz"}, [SUPPORT, "no_cell.xyz: no cell", 'shape = "file"']),
    (
        {f"{SUPPORT}.file": "too_near.cif"},
        [SUPPORT, "0.36 A apart, expected at least 1.24 A: check"],
    ),
    ({f"{SUPPORT}.file": "unknown.cif"}, [SUPPORT, "unknown.cif", "no such element or key: 'Qq'"]),
    ({f"{SUPPORT}.file": "no_group.cif"}, [SUPPORT, "no_group.cif", "cannot read atoms"]),
    (
        {f"{SUPPORT}.file": "crowded.cif"},
        [SUPPORT, "occupancies of Ca and Mg on one site add up to 1.3, expected at most 1"],
    ),
    ({f"{SUPPORT}.file": "atoms.txt"}, [SUPPORT, "unknown format", ".cif", "POSCAR"]),
    ({f"{SUPPORT}.file": "no_atoms.xyz"}, [SUPPORT, "no_atoms.xyz", "atom"]),
    ({f"{SUPPORT}.file": "superheavy.xyz"}, [SUPPORT, "no scattering factors of Rf"]),
    ({f"{SUPPORT}.file": "absent.cif"}, [f"{SUPPORT}.file: no such file", "'absent.cif'"]),
    # Specimens
    ({f"{SUPPORT}.zone": [0, 0, 0]}, [f"{SUPPORT}.zone", "a direction, not all of it 0"]),
    ({f"{SUPPORT}.zone": [1, 1, -2, 0]}, [f"{SUPPORT}.zone", "[u, v, w]", "[1, 1, -2, 0]"]),
    ({f"{SUPPORT}.up": [0, 0, 2]}, [f"{SUPPORT}.up", "not along the zone axis [0, 0, 1]"]),
    (
        {"specimens.amorphous.film.composition": {"Rf": 1}},
        ["film.composition.Rf: no such element from H to Lr"],
    ),
    ({f"{PARTICLE}.on": "table"}, [f"{PARTICLE}.on", "expected support", "'table'"]),
    ({f"{SUPPORT}.thickness_A": 900}, [f"{SUPPORT}.thickness_A", "at most 500", "900"]),
    (
        {f"{SUPPORT}.thickness_A": {"uniform": [-5, 20]}},
        [f"{SUPPORT}.thickness_A.uniform", "leaves the possible range", "at least 1", "-5 to 20"],
    ),
    ({f"{PARTICLE}.shape": "decahedron", f"{PARTICLE}.twins": 1}, [PARTICLE, "planar faults"]),
    ({f"{PARTICLE}.facets": {"100": 1}, f"{PARTICLE}.twins": 30}, ["twins", "at most 20", "30"]),
    (
        {f"{PARTICLE}.count": 20},
        ["specimens.upright", "none of 20 attempts is possible", "since particle-", "overlaps"],
    ),
    ({f"{PARTICLE}.diameter_A": 2, f"{PARTICLE}.vacancies": 0.5}, ["specimens.upright"]),
    ({"specimens.tilted.test_film": {"kind": "film", "thickness_A": 5}}, ["begin with 'test_'"]),
    # Frames, optics, motion
    ({"frame.width_px": 4000}, ["frame.width_px", "at most 500 A", "4000 pixels of up to 0.2 A"]),
    (
        {"microscopes.coarse": UNCORRECTED},
        ["microscopes.coarse", "carry more than 60 dB", "at most 30 A", "needed", "convergence"],
    ),
    ({"physics.padding_A": 5}, ["microscopes.coarse", "at most 5 A (physics.padding_A)", "7.5 A"]),
    ({"physics.padding_A": 0}, ["microscopes.coarse", "at most 0 A (physics.padding_A)"]),
    (
        {"physics.padding_A": 8},
        ["physics.padding_A", "at least 9.5 A", "2.0 of them for drift and jitter", "got 8"],
    ),
    ({"exposure.frames": 100}, ["exposure.drift_A", "at most 50 A over all 100 frames", "80 A"]),
    (
        {
            "frame.pixel_size_A": 0.3,
            "microscopes.coarse.aperture_per_A": 2.0,
            "microscopes.coarse.image_spread_A": 0.1,
        },
        ["microscopes.coarse", "too coarse", "image_spread_A of at least", "got image_spread_A"],
    ),
    (
        {"microscopes.coarse.convergence_mrad": 9.0, "microscopes.coarse.C10_nm": 300},
        ["microscopes.coarse", "convergence_mrad at most", "up to 9"],
    ),
    # Cameras and numbers of images
    (
        {"detectors.counter.mtf": [1, 0, 0, 2]},
        ["detectors.counter.mtf", "c0 and c2 above 0", "c2 from 0"],
    ),
    ({"detectors.counter.mtf": [1, {"uniform": [0.5, 1.2]}, 0.4, 2]}, ["mtf", "c1 0.5 to 1.2"]),
    ({"detectors.counter.mtf": [{"uniform": [0, 1]}, 0, 0.4, 2]}, ["mtf", "c0 from 0"]),
    (
        {"detectors.counter": {**CAMERA, "read_noise": 30}},
        ["detectors.counter.offset", "at least 4 read_noise, 120", "clipped", "got 100"],
    ),
    (
        {"detectors.counter": {**CAMERA, "gain": 1500}},
        ["exposure.dose_e_per_A2", "at most 65535 counts of the detector 'counter'", "got 90100"],
    ),
    (
        {"exposure.dose_e_per_A2": 1e6},
        ["exposure.dose_e_per_A2", "the detector 'perfect' (16 bits)", "120000; lower the dose"],
    ),
    ({"draws.train": 900_000}, ["draws", "at most 1000000 images", "1800012"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "message"), BROKEN, ids=lambda value: str(value)[:40])
def test_a_mistake_is_one_clear_line(
    tmp_path: Path, changes: dict[str, Any], message: list[str]
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    line = error_line(
        tembench("recipe", "validate", write_drawn(tmp_path, changes)), RecipeError.exit_code
    )
    assert line.startswith(f"Error: {tmp_path / 'my.toml'}: ")
    assert "tembench recipe validate" in line
    for part in message:
        assert part in line, line


@pytest.mark.slow
def test_missing_symmetry_is_told(tmp_path: Path) -> None:
    file = tmp_path / "no_symmetry.cif"
    file.write_text(FILES["no_symmetry.cif"])
    made = tembench("recipe", "new", file, "--thickness", "20", "--out", tmp_path / "my.toml")
    assert made.returncode == 0, made.stderr
    assert "space group P 1" in made.stdout
