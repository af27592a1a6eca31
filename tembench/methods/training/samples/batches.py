"""Training batches: crops of clean images, augmentation and fresh Poisson noise.

Every batch is a function of (seed, step) alone. An interrupted run therefore resumes with the
batches that it would have had, and no state of a random generator has to be stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from torch import Tensor

from tembench.core import MethodError, seed_sequence
from tembench.dataset import spread
from tembench.methods.counts.binning import refuse_less_than_a_bin

if TYPE_CHECKING:
    from tembench.methods.protocol import ImageSource
    from tembench.methods.training.samples.image_cache import ImageCache

# Cubic interpolation half-way between the two middle samples (Lagrange, four points).
_HALF_WAY = (-1 / 16, 9 / 16, 9 / 16, -1 / 16)

# Probabilities of a flip left to right, a flip top to bottom, and a transposition.
SYMMETRIES = {
    "none": (0.0, 0.0, 0.0),
    "mirror": (0.5, 0.0, 0.0),
    "all": (0.5, 0.5, 0.5),
}


class Sampler(Protocol):
    """Source of training batches."""

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step: input and target, (n, channels, y, x) float32 each.

        Both are in units of the vacuum's expectation and depend on the step and the sampler's seed
        alone.
        """
        ...

    def digest(self) -> str:
        """Return a digest of the data; part of the training's identity."""
        ...


class CropSource(Protocol):
    """Source of square crops of clean images, at the network's sampling."""

    def random_crops(self, random: np.random.Generator, count: int) -> Tensor:
        """Return `count` crops, (count, 2, side, side), in units of the vacuum's expectation.

        The first channel is the mean over each bin, the second the value at its centre.
        """
        ...

    def digest(self) -> str:
        """Return a digest of the images."""
        ...


