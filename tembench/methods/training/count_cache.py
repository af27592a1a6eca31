"""Noisy images to learn from: counts in bins, held where the training reads them fastest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, progress, seed_sequence
from tembench.dataset import spread
from tembench.methods.counts.binning import bin_counts

if TYPE_CHECKING:
    from tembench.methods.protocol import ImageSource


class CountCache:
    """Noisy images as counts in half bins, so that bins may begin at every half bin.

    Parameters
    ----------
    half_bins : Tensor
        Whole counts in half bins, or in bins, (images, y, x), int16 or wider; on the device where
        batches are made.
    parts : int
        Grains along a bin: 2 or 1.

    Attributes
    ----------
    shape : tuple of int
        Bins in an image, (y, x).
    """

    def __init__(self, half_bins: Tensor, parts: int) -> None:
        """Take over the counts."""
        self._half_bins, self._parts = half_bins, parts
        height, width = half_bins.shape[-2:]
        self.shape = (height // parts, width // parts)

    def __len__(self) -> int:
        """Return how many images are held."""
        return len(self._half_bins)

    def whole(self, number: int) -> Tensor:
        """Return image `number` in bins, float32 counts on the device."""
        return self._sum(self._half_bins[number])

    def random_crops(self, random: np.random.Generator, count: int, side: int) -> Tensor:
        """Give `count` pieces of images drawn with equal chance, (count, side, side) float32.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of randomness.
        count, side : int
            Number of pieces; bins along a piece, cut down to the image where that is smaller.
        """
        length = min(side, *self.shape) * self._parts
        return torch.stack([self._piece(random, length) for _ in range(count)])

    def digest(self) -> str:
        """Short digest of the counts held."""
        state = hashlib.sha256(repr(tuple(self._half_bins.shape)).encode())
        state.update(self._half_bins.cpu().numpy().tobytes())
        return state.hexdigest()[:16]

    def _piece(self, random: np.random.Generator, length: int) -> Tensor:
        number = int(random.integers(len(self)))
        y, x = (int(random.integers(extent - length + 1)) for extent in self._half_bins.shape[1:])
        return self._sum(self._half_bins[number, y : y + length, x : x + length])

    def _sum(self, half_bins: Tensor) -> Tensor:
        parts = self._parts
        height, width = (side // parts for side in half_bins.shape)
        return half_bins.reshape(height, parts, width, parts).sum((1, 3)).float()


def read_counts(
    images: ImageSource | None, *, binning: int, most: int, device: torch.device
) -> CountCache:
    """Hold noisy images on the device.

    In half bins of 4 px an image of 800 x 800 px takes 80 kB: 14,571 of them 1.2 GB.

    Parameters
    ----------
    images : ImageSource or None
        Noisy images of one shape (y, x): whole counts.
    binning : int
        Side of a bin, native px; where it is odd, bins begin at every bin only.
    most : int
        Hold no more images than this, spread evenly; 0 holds all of them.
    device : torch.device
        Where batches are made.

    Raises
    ------
    MethodError
        Where there is no noisy image, one that is no whole counts, or one smaller than a bin.
    """
    if images is None or len(images) == 0:
        raise MethodError("no noisy image to train on", remedy="Check the split of the store")
    numbers = spread(len(images), most or len(images))
    parts = 1 if binning % 2 else 2
    held = []
    with progress("Reading noisy images", len(numbers)) as advance:
        for number in numbers:
            counts = images[number]
            if not np.issubdtype(counts.dtype, np.integer):
                raise MethodError(
                    "the noisy images are no whole counts",
                    expected="electrons counted one by one, as without a detector",
                    got=str(counts.dtype),
                    remedy="Train on images without a detector",
                )
            held.append(_half_bins(counts, binning, parts))
            advance(1)
    return CountCache(torch.from_numpy(np.stack(held)).to(device), parts)


def cache_image(counts: np.ndarray, binning: int, device: torch.device) -> CountCache:
    """Hold one image; what a detector made of its counts is rounded to whole ones in bins."""
    parts = 2 if binning % 2 == 0 and np.issubdtype(counts.dtype, np.integer) else 1
    half_bins = _half_bins(counts, binning, parts)
    return CountCache(torch.from_numpy(half_bins)[None].to(device), parts)


def whole_counts(counts: np.ndarray, binning: int) -> np.ndarray:
    """Sum counts over bins, and what a detector made of them to the nearest whole counts."""
    return np.maximum(np.rint(bin_counts(counts, binning)), 0)


def image_seed(counts: np.ndarray, stage: str) -> int:
    """Give the seed of an image: the same whenever and as whatever type it is seen."""
    digest = hashlib.sha256(counts.astype(np.float32).tobytes()).digest()
    words = seed_sequence(int.from_bytes(digest[:8], "little"), stage).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(2))


def _half_bins(counts: np.ndarray, binning: int, parts: int) -> np.ndarray:
    """Sum counts over half_bins, of which whole bins consist; int16, or as wide as they need."""
    height, width = (side // binning * binning for side in counts.shape)
    if not height or not width:
        raise MethodError(
            "the images are smaller than one bin",
            expected=f"a side of at least {binning} px",
            got=f"{counts.shape[0]} x {counts.shape[1]} px",
        )
    half_bins = whole_counts(counts[:height, :width], binning // parts)
    most = float(half_bins.max())
    return half_bins.astype(np.int16 if most < 2**15 else np.int32 if most < 2**31 else np.int64)
