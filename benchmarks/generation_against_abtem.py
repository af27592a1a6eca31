"""Speed of image generation compared with a competent plain abTEM script, as a ratio from one run.

    python benchmarks/generation_against_abtem.py [--model PtNp2-D0_flat_40A] [--tilts 9]
        [--repeats 1]

Both start from the same atoms and end with the same images in memory: all tilts, 21 defoci,
800 x 800 pixels, on one core. The abTEM script samples at 0.0488 A in slices of 1 A, as the
released data were made; for each tilt it rebuilds the potential and computes one exit wave, from
which it forms the coherent images of all nodes of the focal average once for all defoci. Ours is
what `tembench generate` does with ptceo2-18k before it writes. abTEM applies thermal damping to
the potentials only; ours also absorbs, which costs more. The images are compared with that
absorption ignored.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable

import abtem
import numpy as np
import scipy.fft
from threadpoolctl import threadpool_limits

from tembench.recipe import Model, Recipe, load_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import focal_average, form_images
from tembench.simulation.structures import Structure, build_structure


def plain_abtem(recipe: Recipe, model: Model, structure: Structure) -> np.ndarray:
    """Images (defoci, tilts, y, x) by abTEM, returned for comparison."""
    from abtem.parametrizations import LobatoParametrization

    microscope, box = recipe.microscope, recipe.box
    energy = microscope.energy_keV * 1e3
    nodes, weights = focal_average(model.defocus_nm, microscope.focal_spread_nm)
    images = np.empty((len(model.defocus_nm), len(model.tilts_deg), *box.shape), dtype=np.float32)
    for number, (about_x, about_y) in enumerate(model.tilts_deg):
        potential = abtem.Potential(
            structure.to_ase(),
            gpts=(1024, 1280),
            slice_thickness=1.0,
            projection="infinite",
            parametrization=LobatoParametrization(sigmas=dict(recipe.simulation.displacement_A)),
        )
        tilt = (np.deg2rad(about_y) * 1e3, np.deg2rad(about_x) * 1e3)
        wave = abtem.PlaneWave(energy=energy, tilt=tilt)
        exit_wave = wave.multislice(potential).compute(progress_bar=False, scheduler="synchronous")
        average = np.zeros((len(weights), 1024, 1280), dtype=np.float32)
        for node, c10 in enumerate(nodes):
            ctf = abtem.CTF(
                energy=energy,
                semiangle_cutoff=1.6 * exit_wave.wavelength * 1e3,
                C10=c10,
                C30=microscope.c3_um * 1e4,
                C50=microscope.c5_mm * 1e7,
                angular_spread=microscope.convergence_mrad,
                soft=False,
            )
            coherent = exit_wave.apply_ctf(ctf).intensity().array
            for row in np.flatnonzero(weights[:, node]):
                average[row] += np.float32(weights[row, node]) * coherent
        for row, image in enumerate(average):
            blurred = abtem.Images(image, sampling=50 / 1024).gaussian_filter(
                microscope.image_spread_A
            )
            sampled = blurred.interpolate(gpts=(800, 1000)).array
            images[row, number] = microscope.dose_e_per_px * sampled.T[: box.shape[0]]
    return images


def ours(recipe: Recipe, model: Model, structure: Structure) -> np.ndarray:
    """Images (defoci, tilts, y, x) as `tembench generate` makes them."""
    waves = exit_waves(structure, model.tilts_deg, recipe.simulation, recipe.microscope.energy_keV)
    return form_images(waves, model.defocus_nm, recipe.microscope, recipe.box)


def timed(work: Callable[..., np.ndarray], *arguments: object) -> tuple[float, np.ndarray]:
    started = time.perf_counter()
    images = work(*arguments)
    return time.perf_counter() - started, images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="PtNp2-D0_flat_40A")
    parser.add_argument("--tilts", type=int, default=9)
    parser.add_argument("--repeats", type=int, default=1)
    arguments = parser.parse_args()
    recipe = load_recipe("ptceo2-18k")
    whole = next(model for model in recipe.models if model.name == arguments.model)
    abtem.config.set({"fftw.threads": 1, "num_workers": 1})
    model = dataclasses.replace(whole, tilts_deg=whole.tilts_deg[: arguments.tilts])
    case = (recipe, model, build_structure(recipe, model))
    simulation = dataclasses.replace(recipe.simulation, thermal_scattering="ignored")
    lossless = dataclasses.replace(recipe, simulation=simulation)
    with threadpool_limits(1), scipy.fft.set_workers(1):
        ours(*case)  # loads modules and fills tables
        ratios = []
        for _ in range(arguments.repeats):
            theirs, reference = timed(plain_abtem, *case)
            mine, _ = timed(ours, *case)
            ratios.append(theirs / mine)
            # Untilted only: abTEM refers lateral positions to another depth than we do.
            untilted = ours(lossless, *case[1:])[:, 0], reference[:, 0]
            alike = np.corrcoef(*(images.ravel() for images in untilted))[0, 1]
            print(
                f"{model.name}, {model.n_images} images: abTEM {theirs:.1f} s "
                f"({1e3 * theirs / model.n_images:.0f} ms per image), ours {mine:.2f} s "
                f"({1e3 * mine / model.n_images:.1f} ms); "
                f"correlation of the untilted images {alike:.4f}"
            )
    print(f"ratio {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    main()
