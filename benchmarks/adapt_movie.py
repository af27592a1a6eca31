"""Methods adapted to movies of materials that no network was trained on, against filters.

    python benchmarks/adapt_movie.py [--movies N] [--minutes 10] [--frames 8] [--out FOLDER]
        [--adapt METHOD[:WAY] ...]

Movies of 40 frames of 512 x 512 px at 0.2 e/px, with drift and jitter, are simulated from recipes
of drawn specimens and kept in the folder. Every method is adapted to the noisy movie alone and
applied to its frames. Prints mean and median PSNR over frames, spread evenly, each compared at
0.45 e/px; `gain` is the mean over that of BM3D, and `frames better` counts frames that are better
than with the same method before.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from tembench.api.simulated_images import simulate
from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.dataset import spread
from tembench.methods import load_method
from tembench.micrographs.adapting.adapt import Adaptation
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.movies import reach_of, rule_of
from tembench.micrographs.reading import FileOptions, open_stack

PIXEL_A, DOSE, FRAMES, SIDE = 0.08, 0.2, 40, 512
OPTICS = {
    "energy_keV": 300, "aperture_per_A": 1.6, "C12_nm": 0.5, "phi12_deg": 40, "C21_nm": 15,
    "phi21_deg": 100, "C30_um": -13, "C50_mm": 5, "focal_spread_nm": 4, "convergence_mrad": 0.2,
    "image_spread_A": 0.5,
}  # fmt: skip
FILM = {"kind": "film", "thickness_A": 15}
SLAB = {"kind": "slab", "up": [0, 0, 1]}
PARTICLE = {"kind": "particle", "on": "film", "x": 0.5, "y": 0.5}
# Name, defocus, drift of a frame and its jitter (angstrom), specimen. None of these materials is in
# the recipes that networks were trained on.
MOVIES: tuple[tuple[str, float, float, float, dict[str, Any]], ...] = (
    ("NiAl", 10, 0.1, 0.1, {"crystal": {
        **SLAB, "structure": "cesiumchloride", "elements": ["Ni", "Al"], "lattice_A": [2.887],
        "zone": [1, 0, 0], "rotation_deg": 33, "thickness_A": 30, "surface": 0.6,
        "vacancies": 0.02}}),
    ("InAs", 6, 0.1, 0.1, {"crystal": {
        **SLAB, "structure": "zincblende", "elements": ["In", "As"], "lattice_A": [6.058],
        "zone": [1, 1, 0], "rotation_deg": 17, "thickness_A": 40, "surface": 0.5}}),
    ("PbS on carbon", 8, 0.1, 0.1, {"film": FILM, "particle": {
        **PARTICLE, "structure": "rocksalt", "elements": ["Pb", "S"], "lattice_A": [5.936],
        "diameter_A": 32, "zone": [0, 0, 1], "rotation_deg": 20,
        "facets": {"1 0 0": 1.0, "1 1 1": 1.2}}}),
    ("Ag on carbon", 5, 0.15, 0.05, {"film": FILM, "particle": {
        **PARTICLE, "structure": "fcc", "elements": ["Ag"], "lattice_A": [4.086],
        "diameter_A": 30, "zone": [1, 1, 0], "rotation_deg": 70,
        "facets": {"1 0 0": 1.15, "1 1 1": 1.0}}}),
    ("ZnO", 7, 0.05, 0.15, {"crystal": {
        **SLAB, "structure": "wurtzite", "elements": ["Zn", "O"], "lattice_A": [3.25, 5.207],
        "zone": [1, 0, 0], "rotation_deg": 51, "thickness_A": 50, "surface": 0.55}}),
)  # fmt: skip
UNADAPTED = (
    "bm3d", "bm3d-open", "guided-bm3d", "spectral-wiener", "unet-open", "gated-open", "unet-movie",
)  # fmt: skip
ADAPTED = ("unet-movie", "unet-open:frames", "unet-open:counts", "thinning:counts")


def movie(number: int, folder: Path) -> tuple[Path, np.ndarray]:
    """Return a noisy movie as a TIFF, and its clean frames (n, y, x) in e/px."""
    name, defocus_nm, drift_A, jitter_A, specimen = MOVIES[number]
    stem = name.lower().replace(" ", "-")
    path, truth = folder / f"{stem}.tif", folder / f"{stem}-clean.npy"
    if not truth.exists():
        recipe = {
            "name": stem,
            "version": "1.0.0",
            "description": f"A movie of {name}",
            "licence": "CC-BY-4.0",
            "seed": 100 + number,
            "draws": {"train": 1, "validation": 1, "test": 1, "images_each": 1},
            "frame": {"width_px": SIDE, "height_px": SIDE, "pixel_size_A": PIXEL_A},
            "physics": {"wave_sampling_A": 0.1, "slice_thickness_A": 1.5},
            "microscopes": {"corrected": {**OPTICS, "C10_nm": defocus_nm}},
            "exposure": {
                "dose_e_per_A2": DOSE / PIXEL_A**2,
                "frames": FRAMES,
                "drift_A": drift_A,
                "drift_azimuth_deg": 30 + 70 * number,
                "jitter_A": jitter_A,
            },
            "specimens": {"one": specimen},
        }
        made = simulate(recipe, 0)
        tifffile.imwrite(
            path, made.noisy, imagej=True, resolution=(10 / PIXEL_A, 10 / PIXEL_A),
            metadata={"axes": "TYX", "unit": "nm"},
        )  # fmt: skip
        np.save(truth, made.clean)
    return path, np.load(truth)


def psnrs(ready: ReadyMethod, path: Path, clean: np.ndarray, chosen: list[int]) -> np.ndarray:
    """Denoise frames as ``apply`` does; return the PSNR of each."""
    options = FileOptions()
    found = []
    with open_stack(path) as stack:
        rule = rule_of(stack, range(stack.n_frames), options)
        for number in chosen:
            image = rule.image(stack, number, reach=reach_of(ready.method)).image
            error = (ready.denoise(image) - clean[number]) * REFERENCE_DOSE_E_PER_PX / DOSE
            found.append(-10 * np.log10(np.mean(error**2)))
    return np.array(found)


def row(name: str, values: np.ndarray, bm3d: np.ndarray, more: str = "") -> str:
    """Format a row of the table."""
    gain = values.mean() - bm3d.mean()
    return f"| {name} | {values.mean():.2f} | {np.median(values):.2f} | {gain:+.2f} | {more} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--movies", type=int, default=len(MOVIES))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("movies"))
    parser.add_argument("--adapt", nargs="*", default=ADAPTED)
    parser.add_argument("--unadapted", nargs="*", default=UNADAPTED)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.first, min(arguments.first + arguments.movies, len(MOVIES))):
        path, clean = movie(number, arguments.out)
        chosen = spread(FRAMES, arguments.frames)
        print(f"\n{MOVIES[number][0]}: {arguments.minutes:g} minutes, {len(chosen)} frames\n")
        print("| method | mean, dB | median, dB | gain over BM3D, dB | frames better |")
        print("|---|--:|--:|--:|--:|")
        before: dict[str, np.ndarray] = {}
        for name in dict.fromkeys(("bm3d", *arguments.unadapted)):
            before[name] = psnrs(ReadyMethod(method=load_method(name)), path, clean, chosen)
            print(row(name, before[name], before["bm3d"]), flush=True)
        for named in arguments.adapt:
            name, _, way = named.partition(":")
            scratch = way.endswith("scratch")
            folder = arguments.out / f"{path.stem}-{named.replace(':', '-')}"
            shutil.rmtree(folder, ignore_errors=True)
            method = load_method(name)
            started = time.perf_counter()
            judged = Adaptation(
                method=method, minutes=arguments.minutes, from_scratch=scratch,
                way=way.removesuffix("-scratch") or None,
            ).run([path], folder, say=lambda line: None, warn=print)  # fmt: skip
            minutes = (time.perf_counter() - started) / 60
            if name not in before:
                before[name] = psnrs(ReadyMethod(method=method), path, clean, chosen)
            after = psnrs(ReadyMethod(method=method, weights=folder), path, clean, chosen)
            better = f"{np.count_nonzero(after > before[name])} of {len(chosen)}"
            note = f"{better}, {minutes:.1f} min, z {judged.z if judged else 0:+.1f}"
            print(row(f"{named}, adapted", after, before["bm3d"], note), flush=True)


if __name__ == "__main__":
    main()
