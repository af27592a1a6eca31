"""Components of a specimen: slabs, particles, films, and models of platinum on ceria.

Every class is generic in the type of its values: ``Slab[Value]`` in a recipe, whose numbers may be
distributions, and ``Slab[float]`` once they are drawn. `name` fields and lists of names are never
drawn.

Frame coordinates, in angstrom: x to the right and y down from the frame's upper left corner, z
along the beam from the specimen's entrance side. "Up" is -y. A direction [uvw] is given in the
crystal's own cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class AtomsFile:
    """A file of atoms beside the recipe, identified by its content.

    Attributes
    ----------
    name : str
        Path as written in the recipe, relative to it.
    sha256 : str
        SHA-256 of the file's bytes, part of the recipe's identity.
    text : str
        The file's content, so that a store and its workers need no other file. (Canonical form and
        identity contain it by its digest; the store keeps the text.)
    """

    name: str
    sha256: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Orientation(Generic[V]):
    """Orientation of a crystal to the beam.

    Attributes
    ----------
    zone : tuple of int, or "random"
        Direction [uvw] along the beam; ``"random"`` draws any orientation evenly.
    up : tuple of int or None
        Direction [uvw] that is up in the image as far as the zone axis allows; None takes the
        first of the cell's axes that is not along the beam.
    rotation_deg : number
        Rotation about the beam, clockwise in the image.
    mistilt_deg, mistilt_azimuth_deg : number
        Angle between zone axis and beam, and the direction in the image towards which the zone
        axis leans on the exit side, clockwise from x.
    """

    zone: Any
    up: Any
    rotation_deg: V
    mistilt_deg: V
    mistilt_azimuth_deg: V


@dataclass(frozen=True, kw_only=True)
class Crystal:
    """A crystal by name and lattice constants, or from a file.

    Attributes
    ----------
    file : AtomsFile or None
        File of the unit cell; the other fields are then None.
    structure : str or None
        ASE's name of the structure, such as ``"fcc"``, ``"bcc"``, ``"hcp"``, ``"diamond"``,
        ``"rocksalt"``, ``"zincblende"``, ``"wurtzite"``, ``"fluorite"``, ``"cesiumchloride"``.
    elements : tuple of str or None
        Its elements in that structure's order.
    lattice_A : tuple of float or None
        Lattice constants a, and c where the structure has it.
    """

    file: AtomsFile | None
    structure: str | None
    elements: tuple[str, ...] | None
    lattice_A: tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class Strain(Generic[V]):
    """Homogeneous strain in the image plane, as shares of a length, and its gradient along y."""

    xx: V
    yy: V
    xy: V
    gradient_per_nm: V


@dataclass(frozen=True, kw_only=True)
class Defects(Generic[V]):
    """Defects of a crystal.

    Attributes
    ----------
    vacancies : number
        Share of the atoms that are missing, at random.
    twins, stacking_faults : whole number
        Numbers of planar faults on {111} planes of cubic crystals.
    """

    vacancies: V
    twins: V
    stacking_faults: V


@dataclass(frozen=True, kw_only=True)
class Slab(Generic[V]):
    """A crystal that fills the frame and runs beyond it, or ends at a surface within it.

    Attributes
    ----------
    thickness_A : number
        Extent along the beam.
    surface : number or None
        Height of the surface as a share of the frame's height from its top, with vacuum above (-y);
        None: no surface in the frame. The surface is cut at right angles to up, on the topmost
        atomic plane.
    steps : whole number
        Steps of the surface along x, each one atomic layer up or down.
    """

    crystal: Crystal
    orientation: Orientation[V]
    thickness_A: V
    strain: Strain[V]
    defects: Defects[V]
    surface: V | None
    steps: V


@dataclass(frozen=True, kw_only=True)
class Particle(Generic[V]):
    """A crystalline particle, alone, on a film or slab seen from above, or on a slab's surface.

    Attributes
    ----------
    shape : str
        ``"wulff"``, ``"sphere"``, ``"box"``, ``"decahedron"``, or ``"file"``: the atoms of the
        crystal's file as they are, its directions [uvw] along their Cartesian axes.
    diameter_A : number
        Diameter of the sphere of equal volume (before truncation by a support); edge of the box.
    facets : mapping of str to number
        Distance of a family of planes from the centre, relative to each other, by Miller indices,
        such as ``{"100": 1.15, "111": 1.0}``; the decahedron's are fixed. Each plane of a family is
        drawn on its own, so that shapes need not be regular.
    truncation : number
        Share of the particle's height that its support cuts off (Winterbottom): 0 to 0.9.
    roughness : number
        Share of the surface atoms that are moved from weakly bound sites to other surface sites.
    adatoms : whole number
        Single atoms added on its surface.
    on : str or None
        Name of the component that it touches; None: it is where `x` and `y` say.
    side : str
        Where it touches: ``"exit"`` or ``"entrance"`` face, or ``"top"`` (the slab's surface, in
        profile; it then turns and tilts with the slab, and its orientation is relative to it).
    gap_A : number
        Least distance between its atoms and those of the component that it touches.
    x, y : number
        Centre as shares of the frame's width and height. With side ``"top"``, `x` runs along the
        surface, and `y` is ignored.
    count : whole number
        Number of such particles, each drawn on its own; 0: none.
    """

    crystal: Crystal
    orientation: Orientation[V]
    shape: str
    diameter_A: V
    facets: Mapping[str, V]
    truncation: V
    roughness: V
    adatoms: V
    strain: Strain[V]
    defects: Defects[V]
    on: str | None
    side: str
    gap_A: V
    x: V
    y: V
    count: V


@dataclass(frozen=True, kw_only=True)
class Film(Generic[V]):
    """An amorphous film that fills the frame and runs beyond it.

    Attributes
    ----------
    composition : mapping of str to float
        Shares of the elements, by number of atoms.
    density_g_cm3, thickness_A : number
        Density and mean thickness.
    bond_A : number
        Distance of bonded neighbours, 1.42 for carbon.
    """

    composition: Mapping[str, float]
    density_g_cm3: V
    thickness_A: V
    bond_A: V


@dataclass(frozen=True, kw_only=True)
class PtCeO2(Generic[V]):
    """A model of platinum on ceria from a recipe of the closed benchmark, embedded in the frame.

    Attributes
    ----------
    recipe : str
        Name of a recipe that comes with tembench, such as ``"ptceo2-18k"``.
    model : value
        Name of one of its models, or a choice among names.
    x, y : number
        Middle of the lowest row of platinum, as shares of the frame.
    rotation_deg, mistilt_deg, mistilt_azimuth_deg : number
        As in `Orientation`.
    """

    recipe: str
    model: Any
    x: V
    y: V
    rotation_deg: V
    mistilt_deg: V
    mistilt_azimuth_deg: V


Component = Slab[V] | Particle[V] | Film[V] | PtCeO2[V]
