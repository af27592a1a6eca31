"""Convergence of a recipe's images: differences from a much finer simulation.

    python recipes/calibration/convergence.py [--recipe ptceo2-18k] [--out FOLDER]

Six models, each at two tilts and seven defoci: the recipe's own setting and coarser ones against
pixels of 0.039 A and slices of a sixth of a lattice plane (0.32 A), with images formed on a grid
twice as fine. The error is the standard deviation of the difference over that of the reference
image, the largest of a model's images. Atoms act in one slice each, as in all of tembench
(abTEM's "infinite" projection).
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from tembench.core import progress, show_progress, write_text
from tembench.recipe import Model, Recipe, Simulation, load_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import build_structure

PROBES = (
    "PtNp1-Ds_flat_30A",
    "PtNp2-D0_flat_40A",
    "PtNp2-S3_2-S5_2_flat_40A",
    "PtNp4-D1_vacant_50A",
    "PtNp1-D0_stepped_50A",
    "PtNp3-D0_flat_60A",
)
TILTS_DEG = ((0.0, 0.0), (0.0, 4.0))
DEFOCUS_NM = (0.0, 1.0, 3.0, 6.0, 10.0, 15.0, 20.0)
LIMIT = 0.02


def settings(recipe: Recipe) -> Iterator[tuple[str, Simulation]]:
    """Iterate over the recipe's own setting and others for comparison."""
    own = recipe.simulation
    yield "the recipe's", own
    for grid in ((640, 800), (512, 640), (480, 600), (400, 500)):
        yield f"{grid[0]} x {grid[1]} points", dataclasses.replace(own, wave_grid=grid)
    for parts in (1, 2, 4):
        name = f"slices of 1/{parts} plane"
        yield name, dataclasses.replace(own, slice_thickness_A=1.9092 / parts)


def reference(own: Simulation) -> Simulation:
    """Return a much finer setting."""
    return dataclasses.replace(
        own,
        wave_grid=(1280, 1600),
        detector_grid=(640, 800),
        slice_thickness_A=1.9092 / 6,
    )


def simulate(recipe: Recipe, model: Model, simulation: Simulation) -> tuple[np.ndarray, float]:
    """Images of a model (defoci, tilts, y, x), and the seconds its exit waves took."""
    started = time.perf_counter()
    structure = build_structure(recipe, model)
    waves = exit_waves(structure, TILTS_DEG, simulation, recipe.microscope.energy_keV)
    seconds = time.perf_counter() - started
    return form_images(waves, DEFOCUS_NM, recipe.microscope, recipe.box), seconds


def main() -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="ptceo2-18k")
    parser.add_argument("--out", type=Path, default=Path("runs/calibration"))
    arguments = parser.parse_args()
    show_progress()
    recipe = load_recipe(arguments.recipe)
    models = {model.name: model for model in recipe.models}
    tried = list(settings(recipe))
    errors = np.empty((len(tried), len(PROBES)))
    seconds = np.empty_like(errors)
    with threadpool_limits(1), progress("Probes", len(PROBES)) as advance:
        for probe, name in enumerate(PROBES):
            exact, _ = simulate(recipe, models[name], reference(recipe.simulation))
            for row, (_, simulation) in enumerate(tried):
                images, seconds[row, probe] = simulate(recipe, models[name], simulation)
                off = (images - exact).std(axis=(2, 3)) / exact.std(axis=(2, 3))
                errors[row, probe] = off.max()
            advance(1)
    short = [name.split("_", 1)[0] + " " + name.rsplit("_", 1)[1] for name in PROBES]
    lines = [
        "| setting | " + " | ".join(short) + " | largest | waves, s |",
        "|---" * (len(PROBES) + 3) + "|",
    ]
    for (name, _), row, took in zip(tried, errors, seconds, strict=True):
        cells = " | ".join(f"{100 * error:.2f} %" for error in row)
        lines.append(f"| {name} | {cells} | {100 * row.max():.2f} % | {took.mean():.2f} |")
    verdict = "meets" if errors[0].max() <= LIMIT else "MISSES"
    lines += ["", f"The recipe's own setting {verdict} the limit of {100 * LIMIT:g} %."]
    text = "\n".join(lines) + "\n"
    write_text(arguments.out / "convergence.md", text)
    print(text)


if __name__ == "__main__":
    main()
