"""Contents of a drawn recipe: a task is a window of specimens, and fills one shard.

===============  =========================  =======================================
array            dimensions                 content
===============  =========================  =======================================
clean            image, y, x                expected electrons over those in vacuum
noisy            test_image, y, x           counts, or electrons, of images under test
noisy_copies     copy, test_image, y, x     independent recordings of the same images
exit_wave        wave, ky, kx               Fourier coefficients, one wave a specimen
mask             specimen, y, x             particle 1, support 2, film 4, vacuum 8
drawn/values     image, value_name          every drawn number
drawn/texts      image, text_name           every drawn text
drawn/columns    state, column, field       true atomic columns, padded with NaN
digests/...      shard, byte                SHA-256 of its values; 0: not written
===============  =========================  =======================================

A state is a specimen or, where columns jump between frames, an image. Exit waves are not kept then,
nor of the part `movie` if it has an exposure of its own. Where parts have different numbers of
images, a window is a number of images: a specimen whose images reach into the next one is
simulated with both, and written, but for its images, with the one that it begins in.
Coordinates with the drawn values, and the list of columns, follow from these when all windows are
complete; see `finalize`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from tembench.dataset.contents import Contents
from tembench.dataset.drawn import (
    motion_reach_A,
)
from tembench.recipe import DRAWN_PARTS, MOVIE, DrawnRecipe, limits_of

if TYPE_CHECKING:
    import zarr

CLEAN_STEP = 2.0**-10
"""Step of the packed images, in electrons over those in vacuum; 16 bits reach to 64."""
MASKS = {"particle": 1, "support": 2, "film": 4, "vacuum": 8}
"""Bits of the masks."""
# Images of a window are held together: few, so that progress is seen and small sets use all cores.
_WINDOW_PIXELS = 4e6
_FEWEST_WINDOWS = 8
# Columns nearer to each other than this on the average cannot be told apart in any image.
_COLUMNS_PER_A2 = 0.8
TESTED_PARTS = ("dev", "test", MOVIE)


class Place(NamedTuple):
    """Place of a specimen: its part, the number of its draw in the part, and its variant."""

    part: str
    draw: int
    variant: int

    @property
    def name(self) -> str:
        """Name such as ``test-00012``, or ``test-00012.3`` for a variant of a grid."""
        return f"{self.part}-{self.draw:05}" + (f".{self.variant}" if self.variant else "")


class DrawnContents(Contents):
    """Contents of the data set of a drawn recipe."""

    recipe: DrawnRecipe
    task_kind = "windows"
    groups = ("drawn", "digests")
    simulated = (
        "clean",
        "noisy",
        "noisy_copies",
        "exit_wave",
        "mask",
        "drawn/values",
        "drawn/texts",
        "drawn/columns",
        "digests/images",
        "digests/waves",
    )
    step = CLEAN_STEP
    counted_dtype = np.uint16

    def __init__(self, recipe: DrawnRecipe) -> None:
        self.recipe = recipe
        self.shape = recipe.shape
        self.pixel_size_A = recipe.pixel_size_A
        self.dose_e_per_px = math.sqrt(math.prod(recipe.doses_e_per_A2)) * self.pixel_size_A**2
        energies = [limits_of(optics.energy_keV) for _, optics in recipe.microscopes.values()]
        self.energy_keV = float(np.mean(energies))
        self.n_specimens = sum(recipe.n_specimens(part) for part in DRAWN_PARTS)
        parts = [part for part in DRAWN_PARTS if recipe.specimens[part]] or [DRAWN_PARTS[0]]
        counts = {part: recipe.images_per_specimen(part) for part in parts}
        states = {part: 1 if _is_still(recipe, part) else counts[part] for part in parts}
        self.first_image, self.first_state = (
            np.cumsum([0, *(each[part] for part in parts for _ in range(recipe.n_specimens(part)))])
            for each in (counts, states)
        )
        self.n_images = int(self.first_image[-1])
        self.images_each = counts[parts[0]]
        self.is_even = len(set(counts.values())) == len(set(states.values())) == 1
        pixels = self.images_each * self.shape[0] * self.shape[1]
        self.specimens_per_window = max(
            1, min(int(_WINDOW_PIXELS // pixels), -(-self.n_specimens // _FEWEST_WINDOWS))
        )
        self.images_per_shard = self.specimens_per_window * self.images_each
        self.n_tasks = self.n_shards
        self.n_waves = sum(recipe.n_specimens(p) for p in parts if _keeps_waves(recipe, p))
        self.whole_counts = not recipe.has_camera
        self.counts_dtype = np.uint16 if self.whole_counts else np.int32

    def specimens_of(self, task: int) -> slice:
        """Numbers of the specimens that have images in a window."""
        images = self.images_of(task)
        return slice(self.specimen_of(images.start), self.specimen_of(images.stop - 1) + 1)

    def written_with(self, task: int) -> slice:
        """Numbers of the specimens whose first image is in a window, perhaps none."""
        images = self.images_of(task)
        first, last = np.searchsorted(self.first_image[:-1], (images.start, images.stop)).tolist()
        return slice(first, last)

    def task_of(self, specimen: int) -> int:
        """Number of the window that holds a specimen's first image."""
        return int(self.first_image[specimen]) // self.images_per_shard

    def specimen_of(self, image: int) -> int:
        """Number of an image's specimen."""
        return int(np.searchsorted(self.first_image, image, side="right")) - 1

    def index_of(self, image: int) -> int:
        """Position of an image among those of its specimen."""
        return image - int(self.first_image[self.specimen_of(image)])

    def place_of(self, specimen: int) -> Place:
        """Place of a specimen, given its number in the data set."""
        for part in DRAWN_PARTS:
            count = self.recipe.n_specimens(part)
            if specimen < count:
                return Place(part, *divmod(specimen, self.recipe.variants))
            specimen -= count
        raise IndexError(f"no specimen {specimen}")

    def number_of(self, place: Place) -> int:
        """Number of a specimen in the data set, given its place."""
        earlier = DRAWN_PARTS[: DRAWN_PARTS.index(place.part)]
        first = sum(self.recipe.n_specimens(part) for part in earlier)
        return first + place.draw * self.recipe.variants + place.variant

    def task_name(self, task: int) -> str:
        """Names of the first and the last specimen of a window."""
        specimens = self.specimens_of(task)
        first, last = (self.place_of(s).name for s in (specimens.start, specimens.stop - 1))
        return first if first == last else f"{first} to {last}"

    def images_of(self, task: int) -> slice:
        """Numbers of a window's images."""
        return self.images_of_shard(task)

    def waves_of(self, task: int) -> slice:
        """One exit wave for each specimen, as far as they are kept."""
        specimens = self.written_with(task)
        return slice(min(specimens.start, self.n_waves), min(specimens.stop, self.n_waves))

    def component_number(self, kind: str, name: str) -> int:
        """Number of a component in `component_names`; particles of one count share theirs."""
        stem = re.sub(r"-\d+$", "", name)
        own = f"{kind}.{name}" if f"{kind}.{name}" in self.component_names else f"{kind}.{stem}"
        return self.component_names.index(own) if own in self.component_names else -1

    @property
    def component_names(self) -> list[str]:
        """Components of all kinds of specimens, by kind and name."""
        kinds = self.recipe.kinds
        return [f"{kind}.{name}" for kind in sorted(kinds) for name in kinds[kind].components]

    def table(self) -> pd.DataFrame:
        """Specimen (`model`) and split of every image; drawn values are added by `DrawnStore`."""
        places = [self.place_of(specimen) for specimen in range(self.n_specimens)]
        each = np.diff(self.first_image)
        columns = {
            "model": np.repeat(np.array([p.name for p in places], dtype=object), each),
            "split_model": np.repeat(np.array([p.part for p in places], dtype=object), each),
        }
        table = pd.DataFrame(columns)
        table.index.name = "image"
        return table

    def under_test(self) -> np.ndarray:
        """Numbers of the images of the parts `dev`, `test` and `movie`."""
        return np.flatnonzero(self.table()["split_model"].isin(TESTED_PARTS))

    def others_of(self, task: int) -> dict[str, slice]:
        """Drawn values of a window's images, columns and masks of what is written with it."""
        specimens = self.written_with(task)
        return {
            "drawn/values": self.images_of(task),
            "drawn/texts": self.images_of(task),
            "drawn/columns": self.states_of(specimens),
            "mask": specimens,
        }

    def states_of(self, specimens: slice) -> slice:
        """Positions of specimens along `state`."""
        first, last = self.first_state[[specimens.start, specimens.stop]].tolist()
        return slice(first, last)

    def state_of(self, image: int) -> int:
        """Position along `state` of an image."""
        specimen = self.specimen_of(image)
        states = self.states_of(slice(specimen, specimen + 1))
        return states.start + (self.index_of(image) if states.stop - states.start > 1 else 0)

    def shard_arrays(self, shard: int) -> list[tuple[str, Any]]:
        """Drawn values, columns and masks; a window is a shard."""
        return list(self.others_of(shard).items())

    def create_arrays(self, group: zarr.Group, *, with_columns: bool = True) -> None:
        """Create all arrays; none of them follows from the recipe alone but positions."""
        from tembench.dataset.drawn.drawn_arrays import create_drawn_arrays

        del with_columns
        create_drawn_arrays(group, self)

    @property
    def n_states(self) -> int:
        """Number of lists of true columns."""
        return int(self.first_state[-1])

    @property
    def states_per_chunk(self) -> int:
        """States stored together: those of a window, or one where windows share specimens."""
        return self.states_of(self.specimens_of(0)).stop if self.is_even else 1

    @property
    def most_columns(self) -> int:
        """Columns of a specimen that are kept; with more, none is defined."""
        pixel = limits_of(self.recipe.frame.pixel_size_A)[1]
        parts = [part for part in DRAWN_PARTS if self.recipe.specimens[part]]
        beyond = 2 * max((motion_reach_A(self.recipe, part) for part in parts), default=0.0)
        height, width = (size * pixel + beyond for size in self.shape)
        return int(height * width * _COLUMNS_PER_A2) + 16


def _is_still(recipe: DrawnRecipe, part: str) -> bool:
    """Whether the atoms of a part's specimens are in the same places in all of their images."""
    exposure = recipe.exposure_of(part)
    return exposure.frames == 1 or limits_of(exposure.jump_share)[1] == 0


def _keeps_waves(recipe: DrawnRecipe, part: str) -> bool:
    """Whether a part's exit waves are kept; frozen phonons and jumps have waves of their own."""
    moves = part == MOVIE and recipe.movie is not None
    return _is_still(recipe, part) and not recipe.physics.frozen_phonons and not moves
