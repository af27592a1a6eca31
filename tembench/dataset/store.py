"""A store as others see it: its table, its images, what is complete and what is damaged."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import zarr

from tembench.core import StoreError, absolute
from tembench.dataset.check_store import check_arrays, open_group, read_recipe
from tembench.dataset.contrast_class import NO_CONTRAST
from tembench.dataset.fast_read import REPAIR, chunk_file, read_chunk, read_file
from tembench.dataset.ground_truth import ImageSites, mask_of, particle_mask, sites_of, vacuum_mask
from tembench.dataset.image_table import defocus_series, image_table, with_contrast
from tembench.dataset.layout import COLUMN_ARRAYS, N_COPIES
from tembench.dataset.packing import Packing, stored_dtype, unpack_noisy
from tembench.dataset.splits import images_of_part, images_under_test
from tembench.dataset.zarr_read import read_array
from tembench.recipe import CONTRASTS, Condition
from tembench.simulate.atomic_columns import Columns
from tembench.simulate.detector import record


def open_store(path: str | Path, *, complete: bool = True, writable: bool = False) -> Store:
    """Open a data set.

    Parameters
    ----------
    path : str or Path
        Folder of the store.
    complete : bool
        Whether to refuse a store whose generation is not finished.
    writable : bool
        Whether its arrays may be written to.

    Raises
    ------
    StoreError
        If there is no store, it has another layout version, is damaged or not complete.
    """
    store = Store(absolute(path), open_group(Path(path), "r+" if writable else "r"))
    if complete:
        missing = store.missing_models()
        if missing:
            raise StoreError(
                f"not complete: {len(missing)} of {len(store.recipe.models)} models missing",
                where=str(path),
                remedy="Run 'tembench generate' again; it goes on where it stopped",
            )
    return store


class Store:
    """A data set; made by `open_store`.

    Attributes
    ----------
    path : Path
        Its folder.
    recipe : Recipe
        What it was made from.
    recipe_id : str
        Identity of the recipe.
    table : pandas.DataFrame
        Factors, contrast class and splits, one row an image, indexed by its number.
    shape : tuple of int
        Size of an image in pixels, (y, x).
    pixel_size_A : float
        Size of a pixel in angstrom.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum; that of one image, which a condition may change, is
        `dose_of`.
    """

    def __init__(self, path: Path, group: zarr.Group) -> None:
        self.path = path
        self.group = group
        self.recipe = read_recipe(path, group)
        self.recipe_id = str(group.attrs["recipe_id"])
        check_arrays(path, self.recipe)
        self.shape = self.recipe.box.shape
        self.pixel_size_A = self.recipe.box.pixel_size_A
        self.dose_e_per_px = self.recipe.microscope.dose_e_per_px
        self.packing = Packing.for_doses(self.recipe.doses_e_per_px)
        self._known_digests: dict[str, np.ndarray] = {}

    def __repr__(self) -> str:
        """Path, recipe and size, in two lines."""
        recipe, (height, width) = self.recipe, self.shape
        doses = sorted(recipe.doses_e_per_px)
        dose = f"{doses[0]:g}" if len(doses) == 1 else f"{doses[0]:g} to {doses[-1]:g}"
        return (
            f"Store({str(self.path)!r}): {recipe.name} {recipe.version}, {recipe.n_images} images "
            f"of {len(recipe.models)} models, {len(self.test_place)} under test\n"
            f"  {height} x {width} px of {self.pixel_size_A:g} A, {dose} e/px; splits "
            f"{', '.join(recipe.split_names)}"
        )

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """Factors, contrast class and splits, one row an image."""
        contrast = self._read("contrast", ...)
        unknown = sorted(set(contrast.tolist()) - {*CONTRASTS, NO_CONTRAST})
        if unknown:
            raise StoreError(
                "array 'contrast' has a class that there is not",
                where=str(self.path),
                expected=", ".join((*CONTRASTS, NO_CONTRAST)),
                got=repr(unknown[0])[:60],
                remedy=REPAIR,
            )
        return with_contrast(self._factors, contrast, self.recipe)

    def images(self, split: str = "model", part: str = "test") -> np.ndarray:
        """Numbers of the images in a part of a split, ascending.

        Parameters
        ----------
        split : str
            ``"model"`` (no atomic model on both sides), ``"paper"`` (by image), or the name of a
            track of the recipe, such as ``"defect"``.
        part : str
            ``"train"``, ``"validation"``, ``"test"``; ``"test-full"``, the images of the models
            under test that are not in the test itself; or ``"test-subset"``, the fixed draw from
            the test for slow methods.

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

        `noisy` of a store holds the images under test of every split, more than any part has;
        here what belongs together comes together.

        Yields
        ------
        number, noisy, clean : int, ndarray, ndarray
            Number of the image in the store; arrays as `Store.noisy` and `Store.clean` give them.
        """
        for image in self.images(split, part):
            yield int(image), self.noisy(image), self.clean(image)

    def clean(self, image: int) -> np.ndarray:
        """Expected electrons per pixel, float32, (y, x)."""
        return self.packing.unpack(self.packed(image))

    def packed(self, image: int) -> np.ndarray:
        """The clean image as it is stored, uint16, (y, x)."""
        chunks = self.recipe.images_per_shard
        shard, place = divmod(int(image), chunks)
        packed = np.empty(self.shape, dtype=np.uint16)
        file = chunk_file(self.path / "clean", (shard, 0, 0))
        if shard >= 0 and read_chunk(file, place, chunks, packed):
            return packed
        return self._read("clean", int(image))

    def waves(self, model: int) -> np.ndarray:
        """Exit waves of a model's tilts, complex64, (tilts, ky, kx); see `ExitWaves`."""
        return self._read("exit_wave", self.waves_of(model))

    def wave(self, number: int) -> np.ndarray:
        """One exit wave by its place along `wave`, complex64, (ky, kx)."""
        return self._read("exit_wave", int(number))

    def condition(self, image: int) -> Condition:
        """The condition that an image was taken under."""
        return self.recipe.conditions[str(self._conditions[int(image)])]

    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""
        return self.condition(image).dose_e_per_px

    def noisy(self, image: int) -> np.ndarray:
        """Counts, (y, x): stored for images under test, drawn from its seed for others.

        Whole counts are uint8. A detector makes electrons per pixel of them, float32, which may be
        negative.
        """
        place = self.test_place.get(int(image))
        if place is None:
            return self.record(image, self.clean(image))
        return self._unpack_noisy(image, self._stored_noisy("noisy", place))

    def record(self, image: int, expected: np.ndarray, copy: int = 0) -> np.ndarray:
        """Draw a noisy image from its seed, given the expected one; copy 0 is what methods see."""
        seed = self.recipe.seed
        return record(expected, self.condition(image).detector, seed, int(image), copy)

    def _unpack_noisy(self, image: int, stored: np.ndarray) -> np.ndarray:
        return unpack_noisy(stored, self.recipe, self.condition(image))

    def defocus_series(self, image: int) -> list[int]:
        """Numbers of the images that differ from one in defocus alone, ascending in it.

        Of an image under test, those under test, whose noisy images are stored; of another one,
        those that are not.
        """
        tested = int(image) in self.test_place
        series = defocus_series(self._factors, int(image))
        return [other for other in series if (other in self.test_place) == tested]

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
        place = self.test_place.get(int(image))
        if place is None:
            return self.record(image, self.clean(image), copy)
        return self._unpack_noisy(image, self._stored_noisy("noisy_copies", copy - 1, place))

    def _stored_noisy(self, name: str, *place: int) -> np.ndarray:
        stored = np.empty(self.shape, dtype=stored_dtype(self.recipe))
        file = chunk_file(self.path / name, (*place, 0, 0))
        return stored if read_file(file, stored) else self._read(name, place)

    def sites(self, image: int) -> ImageSites:
        """Columns of an image, where they appear in it, and places of removed ones."""
        return sites_of(self, *self._view(image))

    def particle_mask(self, image: int) -> np.ndarray:
        """Where the particle is: bool, (y, x), within 2 A of a true Pt column of the image."""
        return mask_of(self, *self._view(image), particle_mask)

    def vacuum_mask(self, image: int) -> np.ndarray:
        """Where there is nothing: bool, (y, x), 4 A or more from any column of the image."""
        return mask_of(self, *self._view(image), vacuum_mask)

    def _view(self, image: int) -> tuple[str, tuple[float, float]]:
        """What decides where columns appear: the model and the tilt."""
        factors = self.table.iloc[int(image)]
        tilt = (float(factors["tilt_x_deg"]), float(factors["tilt_y_deg"]))
        return str(factors["model"]), tilt

    def columns(self, model: str) -> Columns:
        """True atomic columns of a model, by its name."""
        chosen = self._column_models == model
        return Columns(
            **{key: self._read(f"columns/{name}", ...)[chosen] for name, key, _ in COLUMN_ARRAYS}
        )

    def missing_models(self) -> list[int]:
        """Numbers of the models that are not wholly written."""
        written = self.written("images")
        waves = self.written("waves")
        return [
            number
            for number in range(len(self.recipe.models))
            if not (written[self.shards_of(number)].all() and waves[number])
        ]

    def shards_of(self, model: int) -> range:
        """Numbers of the shards that hold a model's images."""
        per_shard = self.recipe.images_per_shard
        first = self.recipe.first_image(model) // per_shard
        return range(first, first + self.recipe.models[model].n_images // per_shard)

    def images_of_shard(self, shard: int) -> slice:
        """Numbers of the images of a shard."""
        per_shard = self.recipe.images_per_shard
        return slice(shard * per_shard, (shard + 1) * per_shard)

    def digest(self, shard: int) -> bytes:
        """SHA-256 of the decoded values of a shard: clean, contrast, counts and copies."""
        images = self.images_of_shard(shard)
        content = hashlib.sha256(self._read("clean", images).data)
        content.update("\n".join(self._read("contrast", images)).encode())
        for image in range(images.start, images.stop):
            place = self.test_place.get(image)
            if place is not None:
                content.update(self._read("noisy", place).data)
                content.update(self._read("noisy_copies", (slice(None), place)).data)
        return content.digest()

    def wave_digest(self, model: int) -> bytes:
        """SHA-256 of a model's exit waves."""
        return hashlib.sha256(self.waves(model).data).digest()

    def waves_of(self, model: int) -> slice:
        """Where the exit waves of a model lie along `wave`."""
        first = sum(len(other.tilts_deg) for other in self.recipe.models[:model])
        return slice(first, first + len(self.recipe.models[model].tilts_deg))

    def recorded_digest(self, kind: str, number: int) -> bytes:
        """The digest written down when a shard (``"images"``) or model (``"waves"``) was done."""
        return self._read(f"digests/{kind}", number).tobytes()

    def holds(self, name: str, values: np.ndarray) -> bool:
        """Whether an array has just these values; numbers to the last bits of a float."""
        try:
            found = self._read(name, ...)
        except (StoreError, KeyError):
            return False
        if found.shape != values.shape or found.dtype.kind != values.dtype.kind:
            return False
        if values.dtype.kind == "f":
            return bool(np.allclose(found, values, rtol=1e-12, atol=1e-12))
        return bool(np.array_equal(found, values))

    def data_digest(self) -> str:
        """SHA-256 over all recorded digests: equal for stores of equal content."""
        content = hashlib.sha256(self._digests("images").tobytes())
        content.update(self._digests("waves").tobytes())
        return content.hexdigest()

    @functools.cached_property
    def test_place(self) -> dict[int, int]:
        """Where the images under test lie along `test_image`."""
        tested = images_under_test(self._factors)
        return {int(image): i for i, image in enumerate(tested)}

    @functools.cached_property
    def _factors(self) -> pd.DataFrame:
        return image_table(self.recipe)

    @functools.cached_property
    def _conditions(self) -> np.ndarray:
        return self._factors["condition"].to_numpy()

    @functools.cached_property
    def _column_models(self) -> np.ndarray:
        return self._read("columns/model", ...)

    def array(self, name: str) -> zarr.Array:
        """An array of the store, by its path."""
        return cast(zarr.Array, self.group[name])

    def written(self, kind: str) -> np.ndarray:
        """Of every shard (``"images"``) or model (``"waves"``): whether it is recorded as done."""
        return np.asarray(self._digests(kind).any(axis=1))

    def _digests(self, kind: str) -> np.ndarray:
        """All recorded digests; thousands of small files, read once where nothing is written."""
        if not self.group.read_only:
            return self._read(f"digests/{kind}", ...)
        if kind not in self._known_digests:
            self._known_digests[kind] = self._read(f"digests/{kind}", ...)
        return self._known_digests[kind]

    def _read(self, name: str, selection: Any) -> np.ndarray:
        return read_array(self.path, name, self.array(name), selection, self.recipe)
