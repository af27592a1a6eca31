"""Subject of a report: an image, its electrons, the method, and what is independent of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tembench.core import seed_sequence, thin, thin_into
from tembench.methods import NoisyImage, load_method
from tembench.micrographs.domain import ReadyMethod, disjoint_parts

FOLDS = 5
"""Parts of the electrons, each of which is held out once."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A denoised image and the means to judge it.

    Attributes
    ----------
    image : NoisyImage
        The counts on square pixels, their pixel size and dose.
    denoised : numpy.ndarray
        (y, x), the image to judge: expected electrons per pixel.
    name : str
        Name of the method.
    ready : ReadyMethod or None
        The method, to denoise parts of the electrons with; None if it is not known.
    frames : tuple of numpy.ndarray
        Counts (y, x) of other frames of the same place, in two groups (or one); may be empty.
    not_counted : str
        Reason why electrons cannot be held out of the image; empty if they can.
    correlated : bool
        Whether the noise of neighbouring pixels is correlated.
    seed : int
        Seed of all splits and simulated noise.
    """

    image: NoisyImage
    denoised: np.ndarray
    name: str
    ready: ReadyMethod | None = None
    frames: tuple[np.ndarray, ...] = ()
    not_counted: str = ""
    correlated: bool = False
    seed: int = 0
    filters: dict[str, ReadyMethod] = field(
        default_factory=lambda: {
            name: ReadyMethod(method=load_method(name)) for name in ("gaussian", "bm3d")
        }
    )

    @property
    def pixel_size_A(self) -> float:
        """Pixel size in angstrom."""
        return self.image.pixel_size_A

    @property
    def dose_e_per_px(self) -> float:
        """Electrons per pixel in vacuum."""
        return self.image.dose_e_per_px

    @property
    def no_parts(self) -> str:
        """Reason why parts of the electrons cannot be denoised again; empty if they can."""
        if self.not_counted:
            return self.not_counted
        return "" if self.ready else "the method that made the image is not known"

    @cached_property
    def all_frames(self) -> np.ndarray | None:
        """Sum of the other frames (y, x); None without any."""
        if not self.frames:
            return None
        return np.asarray(np.sum(self.frames, axis=0, dtype=np.float64))

    @property
    def frames_factor(self) -> float:
        """Electrons of the other frames over those of the image."""
        frames = self.all_frames
        return 0.0 if frames is None else float(frames.mean() / self.image.counts.mean())

    def generator(self, purpose: str) -> np.random.Generator:
        """Return the generator of the random numbers for one purpose."""
        return np.random.default_rng(seed_sequence(self.seed, f"trust {purpose}"))

    def part(self, counts: np.ndarray, share: float) -> NoisyImage:
        """Return some of the electrons as an image of that share of the dose."""
        kind = self.image.counts.dtype
        return replace(
            self.image,
            counts=counts.astype(kind),
            dose_e_per_px=self.dose_e_per_px * share,
            series=None,
        )

    def again(self, counts: np.ndarray, share: float) -> np.ndarray:
        """Denoise some of the electrons with the method; e/px of that share of the dose."""
        if self.ready is None:
            raise ValueError("a known method expected")
        return self.ready.denoise(self.part(counts, share), "part of the electrons")

    def splits(self, share: float, times: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the counts without a share of the electrons, and that share, several times.

        Each electron is held out at most once, which tells more than electrons drawn again.
        """
        counts = self.image.counts
        for rest in disjoint_parts(counts, share, times, self.generator("held out")):
            yield counts - rest, rest

    @cached_property
    def halves(self) -> tuple[np.ndarray, np.ndarray]:
        """Two independent images of half of the electrons each."""
        return thin(self.image.counts, 0.5, self.generator("halves"))

    @cached_property
    def denoised_halves(self) -> tuple[np.ndarray, np.ndarray]:
        """The halves denoised apart, e/px of half of the dose."""
        first, second = self.halves
        return self.again(first, 0.5), self.again(second, 0.5)

    @cached_property
    def folds(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Each fifth of the electrons, and the rest denoised, in e/px of a fifth."""
        counts, rest = self.image.counts, 1 - 1 / FOLDS
        parts = thin_into(counts, FOLDS, self.generator("folds")) / FOLDS
        return tuple(
            (
                part.astype(counts.dtype),
                self.again(counts - part, rest) / np.float32(FOLDS - 1),
            )
            for part in parts
        )
