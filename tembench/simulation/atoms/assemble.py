"""Specimens put together from drawn components, each placed where it touches what it is on."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import Component, DrawSeed, Film, Frame, Particle, PtCeO2, Slab
from tembench.simulation.atoms.contact import contact_move, nearest_approach
from tembench.simulation.atoms.crystal import beam_turn
from tembench.simulation.atoms.parts import (
    SUPPORT_DIRECTION,
    FrameBox,
    Generators,
    Piece,
    build_film,
    build_particle,
    build_slab,
    embed_model,
)
from tembench.simulation.atoms.specimen import ImpossibleDrawError, Specimen
from tembench.simulation.atoms.thermal_displacements import displacement_of

FACE_MARGIN_A = 0.5
"""Distance of the outermost atoms from the specimen's faces, so that one plane has a depth too."""
_OVERLAP_A = 1.5
"""Components without contact are nearer than this nowhere: less is no bond but an overlap."""
_STACKED_A = 2.5
"""Distance of a film from the slab or film before it, which it is put behind."""


def build_specimen(
    components: Mapping[str, Component[float]],
    frame: Frame[float],
    margin_A: float,
    seed: DrawSeed,
    displacement_A: Mapping[str, float],
    prefix: str = "",
) -> Specimen:
    """Build the atoms of a specimen.

    Parameters
    ----------
    components : mapping of str to Component
        Drawn components by name; one entry per particle. A particle of count 0 is left out.
    frame : Frame
        Size of the image.
    margin_A : float
        Distance by which crystals and films run beyond the frame.
    seed : DrawSeed
        Seed of every random choice: ``<prefix><component>.atoms.<choice>``.
    displacement_A : mapping of str to float
        Thermal displacements that override those of files and of the table.
    prefix : str
        Begins the name of every generator.

    Returns
    -------
    Specimen
        Without components, one without atoms. Slabs and films come first, one behind the other;
        then particles.

    Raises
    ------
    ImpossibleDrawError
        If drawn values make no specimen: no atoms, or particles that overlap.
    RecipeError
        If no draw could.
    """
    pixel = frame.pixel_size_A
    width, height = frame.width_px * pixel, frame.height_px * pixel
    box = FrameBox(width_A=width, height_A=height, margin_A=margin_A)
    pieces: dict[str, Piece] = {}
    for name in sorted(components, key=lambda name: _rank(name, components)):
        make = functools.partial(_generator, seed, f"{prefix}{name}")
        try:
            found = _pieces(name, components, pieces, box, make)
        except RecipeError as error:
            raise error.at(f"{prefix}{name}" if error.where is None else error.where) from None
        pieces |= {piece.name: piece for piece in found}
    return _joined(list(pieces.values()), box, displacement_A)


def _pieces(
    name: str,
    components: Mapping[str, Component[float]],
    pieces: Mapping[str, Piece],
    box: FrameBox,
    make: Generators,
) -> list[Piece]:
    """Pieces of one component, in their place among those that are there already."""
    component = components[name]
    if isinstance(component, Particle):
        if not component.count:
            return []
        turn = _surface_turn(component, components)
        piece = build_particle(name, component, turn, make)
        return [_moved_to_place(piece, component, components, pieces, box, make("place"))]
    if isinstance(component, PtCeO2):
        return _behind(embed_model(name, component, box, pieces), pieces)
    piece = (
        build_film(name, component, box, make)
        if isinstance(component, Film)
        else build_slab(name, component, box, make)
    )
    if len(piece.symbols) == 0:
        raise ImpossibleDrawError("no atoms in the frame", where=name)
    return _behind([piece], pieces)


def _generator(seed: DrawSeed, path: str, what: str) -> np.random.Generator:
    # Apart from the drawn values of the component, such as its roughness.
    return seed.generator(f"{path}.atoms.{what}")


def _rank(name: str, components: Mapping[str, Component[float]]) -> int:
    """Order of building: what stands alone, then what is on it, and so on; else as listed."""
    component = components[name]
    rank = 0 if not isinstance(component, Particle) else 1
    while isinstance(component, Particle) and component.on is not None:
        support = components.get(component.on)
        if support is None or isinstance(support, PtCeO2) or rank > len(components):
            raise RecipeError(
                f"{name} is on no slab, film or particle that stands by itself",
                expected=f"on = one of {', '.join(other for other in components if other != name)}",
                got=component.on,
            )
        component = components[component.on]
        rank += 1
    return rank


def _behind(found: list[Piece], pieces: Mapping[str, Piece]) -> list[Piece]:
    """Put a film, slab or model behind the exit face of those before it."""
    if not pieces or not found:
        return found
    outwards = np.array([0.0, 0.0, 1.0])
    before = np.concatenate([other.positions_A for other in pieces.values()])
    positions = np.concatenate([piece.positions_A for piece in found])
    move = contact_move(before, positions, outwards, _STACKED_A) or 0.0
    return [piece.moved(move * outwards) for piece in found]


