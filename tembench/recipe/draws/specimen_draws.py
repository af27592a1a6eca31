"""Draws of a specimen: its kind, its components' values, its frame and its microscope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tembench.recipe.draws.component_fields import component_kind, component_of, component_values
from tembench.recipe.draws.components import Component, Particle
from tembench.recipe.draws.distributions import Grid, Value
from tembench.recipe.draws.draw_seed import DrawSeed
from tembench.recipe.draws.drawn_recipe import DrawnRecipe, Frame
from tembench.recipe.draws.value_tables import specimen_tables


@dataclass(frozen=True, kw_only=True)
class DrawnSpecimen:
    """A drawn specimen, before its atoms are placed.

    Attributes
    ----------
    seed : DrawSeed
        The seed that it was drawn from; atoms are placed by generators of the same seed.
    variant : int
        Point of the grids of a specimen's values.
    kind : str
        Name of its kind.
    components : mapping of str to Component
        Drawn components by name. The second of a particle with a `count` is ``"name-2"``, and so
        on, with a count of 1 each.
    frame : Frame
        Its frame.
    microscope : str
        Name of its microscope.
    energy_keV, aperture_per_A : float
        Its microscope's values that are the specimen's.
    """

    seed: DrawSeed
    variant: int
    kind: str
    components: Mapping[str, Component[Any]]
    frame: Frame[float]
    microscope: str
    energy_keV: float
    aperture_per_A: float


def specimen_seed(recipe: DrawnRecipe, part: str, number: int) -> tuple[DrawSeed, int]:
    """Seed and variant of a part's specimen by its number, from 0 to ``n_specimens(part) - 1``.

    The variants of one draw, points of grids, follow each other.
    """
    draw, variant = divmod(number, recipe.variants)
    return DrawSeed(seed=recipe.root, part=part, specimen=draw), variant


def draw_specimen(recipe: DrawnRecipe, seed: DrawSeed, variant: int = 0) -> DrawnSpecimen:
    """Draw the values of a specimen.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    seed : DrawSeed
        Seed of the draw; see `specimen_seed`.
    variant : int
        Point of the grids of a specimen's values, from 0 to ``recipe.variants - 1``.

    Notes
    -----
    Every value has a generator of its own, named by its dotted path, so that another value, table,
    count or order changes none. Kind and microscope are drawn by a race in which each runs by a
    generator of its own: another kind takes specimens from the others, but swaps none of them.
    Another attempt draws every value again but these two.
    """
    kind = drawn_kind(recipe, seed)
    shares = {name: share for name, (share, _) in recipe.microscopes.items()}
    microscope = _race(replace(seed, attempt=0), "microscopes", shares)
    tables = specimen_tables(recipe)
    chosen = (
        tables["specimens"][kind],
        tables["microscopes"][microscope],
        tables["frame"]["frame"],
    )
    fixed = grid_values(merged(chosen), variant)
    components: dict[str, Component[Any]] = {}
    for name, component in recipe.kinds[kind].components.items():
        path = f"specimens.{kind}.{name}"
        components |= _drawn_components(name, path, component, fixed, seed)
    scope = f"microscopes.{microscope}"
    optics = recipe.microscopes[microscope][1]
    frame = recipe.frame
    return DrawnSpecimen(
        seed=seed,
        variant=variant,
        kind=kind,
        components=components,
        frame=Frame(
            width_px=frame.width_px,
            height_px=frame.height_px,
            pixel_size_A=drawn("frame.pixel_size_A", frame.pixel_size_A, fixed, seed),
        ),
        microscope=microscope,
        energy_keV=drawn(f"{scope}.energy_keV", optics.energy_keV, fixed, seed),
        aperture_per_A=drawn(f"{scope}.aperture_per_A", optics.aperture_per_A, fixed, seed),
    )


def drawn_kind(recipe: DrawnRecipe, seed: DrawSeed) -> str:
    """Name of the kind of a specimen, without drawing its values; the same in every attempt."""
    # A kind whose draws often fail keeps its share.
    shares = {name: one.share for name, one in recipe.kinds.items()}
    return _race(replace(seed, attempt=0), "specimens", shares)


def _drawn_components(
    name: str, path: str, component: Component[Value], fixed: Mapping[str, Any], seed: DrawSeed
) -> dict[str, Component[Any]]:
    """One component, or as many particles as their count says."""
    values = component_values(component)
    names = [name]
    if isinstance(component, Particle):
        count = drawn(f"{path}.count", component.count, fixed, seed)
        names = [name, *(f"{name}-{i}" for i in range(2, count + 1))][:count]
        values["count"] = 1
    # A grid's point is the same for all particles of a count; their draws are their own.
    gridded = {key: fixed[f"{path}.{key}"] for key in values if f"{path}.{key}" in fixed}
    values |= {key: value for key, value in gridded.items() if key != "count"}
    stem = path.removesuffix(name)
    return {
        own: component_of(
            component_kind(component),
            {key: drawn(f"{stem}{own}.{key}", value, {}, seed) for key, value in values.items()},
        )
        for own in names
    }


def drawn(path: str, value: Value, fixed: Mapping[str, Any], seed: DrawSeed, image: int = 0) -> Any:
    """A plain value, the grid's point in `fixed`, or a draw from a generator of its own."""
    if path in fixed:
        return fixed[path]
    return value.sample(seed.generator(path, image)) if hasattr(value, "sample") else value


def grid_values(values: Mapping[str, Value], point: int) -> dict[str, Any]:
    """Values of the grids among `values` at a point of their product, the last path fastest."""
    fixed = {}
    for path in sorted(values, reverse=True):
        value = values[path]
        if isinstance(value, Grid):
            point, index = divmod(point, len(value.values))
            fixed[path] = value.values[index]
    return fixed


def merged(tables: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    """All tables as one."""
    return {path: value for table in tables for path, value in table.items()}


def _race(seed: DrawSeed, path: str, shares: Mapping[str, float]) -> str:
    """One of several names, each with a probability that is its share."""
    if len(shares) == 1:
        return next(iter(shares))
    times = {
        name: seed.generator(f"{path}.{name}").exponential() / share
        for name, share in shares.items()
        if share > 0
    }
    return min(times, key=lambda name: times[name])
