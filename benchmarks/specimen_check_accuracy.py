"""False alarms and misses of the specimen check that `tembench apply` makes on image files.

    python benchmarks/specimen_check_accuracy.py STORE [--methods unet gated-unet]
        [--doses 0.1 0.45 2] [--known 36] [--draws 1] [--released FOLDER] [--specimens N]

Known images are test images of a store, evenly spread, and the clean images in a folder. Unknown
images are crystals built with ASE and simulated with tembench's own multislice, and known images
turned by 10 and 90 degrees. Shot noise is drawn at each dose, the whole image is denoised by the
method and by the two filters of the check, and its PSNR is compared with that of the better filter.
A false alarm is a warning where the method is better; a miss is silence where the method is more
than 1 dB worse.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal
from scipy import ndimage

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.dataset import open_store
from tembench.methods import NoisyImage, load_method
from tembench.micrographs.denoising.denoised_file import denoise_file
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.domain.specimen_check import judge
from tembench.micrographs.domain.training_domain import domain_of
from tembench.micrographs.reading.file_options import FileOptions
from tembench.recipe import load_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import Structure

SIDE_PX, PIXEL_SIZE_A = 800, 0.0625
FILTERS = ("bm3d", "spectral-wiener")
PEROVSKITE = {"basis": [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)], "spacegroup": 221}
# Crystal, zone axis, turn (degrees), shape, thickness (angstrom), defocus (nm).
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


@dataclass(frozen=True, kw_only=True)
class CleanImage:
    """A clean image (y, x) at 0.45 e/px in vacuum; `known` if methods are trained on its kind."""

    name: str
    clean: np.ndarray
    known: bool


@dataclass(frozen=True, kw_only=True)
class Case:
    """Result for one image: PSNR gain over the better filter, and the verdict of the check."""

    name: str
    known: bool
    method: str
    dose: float
    gain_db: float
    warned: bool
    unjudged: bool
    z: float
    strange: bool


def unit_cell(name: str) -> Atoms:
    if name == "SrTiO3":
        return crystal(["Sr", "Ti", "O"], cellpar=[3.905] * 3 + [90] * 3, **PEROVSKITE)
    constants = {
        "NaCl": ("rocksalt", 5.64),
        "MgO": ("rocksalt", 4.21),
        "CdSe": ("zincblende", 6.05),
    }
    if name in constants:
        structure, lattice_A = constants[name]
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
    defocus_nm: float,
) -> np.ndarray:
    """Image a crystal that fills the frame, its lower half, or a sphere in its middle."""
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
    recipe = load_recipe("quickstart")
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
    return form_images(waves, (float(defocus_nm),), recipe.microscope, box)[0, 0]


def clean_images(arguments: argparse.Namespace) -> Iterator[CleanImage]:
    store = open_store(arguments.store)
    images = list(store.images("model", "test"))
    indices = np.linspace(0, len(images) - 1, min(arguments.known, len(images))).astype(int)
    scale = REFERENCE_DOSE_E_PER_PX
    for number in (images[index] for index in indices):
        clean = np.asarray(store.clean(number)) * (scale / store.dose_of(number))
        yield CleanImage(name=f"image {number}", clean=clean, known=True)
        if number in [images[index] for index in indices[:: max(1, len(indices) // 4)]]:
            turned = ndimage.rotate(clean, 10, reshape=False, order=3, mode="reflect")
            yield CleanImage(name=f"{number} turned 10", clean=turned, known=False)
            yield CleanImage(name=f"{number} turned 90", clean=np.rot90(clean), known=False)
    if arguments.released:
        ready = ReadyMethod(method=load_method("unet"))
        options = FileOptions(add_noise=True, dose_e_per_px=scale)
        for path in sorted(arguments.released.glob("*.tif")):
            done = denoise_file(ready, path, options)
            yield CleanImage(name=path.name, clean=np.asarray(done.clean), known=True)
    for specimen in SPECIMENS[: arguments.specimens]:
        yield CleanImage(name=" ".join(map(str, specimen)), clean=image_of(*specimen), known=False)


@cache
def built(name: str) -> tuple[Any, Any, Any]:
    method = load_method(name)
    domain = domain_of(method, method.shipped_weights) if method.kind == "learned" else None
    return method, method.build(), domain


def cases(clean_image: CleanImage, methods: list[str], dose: float, draw: int) -> list[Case]:
    """Check each method on one draw of noise, and compare its PSNR with that of the filters."""
    import torch

    torch.set_num_threads(1)
    scale = dose / REFERENCE_DOSE_E_PER_PX
    clean = np.maximum(clean_image.clean, 0) * scale
    counts = np.random.default_rng(draw).poisson(clean).astype(np.uint16)
    image = NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=dose)
    error = {n: np.mean((built(n)[1].denoise(image) - clean) ** 2) for n in (*FILTERS, *methods)}
    least = min(error[name] for name in FILTERS)
    done = []
    for name in methods:
        method, denoiser, domain = built(name)
        verdict = judge(method, getattr(denoiser, "untuned", denoiser), domain, image)
        done.append(
            Case(
                name=clean_image.name,
                known=clean_image.known,
                method=name,
                dose=dose,
                gain_db=float(10 * np.log10(least / error[name])),
                warned=verdict.is_unknown,
                unjudged=bool(verdict.unjudged),
                z=verdict.z,
                strange=bool(verdict.strange_A),
            )
        )
    return done


def row(found: list[Case]) -> str:
    better = [case for case in found if case.gain_db > 0]
    worse = [case for case in found if case.gain_db < -1]
    known = [case for case in better if case.known]

    def share(of: list[Case], hits: int) -> str:
        return f"{hits}/{len(of)}"

    z_alone = sum(case.z <= 2 for case in worse)
    return " | ".join(
        [
            share(known, sum(case.warned for case in known)),
            share(better, sum(case.warned for case in better)),
            share(worse, sum(not case.warned for case in worse)),
            share(worse, z_alone),
            share(worse, sum(not case.strange for case in worse)),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--methods", nargs="+", default=["unet", "gated-unet"])
    parser.add_argument("--doses", nargs="+", type=float, default=[0.1, 0.45, 2.0])
    parser.add_argument("--known", type=int, default=36)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--specimens", type=int, default=len(SPECIMENS))
    parser.add_argument("--released", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--verbose", action="store_true", help="Print every case, too.")
    arguments = parser.parse_args()
    images = list(clean_images(arguments))
    found: list[Case] = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        running = [
            pool.submit(cases, image, arguments.methods, dose, draw)
            for draw in range(arguments.draws)
            for dose in arguments.doses
            for image in images
        ]
        for future in running:
            found += future.result()
            if arguments.verbose:
                for case in found[-len(arguments.methods) :]:
                    print(case, flush=True)
    known = sum(image.known for image in images)
    print(f"{known} known images, {len(images) - known} unknown ones, {arguments.draws} draws\n")
    print(
        "| method | e/px | false alarms: known | all | missed over 1 dB | by likelihood alone "
        "| by spectrum alone |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name in arguments.methods:
        for dose in arguments.doses:
            chosen = [case for case in found if (case.method, case.dose) == (name, dose)]
            print(f"| `{name}` | {dose:g} | {row(chosen)} |")


if __name__ == "__main__":
    main()
