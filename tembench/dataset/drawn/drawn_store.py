"""Reader of a drawn data set."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from tembench.dataset.drawn import (
    MASKS,
    BuiltSpecimen,
    DrawnContents,
    built_specimen,
    displaced,
    drawn_sites,
    record_image,
    unpack_columns,
    values_table,
)
from tembench.dataset.store import Store
from tembench.metrics import Sites
from tembench.recipe import (
    DrawnImage,
    DrawnSpecimen,
    DrawSeed,
    draw_images,
    draw_specimen,
    recorded_camera,
)
from tembench.simulation import Columns

# Drawing a specimen's images takes milliseconds; a part is read specimen by specimen.
_KEPT_DRAWS = 16


class DrawnStore(Store):
    """Reader of a drawn data set; made by `open_store`.

    It has the methods of `Store`. A model is a specimen, and what `Store` says of tilts, conditions
    and contrast classes does not apply: every image has its own optics, dose and camera, which
    `image_draw` gives as they were drawn, and `table` as numbers with units.
    """

    contents: DrawnContents
    series_axis = "time"

    def __repr__(self) -> str:
        """Path, recipe and size, in two lines."""
        tested = len(self.files.test_positions)
        return f"Store({str(self.path)!r}): {self.recipe!r}\n  {tested} images under test"

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """Specimen, split and every drawn value, one row per image."""
        numbers = self.files.read_images("drawn/values", np.nan)
        texts = self.files.read_images("drawn/texts", "")
        return values_table(self.recipe, self.contents.table(), numbers, texts)

    def unpack(self, image: int, packed: np.ndarray) -> np.ndarray:
        """Expected electrons per pixel of an image, float32, from its packed values."""
        return self.packing.unpack(packed) * np.float32(self.dose_of(image))

    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""
        return float(self._doses[int(image)])

    def pixel_size_of(self, image: int) -> float:
        """Pixel size of an image, in angstrom."""
        return float(self._pixel_sizes[int(image)])

    def defocus_of(self, image: int) -> float:
        """C10 of an image in nm, positive for overfocus."""
        return float(self._defoci[int(image)])

    def detector_of(self, image: int) -> Any:
        """The camera that recorded an image; None where every electron is counted."""
        # A sealed test's images are not drawn again, and their values are stored exactly.
        camera = recorded_camera(self.recipe, self.table.iloc[int(image)])
        return None if camera.kind == "ideal" else camera

    def record(self, image: int, expected: np.ndarray, copy: int = 0) -> np.ndarray:
        """Draw a noisy image from its seed, given the expected one; copy 0 is what methods see."""
        specimen, index = self._place_of(image)
        drawn, images = self._drawn(specimen)
        return record_image(drawn, index, images[index].camera, expected, copy)

    def image_draw(self, image: int) -> DrawnImage:
        """Optics, exposure and camera of an image, as they were drawn."""
        specimen, index = self._place_of(image)
        return self._drawn(specimen)[1][index]

    def _drawn(self, specimen: int) -> tuple[DrawnSpecimen, list[DrawnImage]]:
        """A specimen's values and those of its images, drawn again from its seed."""
        found = self._draws.pop(specimen, None)
        if found is None:
            variant = self.contents.place_of(specimen).variant
            drawn = draw_specimen(self.recipe, self._seed(specimen), variant)
            found = drawn, draw_images(self.recipe, drawn)
        self._draws[specimen] = found
        if len(self._draws) > _KEPT_DRAWS:
            # The one that was used longest ago.
            del self._draws[next(iter(self._draws))]
        return found

    def specimen(self, image: int) -> BuiltSpecimen:
        """The specimen of an image, with its atoms built again from its seed."""
        specimen, _ = self._place_of(image)
        place, attempt = self.contents.place_of(specimen), self._seed(specimen).attempt
        return built_specimen(self.recipe, place, attempt)

    def columns(self, model: str) -> Columns:
        """True atomic columns of a specimen at rest, by its name; none where none is defined.

        Those of its first image, where atoms jump. They reach beyond the frame as far as the
        specimen may move.
        """
        first = int(np.flatnonzero(self.table["model"] == model)[0])
        return self._columns_at_rest(first)

    def sites(self, image: int) -> Sites:
        """Sites of an image's columns; those that the recipe scores count as the particle's."""
        pixel = self.pixel_size_of(image)
        frame_A = self.shape[1] * pixel, self.shape[0] * pixel
        chosen = bool(self.recipe.scored.components)
        columns = self._columns_at_rest(image)
        return drawn_sites(columns, self._shift_A(image), frame_A, chosen=chosen)

    def _columns_at_rest(self, image: int) -> Columns:
        return unpack_columns(self.files.read("drawn/columns", self.contents.state_of(int(image))))

    def undefined(self, image: int) -> frozenset[str]:
        """What an image does not have: of ``"columns"``, ``"particle"`` and ``"vacuum"``."""
        lacking = {n for n in ("particle", "vacuum") if not self.mask(image, n).any()}
        defined = bool(self.table["columns_defined"].iloc[int(image)]) and len(
            self.sites(image).atoms
        )
        return frozenset(lacking if defined else lacking | {"columns"})

    def mask(self, image: int, name: str) -> np.ndarray:
        """Mask of the particle, support, film or vacuum: bool, (y, x), read only."""
        bits = self.files.read("mask", self._place_of(image)[0])
        shift = tuple(distance / self.pixel_size_of(image) for distance in self._shift_A(image))
        mask = displaced(bits & MASKS[name] > 0, (shift[0], shift[1]))
        mask.setflags(write=False)
        return mask

    def particle_mask(self, image: int) -> np.ndarray:
        """Mask of the particle: bool, (y, x)."""
        return self.mask(image, "particle")

    def vacuum_mask(self, image: int) -> np.ndarray:
        """Mask of the vacuum: bool, (y, x), 4 A or more from any atom."""
        return self.mask(image, "vacuum")

    def series(self, image: int) -> list[int]:
        """Numbers of the frames of the exposure that an image is from, in their order."""
        first = int(image) - int(self._frames[int(image)])
        part = self.contents.place_of(self._place_of(image)[0]).part
        return list(range(first, first + self.recipe.exposure_of(part).frames))

    def _place_of(self, image: int) -> tuple[int, int]:
        """Number of an image's specimen, and the image's position among its images."""
        return self.contents.specimen_of(int(image)), self.contents.index_of(int(image))

    def _shift_A(self, image: int) -> tuple[float, float]:
        x, y = self._shifts[int(image)]
        return float(x), float(y)

    def _seed(self, specimen: int) -> DrawSeed:
        place = self.contents.place_of(specimen)
        attempt = int(self._attempts[self.contents.first_image[specimen]])
        return DrawSeed(
            seed=self.recipe.root, part=place.part, specimen=place.draw, attempt=attempt
        )

    @functools.cached_property
    def _draws(self) -> dict[int, tuple[DrawnSpecimen, list[DrawnImage]]]:
        return {}

    @functools.cached_property
    def _doses(self) -> np.ndarray:
        return self.table["dose_e_per_px"].to_numpy()

    @functools.cached_property
    def _pixel_sizes(self) -> np.ndarray:
        return self.table["pixel_size_A"].to_numpy()

    @functools.cached_property
    def _defoci(self) -> np.ndarray:
        return self.table["C10_nm"].to_numpy()

    @functools.cached_property
    def _attempts(self) -> np.ndarray:
        return self.table["attempt"].to_numpy()

    @functools.cached_property
    def _frames(self) -> np.ndarray:
        return self.table["frame"].to_numpy()

    @functools.cached_property
    def _shifts(self) -> np.ndarray:
        return self.table[["shift_x_A", "shift_y_A"]].to_numpy()
