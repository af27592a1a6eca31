"""Moved samples: images rotated by any angle, magnified and shifted, recorded by their cameras.

All work is done on the device of the training, at the images' own sampling: an image is
interpolated, noise is drawn in its pixels as its camera makes it, and the pixels are binned. What
an image shows may lie anywhere in a sample and in any orientation, so that a network can remember
neither a place nor a direction.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tembench.core import MethodError, seed_sequence
from tembench.methods.counts.binning import bin_side
from tembench.methods.training.samples.batches import bin_clean
from tembench.methods.training.samples.recorded import recorded_pair
from tembench.methods.training.samples.torch_camera import (
    CameraValues,
    record_batch,
    stacked_cameras,
)

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingData
    from tembench.methods.training.config import TrainingConfig
    from tembench.methods.training.samples.image_cache import ImageCache

_LEAST_SIDE = 16
"""Side of the smallest sample in bins."""
_MOST_SAMPLES = 4
"""Most samples of a batch of small ones, in units of the batch."""


class _Group(NamedTuple):
    """Images of one size of the bin, in pixels, and one kind of camera."""

    binning: int
    images: Tensor
    pixel_sizes_A: Tensor
    cameras: CameraValues


class MovedSampler:
    """Sampler of moved crops and their recordings, at the network's sampling.

    Each batch is of images of one binning and one kind of camera, drawn with the chance of their
    number; batches of smaller samples have more of them. Pixels beyond an image are mirrored; they
    do not count in the loss.

    Parameters
    ----------
    data : TrainingData
        Doses, pixel sizes and cameras of the images.
    cache : ImageCache
        Clean images.
    config : TrainingConfig
        Batch, crop, bins in angstrom, symmetries, rotation, magnification, range of doses per area.
    seed : int
        Seed of the training.
    device : torch.device
        Device where batches are made.

    Raises
    ------
    MethodError
        If images have fewer than 16 x 16 bins.
    """

    def __init__(
        self,
        data: TrainingData,
        cache: ImageCache,
        config: TrainingConfig,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self._cache, self._config, self._seed, self._device = cache, config, seed, device
        self._dose = data.dose_e_per_px
        self._generator = torch.Generator(device)
        self._groups = _groups(data, config.bin_A, device)
        numbers = np.array([len(group.images) for group in self._groups], dtype=float)
        self._chances = numbers / numbers.sum()
        for group in self._groups:
            if min(cache.shape) // group.binning < _LEAST_SIDE:
                raise MethodError(
                    "images too small to train on",
                    expected=f"{_LEAST_SIDE * group.binning} px or more a side",
                    got=f"{min(cache.shape)} px",
                    remedy="Lower bin_A, or take larger images",
                )

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step: bin means of recordings, and targets.

        Returns
        -------
        noisy : Tensor
            (n, 1, side, side) float32, 1 in vacuum.
        target : Tensor
            (n, 2, side, side): clean values at the bin centres, and 1 inside the image, 0 beyond.
        """
        words = seed_sequence(self._seed, "moved-training", step).generate_state(2)
        group = self._groups[
            int(np.searchsorted(self._chances.cumsum(), words[0] / 2**32, side="right"))
        ]
        self._generator.manual_seed(int(words[0]) << 31 | int(words[1]))
        side = _multiple_of_8(min(self._config.crop, min(self._cache.shape) // group.binning))
        area = (self._config.crop / side) ** 2
        count = max(1, round(self._config.batch * min(_MOST_SAMPLES, area)))
        chosen = torch.randint(
            len(group.images), (count,), generator=self._generator, device=self._device
        )
        clean, inside = self._moved(group.images[chosen], side * group.binning)
        doses = self._doses(group.pixel_sizes_A[chosen])
        recorded = record_batch(clean * doses, group.cameras.of(chosen), self._generator)
        mean = bin_clean(recorded / doses, group.binning)[0]
        centre = bin_clean(clean, group.binning)[1]
        within = -functional.max_pool2d(-inside[:, None], group.binning)
        return mean[:, None], torch.cat([centre[:, None], within], dim=1)

    def digest(self) -> str:
        """Return a digest of the images."""
        return self._cache.digest()

    def _uniform(self, count: int, low: float, high: float) -> Tensor:
        drawn = torch.rand(count, generator=self._generator, device=self._device)
        return low + (high - low) * drawn

    def _doses(self, pixel_sizes_A: Tensor) -> Tensor:
        """Dose of each sample in e/px, (n, 1, 1), uniform in the logarithm of that per area."""
        low, high = (math.log(dose) for dose in self._config.dose_range_e_per_A2)
        per_A2 = self._uniform(len(pixel_sizes_A), low, high).exp()
        return (per_A2 * pixel_sizes_A**2)[:, None, None]

    def _moved(self, images: Tensor, side_px: int) -> tuple[Tensor, Tensor]:
        """Return moved images, 1 in vacuum, and where they lie inside: (n, side, side) each."""
        frames = self._cache.frames(images) / self._dose
        places, inside = self._places(len(images), side_px)
        moved = functional.grid_sample(
            frames[:, None],
            places,
            mode="bicubic",
            padding_mode="reflection",
            align_corners=True,
        )
        # Interpolation overshoots; no place expects fewer electrons than none.
        return moved[:, 0].clamp_min_(0), inside

    def _places(self, count: int, side_px: int) -> tuple[Tensor, Tensor]:
        """Draw where pixels of samples lie in the images: (n, side, side, 2) from -1 to 1."""
        config = self._config
        limit = math.radians(config.rotation_deg)
        angle = self._uniform(count, -limit, limit)
        low, high = (math.log(factor) for factor in config.magnification_range)
        size = torch.exp(-self._uniform(count, low, high))
        cosine, sine = size * angle.cos(), size * angle.sin()
        mirrored = torch.ones(count, device=self._device)
        if config.symmetries != "none":
            mirrored = torch.sign(self._uniform(count, -1, 1))
        half = (side_px - 1) / 2
        reach = half * (cosine.abs() + sine.abs())
        height, width = self._cache.shape
        centres = []
        for extent in (width, height):
            # Anywhere inside; where the sample is larger than the image, anywhere over it.
            ends = torch.stack([reach, extent - 1 - reach])
            start, end = ends.amin(0), ends.amax(0)
            centres.append(start + (end - start) * self._uniform(count, 0, 1))
        along = torch.arange(side_px, device=self._device) - half
        v, u = along[:, None], along[None, :]
        u = u * mirrored[:, None, None]
        cosine, sine = cosine[:, None, None], sine[:, None, None]
        x = centres[0][:, None, None] + cosine * u - sine * v
        y = centres[1][:, None, None] + sine * u + cosine * v
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        places = torch.stack([2 * x / (width - 1) - 1, 2 * y / (height - 1) - 1], dim=-1)
        return places, inside.float()


def moved_validation_set(
    data: TrainingData, bin_A: float, chosen: list[int]
) -> tuple[list[Tensor], list[Tensor]]:
    """Return whole validation images as they were recorded, each at its own dose and binning.

    Parameters
    ----------
    data : TrainingData
        With noisy validation images, their doses and pixel sizes.
    bin_A : float
        Side of a bin.
    chosen : list of int
        Numbers of the images.

    Returns
    -------
    noisy, clean : list of Tensor
        (1, 1, y, x) each, 1 in vacuum, on the CPU.

    Raises
    ------
    MethodError
        If the images are not those of a drawn recipe.
    """
    sizes_A = data.validation_pixel_sizes_A
    given = (data.noisy_validation, data.validation_doses_e_per_px, sizes_A)
    if sizes_A is None or any(one is None for one in given):
        raise MethodError(
            'samples = "moved" needs images that each have a dose and a sampling',
            remedy="Train on a store of a drawn recipe",
        )
    pairs = [recorded_pair(data, bin_side(bin_A, sizes_A[number]), number) for number in chosen]
    return [noisy for noisy, _ in pairs], [clean for _, clean in pairs]


def _multiple_of_8(side: int) -> int:
    """Return the side rounded down to a multiple of 8, so that coarser scales need no padding."""
    return side // 8 * 8


def _groups(data: TrainingData, bin_A: float, device: torch.device) -> list[_Group]:
    count = len(data.train)
    sizes = data.pixel_sizes_A or [data.pixel_size_A] * count
    cameras = [data.cameras[i] if data.cameras is not None else None for i in range(count)]
    members: dict[tuple[int, str], list[int]] = {}
    for image, (size, camera) in enumerate(zip(sizes, cameras, strict=True)):
        key = bin_side(bin_A, size), "ideal" if camera is None else camera.kind
        members.setdefault(key, []).append(image)
    return [
        _Group(
            binning,
            torch.tensor(images, device=device),
            torch.tensor([sizes[image] for image in images], device=device),
            stacked_cameras([cameras[image] for image in images], device),
        )
        for (binning, _), images in sorted(members.items())
    ]
