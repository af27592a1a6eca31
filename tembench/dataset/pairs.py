"""Noisy and clean images to train on, as a map-style data set for torch's `DataLoader`.

Zarr reads with threads of its own, which a forked process does not have: a `DataLoader` whose
workers read through Zarr hangs, on Linux by default. After its construction, this data set reads
nothing through Zarr: workers decode single chunks from their files, under fork and under spawn.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import StoreError, seed_sequence
from tembench.dataset.storage import REPAIR, chunk_file, read_chunk, read_file, unpack_noisy
from tembench.dataset.store import Store, open_store
from tembench.simulation import draw_recording

_LARGEST_DOSE_E_PER_PX = 1e6


class NoisyCleanPairs:
    """Noisy and clean images of a part of a split, with ``len`` and ``[index]``.

    Parameters
    ----------
    store : Store, str or Path
        The data set; it is opened once here, and must not be moved while it is in use.
    split, part : str
        As in `Store.images`.
    crop : int, optional
        Side of a square in pixels that is cut out of each image, at a position that differs from
        epoch to epoch; None gives whole images.
    dose : float, optional
        Expected electrons per pixel in vacuum; None keeps the dose of each image.
    fresh_noise : bool
        Whether noise is drawn again for each epoch; if not, the noisy image is that of
        `Store.noisy`.
    seed : int
        Seed of crops and noise, together with the epoch and the image's number.

    Attributes
    ----------
    images : ndarray of int, shape (len,)
        Number of each image in the store.
    epoch : int
        Set by `set_epoch`.

    Raises
    ------
    StoreError
        If there is no such store or part, or an argument does not fit it.

    Notes
    -----
    Call `set_epoch` before each pass over the images, or every pass has the same noise. Workers
    that outlive a pass (``persistent_workers=True``) keep the epoch they were started with.

    Examples
    --------
    >>> pairs = NoisyCleanPairs("quickstart.zarr", "model", "train", crop=256)  # doctest: +SKIP
    >>> loader = torch.utils.data.DataLoader(pairs, 8, num_workers=2)  # doctest: +SKIP
    """

    def __init__(
        self,
        store: Store | str | Path,
        split: str = "model",
        part: str = "train",
        *,
        crop: int | None = None,
        dose: float | None = None,
        fresh_noise: bool = True,
        seed: int = 0,
    ) -> None:
        opened = store if isinstance(store, Store) else open_store(store)
        self.images = opened.images(split, part)
        self.split, self.part, self.crop, self.dose = split, part, crop, dose
        self.fresh_noise, self.seed, self.epoch = fresh_noise, seed, 0
        self._path = opened.path.absolute()
        self._store, self._shape = opened, opened.shape
        positions = opened.files.test_positions
        self._test_positions = {image: positions.get(image) for image in self.images.tolist()}
        self._factors = opened.table.iloc[self.images].to_dict("records")
        self._check_arguments()

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """One pair, in plain types that torch's `default_collate` can batch.

        Returns
        -------
        dict
            ``"noisy"``, float32 (y, x), counts, or electrons that a detector recorded;
            ``"clean"``, float32 (y, x), expected electrons per pixel; ``"image"``, the number of
            the image in the store; ``"factors"``, its row of `Store.table` as a dict.
        """
        image = int(self.images[index])
        factors = dict(self._factors[index])
        draw = np.random.default_rng(seed_sequence(self.seed, "pairs", image, self.epoch))
        window = self._window(draw)
        clean = self._clean(image)
        if self.fresh_noise:
            clean = clean[window]
            if self.dose is not None:
                clean = clean * np.float32(self.dose / factors["dose_e_per_px"])
                factors["dose_e_per_px"] = float(self.dose)
            noisy = draw_recording(clean, self._store.detector_of(image), draw)
        else:
            noisy = self._noisy(image, clean)[window]
            clean = clean[window]
        return {
            "noisy": np.ascontiguousarray(noisy, dtype=np.float32),
            "clean": np.ascontiguousarray(clean),
            "image": image,
            "factors": factors,
        }

    def __repr__(self) -> str:
        """Size, path and options, in a line."""
        height, width = self._shape if self.crop is None else (self.crop, self.crop)
        noise = f"fresh noise of epoch {self.epoch}" if self.fresh_noise else "the store's noise"
        return (
            f"NoisyCleanPairs({str(self._path)!r}): {len(self)} of {height} x {width} px, "
            f"{self.part} part of split {self.split}, {noise}"
        )

    def set_epoch(self, epoch: int) -> None:
        """Choose the noise and the crops of a pass over the images."""
        self.epoch = int(epoch)

    def _check_arguments(self) -> None:
        smallest = min(self._shape)
        if self.seed < 0:
            raise self._refused("seed", "0 or more", self.seed)
        whole = isinstance(self.crop, int | np.integer)
        if self.crop is not None and not (whole and 1 <= self.crop <= smallest):
            raise self._refused(
                "crop", f"from 1 to {smallest} px, the size of the images", self.crop
            )
        if self.dose is None:
            return
        if not (math.isfinite(self.dose) and 0 < self.dose <= _LARGEST_DOSE_E_PER_PX):
            most = f"{_LARGEST_DOSE_E_PER_PX:,.0f}"
            raise self._refused("dose", f"more than 0 and at most {most} e/px", self.dose)
        if not self.fresh_noise:
            raise self._refused(
                "dose", "none with fresh_noise=False, which has the store's", self.dose
            )

    def _refused(self, name: str, expected: str, got: object) -> StoreError:
        return StoreError(
            f"{name} is not possible", where=str(self._path), expected=expected, got=str(got)
        )

    def _window(self, draw: np.random.Generator) -> tuple[slice, slice]:
        if self.crop is None:
            return slice(None), slice(None)
        top, left = (int(draw.integers(size - self.crop + 1)) for size in self._shape)
        return slice(top, top + self.crop), slice(left, left + self.crop)

    def _clean(self, image: int) -> np.ndarray:
        chunks = self._store.contents.images_per_shard
        shard, index = divmod(image, chunks)
        packed = np.empty(self._shape, dtype=np.uint16)
        file = chunk_file(self._path / "clean", (shard, 0, 0))
        if not read_chunk(file, index, chunks, packed):
            raise self._damaged("clean", image, file)
        return self._store.unpack(image, packed)

    def _noisy(self, image: int, clean: np.ndarray) -> np.ndarray:
        """The noisy image of the store: stored for images under test, else drawn from its seed."""
        position = self._test_positions[image]
        if position is None:
            return self._store.record(image, clean)
        stored = np.empty(self._shape, dtype=self._store.contents.counts_dtype)
        file = chunk_file(self._path / "noisy", (position, 0, 0))
        if not read_file(file, stored):
            raise self._damaged("noisy", image, file)
        counted = self._store.detector_of(image) is None
        return unpack_noisy(stored, self._store.contents, counted=counted)

    def _damaged(self, name: str, image: int, file: Path) -> StoreError:
        return StoreError(
            f"array '{name}' is damaged at image {image}",
            where=str(file),
            remedy=REPAIR,
        )
