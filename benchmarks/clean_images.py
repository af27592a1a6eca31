"""Clean images of known and unknown specimens, for measuring judges of denoised images.

    python benchmarks/clean_images.py FOLDER [--released FOLDER] [--workers 2]

Simulated once and kept in a folder, one .npy file (y, x) an image, in units of the vacuum; other
benchmarks read them from there. About ten minutes of one core, 0.8 GB.

Groups: "test", models that the benchmark holds out; the same "turned" (10, 90 and any degrees, or
magnified by 1.08) and "unfocused" (-5 or 28 nm); "crystals" of other materials, built with ASE,
that fill the frame, its lower half or a sphere; "zeolites"; "gold" on films of carbon; "open",
test draws of the recipe open-hrtem, of any pixel size; "released", images of the paper; "vacuum".

Half of the specimens of each group are for development, for choosing thresholds; figures are
reported on the others.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from crystal_models import FRAMEWORKS, PIXEL_SIZE_A, SIDE_PX, benchmark, image_of
from scipy import ndimage

import tembench
from tembench.core import REFERENCE_DOSE_E_PER_PX, read_toml, recipes_folder, seed_sequence
from tembench.methods import NoisyImage, load_method
from tembench.micrographs.denoising import denoise_file
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.reading.file_options import FileOptions
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import build_structure

GROUPS = (
    "test", "turned", "unfocused", "crystals", "zeolites", "gold", "open", "released", "vacuum",
)  # fmt: skip
LIMITS = {"crystals": 32, "zeolites": 8, "gold": 12, "open": 32}
MATERIALS = ("SrTiO3", "Au", "Si", "NaCl", "CdSe", "MgO", "Cu", "Fe")
ZONES = ((0, 0, 1), (1, 1, 0), (1, 1, 1))
SHAPES = ("full", "half", "particle")


@dataclass(frozen=True, kw_only=True)
class CleanImage:
    """A clean image on file; `report` if it is not for choosing thresholds."""

    group: str
    name: str
    path: Path
    pixel_size_A: float
    report: bool

    @property
    def relative(self) -> np.ndarray:
        """The image (y, x) over the intensity of vacuum."""
        return np.load(self.path)

    def at_dose(self, dose_e_per_px: float) -> tuple[np.ndarray, float]:
        """Return the expected electrons (y, x), and those of vacuum, per pixel.

        The dose is that of pixels of 0.0625 angstrom; larger pixels get as many per area.
        """
        dose = dose_e_per_px * (self.pixel_size_A / PIXEL_SIZE_A) ** 2
        return np.maximum(self.relative, 0) * dose, dose


Made = Iterator[tuple[str, str, np.ndarray, float]]


def test_images(name: str, tilt: int) -> Made:
    """Images of a test model at one of its tilts; turned, magnified, and far from focus."""
    recipe = benchmark()
    model = next(model for model in recipe.models if model.name == name)
    draw = np.random.default_rng(seed_sequence(1, name, tilt))
    of_tilt = ((0.0, 0.0), tuple(draw.permutation(model.tilts_deg[1:])[0]))[tilt]
    structure = build_structure(recipe, model)
    waves = exit_waves(structure, (of_tilt,), recipe.simulation, recipe.microscope.energy_keV)
    inside = tuple(sorted(draw.permutation(model.defocus_nm)[:4]))
    foci = (*inside, (-5.0, 28.0)[tilt])
    images = form_images(waves, foci, recipe.microscope, recipe.box)[:, 0]
    images = images / recipe.microscope.dose_e_per_px
    text = f"{name} {of_tilt[0]:g} {of_tilt[1]:g}"
    for focus, image in zip(foci, images, strict=True):
        group = "test" if focus in inside else "unfocused"
        yield group, f"{text} {focus:g} nm", image, PIXEL_SIZE_A
    first = images[0]
    turns = (10.0, 90.0) if tilt == 0 else (float(draw.integers(15, 75)), 0.0)
    for turn in turns:
        if turn:
            turned = ndimage.rotate(first, turn, reshape=False, order=3, mode="reflect")
            yield "turned", f"{text} {turn:g} deg", turned, PIXEL_SIZE_A
        else:
            larger = ndimage.zoom(first, 1.08, order=3)[:SIDE_PX, :SIDE_PX]
            yield "turned", f"{text} x 1.08", larger, PIXEL_SIZE_A


def crystal_images(group: str, number: int) -> Made:
    """Two images of a crystal drawn at random."""
    draw = np.random.default_rng(seed_sequence(2, group, number))
    names = MATERIALS if group == "crystals" else tuple(FRAMEWORKS)
    name, shape = names[number // 2 % len(names)], SHAPES[number % 3]
    zone = ZONES[draw.integers(3)] if group == "crystals" else ZONES[0]
    turn, thickness = draw.choice([0.0, draw.uniform(0, 90)]), draw.uniform(25, 70)
    foci = tuple(np.round(draw.uniform(-5, 18, 2), 1))
    for focus, image in zip(foci, image_of(name, zone, turn, shape, thickness, *foci), strict=True):
        zone_text = "".join(map(str, zone))
        text = f"{number} {name} {zone_text} {turn:.0f} deg {shape} {thickness:.0f} A {focus} nm"
        yield group, text, image, PIXEL_SIZE_A


def drawn_images(group: str, number: int) -> Made:
    """One or two images of a drawn specimen."""
    if group == "gold":
        recipe = read_toml(recipes_folder() / "au-on-carbon.toml", ValueError)
        recipe["frame"] = {"width_px": 640, "height_px": 640, "pixel_size_A": PIXEL_SIZE_A}
        made = tembench.simulate(recipe, number, part="test", images=2)
    else:
        made = tembench.simulate("open-hrtem", 12 * number, part="test", images=1)
    doses = made.table["dose_e_per_px"].to_numpy()
    for index, image in enumerate(made.clean):
        yield group, f"{number} {index}", image / doses[index], made.pixel_size_A


def other_images(released: Path | None) -> Made:
    """Vacuum, and the clean images of a folder."""
    for number in range(2):
        yield "vacuum", f"{number}", np.ones((SIDE_PX, SIDE_PX), np.float32), PIXEL_SIZE_A
    if released:
        ready = ReadyMethod(method=load_method("gaussian"))
        options = FileOptions(add_noise=True, dose_e_per_px=REFERENCE_DOSE_E_PER_PX)
        for path in sorted(released.glob("*.tif")):
            clean = denoise_file(ready, path, options).clean
            assert clean is not None
            yield "released", path.stem, clean / REFERENCE_DOSE_E_PER_PX, PIXEL_SIZE_A


def _write(folder: Path, task: tuple[str, int], of_task: partial[Made]) -> None:
    """Write the images of a task, and last the mark that all are there."""
    for group, name, image, pixel_size_A in of_task():
        half = "report" if task[1] % 2 else "development"
        path = folder / f"{group}_{half}_{pixel_size_A:.4f}_{name.replace(' ', '_')}.npy"
        np.save(path, image.astype(np.float32))
    (folder / f"{task[0]}-{task[1]}.done").touch()


def make(folder: Path, released: Path | None = None, workers: int = 1) -> None:
    """Simulate the images that are not in the folder yet."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks: dict[tuple[str, int], partial[Made]] = {("other", 0): partial(other_images, released)}
    for number, name in enumerate(benchmark().splits.test_models):
        tasks["test", number] = partial(test_images, name, 0)
        tasks["tilted", number] = partial(test_images, name, 1)
    for group, limit in LIMITS.items():
        of = crystal_images if group in ("crystals", "zeolites") else drawn_images
        tasks |= {(group, number): partial(of, group, number) for number in range(limit)}
    left = [task for task in tasks if not (folder / f"{task[0]}-{task[1]}.done").exists()]
    with ProcessPoolExecutor(workers) as pool:
        for done in [pool.submit(_write, folder, task, tasks[task]) for task in left]:
            done.result()


