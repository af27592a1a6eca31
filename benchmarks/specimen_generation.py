"""Time of a drawn specimen's wave and images by stage, compared with the floor of the transforms.

    python benchmarks/specimen_generation.py [--size 45] [--sampling 0.09375] [--repeats 5]

The floor is the number of Fourier transforms times the measured time of one of that size, where
frequencies beyond the aperture are left out as in the code. One core; CPU seconds, the median of
several runs. With the default size and sampling the cell is 60 A wide, of 640 px.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import pi

import numpy as np
import scipy.fft
from benchmark_specimens import (
    ALL_ABERRATIONS,
    APERTURE_PER_A,
    FIVE_FOCI_NM,
    MATERIALS,
    PADDING_A,
    PHYSICS,
    built,
    frame,
)
from threadpoolctl import threadpool_limits

from tembench.core import markdown_table
from tembench.recipe import Physics
from tembench.simulation import PaddedCell, SpecimenWave, form_image, plan_cell, specimen_wave
from tembench.simulation.atoms.specimen import Specimen
from tembench.simulation.imaging.coherence import focal_nodes
from tembench.simulation.scattering import wavelength_A
from tembench.simulation.waves.atom_factors import wave_grid
from tembench.simulation.waves.plane_slices import plane_slices
from tembench.simulation.waves.wave_transforms import (
    half_to_real,
    real_to_half,
    to_spectrum,
    to_wave,
)


def cpu_seconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return float(np.median(times))


def transforms(shape: tuple[int, int], half: int) -> dict[str, float]:
    """Seconds of each transform of a grid whose frequencies along x are kept up to a number."""
    rng = np.random.default_rng(1)
    real = rng.standard_normal(shape, dtype=np.float32)
    wave = real.astype(np.complex64)
    spectrum = to_spectrum(wave.copy(), half)
    part = real_to_half(real, half)
    return {
        "to_spectrum": cpu_seconds(lambda: to_spectrum(wave, half), 20),
        "to_wave": cpu_seconds(lambda: to_wave(spectrum, shape[1]), 20),
        "real_to_half": cpu_seconds(lambda: real_to_half(real, half), 20),
        "half_to_real": cpu_seconds(lambda: half_to_real(part, shape[1]), 20),
    }


def wave_floor(specimen: Specimen, cell: PaddedCell) -> float:
    times = transforms(cell.wave_shape, wave_grid(cell.wave_shape, cell.extent_A).half)
    slices = plane_slices(specimen.positions_A[:, 2], PHYSICS.slice_thickness_A)
    factors = sum(len(np.unique(specimen.symbols[members])) for _, members in slices)
    per_factor = times["real_to_half"] + 2 * times["half_to_real"]
    return factors * per_factor + len(slices) * (times["to_spectrum"] + times["to_wave"])


def images_floor(cell: PaddedCell, modes: int) -> float:
    optics = ALL_ABERRATIONS
    phase = pi * wavelength_A(300.0) * APERTURE_PER_A**2 * optics.focal_spread_nm * 10
    nodes = len(focal_nodes(phase)[0])
    order = cell.spectrum_shape[1] // 2
    times = transforms(cell.image_shape, order + 1)
    real = np.zeros(cell.image_shape, np.float32)
    back = cpu_seconds(lambda: scipy.fft.rfft2(real), 20)
    lines = np.zeros((cell.cell_px[0], 2 * order + 1), np.complex64)
    rows = np.zeros((cell.frame_px[0], 2 * order + 1), np.complex64)
    pixels = cpu_seconds(lambda: scipy.fft.ifft(lines, axis=0), 20)
    pixels += cpu_seconds(lambda: scipy.fft.irfft(rows, n=cell.cell_px[1], axis=1), 20)
    return len(FIVE_FOCI_NM) * (nodes * modes * times["to_wave"] + 2 * back + pixels)


def five_images(wave: SpecimenWave, cell: PaddedCell, convergence_mrad: float) -> None:
    for C10_nm in FIVE_FOCI_NM:
        optics = replace(ALL_ABERRATIONS, C10_nm=C10_nm, convergence_mrad=convergence_mrad)
        form_image(wave, cell, optics)


def stages(
    name: str, specimen: Specimen, cell: PaddedCell, physics: Physics, repeats: int
) -> list[tuple[str, ...]]:
    def run() -> SpecimenWave:
        return specimen_wave(specimen, cell, physics, 300.0, APERTURE_PER_A)

    wave = run()  # compiles and fills tables
    slices = len(plane_slices(specimen.positions_A[:, 2], physics.slice_thickness_A))
    timed = [(f"{name}: wave", cpu_seconds(run, repeats), wave_floor(specimen, cell))]
    for mrad, modes in ((0.0, 1), (0.2, 3)):
        work = partial(five_images, wave, cell, mrad)
        work()
        stage = f"five images, {mrad:g} mrad"
        timed.append((stage, cpu_seconds(work, repeats), images_floor(cell, modes)))
    counts = (str(len(specimen.symbols)), str(slices))
    return [
        (
            stage,
            *(counts if "wave" in stage else ("", "")),
            f"{spent:.3f}",
            f"{floor:.3f}",
            f"{spent / floor:.2f}",
        )
        for stage, spent, floor in timed
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=float, default=45.0)
    parser.add_argument("--sampling", type=float, default=60 / 640)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    physics = replace(PHYSICS, thermal_scattering="absorbed", wave_sampling_A=arguments.sampling)
    rows = [("specimen, stage", "atoms", "slices", "CPU s", "floor, s", "times the floor")]
    cell = plan_cell(frame(arguments.size), physics, PADDING_A, APERTURE_PER_A)
    with threadpool_limits(1), scipy.fft.set_workers(1):
        for number, (name, components) in enumerate(MATERIALS.items()):
            specimen = built(components, arguments.size, number)
            rows += stages(name, specimen, cell, physics, arguments.repeats)
    shape = " x ".join(map(str, cell.wave_shape[::-1]))
    print(f"{shape} px, {cell.extent_A[0]:g} A; images on {cell.image_shape[0]} px")
    print(markdown_table(rows))


if __name__ == "__main__":
    main()
