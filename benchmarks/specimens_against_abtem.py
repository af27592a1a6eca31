"""Exit waves and images of specimens compared with abTEM, with finer simulation, and in speed.

    python benchmarks/specimens_against_abtem.py [--configurations 20] [--repeats 1] [--quick]

prints three Markdown tables: six materials against abTEM and frozen phonons, six drawn specimens
against a finer simulation, and the speed ratio. One core; times are CPU seconds.

Exit waves are compared with `PlaneWave.multislice` of a `PotentialArray` of our potential on our
grid, thermal scattering ignored, since abTEM has no absorption. Images are compared with abTEM's
CTF of the same wave, all aberrations set. Frozen phonons are 20 configurations of our own
multislice, compared with one run with thermal factors, absorption and background.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import abtem
import numpy as np
import scipy.fft
from benchmark_specimens import (
    ALL_ABERRATIONS,
    APERTURE_PER_A,
    COHERENT,
    FIVE_FOCI_NM,
    MATERIALS,
    PADDING_A,
    PHYSICS,
    built,
    frame,
    seed,
)
from threadpoolctl import threadpool_limits

from tembench.core import markdown_table
from tembench.recipe import DrawSeed, Optics, draw_images, draw_specimen, load_recipe
from tembench.simulation import (
    PaddedCell,
    SpecimenWave,
    build_specimen,
    form_image,
    plan_cell,
    specimen_wave,
)
from tembench.simulation.atoms.specimen import Specimen
from tembench.simulation.imaging.image_formation import intensity_spectrum
from tembench.simulation.scattering import wavelength_A
from tembench.simulation.waves.atom_factors import wave_grid
from tembench.simulation.waves.plane_slices import plane_slices
from tembench.simulation.waves.slice_transmission import MeanPotential
from tembench.simulation.waves.specimen_waves import atoms_in_cell


def relative(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def of_deviation(one: np.ndarray, other: np.ndarray) -> float:
    """Standard deviation of a difference, in per cent of the second image's own."""
    return float(100 * np.std(one.astype(float) - other) / np.std(other))


def abtems_wave(specimen: Specimen, cell: PaddedCell, energy_keV: float) -> np.ndarray:
    """Spectrum at the exit face by abTEM's multislice of our potential, as `specimen_wave`'s."""
    grid = wave_grid(cell.wave_shape, cell.extent_A)
    atoms = atoms_in_cell(specimen.symbols, specimen.positions_A, specimen.displacement_A, cell)
    potential = MeanPotential(atoms, grid, PHYSICS, energy_keV, APERTURE_PER_A)
    slices = plane_slices(atoms.positions_A[:, 2], PHYSICS.slice_thickness_A)
    per_volt = abtem.core.energy.energy2sigma(energy_keV * 1e3)
    array = np.stack([potential.phase(members).T / per_volt for _, members in slices])
    depths = [depth for depth, _ in slices] + [specimen.depth_A]
    stack = abtem.PotentialArray(
        array.astype(np.float32),
        slice_thickness=tuple(float(d) for d in np.diff(depths)),
        extent=cell.extent_A,
    )
    wave = abtem.PlaneWave(energy=energy_keV * 1e3).multislice(stack)
    values = wave.compute(progress_bar=False, scheduler="synchronous").array.T
    return cropped(scipy.fft.fft2(values, norm="forward"), cell)