def read(folder: Path) -> list[CleanImage]:
    """Return the images in the folder, by group and name."""
    images = []
    for path in sorted(folder.glob("*.npy")):
        group, half, pixel_size_A, name = path.stem.split("_", 3)
        images.append(
            CleanImage(
                group=group,
                name=name,
                path=path,
                pixel_size_A=float(pixel_size_A),
                # Images of the paper and vacuum have no parameters that could be fitted to them.
                report=half == "report" or group in ("released", "vacuum"),
            )
        )
    return sorted(images, key=lambda image: (GROUPS.index(image.group), image.name))


def noisy_image(image: CleanImage, dose_e_per_px: float) -> tuple[NoisyImage, np.ndarray]:
    """Draw counts of an image at a dose; return them and the truth (y, x), e/px."""
    clean, dose = image.at_dose(dose_e_per_px)
    generator = np.random.default_rng(zlib.crc32(f"{image.group} {image.name} {dose}".encode()))
    counts = generator.poisson(clean).astype(np.uint16)
    noisy = NoisyImage(counts=counts, pixel_size_A=image.pixel_size_A, dose_e_per_px=dose)
    return noisy, clean


def evenly(images: Sequence[CleanImage], most: int) -> list[CleanImage]:
    """Return at most so many images, evenly from all groups."""
    groups = {group: [one for one in images if one.group == group] for group in GROUPS}
    chosen: list[CleanImage] = []
    share = 0.0
    for place, of_group in enumerate(sorted(groups.values(), key=len)):
        share = (most - len(chosen)) / (len(groups) - place)
        count = min(len(of_group), round(share))
        chosen += [of_group[int(index)] for index in np.linspace(0, len(of_group) - 1, count)]
    return sorted(chosen, key=lambda one: (GROUPS.index(one.group), one.name))


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, none if there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--released", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    make(arguments.folder, arguments.released, arguments.workers)
    images = read(arguments.folder)
    for group in GROUPS:
        of_group = [image for image in images if image.group == group]
        print(f"{group}: {len(of_group)}, {sum(image.report for image in of_group)} for reports")


if __name__ == "__main__":
    main()
