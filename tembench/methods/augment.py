"""Batches for training: crops, bins, flips and turns of clean images, and fresh Poisson noise.

Every batch is a function of (seed, step) alone. A run that was interrupted therefore goes on with
the batches it would have had, and no state of a random generator has to be kept.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.errors import MethodError
from tembench.seeds import seed_sequence

if TYPE_CHECKING:
    from tembench.methods.protocol import ImageSource

# Cubic interpolation half-way between the two middle samples (Lagrange, four points).
_HALF_WAY = (-1 / 16, 9 / 16, 9 / 16, -1 / 16)

# Chances of a mirror left to right, of one top to bottom, and of a transposition.
SYMMETRIES = {
    "none": (0.0, 0.0, 0.0),
    "mirror": (0.5, 0.0, 0.0),
    "all": (0.5, 0.5, 0.5),
}


class Pool:
    """Clean images held where the training reads them fastest.

    They are kept on `device` where all of them fit into `memory_GB`, and read one by one from
    their source otherwise.

    Parameters
    ----------
    images : ImageSource
        Clean images of one shape (y, x), e/px.
    device : torch.device
        Where batches are made.
    memory_GB : float
        What the images may occupy there.

    Raises
    ------
    MethodError
        Where there is no image.
    """

    def __init__(self, images: ImageSource, device: torch.device, memory_GB: float) -> None:
        """Read the images, where they are to be held."""
        if len(images) == 0:
            raise MethodError("no image to train on", remedy="Check the split of the store")
        self._source = images
        self._device = device
        first = images[0]
        self.shape: tuple[int, int] = (first.shape[0], first.shape[1])
        self._held: Tensor | None = None
        if len(images) * first.size * 4 <= memory_GB * 1e9:
            self._held = torch.empty((len(images), *self.shape), device=device)
            for number in range(len(images)):
                self._held[number] = torch.from_numpy(np.asarray(images[number], np.float32))

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self._source)

    def __getitem__(self, number: int) -> Tensor:
        """Return image `number` on the device, (y, x) float32."""
        if self._held is not None:
            return self._held[number]
        image = np.asarray(self._source[number], np.float32)
        return torch.from_numpy(image).to(self._device)

    def digest(self) -> str:
        """Short digest of the images (of three of them: enough to tell data sets apart)."""
        state = hashlib.sha256(repr((len(self), self.shape)).encode())
        for number in sorted({0, len(self) // 2, len(self) - 1}):
            state.update(self[number].cpu().numpy().tobytes())
        return state.hexdigest()[:16]


def bin_clean(clean: Tensor, binning: int) -> tuple[Tensor, Tensor]:
    """Give the mean over bins of a clean image, and its values at the centres of the bins.

    The sum of Poisson counts over a bin is a Poisson count about the sum over the bin, so noise
    may be drawn after binning. The target is the image itself at the bin's centre and not its
    average, so that interpolation brings it back to the pixels without a loss of contrast.

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
        # The four points of a cubic would reach into the next bins; the two inner ones do.
        return mean, mean
    centre = torch.zeros_like(mean)
    for i, weight_y in enumerate(_HALF_WAY):
        for j, weight_x in enumerate(_HALF_WAY):
            sample = bins[:, :, binning // 2 - 2 + i, :, binning // 2 - 2 + j]
            centre += weight_y * weight_x * sample
    return mean, centre


class Batches:
    """Noisy and clean training batches at the network's sampling.

    Parameters
    ----------
    pool : Pool
        The clean images.
    dose_e_per_px : float
        Expected counts per native pixel in vacuum.
    binning : int
        Side of a bin, native px.
    batch : int
        Samples per batch.
    crop : int
        Side of a sample, bins; cut down to the image where that is smaller.
    symmetries : str
        A name in `SYMMETRIES`.
    seed : int
        The recipe's seed.
    device : torch.device
        Where batches are made.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        dose_e_per_px: float,
        binning: int,
        batch: int,
        crop: int,
        symmetries: str,
        seed: int,
        device: torch.device,
    ) -> None:
        """Check that a sample fits into an image."""
        self._symmetries = SYMMETRIES[symmetries]
        self._pool = pool
        self._dose = dose_e_per_px
        self._binning = binning
        self._batch = batch
        self._seed = seed
        self._device = device
        # Square samples, so that turned and unturned ones stack.
        self._side_px = min(crop, *(side // binning for side in pool.shape)) * binning
        if self._side_px == 0:
            raise MethodError(
                "the images are smaller than one bin",
                expected=f"a side of at least {binning} px",
                got=f"{pool.shape[0]} x {pool.shape[1]} px",
            )
        self._generator = torch.Generator(device)

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Give the batch of one step.

        Parameters
        ----------
        step : int
            Number of the step; the batch depends on it and on the seed alone.

        Returns
        -------
        noisy, clean : Tensor
            (batch, 1, crop, crop) float32: counts per bin and clean values at its centre, both
            in units of the vacuum's expectation (1 is vacuum).
        """
        random = np.random.default_rng(seed_sequence(self._seed, "training", step))
        self._generator.manual_seed(int(random.integers(2**62)))
        samples = torch.stack([self._cut(random) for _ in range(self._batch)]) / self._dose
        mean, centre = bin_clean(samples, self._binning)
        mean, centre = self._turn(torch.stack([mean, centre], dim=1), random).unbind(1)
        noisy = add_noise(mean, self._dose * self._binning**2, self._generator)
        return noisy[:, None], centre[:, None].contiguous()

    def _cut(self, random: np.random.Generator) -> Tensor:
        image = self._pool[int(random.integers(len(self._pool)))]
        side = self._side_px
        y, x = (int(random.integers(extent - side + 1)) for extent in image.shape)
        return image[y : y + side, x : x + side]

    def _turn(self, samples: Tensor, random: np.random.Generator) -> Tensor:
        """Apply one of the symmetries at random to each sample (n, 2, s, s)."""
        chance = np.array(self._symmetries).reshape(3, 1, 1, 1, 1)
        choice = torch.as_tensor(random.random((3, len(samples), 1, 1, 1)) < chance)
        choice = choice.to(self._device)
        samples = torch.where(choice[0], samples.flip(-1), samples)
        samples = torch.where(choice[1], samples.flip(-2), samples)
        return torch.where(choice[2], samples.transpose(-1, -2), samples)


def add_noise(mean: Tensor, counts_in_vacuum: float, generator: torch.Generator) -> Tensor:
    """Draw Poisson counts about `mean` and give them in the same unit.

    Parameters
    ----------
    mean : Tensor
        Expectation, 1 in vacuum.
    counts_in_vacuum : float
        Counts that 1 stands for.
    generator : torch.Generator
        Source of randomness, on the device of `mean`.
    """
    return torch.poisson(mean * counts_in_vacuum, generator=generator) / counts_in_vacuum


def validation_set(
    pool: Pool, *, dose_e_per_px: float, binning: int, count: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Give whole validation images with noise that stays the same throughout a training.

    Parameters
    ----------
    pool : Pool
        The clean validation images.
    dose_e_per_px, binning, seed
        As in `Batches`.
    count : int
        Images taken, spread evenly over the pool.

    Returns
    -------
    noisy, clean : Tensor
        (n, 1, y, x) as given by `Batches.draw`.
    """
    numbers = np.unique(np.linspace(0, len(pool) - 1, min(count, len(pool))).round().astype(int))
    height, width = (side // binning * binning for side in pool.shape)
    images = torch.stack([pool[int(number)][:height, :width] for number in numbers])
    mean, centre = bin_clean(images / dose_e_per_px, binning)
    generator = torch.Generator("cpu")
    words = seed_sequence(seed, "training-validation").generate_state(1, np.uint64)
    generator.manual_seed(int(words[0] >> np.uint64(2)))
    # Drawn on the CPU: the same noise whatever the device.
    noisy = add_noise(mean.cpu(), dose_e_per_px * binning**2, generator).to(mean)
    return noisy[:, None], centre[:, None].contiguous()
