"""Images of a recipe simulated in memory, without a store: for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import DRAWN_PARTS, AnyRecipe, DrawnRecipe, Recipe, load_recipe

if TYPE_CHECKING:
    import pandas as pd

_COLUMN_FIELDS = ("x_A", "y_A", "depth_A", "element", "atoms", "in_particle", "at_surface")


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedImages:
    """Images of one specimen, from `simulate`.

    Attributes
    ----------
    clean : ndarray of float32, shape (images, y, x)
        Expected electrons per pixel.
    noisy : ndarray, shape (images, y, x)
        What the camera recorded: counts, or electrons per pixel.
    exit_waves : ndarray of complex64, shape (waves, ky, kx)
        Fourier coefficients of the exit waves: one a tilt of a model, or one a configuration of a
        drawn specimen.
    columns : list of pandas.DataFrame
        True atomic columns of each image where they appear in it: ``x_A``, ``y_A``, ``depth_A``,
        ``element``, ``atoms``, ``in_particle``, ``at_surface``. Empty where none are defined.
    table : pandas.DataFrame
        Factors, or drawn values, one row per image.
    pixel_size_A : float
        Sampling, angstrom per pixel.
    """

    clean: np.ndarray
    noisy: np.ndarray
    exit_waves: np.ndarray
    columns: list[pd.DataFrame]
    table: pd.DataFrame
    pixel_size_A: float

    def __repr__(self) -> str:
        """Number and size of the images, in a line."""
        count, height, width = self.clean.shape
        columns = f"{len(self.columns[0])} columns" if count else "no image"
        return (
            f"SimulatedImages: {count} of {height} x {width} px of {self.pixel_size_A:g} A, "
            f"{columns}"
        )


def simulate(
    recipe: AnyRecipe | str | Path | Mapping[str, Any],
    specimen: int | str = 0,
    *,
    part: str = "train",
    images: int | None = None,
) -> SimulatedImages:
    """Simulate the images of one specimen, as a store of the recipe has them.

    Parameters
    ----------
    recipe : recipe, str, Path or mapping
        A recipe, or what `load_recipe` reads.
    specimen : int or str
        Number of the specimen in the part of a drawn recipe; number or name of a model of another.
    part : str
        Part of a drawn recipe: "train", "validation", "dev", "test" or "movie".
    images : int, optional
        Keep this many images, the first ones. A model of `ptceo2-18k` has 189, of 2.6 MB each.

    Returns
    -------
    SimulatedImages
        Clean and noisy images, exit waves, true columns and the table of factors.

    Raises
    ------
    RecipeError
        If the recipe has mistakes, or no such specimen.

    Examples
    --------
    >>> import tembench as tb
    >>> made = tb.simulate("srtio3", 3)  # a few seconds  # doctest: +SKIP
    >>> made.clean[0], made.columns[0][["x_A", "y_A"]]  # doctest: +SKIP
    """
    loaded = load_recipe(recipe) if isinstance(recipe, str | Path | Mapping) else recipe
    if images is not None and images < 1:
        raise RecipeError("no image", where="images", expected="1 or more", got=str(images))
    if isinstance(loaded, DrawnRecipe):
        return _of_specimen(loaded, specimen, part, images)
    return _of_model(loaded, specimen, images)


def _of_model(recipe: Recipe, which: int | str, most: int | None) -> SimulatedImages:
    import pandas as pd

    from tembench.dataset import Packing, contents_of, simulate_task
    from tembench.simulation import build_structure, find_columns

    names = [model.name for model in recipe.models]
    number = names.index(which) if which in names else which
    if not isinstance(number, int) or not 0 <= number < len(names):
        expected = f"0 to {len(names) - 1}, or the name of a model, such as {names[0]!r}"
        raise _no_specimen(recipe.name, which, expected)
    made = simulate_task(recipe, number)
    count = len(made.packed[:most])
    packing = Packing.for_doses(recipe.doses_e_per_px)
    first = recipe.first_image(number)
    table = contents_of(recipe).table().iloc[first : first + count].copy()
    table.insert(table.columns.get_loc("split_model"), "contrast", made.others["contrast"][:count])
    columns = find_columns(build_structure(recipe, recipe.models[number]))
    placed = []
    for tilt in zip(table["tilt_x_deg"], table["tilt_y_deg"], strict=True):
        x_A, y_A = columns.projected(tilt)
        placed.append(pd.DataFrame(vars(columns) | {"x_A": x_A, "y_A": y_A}))
    return SimulatedImages(
        clean=np.stack([packing.unpack(image) for image in made.packed[:count]]),
        noisy=np.stack([made.record(index, 0) for index in range(count)]),
        exit_waves=made.spectra,
        columns=placed,
        table=table,
        pixel_size_A=recipe.box.pixel_size_A,
    )


def _of_specimen(
    recipe: DrawnRecipe, which: int | str, part: str, most: int | None
) -> SimulatedImages:
    import pandas as pd

    from tembench.dataset import Place, simulate_specimen, specimen_table

    count = recipe.n_specimens(part) if part in DRAWN_PARTS else 0
    if not isinstance(which, int) or not 0 <= which < count:
        expected = f"0 to {count - 1} of part {part!r}" if count else f"one of {DRAWN_PARTS}"
        raise _no_specimen(recipe.name, which if count else part, expected)
    place = Place(part, *divmod(which, recipe.variants))
    one = simulate_specimen(recipe, place, only=most)
    pixel_A = one.built.cell.pixel_size_A
    height, width = (side * pixel_A for side in recipe.shape)
    table, images = specimen_table(recipe, one, place.name), range(len(one.packed))
    placed = []
    for columns, (x, y) in zip(one.columns, one.shifts_A, strict=True):
        every = {name: getattr(columns, name) for name in _COLUMN_FIELDS}
        frame = pd.DataFrame(every | {"x_A": columns.x_A + x, "y_A": columns.y_A + y})
        inside = frame["x_A"].between(0, width) & frame["y_A"].between(0, height)
        placed.append(frame[inside & columns.defined].reset_index(drop=True))
    doses = table["dose_e_per_px"].to_numpy(np.float32)
    return SimulatedImages(
        clean=np.stack([one.clean(index) * doses[index] for index in images]),
        noisy=np.stack([one.noisy(index, 0) for index in images]),
        exit_waves=one.wave.spectra,
        columns=placed,
        table=table,
        pixel_size_A=pixel_A,
    )


def _no_specimen(recipe: str, got: object, expected: str) -> RecipeError:
    return RecipeError("no such specimen", where=recipe, expected=expected, got=str(got))
