"""Noisy and clean images to train on, as a map-style data set for torch's ``DataLoader``.

Zarr reads with threads of its own, which a forked process does not have: a ``DataLoader`` whose
workers read through Zarr hangs, on Linux by default. After its construction, this data set reads
nothing through Zarr: workers decode single chunks from their files, under fork and under spawn.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import StoreError, lacking, seed_sequence
from tembench.dataset import REPAIR, Store, WaveImages, open_store, stored_counts, stored_packed
from tembench.methods import bin_counts
from tembench.simulation import draw_recording

try:
    from torch.utils.data import Dataset
except ModuleNotFoundError as problem:
    raise lacking("torch", "tembench.torch") from problem

_LARGEST_DOSE_E_PER_PX = 1e6


class NoisyCleanPairs(Dataset[dict[str, Any]]):
    """Noisy and clean images of a part of a split, with ``len`` and ``[index]``.

    Parameters
    ----------
    store : Store, str or Path
        The data set; it is opened once here, and must not be moved while it is in use.
    split, part : str
        As in `Store.images`.
    crop : int, optional
        Side of a square that is cut out of each image, in bins, at a position that differs from
        epoch to epoch; None gives whole images.
    binning : int
        Side of a bin in pixels. Noisy and clean are sums over bins: the sum of Poisson counts is a
        Poisson count, so that noise of counted electrons is drawn in bins, which is as much faster
        as there are fewer of them.
    dose : float, optional
        Expected electrons per pixel in vacuum; None keeps the dose of each image.
    fresh_noise : bool
        Whether noise is drawn again for each epoch; if not, the noisy image is that of
        `Store.noisy`.
    from_waves : tuple of float, optional
        Range of defocus in nm, positive for overfocus. The image is then formed from its stored
        exit wave at a defocus drawn from this range for each item, instead of read at its own; of
        closed recipes only. It takes some 50 ms an image.
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

    Our own networks are trained on batches that are made on the device instead, by
    `tembench.methods.training.samples`: images are kept there as 16-bit integers, and crops,
    rotations and noise cost no transfer.

    Examples
    --------
    >>> import tembench as tb
    >>> pairs = tb.torch.NoisyCleanPairs(  # doctest: +SKIP
    ...     "quickstart.zarr", "model", "train", crop=32, binning=8
    ... )
    >>> loader = torch.utils.data.DataLoader(pairs, 8, num_workers=2)  # doctest: +SKIP
    """

    def __init__(
        self,
        store: Store | str | Path,
        split: str = "model",
        part: str = "train",
        *,
        crop: int | None = None,
        binning: int = 1,
        dose: float | None = None,
        fresh_noise: bool = True,
        from_waves: tuple[float, float] | None = None,
        seed: int = 0,
    ) -> None:
        opened = store if isinstance(store, Store) else open_store(store)
        self.images = opened.images(split, part)
        self.split, self.part = split, part
        self.crop, self.binning, self.dose, self.from_waves = crop, binning, dose, from_waves
        self.fresh_noise, self.seed, self.epoch = fresh_noise, seed, 0
        self._path = opened.path.absolute()
        self._store, self._shape = opened, opened.shape
        positions = opened.files.test_positions
        self._test_positions = {image: positions.get(image) for image in self.images.tolist()}
        self._factors = opened.table.iloc[self.images].to_dict("records")
        self._check_arguments()
        self._waves = None if from_waves is None else WaveImages(opened, self.images)

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """One pair, in plain types that torch's `default_collate` can batch.

        Returns
        -------
        dict
            ``"noisy"``, float32 (y, x), counts per bin, or electrons that a detector recorded;
            ``"clean"``, float32 (y, x), expected electrons per bin; ``"image"``, the number of the
            image in the store; ``"factors"``, its row of `Store.table` as a dict.
        """
        image = int(self.images[index])
        factors = dict(self._factors[index])
        draw = np.random.default_rng(seed_sequence(self.seed, "pairs", image, self.epoch))
        window = self._window(draw)
        if self.fresh_noise:
            clean = self._expected(index, factors, draw)[window]
            detector = self._store.detector_of(image)
            if detector is None:
                clean = self._binned(clean)
                noisy = draw.poisson(clean)
            else:
                noisy = self._binned(draw_recording(clean, detector, draw))
                clean = self._binned(clean)
        else:
            whole = self._clean(image)
            noisy = self._binned(self._noisy(image, whole)[window])
            clean = self._binned(whole[window])
        return {
            "noisy": np.ascontiguousarray(noisy, dtype=np.float32),
            "clean": np.ascontiguousarray(clean, dtype=np.float32),
            "image": image,
            "factors": factors,
        }

    def _expected(
        self, index: int, factors: dict[str, Any], draw: np.random.Generator
    ) -> np.ndarray:
        """The clean image of an item, at its defocus and dose, which `factors` then says."""
        if self._waves is None or self.from_waves is None:
            clean = self._clean(int(self.images[index]))
        else:
            factors["defocus_nm"] = float(draw.uniform(*self.from_waves))
            clean = self._waves.image(index, factors["defocus_nm"])
        if self.dose is not None:
            clean = clean * np.float32(self.dose / factors["dose_e_per_px"])
            factors["dose_e_per_px"] = float(self.dose)
        return clean

    def _binned(self, image: np.ndarray) -> np.ndarray:
        return image if self.binning == 1 else bin_counts(image, self.binning)

    def __repr__(self) -> str:
        """Size, path and options, in a line."""
        height, width = self._in_bins if self.crop is None else (self.crop, self.crop)
        unit = "px" if self.binning == 1 else f"bins of {self.binning} px"
        noise = f"fresh noise of epoch {self.epoch}" if self.fresh_noise else "the store's noise"
        return (
            f"NoisyCleanPairs({str(self._path)!r}): {len(self)} of {height} x {width} {unit}, "
            f"{self.part} part of split {self.split}, {noise}"
        )

    def set_epoch(self, epoch: int) -> None:
        """Choose the noise and the crops of a pass over the images."""
        self.epoch = int(epoch)

    @property
    def _in_bins(self) -> tuple[int, int]:
        return self._shape[0] // self.binning, self._shape[1] // self.binning

    def _check_arguments(self) -> None:
        if self.seed < 0:
            raise self._refused("seed", "0 or more", self.seed)
        if not _is_from_1_to(self.binning, min(self._shape)):
            raise self._refused("binning", f"from 1 to {min(self._shape)} px", self.binning)
        most = min(self._in_bins)
        if self.crop is not None and not _is_from_1_to(self.crop, most):
            unit = "px" if self.binning == 1 else "bins"
            raise self._refused(
                "crop", f"from 1 to {most} {unit}, the size of the images", self.crop
            )
        if self.dose is not None and not (
            math.isfinite(self.dose) and 0 < self.dose <= _LARGEST_DOSE_E_PER_PX
        ):
            limit = f"{_LARGEST_DOSE_E_PER_PX:,.0f}"
            raise self._refused("dose", f"more than 0 and at most {limit} e/px", self.dose)
        if self.from_waves is not None and not (
            len(self.from_waves) == 2
            and all(map(math.isfinite, self.from_waves))
            and self.from_waves[0] <= self.from_waves[1]
        ):
            expected = "a least and a greatest defocus in nm"
            raise self._refused("from_waves", expected, self.from_waves)
        for name in ("dose", "from_waves"):
            value = getattr(self, name)
            if value is not None and not self.fresh_noise:
                expected = "none with fresh_noise=False, which has the store's"
                raise self._refused(name, expected, value)

    def _refused(self, name: str, expected: str, got: object) -> StoreError:
        return StoreError(
            f"{name} is not possible", where=str(self._path), expected=expected, got=str(got)
        )

    def _window(self, draw: np.random.Generator) -> tuple[slice, slice]:
        sides = self._in_bins if self.crop is None else (self.crop, self.crop)
        lengths = [side * self.binning for side in sides]
        if self.crop is None:
            return slice(lengths[0]), slice(lengths[1])
        top, left = (
            int(draw.integers(size - length + 1))
            for size, length in zip(self._shape, lengths, strict=True)
        )
        return slice(top, top + lengths[0]), slice(left, left + lengths[1])

    def _clean(self, image: int) -> np.ndarray:
        packed = stored_packed(self._store, image)
        if packed is None:
            raise self._damaged("clean", image)
        return self._store.unpack(image, packed)

    def _noisy(self, image: int, clean: np.ndarray) -> np.ndarray:
        """The noisy image of the store: stored for images under test, else drawn from its seed."""
        position = self._test_positions[image]
        if position is None:
            return self._store.record(image, clean)
        stored = stored_counts(self._store, image, "noisy", (position,))
        if stored is None:
            raise self._damaged("noisy", image)
        return stored

    def _damaged(self, name: str, image: int) -> StoreError:
        return StoreError(
            f"array '{name}' is damaged at image {image}", where=str(self._path), remedy=REPAIR
        )


def _is_from_1_to(value: object, most: int) -> bool:
    return isinstance(value, int | np.integer) and bool(1 <= value <= most)
