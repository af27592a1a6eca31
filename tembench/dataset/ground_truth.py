"""Where things are in an image: its columns, its particle, its vacuum."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tembench.core import compiled
from tembench.recipe import Model, Recipe
from tembench.simulate.atomic_columns import Columns, projected
from tembench.simulate.structures import particle_sites

PARTICLE_REACH_A = 2.0
"""The particle's region is all that lies this near to a true Pt column."""
VACUUM_DISTANCE_A = 4.0
"""Vacuum is all that lies at least this far from any true column."""


@dataclass(frozen=True, kw_only=True)
class ImageSites:
    """The columns of an image, and the places of those that a defect removed.

    Attributes
    ----------
    x_A, y_A : ndarray, shape (sites,)
        Where they appear, tilt included; y counts down from the top of the image.
    atoms, whole_atoms : ndarray of int
        Atoms with the defect and without it.
    in_particle, at_surface : ndarray of bool
        As in `tembench.simulate.atomic_columns.Columns`; a removed column was at the surface.
    """

    x_A: np.ndarray
    y_A: np.ndarray
    atoms: np.ndarray
    whole_atoms: np.ndarray
    in_particle: np.ndarray
    at_surface: np.ndarray


def image_sites(
    recipe: Recipe, model: Model, columns: Columns, tilt_deg: tuple[float, float]
) -> ImageSites:
    """Columns and removed columns of a model in an image of that tilt."""
    sites = particle_sites(recipe, model)
    removed = sites.atoms == 0
    # The columns of the particle stand in the order of their sites.
    whole = columns.atoms.copy()
    whole[columns.in_particle] = sites.whole_atoms[~removed]
    gone = int(removed.sum())
    x, y = columns.projected(tilt_deg)
    removed_x, removed_y = projected(
        sites.x_A[removed], sites.y_A[removed], sites.depth_A[removed], tilt_deg
    )
    return ImageSites(
        x_A=np.concatenate([x, removed_x]),
        y_A=np.concatenate([y, removed_y]),
        atoms=np.concatenate([columns.atoms, np.zeros(gone, dtype=int)]),
        whole_atoms=np.concatenate([whole, sites.whole_atoms[removed]]),
        in_particle=np.concatenate([columns.in_particle, np.ones(gone, dtype=bool)]),
        at_surface=np.concatenate([columns.at_surface, np.ones(gone, dtype=bool)]),
    )


class Source(Protocol):
    """What has models with columns, and images of them: a store."""

    recipe: Recipe
    shape: tuple[int, int]
    pixel_size_A: float

    def columns(self, model: str) -> Columns:
        """True atomic columns of a model, by its name."""
        ...

    def __hash__(self) -> int:
        """By identity: what is remembered is remembered of one store."""
        ...


@functools.lru_cache(maxsize=64)
def sites_of(store: Source, model: str, tilt_deg: tuple[float, float]) -> ImageSites:
    """`image_sites` of a store's model; remembered, since many images share them."""
    description = next(m for m in store.recipe.models if m.name == model)
    return image_sites(store.recipe, description, _columns_of(store, model), tilt_deg)


@functools.lru_cache(maxsize=64)
def mask_of(
    store: Source,
    model: str,
    tilt_deg: tuple[float, float],
    make: Callable[[ImageSites, tuple[int, int], float], np.ndarray],
) -> np.ndarray:
    """A mask of a store's model, made by one of the two functions below; remembered too."""
    return make(sites_of(store, model, tilt_deg), store.shape, store.pixel_size_A)


@functools.lru_cache(maxsize=64)
def _columns_of(store: Source, model: str) -> Columns:
    return store.columns(model)


def particle_mask(sites: ImageSites, shape: tuple[int, int], pixel_size_A: float) -> np.ndarray:
    """Where the particle is, bool (y, x); read only."""
    return _fixed(_near(sites, sites.in_particle, PARTICLE_REACH_A, shape, pixel_size_A))


def vacuum_mask(sites: ImageSites, shape: tuple[int, int], pixel_size_A: float) -> np.ndarray:
    """Where there is nothing, bool (y, x); read only."""
    every = np.ones_like(sites.in_particle)
    return _fixed(~_near(sites, every, VACUUM_DISTANCE_A, shape, pixel_size_A))


def _near(
    sites: ImageSites,
    which: np.ndarray,
    reach_A: float,
    shape: tuple[int, int],
    pixel_size_A: float,
) -> np.ndarray:
    """Pixels within reach of any of the columns, on an image that is periodic along x."""
    chosen = which & (sites.atoms > 0)
    mask = np.zeros(shape, dtype=bool)
    places = np.stack([sites.x_A[chosen], sites.y_A[chosen]], axis=1) / pixel_size_A
    _paint(mask, places, reach_A / pixel_size_A)
    return mask


@compiled
def _paint(mask: np.ndarray, places: np.ndarray, reach: float) -> None:  # pragma: no cover
    rows, columns = mask.shape
    for n in range(len(places)):
        x, y = places[n]
        for i in range(max(0, int(np.ceil(y - reach))), min(rows, int(np.floor(y + reach)) + 1)):
            # Whole rows of the disc, from its left end to its right one.
            half = np.sqrt(max(reach**2 - (i - y) ** 2, 0.0))
            for j in range(int(np.ceil(x - half)), int(np.floor(x + half)) + 1):
                mask[i, j % columns] = True


def _fixed(mask: np.ndarray) -> np.ndarray:
    mask.setflags(write=False)
    return mask
