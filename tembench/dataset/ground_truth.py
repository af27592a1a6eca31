"""Ground truth of an image: the sites of its columns, and the masks of its particle and vacuum."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from tembench.core import compiled
from tembench.metrics import Sites
from tembench.recipe import Model, Recipe
from tembench.simulation import Columns, particle_sites, projected

PARTICLE_REACH_A = 2.0
"""The particle's mask covers every pixel within this distance of a true Pt column."""
VACUUM_DISTANCE_A = 4.0
"""The vacuum's mask covers every pixel at least this far from any true column."""


@dataclass(frozen=True, kw_only=True)
class GroundTruth:
    """Sites and masks that the images of one model at one tilt have in common.

    Attributes
    ----------
    sites : Sites
        Columns, and sites of removed ones.
    shape : tuple of int
        Size of an image in pixels, (y, x).
    pixel_size_A : float
        Size of a pixel in angstrom.
    """

    sites: Sites
    shape: tuple[int, int]
    pixel_size_A: float

    @functools.cached_property
    def particle_mask(self) -> np.ndarray:
        """Mask of the particle, bool (y, x); read only."""
        return particle_mask(self.sites, self.shape, self.pixel_size_A)

    @functools.cached_property
    def vacuum_mask(self) -> np.ndarray:
        """Mask of the vacuum, bool (y, x); read only."""
        return vacuum_mask(self.sites, self.shape, self.pixel_size_A)


def image_sites(
    recipe: Recipe, model: Model, columns: Columns, tilt_deg: tuple[float, float]
) -> Sites:
    """Sites of a model's columns in an image, tilt included, with those of removed columns.

    Parameters
    ----------
    recipe : Recipe
        Contains the shape of the particle.
    model : Model
        The model, with its defect.
    columns : Columns
        The columns of the model as they are stored.
    tilt_deg : tuple of float
        Tilt of the specimen about x and about y.

    Returns
    -------
    Sites
        A column that the defect removed has 0 atoms, and counts as at the particle's surface.
    """
    sites = particle_sites(recipe, model)
    removed = sites.atoms == 0
    # The columns of the particle are in the order of their sites.
    whole = columns.atoms.copy()
    whole[columns.in_particle] = sites.whole_atoms[~removed]
    n_removed = int(removed.sum())
    x, y = columns.projected(tilt_deg)
    removed_x, removed_y = projected(
        sites.x_A[removed], sites.y_A[removed], sites.depth_A[removed], tilt_deg
    )
    return Sites(
        x_A=np.concatenate([x, removed_x]),
        y_A=np.concatenate([y, removed_y]),
        atoms=np.concatenate([columns.atoms, np.zeros(n_removed, dtype=int)]),
        whole_atoms=np.concatenate([whole, sites.whole_atoms[removed]]),
        in_particle=np.concatenate([columns.in_particle, np.ones(n_removed, dtype=bool)]),
        at_surface=np.concatenate([columns.at_surface, np.ones(n_removed, dtype=bool)]),
    )


def varying_columns(recipe: Recipe, particle: str, tilt_deg: tuple[float, float]) -> np.ndarray:
    """Places of a particle's columns that some models of a recipe have and others lack.

    Parameters
    ----------
    recipe : Recipe
        The recipe, with its defects.
    particle : str
        Name of the particle.
    tilt_deg : tuple of float
        Tilt of the specimen about x and about y.

    Returns
    -------
    ndarray, shape (columns, 2)
        Positions x and y in the image, in angstrom.
    """
    models = [model for model in recipe.models if model.particle == particle]
    places: dict[tuple[float, float], tuple[float, int]] = {}
    for model in models:
        sites = particle_sites(recipe, model)
        for x, y, depth, atoms in zip(
            sites.x_A, sites.y_A, sites.depth_A, sites.atoms, strict=True
        ):
            place = (round(float(x), 3), round(float(y), 3))
            _, present = places.get(place, (0.0, 0))
            places[place] = float(depth), present + (atoms > 0)
    varying = [(x, y, depth) for (x, y), (depth, n) in places.items() if n < len(models)]
    x_A, y_A, depth_A = np.array(varying, dtype=np.float64).reshape(-1, 3).T
    return np.stack(projected(x_A, y_A, depth_A, tilt_deg), axis=1)


def particle_mask(sites: Sites, shape: tuple[int, int], pixel_size_A: float) -> np.ndarray:
    """Mask of the particle: pixels within 2 A of a Pt column.

    Parameters
    ----------
    sites : Sites
        Sites in the image; those without atoms are ignored.
    shape : tuple of int
        Size of the image in pixels, (y, x); it is periodic along x.
    pixel_size_A : float
        Size of a pixel in angstrom.

    Returns
    -------
    ndarray of bool, shape (y, x)
        Read only.
    """
    return _fixed(_near(sites, sites.in_particle, PARTICLE_REACH_A, shape, pixel_size_A))


def vacuum_mask(sites: Sites, shape: tuple[int, int], pixel_size_A: float) -> np.ndarray:
    """Mask of the vacuum: pixels 4 A or more from any column; arguments as in `particle_mask`."""
    every = np.ones_like(sites.in_particle)
    return _fixed(~_near(sites, every, VACUUM_DISTANCE_A, shape, pixel_size_A))


def _near(
    sites: Sites,
    which: np.ndarray,
    reach_A: float,
    shape: tuple[int, int],
    pixel_size_A: float,
) -> np.ndarray:
    """Pixels within reach of any of the columns, on an image that is periodic along x."""
    chosen = which & (sites.atoms > 0)
    mask = np.zeros(shape, dtype=bool)
    centres = np.stack([sites.x_A[chosen], sites.y_A[chosen]], axis=1) / pixel_size_A
    _paint(mask, centres, reach_A / pixel_size_A)
    return mask


@compiled
def _paint(mask: np.ndarray, centres: np.ndarray, reach: float) -> None:  # pragma: no cover
    rows, columns = mask.shape
    for n in range(len(centres)):
        x, y = centres[n]
        for i in range(max(0, int(np.ceil(y - reach))), min(rows, int(np.floor(y + reach)) + 1)):
            # Whole rows of the disc, from its left end to its right one.
            half = np.sqrt(max(reach**2 - (i - y) ** 2, 0.0))
            for j in range(int(np.ceil(x - half)), int(np.floor(x + half)) + 1):
                mask[i, j % columns] = True


def _fixed(mask: np.ndarray) -> np.ndarray:
    mask.setflags(write=False)
    return mask
