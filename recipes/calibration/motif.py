"""Lattice motif of a CeO2 support, measured on an image or simulated.

Deep in the support an image is periodic: a sum of plane waves whose frequencies are those of the
rectangular cell of CeO2 along [1-10], 2 columns wide and 3 rows high. Their amplitudes, fitted by
least squares, are the motif: free of pixel noise, and independent of the origin of the cell.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from tembench.recipe import Box, Recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import Lens
from tembench.simulation.structures import (
    CERIA_A,
    CERIUM_SPACING_A,
    PLANE_OFFSET,
    Structure,
)

WIDTH_A = 2 * CERIUM_SPACING_A
HEIGHT_A = CERIA_A * math.sqrt(3)
PLANE_A = CERIA_A / math.sqrt(8)
# The image spread leaves less than 1 % of higher frequencies.
_LARGEST_PER_A = 1.1


@dataclass(frozen=True, kw_only=True)
class Motif:
    """Mean and Fourier coefficients of a periodic image, relative to vacuum.

    Attributes
    ----------
    mean : float
        Mean intensity; vacuum is 1.
    coefficients : ndarray of complex, shape (frequencies,)
        Coefficients at `orders`.
    explained : float
        Fraction of the image's variance that the motif explains.
    """

    mean: float
    coefficients: np.ndarray
    explained: float = 1.0

    @property
    def std(self) -> float:
        """Standard deviation of the periodic image."""
        return math.sqrt(2 * float((np.abs(self.coefficients) ** 2).sum()))


def _orders() -> np.ndarray:
    along_x = np.arange(int(_LARGEST_PER_A * WIDTH_A) + 1)
    along_y = np.arange(-int(_LARGEST_PER_A * HEIGHT_A), int(_LARGEST_PER_A * HEIGHT_A) + 1)
    x, y = (grid.ravel() for grid in np.meshgrid(along_x, along_y, indexing="ij"))
    half_plane = (x > 0) | (y > 0)
    near = np.hypot(x / WIDTH_A, y / HEIGHT_A) < _LARGEST_PER_A
    return np.stack([x, y], axis=1)[half_plane & near]


ORDERS = _orders()
"""Orders of the frequencies along x and y, one half-plane, shape (frequencies, 2)."""


def measure(bulk: np.ndarray, pixel_size_A: float) -> Motif:
    """Fit the motif of a region of an image that shows only the support.

    Parameters
    ----------
    bulk : ndarray, shape (y, x)
        Intensities relative to vacuum.
    pixel_size_A : float
        Sampling.
    """
    step = max(1, int(0.15 / pixel_size_A))
    thin = np.asarray(bulk, dtype=np.float64)[::step, ::step]
    y, x = (np.arange(n) * step * pixel_size_A for n in thin.shape)
    along_x = np.exp(2j * np.pi * np.outer(ORDERS[:, 0] / WIDTH_A, x))
    along_y = np.exp(2j * np.pi * np.outer(ORDERS[:, 1] / HEIGHT_A, y))
    waves = (along_y[:, :, None] * along_x[:, None, :]).reshape(len(ORDERS), -1)
    basis = np.concatenate([np.ones((1, waves.shape[1])), waves.real, waves.imag]).T
    found, *_ = np.linalg.lstsq(basis, thin.ravel(), rcond=None)
    left = thin.ravel() - basis @ found
    count = len(ORDERS)
    return Motif(
        mean=float(found[0]),
        coefficients=(found[1 : count + 1] - 1j * found[count + 1 :]) / 2,
        explained=float(1 - left.var() / thin.var()),
    )


def simulate(
    recipe: Recipe, thickness_A: float, tilt_deg: tuple[float, float]
) -> dict[float, Motif]:
    """Motifs of a recipe's microscope at all defoci of a series of 0 to 20 nm.

    Parameters
    ----------
    recipe : Recipe
        Gives simulation and microscope.
    thickness_A : float
        Thickness of the support, rounded to whole periods as in the recipe's models.
    tilt_deg : tuple of float
        Tilt about x and about y.

    Returns
    -------
    dict
        From defocus in nm to the motif.
    """
    planes = 2 * max(1, round(thickness_A / (2 * PLANE_A)))
    # Pixels no coarser than the recipe's, on grids that contain twice the aperture.
    fine = (_even(WIDTH_A, recipe, "wave_grid"), _even(HEIGHT_A, recipe, "wave_grid"))
    coarse = (_even(WIDTH_A, recipe, "detector_grid"), _even(HEIGHT_A, recipe, "detector_grid"))
    simulation = dataclasses.replace(recipe.simulation, wave_grid=fine, detector_grid=coarse)
    structure = bulk_structure(planes)
    waves = exit_waves(structure, (tilt_deg,), simulation, recipe.microscope.energy_keV)
    box = Box(width_A=WIDTH_A, image_height_A=1, cell_height_A=1, image_width_px=coarse[0])
    defoci = tuple(float(value) for value in range(21))
    lens = Lens((coarse[1], coarse[0]), waves.extent_A, defoci, recipe.microscope, box)
    motifs = {}
    for defocus, half in zip(defoci, lens.spectra(waves.spectra[0]), strict=True):
        values = half / recipe.microscope.dose_e_per_px
        motifs[defocus] = Motif(
            mean=float(values[0, 0].real), coefficients=values[ORDERS[:, 1], ORDERS[:, 0]]
        )
    return motifs


def _even(extent_A: float, recipe: Recipe, key: str) -> int:
    per_A = getattr(recipe.simulation, key)[0] / recipe.box.width_A
    return 2 * math.ceil(extent_A * per_A / 2)


def bulk_structure(planes: int) -> Structure:
    """The rectangular cell of CeO2, as `structures.build_structure` stacks its rows."""
    oxygen = CERIA_A * math.sqrt(3) / 4
    symbols, positions = [], []
    for row in range(3):
        for column in range(2):
            for symbol, origin, drop in (
                ("Ce", row, 0.0),
                ("O", row - 1, oxygen),
                ("O", row + 1, -oxygen),
            ):
                x = (column - origin % 3 / 3) * CERIUM_SPACING_A % WIDTH_A
                y = (origin * HEIGHT_A / 3 + drop) % HEIGHT_A
                for plane in range((origin + column - origin // 3) % 2, planes, 2):
                    symbols.append(symbol)
                    positions.append((x, y, (PLANE_OFFSET + plane) * PLANE_A))
    count = len(symbols)
    return Structure(
        symbols=np.array(symbols),
        positions_A=np.array(positions),
        column=np.arange(count),
        in_particle=np.zeros(count, dtype=bool),
        site=np.zeros((count, 2), dtype=int),
        cell_A=(WIDTH_A, HEIGHT_A, planes * PLANE_A),
        plane_A=PLANE_A,
    )


def correlate(ours: Motif, theirs: Motif) -> float:
    """Normalised cross-correlation of two motifs at the best displacement."""
    products = theirs.coefficients * np.conj(ours.coefficients)
    size = 64
    grid = np.zeros((size, size), dtype=complex)
    grid[ORDERS[:, 1] % size, ORDERS[:, 0] % size] = products
    coarse = np.fft.ifft2(grid).real
    y, x = np.unravel_index(coarse.argmax(), coarse.shape)
    moved = np.array([x, y]) / size
    # A few Newton steps from the best of 64 x 64 displacements.
    for _ in range(4):
        turned = products * np.exp(2j * np.pi * (ORDERS @ moved))
        slope = -2 * np.pi * (turned.imag[:, None] * ORDERS).sum(axis=0)
        bend = -4 * np.pi**2 * np.einsum("i,ij,ik->jk", turned.real, ORDERS, ORDERS)
        moved = moved - np.linalg.solve(bend, slope)
    best = (products * np.exp(2j * np.pi * (ORDERS @ moved))).real.sum()
    norms = np.linalg.norm(ours.coefficients) * np.linalg.norm(theirs.coefficients)
    return float(best / norms)


def mismatch(ours: Motif, theirs: Motif) -> float:
    """Relative distance of two motifs, contrast and mean included."""
    ratio = ours.std / theirs.std
    distance = 1 + ratio**2 - 2 * ratio * correlate(ours, theirs)
    return math.sqrt(max(distance, 0.0)) + abs(ours.mean - theirs.mean)
