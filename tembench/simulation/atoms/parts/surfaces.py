"""Surfaces of slabs in profile, cut between atomic planes, with steps."""

from __future__ import annotations

import numpy as np

_PLANE_A = 0.05
"""Atoms nearer than this in height are of one plane."""
_AS_WIDE = 0.9
"""Gaps of at least this share of the widest are as good to cut in."""
_WINDOW_A = 15.0
"""Planes within this distance of the surface's height are looked at."""


def below_surface(
    across_A: np.ndarray,
    height_A: np.ndarray,
    width_A: float,
    steps: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Atoms below a surface that is cut where atomic planes are farthest apart.

    Parameters
    ----------
    across_A : ndarray, shape (atoms,)
        Distance along the surface from its middle.
    height_A : ndarray, shape (atoms,)
        Height above the place where the surface is wanted.
    width_A : float
        Width within which its steps are.
    steps : int
        Number of steps, each up or down to the next such gap.
    generator : numpy.random.Generator
        Draws places and directions of the steps.

    Returns
    -------
    ndarray of bool, shape (atoms,)
    """
    cuts = _cuts(height_A[np.abs(height_A) < _WINDOW_A])
    places = np.sort(generator.uniform(-width_A / 2, width_A / 2, steps))
    levels = np.cumsum([int(np.argmin(np.abs(cuts))), *generator.choice([-1, 1], steps)])
    terrace = np.searchsorted(places, across_A)
    return np.asarray(height_A < cuts[np.clip(levels, 0, len(cuts) - 1)][terrace])


def _cuts(heights: np.ndarray) -> np.ndarray:
    """Heights of the gaps to cut in; the wanted one where planes are too dense for gaps."""
    planes = np.sort(heights)
    planes = planes[np.diff(planes, prepend=-np.inf) > _PLANE_A]
    gaps = np.diff(planes)
    if len(gaps) == 0:
        return np.zeros(1)
    return (planes[:-1] + gaps / 2)[gaps >= _AS_WIDE * gaps.max()]
