"""Checks of a drawn recipe that concern several of its tables."""

from __future__ import annotations

from typing import Any

from tembench.core import Reader
from tembench.recipe.draws.component_fields import component_kind
from tembench.recipe.draws.components import Orientation, Particle, Slab
from tembench.recipe.draws.distributions import limits_of, plain_values
from tembench.recipe.draws.drawn_recipe import DrawnRecipe, SpecimenKind
from tembench.recipe.draws.value_tables import grid_points, image_tables, specimen_tables

LARGEST_FRAME_PX = 8192
LARGEST_FRAME_A = 500.0
# After a slip, the table of images alone could fill the memory.
_MOST_IMAGES = 1_000_000
# Multislice keeps two thirds of the band, whose edge is 1 / (2 sampling).
_BAND = 3.0


def check_drawn(recipe: DrawnRecipe, top: Reader) -> None:
    """Note in `top` what does not fit together: names, shares, grids, directions and sizes."""
    if not any(recipe.specimens.values()):
        top.problem("draws", "expected at least one specimen in a part, such as train = 200")
    for key, table in (("specimens", recipe.kinds), ("microscopes", recipe.microscopes)):
        if not table and top.has(key):
            top.problem(key, f"expected at least one table, such as [{key}.mine]")
    _check_shares(top, "specimens", [kind.share for kind in recipe.kinds.values()])
    _check_shares(top, "microscopes", [share for share, _ in recipe.microscopes.values()])
    for name, kind in recipe.kinds.items():
        _check_kind(f"specimens.{name}", kind, top)
    names = {name for kind in recipe.kinds.values() for name in kind.components}
    for name in recipe.scored.components:
        if name not in names:
            shown = ", ".join(sorted(names)) or "none"
            top.problem("truth.components", f"expected one of {shown}, got '{name}'")
    _check_frame(recipe, top)
    _check_grids(recipe, top)


def _check_shares(top: Reader, key: str, shares: list[float]) -> None:
    if shares and not sum(shares) > 0:
        top.problem(key, "expected at least one with a share above 0")


def _check_kind(path: str, kind: SpecimenKind, top: Reader) -> None:
    for name, component in kind.components.items():
        here = f"{path}.{name}"
        if isinstance(component, Slab | Particle):
            _check_orientation(here, component.orientation, top)
        if isinstance(component, Particle) and component.on is not None:
            _check_contact(here, component, kind, top)
        if isinstance(component, Slab) and component.surface is None and component.steps != 0:
            top.problem(f"{here}.steps", "expected a 'surface' that they are on")


def _check_contact(here: str, particle: Particle[Any], kind: SpecimenKind, top: Reader) -> None:
    supports = [n for n, one in kind.components.items() if not isinstance(one, Particle)]
    if particle.on not in supports:
        shown = ", ".join(supports) or "a slab or film, of which there is none"
        top.problem(f"{here}.on", f"expected {shown}, got '{particle.on}'")
        return
    support = kind.components[str(particle.on)]
    if particle.side == "top" and not (isinstance(support, Slab) and support.surface is not None):
        top.problem(
            f"{here}.side",
            f"'top' needs a slab with a 'surface', but '{particle.on}' is a "
            f"{component_kind(support)}{' without one' * isinstance(support, Slab)}",
        )


def _check_orientation(here: str, orientation: Orientation[Any], top: Reader) -> None:
    for zone in plain_values(orientation.zone):
        for up in plain_values(orientation.up):
            # Directions of a lattice are parallel where their indices are proportional.
            if zone != "random" and up is not None and _parallel(zone, up):
                top.problem(
                    f"{here}.up",
                    f"expected a direction not along the zone axis {list(zone)}, got {list(up)}",
                )


def _parallel(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(one[i] * other[j] == one[j] * other[i] for i in range(3) for j in range(i))


def _check_frame(recipe: DrawnRecipe, top: Reader) -> None:
    frame, pixel = recipe.frame, limits_of(recipe.frame.pixel_size_A)[1]
    for key in ("width_px", "height_px"):
        if getattr(frame, key) * pixel > LARGEST_FRAME_A:
            top.problem(
                f"frame.{key}",
                f"expected at most {LARGEST_FRAME_A:g} A, got {getattr(frame, key)} pixels of "
                f"up to {pixel:g} A",
            )
    largest = 1 / (_BAND * recipe.physics.wave_sampling_A)
    for name, (_, optics) in recipe.microscopes.items():
        if limits_of(optics.aperture_per_A)[1] > largest * (1 + 1e-9):
            top.problem(
                f"microscopes.{name}.aperture_per_A",
                f"expected at most {largest:.3g}, two thirds of the band of "
                f"physics.wave_sampling_A {recipe.physics.wave_sampling_A:g}, "
                f"got {limits_of(optics.aperture_per_A)[1]:g}",
            )


def _check_grids(recipe: DrawnRecipe, top: Reader) -> None:
    """Note grids that would give specimens or images in different numbers, and too many."""
    groups = [*specimen_tables(recipe).items(), *image_tables(recipe).items()]
    for key, tables in groups:
        points = {name: grid_points(values.values()) for name, values in tables.items()}
        if len(set(points.values())) > 1:
            shown = ", ".join(f"{n} in {name}" for name, n in points.items())
            top.problem(key, f"expected grids of equally many points in each, got {shown}")
    if recipe.n_images > _MOST_IMAGES:
        top.problem("draws", f"expected at most {_MOST_IMAGES} images, got {recipe.n_images}")