def bin_clean(clean: Tensor, binning: int) -> tuple[Tensor, Tensor]:
    """Return the mean over bins of a clean image, and its values at the centres of the bins.

    The sum of Poisson counts over a bin is a Poisson count whose mean is the sum over the bin, so
    noise may be drawn after binning. The target is the image itself at the bin's centre and not
    its average, so that interpolation to the pixels loses no contrast.

    Parameters
    ----------
    clean : Tensor
        (n, y, x), both sides multiples of `binning`.
    binning : int
        Side of a bin, px.

    Returns
    -------
    mean, centre : Tensor
        (n, y / binning, x / binning) each, in the unit of `clean`.
    """
    n, height, width = clean.shape
    bins = clean.reshape(n, height // binning, binning, width // binning, binning)
    mean = bins.mean((2, 4))
    if binning % 2:
        return mean, bins[:, :, binning // 2, :, binning // 2]
    if binning == 2:
        # The four points of a cubic would reach into the next bins; the two inner ones suffice.
        return mean, mean
    centre = torch.zeros_like(mean)
    for i, weight_y in enumerate(_HALF_WAY):
        for j, weight_x in enumerate(_HALF_WAY):
            sample = bins[:, :, binning // 2 - 2 + i, :, binning // 2 - 2 + j]
            centre += weight_y * weight_x * sample
    return mean, centre


class ImageCrops:
    """Crops of stored clean images, at any position.

    Parameters
    ----------
    cache : ImageCache
        The images.
    dose_e_per_px : float
        Expected electrons per native pixel in vacuum.
    binning : int
        Side of a bin, native px.
    crop : int
        Side of a crop, bins; at most the image's shorter side.

    Raises
    ------
    MethodError
        If an image is smaller than a bin.
    """

    def __init__(self, cache: ImageCache, *, dose_e_per_px: float, binning: int, crop: int) -> None:
        refuse_less_than_a_bin(cache.shape, binning)
        self._cache, self._dose, self._binning = cache, dose_e_per_px, binning
        # Square, so that transposed crops stack with the others.
        self._side_px = min(crop, *(side // binning for side in cache.shape)) * binning

    def random_crops(self, random: np.random.Generator, count: int) -> Tensor:
        """Return crops of images drawn with equal chance; see `CropSource.random_crops`."""
        crops = torch.stack([self.random_crop(random)[1] for _ in range(count)]) / self._dose
        return torch.stack(bin_clean(crops, self._binning), dim=1)

    def random_crop(self, random: np.random.Generator) -> tuple[int, Tensor]:
        """Return the number of an image, and a crop of it: (side, side) px, e/px."""
        index = int(random.integers(len(self._cache)))
        side = self._side_px
        y, x = (int(random.integers(extent - side + 1)) for extent in self._cache.shape)
        return index, self._cache.crop(index, y, x, side)

    def digest(self) -> str:
        """Return a digest of the images."""
        return self._cache.digest()


class SupervisedSampler:
    """Sampler of clean crops and their noisy versions, at the network's sampling.

    Parameters
    ----------
    crops : CropSource
        Source of clean crops.
    counts_in_vacuum : float
        Counts expected in a bin of vacuum.
    batch : int
        Samples per batch.
    symmetries : str
        A name in `SYMMETRIES`.
    dose_range : tuple of float
        The dose of each sample is the nominal one times a factor from this range, uniform in its
        logarithm.
    seed : int
        Seed of the training.
    device : torch.device
        Device where batches are made.
    """

    def __init__(
        self,
        crops: CropSource,
        *,
        counts_in_vacuum: float,
        batch: int,
        symmetries: str,
        dose_range: tuple[float, float] = (1.0, 1.0),
        seed: int,
        device: torch.device,
    ) -> None:
        self._crop_source = crops
        self._counts = counts_in_vacuum
        self._batch = batch
        self._chances = SYMMETRIES[symmetries]
        self._log_dose = np.log(dose_range)
        self._seed = seed
        self._device = device
        self._generator = torch.Generator(device)

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step: counts per bin and clean values at the bin centres.

        Returns
        -------
        noisy, clean : Tensor
            (batch, 1, crop, crop) float32, 1 in vacuum.
        """
        random = np.random.default_rng(seed_sequence(self._seed, "training", step))
        self._generator.manual_seed(int(random.integers(2**62)))
        clean = augment(self._crop_source.random_crops(random, self._batch), self._chances, random)
        factors = np.exp(
            random.uniform(self._log_dose[0], self._log_dose[1], size=(self._batch, 1, 1))
        )
        counts = torch.as_tensor(self._counts * factors, dtype=torch.float32, device=self._device)
        noisy = add_noise(clean[:, 0], counts, self._generator)
        return noisy[:, None], clean[:, 1:].contiguous()

    def digest(self) -> str:
        """Return a digest of the images."""
        return self._crop_source.digest()


def augment(crops: Tensor, chances: tuple[float, ...], random: np.random.Generator) -> Tensor:
    """Flip and transpose crops at random.

    Parameters
    ----------
    crops : Tensor
        (n, channels, side, side).
    chances : tuple of float
        Probabilities of the three operations, an entry of `SYMMETRIES`.
    random : numpy.random.Generator
        Source of randomness.
    """
    chance = np.array(chances).reshape(3, 1, 1, 1, 1)
    choice = torch.as_tensor(random.random((3, len(crops), 1, 1, 1)) < chance).to(crops.device)
    crops = torch.where(choice[0], crops.flip(-1), crops)
    crops = torch.where(choice[1], crops.flip(-2), crops)
    return torch.where(choice[2], crops.transpose(-1, -2), crops)


def add_noise(mean: Tensor, counts_in_vacuum: float | Tensor, generator: torch.Generator) -> Tensor:
    """Draw Poisson counts of expectation `mean`, returned in the same unit.

    Parameters
    ----------
    mean : Tensor
        Expectation, 1 in vacuum.
    counts_in_vacuum : float or Tensor
        Counts that correspond to 1; a tensor holds one value per image.
    generator : torch.Generator
        Source of randomness, on the device of `mean`.
    """
    return torch.poisson(mean * counts_in_vacuum, generator=generator) / counts_in_vacuum


def validation_set(
    images: ImageSource, *, dose_e_per_px: float, binning: int, count: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Return whole validation images with noise that stays the same throughout a training.

    Parameters
    ----------
    images : ImageSource
        The clean validation images.
    dose_e_per_px : float
        Expected electrons per native pixel in vacuum.
    binning : int
        Side of a bin, native px.
    count : int
        Number of images, spread evenly.
    seed : int
        Seed of the noise.

    Returns
    -------
    noisy, clean : Tensor
        (n, 1, y, x) as returned by `SupervisedSampler.draw`, on the CPU.

    Raises
    ------
    MethodError
        If there is no image.
    """
    if len(images) == 0:
        raise MethodError("no image to validate on", remedy="Check the split of the store")
    height, width = (side // binning * binning for side in images[0].shape)
    chosen = [images[number][:height, :width] for number in spread(len(images), count)]
    clean = torch.from_numpy(np.stack(chosen).astype(np.float32)) / dose_e_per_px
    mean, centre = bin_clean(clean, binning)
    generator = torch.Generator("cpu")
    words = seed_sequence(seed, "training-validation").generate_state(1, np.uint64)
    generator.manual_seed(int(words[0] >> np.uint64(2)))
    noisy = add_noise(mean, dose_e_per_px * binning**2, generator)
    return noisy[:, None], centre[:, None].contiguous()
