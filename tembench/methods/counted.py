"""Noisy images to learn from: counts in bins, held where the training reads them fastest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.errors import MethodError
from tembench.methods.binning import bin_counts
from tembench.progress import progress

if TYPE_CHECKING:
    from tembench.methods.protocol import ImageSource


class CountPool:
    """Noisy images as counts in half bins, so that bins may begin at every half bin.

    Half bins of 4 px take 80 kB for an image of 800 x 800 px: 1.2 GB for 14,571 of them.

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

    Attributes
    ----------
    shape : tuple of int
        Bins in an image, (y, x).

    Raises
    ------
    MethodError
        Where there is no noisy image, one that is no whole counts, or one smaller than a bin.
    """

    def __init__(
        self, images: ImageSource | None, *, binning: int, most: int, device: torch.device
    ) -> None:
        """Read and bin the images."""
        if images is None or len(images) == 0:
            raise MethodError("no noisy image to train on", remedy="Check the split of the store")
        self._parts = 1 if binning % 2 else 2
        grain = binning // self._parts
        numbers = np.arange(len(images))
        if most and most < len(images):
            numbers = np.linspace(0, len(images) - 1, most).round().astype(int)
        held = []
        with progress("Reading noisy images", len(numbers)) as advance:
            for number in numbers:
                held.append(_whole_bins(images[int(number)], binning, grain))
                advance(1)
        self._counts = torch.from_numpy(np.stack(held)).to(device)
        height, width = self._counts.shape[-2:]
        self.shape = (height // self._parts, width // self._parts)

    def __len__(self) -> int:
        """Return how many images are held."""
        return len(self._counts)

    def whole(self, number: int) -> Tensor:
        """Return image `number` in bins, float32 counts on the device."""
        return self._sum(self._counts[number])

    def cut(self, random: np.random.Generator, count: int, side: int) -> Tensor:
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
        state = hashlib.sha256(repr(tuple(self._counts.shape)).encode())
        state.update(self._counts.cpu().numpy().tobytes())
        return state.hexdigest()[:16]

    def _piece(self, random: np.random.Generator, length: int) -> Tensor:
        number = int(random.integers(len(self)))
        y, x = (int(random.integers(extent - length + 1)) for extent in self._counts.shape[1:])
        return self._sum(self._counts[number, y : y + length, x : x + length])

    def _sum(self, grains: Tensor) -> Tensor:
        parts = self._parts
        height, width = (side // parts for side in grains.shape)
        return grains.reshape(height, parts, width, parts).sum((1, 3)).float()


def _whole_bins(counts: np.ndarray, binning: int, grain: int) -> np.ndarray:
    """Sum counts over grains, of which whole bins consist; int16."""
    height, width = (side // binning * binning for side in counts.shape)
    if not height or not width:
        raise MethodError(
            "the images are smaller than one bin",
            expected=f"a side of at least {binning} px",
            got=f"{counts.shape[0]} x {counts.shape[1]} px",
        )
    if not np.issubdtype(counts.dtype, np.integer):
        raise MethodError(
            "the noisy images are no whole counts",
            expected="electrons counted one by one, as without a detector",
            got=str(counts.dtype),
            remedy="Train on images without a detector",
        )
    return bin_counts(counts[:height, :width], grain).astype(np.int16)
