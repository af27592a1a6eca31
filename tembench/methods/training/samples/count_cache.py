"""Cache of noisy training images as binned counts on the device."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, progress, seed_sequence
from tembench.dataset import spread
from tembench.methods.counts.binning import bin_counts, refuse_less_than_a_bin

if TYPE_CHECKING:
    from tembench.methods.protocol import ImageSource

Window = tuple[slice, slice]
"""Rows and columns of a crop, in half bins."""


class CountCache:
    """Noisy images as counts in half bins, so that a crop's bins may begin at every half bin.

    Parameters
    ----------
    half_bins : Tensor
        Counts in half bins, or in bins, (images, y, x), int16 or wider; on the device where
        batches are made.
    parts : int
        Half bins along a bin: 2; or 1 where bins are not divided.
    relative_doses : sequence of float, optional
        Dose of each image over the nominal one, if they differ.

    Attributes
    ----------
    shape : tuple of int
        Bins in an image, (y, x).
    """

    def __init__(
        self, half_bins: Tensor, parts: int, relative_doses: Sequence[float] | None = None
    ) -> None:
        self._half_bins, self._parts = half_bins, parts
        self._relative_doses = relative_doses
        height, width = half_bins.shape[-2:]
        self.shape = (height // parts, width // parts)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._half_bins)

    def bins(self, index: int, window: Window | None = None) -> Tensor:
        """Return image `index`, or a window of it, in bins: float32 counts on the device."""
        half_bins = self._half_bins[index] if window is None else self._half_bins[index][window]
        parts = self._parts
        height, width = (side // parts for side in half_bins.shape)
        return half_bins.reshape(height, parts, width, parts).sum((1, 3)).float()

    def random_window(self, random: np.random.Generator, side: int) -> Window:
        """Draw the position of a crop of `side` x `side` bins, at most the image's shorter side."""
        length = min(side, *self.shape) * self._parts
        y, x = (int(random.integers(extent - length + 1)) for extent in self._half_bins.shape[1:])
        return slice(y, y + length), slice(x, x + length)

    def relative_doses(self, images: Sequence[int]) -> float | Tensor:
        """Return the doses of images over the nominal one: 1, or (n, 1, 1) where they differ."""
        if self._relative_doses is None:
            return 1.0
        doses = [self._relative_doses[index] for index in images]
        return torch.tensor(doses, dtype=torch.float32, device=self._half_bins.device)[
            :, None, None
        ]

    def random_crops(
        self, random: np.random.Generator, count: int, side: int
    ) -> tuple[list[int], Tensor]:
        """Return crops of images drawn with equal chance.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of randomness.
        count, side : int
            Number of crops; bins along a crop, at most the image's shorter side.

        Returns
        -------
        images : list of int
            The images that they are from.
        crops : Tensor
            (count, side, side), float32.
        """
        drawn = [self._random_crop(random, side) for _ in range(count)]
        return [index for index, _ in drawn], torch.stack([crop for _, crop in drawn])

    def digest(self, extra: object = None) -> str:
        """Return a short digest of the counts, and of `extra` where it is given."""
        shape = tuple(self._half_bins.shape)
        state = hashlib.sha256(repr(shape if extra is None else (shape, extra)).encode())
        state.update(self._half_bins.cpu().numpy().tobytes())
        return state.hexdigest()[:16]

    def _random_crop(self, random: np.random.Generator, side: int) -> tuple[int, Tensor]:
        index = int(random.integers(len(self)))
        return index, self.bins(index, self.random_window(random, side))


def read_counts(
    images: ImageSource | None,
    *,
    binning: int,
    device: torch.device,
    most: int = 0,
    chosen: Sequence[int] | None = None,
    relative_doses: Sequence[float] | None = None,
) -> CountCache:
    """Cache noisy images on the device.

    In half bins of 4 px an image of 800 x 800 px takes 80 kB: 14,571 of them 1.2 GB.

    Parameters
    ----------
    images : ImageSource or None
        Noisy images of one shape (y, x): integer counts.
    binning : int
        Side of a bin, native px; where it is odd, bins begin at every bin only.
    device : torch.device
        Device where batches are made.
    most : int
        Greatest number of images, spread evenly; 0 caches all of them.
    chosen : sequence of int, optional
        Indices of the images to cache, instead of `most`.
    relative_doses : sequence of float, optional
        Dose of each of `images` over the nominal one, if they differ.

    Raises
    ------
    MethodError
        If there is no noisy image, or one is not integer counts or smaller than a bin.
    """
    if images is None or len(images) == 0:
        raise MethodError("no noisy image to train on", remedy="Check the split of the store")
    if chosen is None:
        chosen = spread(len(images), most or len(images))
    parts = 1 if binning % 2 else 2
    cached = []
    with progress("Reading noisy images", len(chosen)) as advance:
        for index in chosen:
            counts = images[index]
            if not np.issubdtype(counts.dtype, np.integer):
                raise MethodError(
                    "the noisy images are not integer counts",
                    expected="electrons counted one by one, as without a detector",
                    got=str(counts.dtype),
                    remedy="Train on images without a detector",
                )
            cached.append(_half_bins(counts, binning, parts))
            advance(1)
    doses = None if relative_doses is None else [relative_doses[index] for index in chosen]
    return CountCache(torch.from_numpy(np.stack(cached)).to(device), parts, doses)


def cache_image(counts: np.ndarray, binning: int, device: torch.device) -> CountCache:
    """Cache one image; a detector's values are rounded to integer counts in bins.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (y, x): integers, or floats of a detector.
    binning : int
        Side of a bin, native px.
    device : torch.device
        Device where batches are made.
    """
    parts = 2 if binning % 2 == 0 and np.issubdtype(counts.dtype, np.integer) else 1
    half_bins = _half_bins(counts, binning, parts)
    return CountCache(torch.from_numpy(half_bins)[None].to(device), parts)


def image_seed(counts: np.ndarray, stage: str) -> int:
    """Return a seed that depends on the values of an image and on `stage`, not on its type."""
    digest = hashlib.sha256(counts.astype(np.float32).tobytes()).digest()
    words = seed_sequence(int.from_bytes(digest[:8], "little"), stage).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(2))


def _half_bins(counts: np.ndarray, binning: int, parts: int) -> np.ndarray:
    """Sum counts over the half bins of all whole bins; int16, or wider where needed."""
    refuse_less_than_a_bin(counts.shape, binning)
    height, width = (side // binning * binning for side in counts.shape)
    sums = bin_counts(counts[:height, :width], binning // parts)
    half_bins = np.maximum(np.rint(sums), 0)
    most = float(half_bins.max())
    return half_bins.astype(np.int16 if most < 2**15 else np.int32 if most < 2**31 else np.int64)