def cropped(spectrum: np.ndarray, cell: PaddedCell) -> np.ndarray:
    rows, columns = (
        np.fft.ifftshift(np.arange(-(n // 2), n // 2 + 1)) for n in cell.spectrum_shape
    )
    ky, kx = cell.frequencies(cell.spectrum_shape)
    return spectrum[rows[:, None], columns] * (kx**2 + ky**2 <= APERTURE_PER_A**2)


def abtems_image(wave: SpecimenWave, cell: PaddedCell, optics: Optics[float]) -> np.ndarray:
    """Intensity over the cell by abTEM's CTF, on the cell's image grid, (y, x)."""
    order_y, order_x = (n // 2 for n in cell.spectrum_shape)
    padded = np.zeros(cell.image_shape, complex)
    rows, columns = np.arange(-order_y, order_y + 1), np.arange(-order_x, order_x + 1)
    padded[rows[:, None], columns] = wave.spectra[0][rows[:, None], columns]
    values = scipy.fft.ifft2(padded, norm="forward")
    with abtem.config.set({"precision": "float64"}):
        waves = abtem.Waves(values.T, energy=optics.energy_keV * 1e3, extent=cell.extent_A)
        image = waves.apply_ctf(abtems_ctf(optics)).intensity()
        return np.asarray(image.compute(progress_bar=False).array).T


def abtems_ctf(optics: Optics[float], C10_nm: float | None = None) -> abtem.CTF:
    angles = {
        f"phi{nm}": np.deg2rad(getattr(optics, f"phi{nm}_deg")) for nm in (12, 21, 23, 32, 34)
    }
    nm = {name: 10 * getattr(optics, f"{name}_nm") for name in ("C10", "C12", "C21", "C23")}
    um = {name: 1e4 * getattr(optics, f"{name}_um") for name in ("C30", "C32", "C34")}
    if C10_nm is not None:
        nm["C10"] = 10 * C10_nm
    return abtem.CTF(
        energy=optics.energy_keV * 1e3,
        # A little more, since abTEM's aperture leaves out what lies on its edge.
        semiangle_cutoff=1e3 * wavelength_A(optics.energy_keV) * (optics.aperture_per_A + 1e-3),
        soft=False,
        C50=1e7 * optics.C50_mm,
        angular_spread=optics.convergence_mrad,
        **nm,
        **um,
        **angles,
    )


def against_abtem(size_A: float, configurations: int) -> Iterator[dict[str, str]]:
    cell = plan_cell(frame(size_A), PHYSICS, PADDING_A, APERTURE_PER_A)
    for number, (name, components) in enumerate(MATERIALS.items()):
        specimen = built(components, size_A, number)
        arguments = specimen, cell
        lossless = replace(PHYSICS, thermal_scattering="ignored")
        one = specimen_wave(*arguments, lossless, 300.0, APERTURE_PER_A)
        wave = specimen_wave(*arguments, PHYSICS, 300.0, APERTURE_PER_A)
        half = intensity_spectrum(wave, cell, COHERENT)
        intensity = scipy.fft.irfft2(half, s=cell.image_shape, norm="forward")
        frozen = replace(PHYSICS, frozen_phonons=configurations)
        waves = specimen_wave(*arguments, frozen, 300.0, APERTURE_PER_A, seed(number))
        image, mean, *halves = (
            form_image(each, cell, ALL_ABERRATIONS)
            for each in (
                wave,
                waves,
                replace(waves, spectra=waves.spectra[::2]),
                replace(waves, spectra=waves.spectra[1::2]),
            )
        )
        of_waves = relative(one.spectra[0], abtems_wave(*arguments, 300.0))
        of_images = relative(intensity, abtems_image(wave, cell, COHERENT))
        yield {
            "specimen": name,
            "atoms": str(len(specimen.symbols)),
            "slices": str(len(plane_slices(specimen.positions_A[:, 2], 1.0))),
            "wave against abTEM's": f"{of_waves:.1e}",
            "image against its CTF": f"{of_images:.1e}",
            "against frozen phonons, % of std": f"{of_deviation(image, mean):.1f}",
            "their own scatter, %": f"{of_deviation(*halves) / 2:.1f}",
            "mean of the difference, % of vacuum": f"{100 * float(np.mean(image - mean)):.2f}",
        }


def against_finer() -> Iterator[dict[str, str]]:
    """Draws of the recipes that come with tembench, on a grid 1.5 times finer, in half slices."""
    finer = replace(
        PHYSICS,
        wave_sampling_A=PHYSICS.wave_sampling_A / 1.5,
        slice_thickness_A=PHYSICS.slice_thickness_A / 2,
    )
    for number, name in enumerate(("srtio3", "au-on-carbon", "mos2") * 2):
        recipe: Any = load_recipe(name)
        draw = DrawSeed(seed=recipe.seed, part="benchmark", specimen=number)
        drawn = draw_specimen(recipe, draw)
        specimen = build_specimen(drawn.components, drawn.frame, PADDING_A, draw, {})
        optics = draw_images(recipe, drawn)[0].optics
        images = []
        for physics in (PHYSICS, finer):
            cell = plan_cell(drawn.frame, physics, PADDING_A, drawn.aperture_per_A)
            wave = specimen_wave(specimen, cell, physics, drawn.energy_keV, drawn.aperture_per_A)
            images.append(form_image(wave, cell, optics))
        yield {
            "draw": f"{name} {number}",
            "depth, A": f"{specimen.depth_A:.0f}",
            "kV": f"{drawn.energy_keV:.0f}",
            "C10, nm": f"{optics.C10_nm:.1f}",
            "std of the image, % of vacuum": f"{100 * float(np.std(images[1])):.1f}",
            "error, % of std": f"{of_deviation(*images):.2f}",
        }


def plain_abtem(specimen: Specimen, cell: PaddedCell, gpts: int, foci: int) -> list[np.ndarray]:
    """Five images of one specimen by a plain script: infinite projection, slices of 1 A."""
    atoms = specimen.to_ase()
    atoms.positions[:, :2] += cell.origin_A
    atoms.set_cell([*cell.extent_A, specimen.depth_A])
    symbols = specimen.symbols
    sigmas = {
        str(s): float(np.mean(specimen.displacement_A[symbols == s])) for s in np.unique(symbols)
    }
    potential = abtem.Potential(
        atoms,
        gpts=gpts,
        slice_thickness=1.0,
        projection="infinite",
        parametrization=abtem.parametrizations.LobatoParametrization(sigmas=sigmas),
    )
    wave = abtem.PlaneWave(energy=300e3).multislice(potential)
    wave = wave.compute(progress_bar=False, scheduler="synchronous")
    t = np.linspace(-2.25, 2.25, foci)
    weights = np.exp(-(t**2)) / np.exp(-(t**2)).sum()
    images = []
    for C10_nm in FIVE_FOCI_NM:
        total = np.zeros((gpts, gpts), np.float32)
        for step, weight in zip(t * ALL_ABERRATIONS.focal_spread_nm, weights, strict=True):
            ctf = abtems_ctf(ALL_ABERRATIONS, C10_nm + step)
            total += np.float32(weight) * wave.apply_ctf(ctf).intensity().array
        image = abtem.Images(total, sampling=cell.extent_A[0] / gpts)
        blurred = image.gaussian_filter(ALL_ABERRATIONS.image_spread_A)
        whole = blurred.interpolate(gpts=cell.cell_px[::-1]).array.T
        (top, left), (height, width) = cell.offset_px, cell.frame_px
        images.append(whole[top : top + height, left : left + width])
    return images


def ours(specimen: Specimen, cell: PaddedCell) -> list[np.ndarray]:
    absorbed = replace(PHYSICS, thermal_scattering="absorbed")
    wave = specimen_wave(specimen, cell, absorbed, 300.0, APERTURE_PER_A)
    return [
        form_image(wave, cell, replace(ALL_ABERRATIONS, C10_nm=C10_nm)) for C10_nm in FIVE_FOCI_NM
    ]


def cpu_seconds(work: Callable[..., list[np.ndarray]], *arguments: object) -> tuple[float, Any]:
    started = time.process_time()
    images = work(*arguments)
    return time.process_time() - started, images


def speed(size_A: float, repeats: int) -> Iterator[dict[str, str]]:
    cell = plan_cell(frame(size_A), PHYSICS, PADDING_A, APERTURE_PER_A)
    for number, name in enumerate(list(MATERIALS)[:2]):
        specimen = built(MATERIALS[name], size_A, number)
        ours(specimen, cell)  # compiles, loads modules and fills tables
        for grid, foci in ((1280, 19), (cell.wave_shape[0], 7)):
            for _ in range(repeats):
                theirs, reference = cpu_seconds(plain_abtem, specimen, cell, grid, foci)
                mine, images = cpu_seconds(ours, specimen, cell)
                alike = np.corrcoef(images[2].ravel(), reference[2].ravel())[0, 1]
                yield {
                    "specimen": name,
                    "abTEM's grid, foci": f"{grid} px, {foci}",
                    "abTEM, s": f"{theirs:.1f}",
                    "ours, s": f"{mine:.2f}",
                    "ratio": f"{theirs / mine:.1f}",
                    "correlation": f"{alike:.4f}",
                }


def printed(rows: Iterator[dict[str, str]]) -> None:
    table = list(rows)
    print(markdown_table([list(table[0]), *(list(row.values()) for row in table)]), flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configurations", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="frames of 25 instead of 50 A")
    parser.add_argument("--only", choices=("abtem", "finer", "speed"), help="one table alone")
    arguments = parser.parse_args()
    abtem.config.set({"fftw.threads": 1, "num_workers": 1})
    size = 25.0 if arguments.quick else 50.0
    with threadpool_limits(1), scipy.fft.set_workers(1):
        tables = {
            "abtem": lambda: against_abtem(size, arguments.configurations),
            "finer": against_finer,
            "speed": lambda: speed(size, arguments.repeats),
        }
        for name, table in tables.items():
            if arguments.only in (None, name):
                printed(table())


if __name__ == "__main__":
    main()
