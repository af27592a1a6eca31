"""Checks of a drawn recipe that concern several of its tables."""

from __future__ import annotations

from typing import Any

from tembench.core import Reader
from tembench.recipe.draws.component_fields import component_kind
from tembench.recipe.draws.components import Film, Orientation, Particle, Slab
from tembench.recipe.draws.distributions import limits_of, plain_values
from tembench.recipe.draws.drawn_recipe import (
    DRAWN_PARTS,
    MOVIE,
    DrawnRecipe,
    Exposure,
    SpecimenKind,
)
from tembench.recipe.draws.value_tables import grid_points, image_tables, specimen_tables

LARGEST_FRAME_PX = 8192
LARGEST_FRAME_A = 500.0
# After a slip, the table of images alone could fill the memory.
_MOST_IMAGES = 1_000_000
# Cameras and stored counts have 16 bits; bright columns reach three times the dose.
_MOST_COUNTS = 65535
_BRIGHTEST = 3.0
# Farther than this a specimen does not drift during an exposure: the cell is wider by it.
_MOST_DRIFT_A = 50.0
# Multislice keeps two thirds of the band, whose edge is 1 / (2 sampling).
_BAND = 3.0


# Coordinates of the images under test begin with it.
_TEST = "test_"


class _Findings:
    """Mistakes found in a whole recipe; none that follows from one of a value noted before."""

    def __init__(self, top: Reader) -> None:
        self._top, self._noted = top, tuple(top.problems)

    def problem(self, path: str, text: str) -> None:
        """Note a mistake."""
        self._top.problem(path, text)

    def sound(self, path: str) -> bool:
        """Whether the values under a path are without a mistake of their own."""
        return not any(noted.startswith((f"{path}.", f"{path}:")) for noted in self._noted)


def check_drawn(recipe: DrawnRecipe, top: Reader) -> None:
    """Note in `top` what does not fit together: names, shares, grids, directions and sizes."""
    found = _Findings(top)
    if not any(recipe.specimens.values()) and found.sound("draws"):
        found.problem("draws", "expected at least one specimen in a part, such as train = 200")
    kinds = {name: kind.share for name, kind in recipe.kinds.items()}
    microscopes = {name: share for name, (share, _) in recipe.microscopes.items()}
    for key, shares in (("specimens", kinds), ("microscopes", microscopes)):
        if not found.sound(key):
            continue
        if not shares:
            found.problem(key, f"expected at least one table, such as [{key}.mine]")
        elif not sum(shares.values()) > 0:
            found.problem(key, "expected at least one with a share above 0")
    for name, kind in recipe.kinds.items():
        _check_kind(f"specimens.{name}", kind, found)
    names = {name for kind in recipe.kinds.values() for name in kind.components}
    for name in recipe.scored.components:
        if names and name not in names:
            shown = ", ".join(sorted(names))
            found.problem("truth.components", f"expected one of {shown}, got '{name}'")
    _check_frame(recipe, found)
    _check_exposure("exposure", recipe.exposure, recipe, found)
    if recipe.movie is not None:
        _check_exposure(MOVIE, recipe.movie, recipe, found)
        if not recipe.specimens[MOVIE] and found.sound("draws"):
            found.problem(MOVIE, "expected specimens of this part, such as draws.movie = 60")
    _check_grids(recipe, found)


def _check_kind(path: str, kind: SpecimenKind, found: _Findings) -> None:
    for name, component in kind.components.items():
        here = f"{path}.{name}"
        if name.startswith(_TEST):
            found.problem(here, f"expected a name that does not begin with '{_TEST}'")
        if not found.sound(here):
            continue
        if isinstance(component, Slab | Particle):
            _check_orientation(here, component.orientation, found)
        if isinstance(component, Particle) and component.on is not None:
            _check_contact(path, here, component, kind, found)
        if isinstance(component, Slab) and component.surface is None and component.steps != 0:
            found.problem(f"{here}.steps", "expected a 'surface' that they are on")


