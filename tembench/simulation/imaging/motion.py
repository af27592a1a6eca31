"""Motion of a specimen during its frames: even drift, jitter, and surface atoms that jump."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from tembench.recipe import Exposure
    from tembench.simulation.atoms.specimen import Specimen

Vector = tuple[float, float]

NEIGHBOUR_REACH = 1.2
"""Reach of a neighbour over the nearest distance: half way to the second shell of fcc (1.41)."""
CLOSEST = 0.95
"""Least distance of an atom that jumped, over the least that its element had before."""
INNER_NEIGHBOURS = 6
"""Least number of neighbours of one element within a crystal whose atoms jump."""
OTHER_COLUMN_A = 0.5
"""Sideways distance beyond which a site belongs to another column."""


def frame_motion(
    exposure: Exposure[float], frames: int, generator: np.random.Generator
) -> list[tuple[Vector, Vector]]:
    """Displacement of the specimen in every frame, and its path during the frame.

    Parameters
    ----------
    exposure : Exposure
        Its drift, even in time, and its jitter, which displaces each frame as a whole.
    frames : int
        Number of frames.
    generator : numpy.random.Generator
        Source of the jitter.

    Returns
    -------
    list of (shift_A, motion_A)
        Each of them (x, y) in angstrom. `shift_A` is the displacement at the middle of the frame;
        its mean over the frames is 0, so that the jitter of a single frame is, too, and that of n
        frames has the variance (1 - 1 / n) jitter_A^2. `motion_A` leads from the beginning of the
        frame to its end.

    Examples
    --------
    >>> import numpy as np
    >>> from tembench.recipe import Exposure
    >>> exposure = Exposure(dose_e_per_A2=100, frames=3, drift_A=1, drift_azimuth_deg=45,
    ...                     jitter_A=0, jump_share=0, detector="ideal")
    >>> for (x, y), motion in frame_motion(exposure, 3, np.random.default_rng(0)):
    ...     print(f"{x:.2f} {y:.2f}")
    -0.71 -0.71
    0.00 0.00
    0.71 0.71
    """
    azimuth = np.radians(exposure.drift_azimuth_deg)
    drift = exposure.drift_A * np.array([np.cos(azimuth), np.sin(azimuth)])
    jitter = exposure.jitter_A * generator.standard_normal((frames, 2))
    shifts = (np.arange(frames) - (frames - 1) / 2)[:, None] * drift + jitter - jitter.mean(axis=0)
    motion = float(drift[0]), float(drift[1])
    return [((float(x), float(y)), motion) for x, y in shifts]


def frame_states(
    specimen: Specimen, exposure: Exposure[float], frames: int, generator: np.random.Generator
) -> tuple[list[Specimen], list[int]]:
    """States of the specimen during its frames, of which each needs one exit wave.

    Parameters
    ----------
    specimen : Specimen
        State of the first frame.
    exposure : Exposure
        `jump_share` is the probability of a jump before each frame but the first.
    frames : int
        Number of frames.
    generator : numpy.random.Generator
        Source of the jumps.

    Returns
    -------
    states : list of Specimen
        The specimen, and what each jump made of the state before it.
    indices : list of int
        Index into `states` of each frame, never falling.
    """
    states, indices = [specimen], [0]
    for jumps in generator.random(max(frames - 1, 0)) < exposure.jump_share:
        if jumps and (after := jump_columns(states[-1], generator)) is not states[-1]:
            states.append(after)
        indices.append(len(states) - 1)
    return states, indices


def jump_columns(specimen: Specimen, generator: np.random.Generator) -> Specimen:
    """Move one weakly bound surface atom of a particle to a vacant site of another column.

    Parameters
    ----------
    specimen : Specimen
        Strain of its particles up to 5 % is allowed for.
    generator : numpy.random.Generator
        Source of the choice: evenly among the atoms in the frame that can jump, then among the
        mirror images that are open to it.

    Returns
    -------
    Specimen
        The specimen with one position changed; `specimen` itself if no atom of it can jump.

    Notes
    -----
    Neighbours are atoms of one element and particle within `NEIGHBOUR_REACH` times the nearest
    distance of that element there. An atom can jump if it has at most 2/3 of an inner atom's
    neighbours (8 of 12 in fcc: corners, edges and {100} facets, not {111}). It comes to the mirror
    image of an atom through one of its neighbours, the next site of the lattice, if that site

    - keeps at least a quarter of an inner atom's neighbours (3 of 12), of the same particle,
    - lies in another column (`OTHER_COLUMN_A`), between the specimen's entrance and exit face,
    - is nearer to no atom of any element than `CLOSEST` times the least distance that the
      particle's atoms of the jumping element had to that element before.

    Elements whose inner atoms have fewer than `INNER_NEIGHBOURS` neighbours of their own kind do
    not jump: there (diamond) mirror images are no sites of the lattice.
    """
    crystals = list(_crystals(specimen))
    can_jump = [(crystal, atom) for crystal in crystals for atom in crystal.weak(specimen)]
    for index in generator.permutation(len(can_jump)):
        crystal, atom = can_jump[index]
        sites = _open_sites(specimen, crystal, atom)
        if len(sites):
            positions = specimen.positions_A.copy()
            positions[atom] = sites[generator.integers(len(sites))]
            return replace(specimen, positions_A=positions)
    return specimen


@dataclass(frozen=True, kw_only=True)
class _Crystal:
    """Atoms of one element that hang together in one particle.

    `atoms` are indices into the specimen's, `pairs` those of neighbours (in both orders), `reach_A`
    is the reach of a neighbour, and `inner` the number that an inner atom has.
    """

    atoms: np.ndarray
    pairs: np.ndarray
    reach_A: float
    inner: int

    def weak(self, specimen: Specimen) -> np.ndarray:
        """Indices of the weakly bound atoms in the frame."""
        neighbours = np.bincount(self.pairs[:, 0], minlength=len(specimen.symbols))[self.atoms]
        places = specimen.positions_A[self.atoms, :2]
        inside = np.all((places >= 0) & (places <= specimen.frame_A), axis=1)
        return self.atoms[inside & (neighbours <= 2 / 3 * self.inner)]


def _crystals(specimen: Specimen) -> Iterator[_Crystal]:
    """Crystals of all particles, those of one component told apart by the gaps between them."""
    for component in (i for i, kind in enumerate(specimen.kinds) if kind == "particle"):
        for symbol in np.unique(specimen.symbols[specimen.component == component]):
            same = (specimen.component == component) & (specimen.symbols == symbol)
            atoms = np.flatnonzero(same)
            tree = cKDTree(specimen.positions_A[atoms])
            nearest = tree.query(tree.data, k=2)[0][:, 1].min()
            if not np.isfinite(nearest):  # a single atom
                continue
            reach = NEIGHBOUR_REACH * nearest
            pairs = tree.query_pairs(reach, output_type="ndarray")
            pairs = np.concatenate([pairs, pairs[:, ::-1]])
            inner = np.bincount(pairs[:, 0]).max()
            if inner < INNER_NEIGHBOURS:
                continue
            links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(atoms), len(atoms)))
            number, label = connected_components(links, directed=False)
            for one in range(number):
                yield _Crystal(
                    atoms=atoms[label == one],
                    pairs=atoms[pairs[label[pairs[:, 0]] == one]],
                    reach_A=reach,
                    inner=inner,
                )


def _open_sites(specimen: Specimen, crystal: _Crystal, atom: int) -> np.ndarray:
    """Positions that an atom can jump to, (sites, 3); see `jump_columns`."""
    positions = specimen.positions_A
    pairs = crystal.pairs[np.all(crystal.pairs != atom, axis=1)]
    sites = 2 * positions[pairs[:, 0]] - positions[pairs[:, 1]]
    axis = specimen.zone_axes[specimen.component[atom]]
    axis = np.array([0.0, 0.0, 1.0]) if axis is None else axis / np.linalg.norm(axis)
    sideways = np.cross(sites - positions[atom], axis)
    sites = sites[np.linalg.norm(sideways, axis=1) > OTHER_COLUMN_A]
    sites = sites[(sites[:, 2] >= 0) & (sites[:, 2] <= specimen.depth_A)]
    for symbol in np.unique(specimen.symbols):
        others = np.flatnonzero(specimen.symbols == symbol)
        least = cKDTree(positions[others]).query(positions[crystal.atoms], k=2)[0]
        own = symbol == specimen.symbols[atom]
        tree = cKDTree(positions[others[others != atom]])
        sites = sites[tree.query(sites)[0] >= CLOSEST * least[:, int(own)].min()]
    kept = cKDTree(positions[crystal.atoms[crystal.atoms != atom]])
    neighbours = kept.query_ball_point(sites, crystal.reach_A, return_length=True)
    return sites[neighbours >= crystal.inner / 4]
