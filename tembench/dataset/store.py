"""Store: the reader of a data set, with its table, images, exit waves and ground truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import StoreError
from tembench.dataset.noisy_image import NoisyImage, noisy_image_of
from tembench.dataset.splits import images_of_part
from tembench.dataset.storage import (
    N_COPIES,
    Packing,
    StoreFiles,
    unpack_noisy,
)
from tembench.dataset.store_views import StoreViews
from tembench.dataset.stored_images import stored_counts, stored_packed

if TYPE_CHECKING:
    import pandas as pd

    from tembench.metrics import Sites
    from tembench.simulation import Columns


class Store(StoreViews, ABC):
    """Reader of a data set; made by `open_store`.

    Attributes
    ----------
    path : Path
        Folder of the data set.
    recipe : Recipe or DrawnRecipe
        The recipe that it was made from.
    recipe_id : str
        Identity of the recipe.
    table : pandas.DataFrame
        Factors, contrast class and splits, one row per image, indexed by its number.
    shape : tuple of int
        Size of an image in pixels, (y, x).
    pixel_size_A : float
        Size of a pixel in angstrom.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum at the microscope's dose; `dose_of` gives the dose
        of an image, which a condition may change.
    files : StoreFiles
        Shards, digests and positions.
    contents : Contents
        What follows from the recipe.
    series_axis : str
        Quantity that varies along a series of images: ``"defocus"``, or ``"time"``.
    """

    series_axis: str

    def __init__(self, files: StoreFiles) -> None:
        self.files = files
        self.path = files.path
        self.recipe: Any = files.recipe
        self.recipe_id = files.recipe_id
        self.contents = files.contents
        self.shape = self.contents.shape
        self.pixel_size_A = self.contents.pixel_size_A
        self.dose_e_per_px = self.contents.dose_e_per_px
        self.packing = Packing(step=self.contents.step)

    def data_digest(self) -> str:
        """SHA-256 over the digests of all images and waves: equal for stores of equal content."""
        return self.files.data_digest()

    # --- images ---

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        """Numbers of the images in a part of a split, ascending.

        Parameters
        ----------
        split : str
            ``"model"`` (no atomic model on both sides), ``"paper"`` (by image), or the name of a
            track of the recipe, such as ``"defect"``.
        part : str
            ``"train"``, ``"validation"``, ``"test"``; ``"test-full"``, the images of the test
            models that are not in the test itself; or ``"test-subset"``, a fixed sample of the
            test for slow methods.

        Raises
        ------
        StoreError
            If there is no such part, no image in it, or the store was generated without it.
        """
        images = images_of_part(self.table, self.recipe, split, part, str(self.path))
        self.files.refuse_absent(images, part)
        return images

    def pairs(
        self, split: str = "model", part: str = "test"
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Noisy and clean images of a part of a split, one after the other.

        The array `noisy` of a store contains the images under test of every split, more than any
        part has; this iterator pairs each image of a part with its own clean image.

        Yields
        ------
        number, noisy, clean : int, ndarray, ndarray
            Number of the image in the store; arrays as `Store.noisy` and `Store.clean` give them.
        """
        for image in self.images(split, part):
            yield int(image), self.noisy(image), self.clean(image)

    def clean(self, image: int) -> np.ndarray:
        """Expected electrons per pixel, float32, (y, x)."""
        return self.unpack(image, self.packed(image))

    def unpack(self, image: int, packed: np.ndarray) -> np.ndarray:
        """Expected electrons per pixel of an image, float32, from its packed values."""
        del image
        return self.packing.unpack(packed)

    def packed(self, image: int) -> np.ndarray:
        """The clean image as it is stored, uint16, (y, x)."""
        packed = stored_packed(self, image)
        return self.files.read("clean", int(image)) if packed is None else packed

    def noisy(self, image: int) -> np.ndarray:
        """Counts, (y, x): stored for images under test, drawn from its seed for others.

        Whole counts are uint8. A detector turns them into electrons per pixel, float32, which may
        be negative.
        """
        position = self.files.test_positions.get(int(image))
        if position is None:
            return self.record(image, self.clean(image))
        return self._stored_noisy(image, "noisy", position)

    def noisy_copy(self, image: int, copy: int) -> np.ndarray:
        """Counts independent of `noisy`, (y, x); copies 1 to 3.

        As with `noisy`: stored for images under test, drawn from their seed for others.
        """
        if not 1 <= copy <= N_COPIES:
            raise StoreError(
                f"no copy {copy} of image {image}",
                where=str(self.path),
                expected=f"a copy from 1 to {N_COPIES}",
            )
        position = self.files.test_positions.get(int(image))
        if position is None:
            return self.record(image, self.clean(image), copy)
        return self._stored_noisy(image, "noisy_copies", copy - 1, position)

    def noisy_image(self, image: int, *, series: bool = False) -> NoisyImage:
        """An image as a method sees it: counts, pixel size and dose, and nothing of the truth.

        Parameters
        ----------
        image : int
            Number of the image, in any part.
        series : bool
            Whether to include the series of noisy images that it is from (focal series, or frames).

        Examples
        --------
        >>> import tembench as tb
        >>> store = tb.open_store("quickstart.zarr")  # doctest: +SKIP
        >>> image = store.noisy_image(99)  # doctest: +SKIP
        >>> image.counts.shape, image.pixel_size_A, image.dose_e_per_px  # doctest: +SKIP
        ((800, 800), 0.0625, 0.45)
        """
        return noisy_image_of(self, int(image), series=series)

    def _stored_noisy(self, image: int, name: str, *index: int) -> np.ndarray:
        counts = stored_counts(self, image, name, index)
        if counts is not None:
            return counts
        counted = self.detector_of(image) is None
        return unpack_noisy(self.files.read(name, index), self.contents, counted=counted)

    # --- exit waves ---

    def waves(self, task: int) -> np.ndarray:
        """Exit waves of a task, complex64, (waves, ky, kx)."""
        return self.files.read("exit_wave", self.contents.waves_of(task))

    def wave(self, number: int) -> np.ndarray:
        """One exit wave by its position along `wave`, complex64, (ky, kx)."""
        return self.files.read("exit_wave", int(number))

    def wave_of(self, image: int) -> int | None:
        """Number of the exit wave that an image follows from by its defocus alone, if there is one.

        There is none where a drift or a detector affects the image, nor for drawn images, which
        have optics of their own each.
        """
        del image
        return None

    # --- depending on the kind of recipe ---

    @cached_property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """Factors and splits, one row per image; contrast class, or drawn values."""

    @abstractmethod
    def record(self, image: int, expected: np.ndarray, copy: int = 0) -> np.ndarray:
        """Draw a noisy image from its seed, given the expected one; copy 0 is what methods see."""

    @abstractmethod
    def defocus_of(self, image: int) -> float:
        """Defocus of an image in nm, positive for overfocus."""

    @abstractmethod
    def detector_of(self, image: int) -> Any:
        """The detector that recorded an image; None where every electron is counted."""

    @abstractmethod
    def pixel_size_of(self, image: int) -> float:
        """Pixel size of an image, in angstrom."""

    @abstractmethod
    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""

    @abstractmethod
    def series(self, image: int) -> list[int]:
        """Numbers of the images that differ from one along `series_axis` alone, in its order."""

    @abstractmethod
    def columns(self, model: str) -> Columns:
        """True atomic columns of a model or specimen, by its name."""

    @abstractmethod
    def sites(self, image: int) -> Sites:
        """Sites of an image's columns, where they appear in it."""

    def training_columns(self, image: int) -> np.ndarray | None:
        """Places of particles' columns in training images like one, (columns, 2) in A; None here.

        They are those of all training models at the image's tilt; drawn specimens share no place.
        """
        del image
        return None

    def varying_columns(self, image: int) -> np.ndarray | None:
        """Places of columns that some models have and others lack, (columns, 2) in A; None here.

        They are those of the image's particle at its tilt; any column of a drawn specimen may be
        there or not.
        """
        del image
        return None

    def undefined(self, image: int) -> frozenset[str]:
        """What an image lacks, so that some metrics are not defined; nothing here."""
        del image
        return frozenset()

    @abstractmethod
    def particle_mask(self, image: int) -> np.ndarray:
        """Mask of the particle: bool, (y, x)."""

    @abstractmethod
    def vacuum_mask(self, image: int) -> np.ndarray:
        """Mask of the vacuum: bool, (y, x), 4 A or more from any column or atom of the image."""
