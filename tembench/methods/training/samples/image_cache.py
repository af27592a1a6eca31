"""Cache of clean training images on the device, or a reader where they do not fit."""

from __future__ import annotations

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, progress

if TYPE_CHECKING:
    from tembench.methods.protocol import ImageSource

_BYTES = 2
_READERS = 4
"""Threads that read and decompress images."""


class ImageCache:
    """Clean images, cached on the device if all of them fit and otherwise read one by one.

    They are cached as 16-bit integers in steps of 2^-14 to 2^-15 of the vacuum, the steps in which
    a store keeps them: nothing is lost, and 14,571 images of 800 x 800 px take 19 GB.

    Parameters
    ----------
    images : ImageSource
        Clean images of one shape (y, x), e/px.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.
    device : torch.device
        Device where batches are made.
    memory_GB : float
        Memory that the images may occupy there.

    Attributes
    ----------
    shape : tuple of int
        (y, x) of an image.
    on_device : bool
        Whether they are cached on the device.

    Raises
    ------
    MethodError
        If there is no image.
    """

    def __init__(
        self, images: ImageSource, dose_e_per_px: float, device: torch.device, memory_GB: float
    ) -> None:
        """Read the images if they fit on the device."""
        if len(images) == 0:
            raise MethodError("no image to train on", remedy="Check the split of the store")
        self._source = images
        self._device = device
        self._step = 2.0 ** (math.ceil(math.log2(dose_e_per_px)) - 14)
        first = images[0]
        self.shape: tuple[int, int] = (first.shape[0], first.shape[1])
        self.on_device = len(images) * first.size * _BYTES <= memory_GB * 1e9
        if self.on_device:
            self._images = torch.empty((len(images), *self.shape), dtype=torch.int16, device=device)
            with (
                progress("Reading images", len(images)) as advance,
                ThreadPoolExecutor(_READERS) as readers,
            ):
                for number, packed in enumerate(readers.map(self._packed, range(len(images)))):
                    self._images[number] = torch.from_numpy(packed)
                    advance(1)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._source)

    def crop(self, number: int, y: int, x: int, side: int) -> Tensor:
        """Return `side` x `side` pixels of image `number` on the device, float32, e/px."""
        window = (slice(y, y + side), slice(x, x + side))
        if self.on_device:
            return (self._images[number][window].float() + 2**15) * self._step
        image = np.ascontiguousarray(self._source[number][window], dtype=np.float32)
        return torch.from_numpy(image).to(self._device)

    def frames(self, numbers: Tensor) -> Tensor:
        """Return whole images by their numbers, int64 (n,), on the device: (n, y, x), e/px."""
        if self.on_device:
            return (self._images[numbers].float() + 2**15) * self._step
        frames = np.stack([self._source[number] for number in numbers.tolist()])
        return torch.from_numpy(frames.astype(np.float32, copy=False)).to(self._device)

    def digest(self) -> str:
        """Return a short digest of three of the images, enough to distinguish data sets."""
        state = hashlib.sha256(repr((len(self), self.shape)).encode())
        for number in sorted({0, len(self) // 2, len(self) - 1}):
            state.update(self._pack(self._source[number]).tobytes())
        return state.hexdigest()[:16]

    def _packed(self, number: int) -> np.ndarray:
        return self._pack(self._source[number])

    def _pack(self, image: np.ndarray) -> np.ndarray:
        steps = np.rint(np.asarray(image, np.float32) / np.float32(self._step)) - 2**15
        return np.clip(steps, -(2**15), 2**15 - 1).astype(np.int16)
