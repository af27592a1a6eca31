"""Store: the reader of a data set, with its table, images, exit waves and ground truth."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tembench.core import StoreError
from tembench.dataset.contrast_class import NO_CONTRAST
from tembench.dataset.drawn.finalize import is_final
from tembench.dataset.fast_read import REPAIR, chunk_file, read_chunk, read_file
from tembench.dataset.ground_truth import GroundTruth, image_sites
from tembench.dataset.image_table import defocus_series, with_contrast
from tembench.dataset.layout import COLUMN_ARRAYS, N_COPIES
from tembench.dataset.packing import Packing, unpack_noisy
from tembench.dataset.splits import images_of_part
from tembench.dataset.store_files import StoreFiles, open_files
from tembench.metrics import Sites
from tembench.recipe import CONTRASTS, Condition, Recipe
from tembench.simulate import Columns, record

# Images of one model and tilt share their masks, 1.3 MB together; scoring goes through the images
# model by model, and a model has nine tilts.
_MOST_TRUTHS = 64


def open_store(path: str | Path, *, complete: bool = True) -> Store:
    """Open a data set.

    Parameters
    ----------
    path : str or Path
        Folder of the store.
    complete : bool
        Whether to refuse a store whose generation is not finished.

    Raises
    ------
    StoreError
        If there is no store, it has another layout version, is damaged or not complete.
    """
    store = _reader(open_files(path))
    if complete:
        missing = store.files.missing_tasks()
        if missing:
            raise StoreError(
                f"not complete: {len(missing)} of {store.contents.n_tasks} "
                f"{store.contents.task_kind} missing",
                where=str(path),
                remedy="Run 'tembench generate' again to resume it",
            )
        if not is_final(store.files):
            raise StoreError(
                "not complete: its coordinates do not belong to its images",
                where=str(path),
                remedy="Run 'tembench generate' again to write them",
            )
    return store


def _reader(files: StoreFiles) -> Store:
    if isinstance(files.recipe, Recipe):
        return Store(files)
    from tembench.dataset.drawn.drawn_store import DrawnStore

    return DrawnStore(files)


class Store:
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

    series_axis = "defocus"

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
        self._truths: dict[tuple[str, float, float], GroundTruth] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave the cached masks out of what worker processes are sent."""
        return {**self.__dict__, "_truths": {}}

    def __repr__(self) -> str:
        """Path, recipe and size, in two lines."""
        recipe, (height, width) = self.recipe, self.shape
        doses = sorted(recipe.doses_e_per_px)
        dose = f"{doses[0]:g}" if len(doses) == 1 else f"{doses[0]:g} to {doses[-1]:g}"
        tested = len(self.files.test_positions)
        return (
            f"Store({str(self.path)!r}): {recipe.name} {recipe.version}, {recipe.n_images} images "
            f"of {len(recipe.models)} models, {tested} under test\n"
            f"  {height} x {width} px of {self.pixel_size_A:g} A, {dose} e/px; splits "
            f"{', '.join(recipe.split_names)}"
        )

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """Factors, contrast class and splits, one row per image."""
        contrast = self.files.read("contrast", ...)
        unknown = sorted(set(contrast.tolist()) - {*CONTRASTS, NO_CONTRAST})
        if unknown:
            raise StoreError(
                "array 'contrast' has an unknown class",
                where=str(self.path),
                expected=", ".join((*CONTRASTS, NO_CONTRAST)),
                got=repr(unknown[0])[:60],
                remedy=REPAIR,
            )
        return with_contrast(self.files.factors, contrast, self.recipe)

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
            If there is no such part, or no image in it.
        """
        return images_of_part(self.table, self.recipe, split, part, str(self.path))

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
        chunks = self.contents.images_per_shard
        shard, index = divmod(int(image), chunks)
        packed = np.empty(self.shape, dtype=np.uint16)
        file = chunk_file(self.path / "clean", (shard, 0, 0))
        if shard >= 0 and read_chunk(file, index, chunks, packed):
            return packed
        return self.files.read("clean", int(image))

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

    def record(self, image: int, expected: np.ndarray, copy: int = 0) -> np.ndarray:
        """Draw a noisy image from its seed, given the expected one; copy 0 is what methods see."""
        return record(expected, self.detector_of(image), self.recipe.seed, int(image), copy)

    def _stored_noisy(self, image: int, name: str, *index: int) -> np.ndarray:
        stored = np.empty(self.shape, dtype=self.contents.counts_dtype)
        file = chunk_file(self.path / name, (*index, 0, 0))
        if not read_file(file, stored):
            stored = self.files.read(name, index)
        return unpack_noisy(stored, self.contents, counted=self.detector_of(image) is None)

    def condition(self, image: int) -> Condition:
        """The condition that an image was taken under."""
        return self.recipe.conditions[str(self._conditions[int(image)])]

    def defocus_of(self, image: int) -> float:
        """Defocus of an image in nm, positive for overfocus."""
        return float(self.files.factors["defocus_nm"].iloc[int(image)])

    def detector_of(self, image: int) -> Any:
        """The detector that recorded an image; None where every electron is counted."""
        return self.condition(image).detector

    def pixel_size_of(self, image: int) -> float:
        """Pixel size of an image, in angstrom."""
        del image
        return self.pixel_size_A

    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""
        return self.condition(image).dose_e_per_px

    def series(self, image: int) -> list[int]:
        """Numbers of the images that differ from one along `series_axis` alone, in its order.

        For an image under test, the images under test, whose noisy images are stored; for any
        other image, those that are not under test.
        """
        tested = self.files.test_positions
        series = defocus_series(self.files.factors, int(image))
        return [other for other in series if (other in tested) == (int(image) in tested)]

    @functools.cached_property
    def _conditions(self) -> np.ndarray:
        return self.files.factors["condition"].to_numpy()

    # --- exit waves and ground truth ---

    def waves(self, task: int) -> np.ndarray:
        """Exit waves of a model's tilts, complex64, (tilts, ky, kx); see `ExitWaves`."""
        return self.files.read("exit_wave", self.contents.waves_of(task))

    def wave(self, number: int) -> np.ndarray:
        """One exit wave by its position along `wave`, complex64, (ky, kx)."""
        return self.files.read("exit_wave", int(number))

    def columns(self, model: str) -> Columns:
        """True atomic columns of a model, by its name."""
        arrays = dict(self._column_arrays)
        chosen = arrays.pop("model") == model
        return Columns(**{key: values[chosen] for key, values in arrays.items()})

    def sites(self, image: int) -> Sites:
        """Sites of an image's columns, where they appear in it, and of removed ones."""
        return self._truth(image).sites

    def undefined(self, image: int) -> frozenset[str]:
        """What an image lacks, so that some metrics are not defined; nothing here."""
        del image
        return frozenset()

    def particle_mask(self, image: int) -> np.ndarray:
        """Mask of the particle: bool, (y, x), within 2 A of a true Pt column of the image."""
        return self._truth(image).particle_mask

    def vacuum_mask(self, image: int) -> np.ndarray:
        """Mask of the vacuum: bool, (y, x), 4 A or more from any column of the image."""
        return self._truth(image).vacuum_mask

    def _truth(self, image: int) -> GroundTruth:
        factors = self.table.iloc[int(image)]
        name = str(factors["model"])
        tilt = (float(factors["tilt_x_deg"]), float(factors["tilt_y_deg"]))
        truth = self._truths.pop((name, *tilt), None)
        if truth is None:
            model = next(m for m in self.recipe.models if m.name == name)
            sites = image_sites(self.recipe, model, self.columns(name), tilt)
            truth = GroundTruth(sites=sites, shape=self.shape, pixel_size_A=self.pixel_size_A)
        self._truths[name, *tilt] = truth
        if len(self._truths) > _MOST_TRUTHS:
            # The one that was used longest ago.
            del self._truths[next(iter(self._truths))]
        return truth

    @functools.cached_property
    def _column_arrays(self) -> dict[str, np.ndarray]:
        """Columns of all models: the name of the model, and the fields of `Columns`."""
        arrays = {"model": self.files.read("columns/model", ...)}
        return arrays | {
            key: self.files.read(f"columns/{name}", ...) for name, key, _ in COLUMN_ARRAYS
        }