def _check_contact(
    path: str, here: str, particle: Particle[Any], kind: SpecimenKind, found: _Findings
) -> None:
    supports = [n for n, one in kind.components.items() if isinstance(one, Slab | Film)]
    if particle.on not in supports:
        shown = ", ".join(supports) or "a slab or film, of which there is none"
        found.problem(f"{here}.on", f"expected {shown}, got '{particle.on}'")
        return
    support = kind.components[particle.on]
    has_surface = isinstance(support, Slab) and support.surface is not None
    if particle.side == "top" and not has_surface and found.sound(f"{path}.{particle.on}"):
        found.problem(
            f"{here}.side",
            f"'top' needs a slab with a 'surface', but '{particle.on}' is a "
            f"{component_kind(support)}{' without one' * isinstance(support, Slab)}",
        )


def _check_orientation(here: str, orientation: Orientation[Any], found: _Findings) -> None:
    for zone in plain_values(orientation.zone):
        for up in plain_values(orientation.up):
            # Directions of a lattice are parallel where their indices are proportional.
            if zone != "random" and up is not None and _parallel(zone, up):
                found.problem(
                    f"{here}.up",
                    f"expected a direction not along the zone axis {list(zone)}, got {list(up)}",
                )


def _parallel(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(one[i] * other[j] == one[j] * other[i] for i in range(3) for j in range(i))


def _check_frame(recipe: DrawnRecipe, found: _Findings) -> None:
    if not found.sound("frame"):
        return
    frame, pixel = recipe.frame, limits_of(recipe.frame.pixel_size_A)[1]
    for key in ("width_px", "height_px"):
        if getattr(frame, key) * pixel > LARGEST_FRAME_A:
            found.problem(
                f"frame.{key}",
                f"expected at most {LARGEST_FRAME_A:g} A, got {getattr(frame, key)} pixels of "
                f"up to {pixel:g} A",
            )
    largest = 1 / (_BAND * recipe.physics.wave_sampling_A)
    for name, (_, optics) in recipe.microscopes.items():
        if limits_of(optics.aperture_per_A)[1] > largest * (1 + 1e-9):
            found.problem(
                f"microscopes.{name}.aperture_per_A",
                f"expected at most {largest:.3g}, two thirds of the band of "
                f"physics.wave_sampling_A {recipe.physics.wave_sampling_A:g}, "
                f"got {limits_of(optics.aperture_per_A)[1]:g}",
            )


def _check_exposure(
    path: str, exposure: Exposure[Any], recipe: DrawnRecipe, found: _Findings
) -> None:
    """Note images that a camera or 16 bits cannot hold, and specimens that drift out of sight."""
    if not found.sound(path):
        return
    drift = limits_of(exposure.drift_A)[1] * exposure.frames
    if drift > _MOST_DRIFT_A:
        found.problem(
            f"{path}.drift_A",
            f"expected at most {_MOST_DRIFT_A:g} A over all {exposure.frames} frames, got up to "
            f"{drift:g} A",
        )
    if not found.sound("frame") or not found.sound("detectors"):
        return
    largest = limits_of(exposure.dose_e_per_A2)[1]
    brightest = _BRIGHTEST * largest * limits_of(recipe.frame.pixel_size_A)[1] ** 2
    for name in plain_values(exposure.detector):
        camera = recipe.detectors.get(name)
        if camera is None or camera.kind == "counting":
            continue
        counts = brightest * limits_of(camera.gain)[1] + limits_of(camera.offset)[1]
        if counts > _MOST_COUNTS:
            found.problem(
                f"{path}.dose_e_per_A2",
                f"expected at most {_MOST_COUNTS} counts of the detector '{name}' (16 bits) in a "
                f"pixel of {_BRIGHTEST:g} times the dose, got {counts:.0f}; lower the dose"
                + (", the gain or the offset" if camera.kind == "integrating" else ""),
            )


def _check_grids(recipe: DrawnRecipe, found: _Findings) -> None:
    """Note grids that would give specimens or images in different numbers, and too many."""
    # The part `movie` has another exposure at most, which is a group of one table.
    groups = [*specimen_tables(recipe).items(), *image_tables(recipe, DRAWN_PARTS[0]).items()]
    for key, tables in groups:
        if not found.sound(key):
            continue
        points = {name: grid_points(values.values()) for name, values in tables.items()}
        if len(set(points.values())) > 1:
            shown = ", ".join(f"{n} in {name}" for name, n in points.items())
            found.problem(key, f"expected grids of equally many points in each, got {shown}")
    if recipe.n_images > _MOST_IMAGES and found.sound("draws"):
        found.problem("draws", f"expected at most {_MOST_IMAGES} images, got {recipe.n_images}")