def _surface_turn(
    particle: Particle[float], components: Mapping[str, Component[float]]
) -> np.ndarray:
    """Turn of the slab whose surface a particle stands on, and which turns it too."""
    if particle.side != "top":
        return np.eye(3)
    slab = components.get(particle.on or "")
    if not isinstance(slab, Slab) or slab.surface is None:
        raise RecipeError(
            f"{particle.on} has no surface in the frame to be on",
            expected='a slab with a surface, or side = "exit" or "entrance"',
        )
    lean = slab.orientation
    return beam_turn(lean.rotation_deg, lean.mistilt_deg, lean.mistilt_azimuth_deg)


def _moved_to_place(
    piece: Piece,
    particle: Particle[float],
    components: Mapping[str, Component[float]],
    pieces: Mapping[str, Piece],
    box: FrameBox,
    generator: np.random.Generator,
) -> Piece:
    """Move a particle to its place, and to contact with what it is on."""
    place = np.array([particle.x * box.width_A, particle.y * box.height_A, 0.0])
    if particle.on is None:
        piece = piece.moved(place)
    else:
        support = pieces.get(particle.on)
        if support is None:
            raise ImpossibleDrawError(
                f"it is on {particle.on}, which has no atoms here", where=piece.name
            )
        turn = _surface_turn(particle, components)
        if particle.side == "top":
            slab = components[particle.on]
            assert isinstance(slab, Slab)  # by _surface_turn
            pivot = np.array([box.width_A / 2, (slab.surface or 0.0) * box.height_A, 0.0])
            place = pivot + (particle.x - 0.5) * box.width_A * turn[:, 0]
            place = place + _depth_move(piece, support, generator)
        piece = _touching(piece.moved(place), support, particle, turn)
    for name, other in pieces.items():
        least = particle.gap_A * (1 - 1e-9) if name == particle.on else _OVERLAP_A
        if nearest_approach(piece.positions_A, other.positions_A, least) < least:
            raise ImpossibleDrawError(f"it overlaps {name}", where=piece.name)
    return piece


def _touching(piece: Piece, support: Piece, particle: Particle[float], turn: np.ndarray) -> Piece:
    """Move a particle at right angles to the support's face until it touches."""
    outwards = -SUPPORT_DIRECTION[particle.side]
    move = contact_move(
        support.positions_A @ turn, piece.positions_A @ turn, outwards, particle.gap_A
    )
    if move is None:
        raise ImpossibleDrawError(f"no atom of {support.name} to touch", where=piece.name)
    return piece.moved(move * (turn @ outwards))


def _depth_move(piece: Piece, support: Piece, generator: np.random.Generator) -> np.ndarray:
    """Draw a particle's place along the beam over the support, or its middle if it is deeper."""
    low, high = support.positions_A[:, 2].min(), support.positions_A[:, 2].max()
    least, most = piece.positions_A[:, 2].min(), piece.positions_A[:, 2].max()
    room = max((high - low) - (most - least), 0.0)
    middle = (low + high - least - most) / 2
    return np.array([0.0, 0.0, middle + room * (generator.random() - 0.5)])


def _joined(pieces: list[Piece], box: FrameBox, overrides: Mapping[str, float]) -> Specimen:
    """Join pieces, move them behind the entrance face, and give every atom its displacement."""
    positions = np.concatenate([np.empty((0, 3)), *(p.positions_A for p in pieces)])
    symbols = np.concatenate([np.empty(0, dtype="<U2"), *(p.symbols for p in pieces)])
    displacement = np.concatenate([np.empty(0), *(p.displacement_A for p in pieces)])
    for symbol in np.unique(symbols):
        these = symbols == symbol
        if symbol in overrides:
            displacement[these] = overrides[symbol]
        else:
            these &= np.isnan(displacement)
            displacement[these] = displacement_of(str(symbol))[0]
    if len(positions):
        positions[:, 2] += FACE_MARGIN_A - positions[:, 2].min()
    return Specimen(
        symbols=symbols,
        positions_A=positions,
        component=np.repeat(np.arange(len(pieces)), [len(p.symbols) for p in pieces]),
        names=tuple(p.name for p in pieces),
        kinds=tuple(p.kind for p in pieces),
        zone_axes=tuple(p.zone_axis for p in pieces),
        displacement_A=displacement,
        frame_A=(box.width_A, box.height_A),
        depth_A=float(positions[:, 2].max(initial=FACE_MARGIN_A)) + FACE_MARGIN_A,
    )
