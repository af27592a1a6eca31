"""How much faster the multislice loop is than abTEM's own, as a ratio in one run.

    python benchmarks/multislice.py [--repeats 3]

Both start from the same atoms of one quickstart model, on the same grid and slices, on one
thread, and make the exit waves of its three tilts. abTEM builds its potential anew for each tilt,
as a plain script does. The ratio is the median over repeats that alternate between the two.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import abtem
import numpy as np
from threadpoolctl import threadpool_limits

from tembench.recipe import Model, Recipe, load_recipe
from tembench.simulate.multislice import exit_waves
from tembench.simulate.structures import Structure, build_structure


def plain_abtem(recipe: Recipe, model: Model, structure: Structure) -> None:
    simulation = recipe.simulation
    slices = int(np.ceil(structure.cell_A[2] / simulation.slice_thickness_A))
    for about_x, about_y in model.tilts_deg:
        potential = abtem.Potential(
            structure.to_ase(),
            gpts=simulation.wave_grid,
            slice_thickness=structure.cell_A[2] / slices,
            projection="infinite",
        )
        tilt = (np.deg2rad(about_y) * 1e3, np.deg2rad(about_x) * 1e3)
        wave = abtem.PlaneWave(energy=recipe.microscope.energy_keV * 1e3, tilt=tilt)
        wave.multislice(potential).compute(progress_bar=False, scheduler="synchronous")


def ours(recipe: Recipe, model: Model, structure: Structure) -> None:
    exit_waves(structure, model.tilts_deg, recipe.simulation, recipe.microscope.energy_keV)


def seconds(work: Callable[..., None], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    recipe = load_recipe("quickstart")
    model = recipe.models[0]
    case = (recipe, model, build_structure(recipe, model))
    abtem.config.set({"fftw.threads": 1, "num_workers": 1})
    with threadpool_limits(1):
        ours(*case), plain_abtem(*case)  # plans, imports and tables are made once
        pairs = [(seconds(plain_abtem, *case), seconds(ours, *case)) for _ in range(repeats)]
    ratio = statistics.median(theirs / mine for theirs, mine in pairs)
    theirs, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{model.name}, {len(model.tilts_deg)} tilts: abTEM {theirs:.2f} s, ours {mine:.2f} s")
    print(f"ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
