"""Candidates: the methods that are tried on an image, and their denoisers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np

from tembench.core import MethodError, MissingPackage
from tembench.methods import Denoiser, GuidedBM3D, NoisyImage, apply, load_method
from tembench.micrographs.domain import ReadyMethod

REFERENCE = "gaussian-open"
"""The filter that does little, which a method must beat."""
# In the order of preference where nothing can be judged.
_OPEN = ("guided-bm3d", "unet-open")
_FILTERS = ("bm3d-open", "spectral-wiener", REFERENCE)
# Networks of one specimen, sampling and dose: tried where both are within these factors.
_CLOSED = ("gated-unet", "unet")
_FAR_PIXELS, _FAR_DOSE = 2.0, 5.0
# BM3D on fewer of the bins, in half of the time: on nine images its error differed by less
# than 0.15 dB.
_JUDGED_WITH = {"guided-bm3d": {"stride": 4}, "bm3d-open": {"stride": 3}}


@dataclass(kw_only=True)
class Candidate:
    """A method that is tried, with the seconds that it took.

    Attributes
    ----------
    ready : ReadyMethod
        The method with its weights.
    fault : str
        Reason why it is out of the race; else empty.
    seconds : float
        Time spent so far.
    """

    ready: ReadyMethod
    fault: str = ""
    seconds: float = 0.0
    _denoiser: Denoiser | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Name of the method."""
        return self.ready.method.name

    @property
    def base(self) -> str:
        """Name of the method whose network guides it; empty if there is none."""
        base = self.ready.method.base
        return base.name if base else ""

    def build(self, shared: dict[str, Denoiser]) -> None:
        """Build the denoiser; note the fault if that fails.

        Parameters
        ----------
        shared : dict
            Networks by the name of their method, added to: that of a guided filter is its base's.
        """
        start = time.perf_counter()
        try:
            denoiser = self._built()
        except (MethodError, MissingPackage) as problem:
            self.fault = f"cannot be used: {problem}"
            return
        if isinstance(denoiser, GuidedBM3D) and self.base and self.ready.weights is None:
            guide = shared.setdefault(self.base, _Remembered(denoiser.base))
            denoiser = replace(denoiser, base=guide)
        elif self.ready.weights is None and self.name in _OPEN:
            denoiser = shared.setdefault(self.name, _Remembered(denoiser))
        self._denoiser = denoiser
        self.seconds += time.perf_counter() - start

    def _built(self) -> Denoiser:
        method, faster = self.ready.method, _JUDGED_WITH.get(self.name, {})
        if not faster or method.chosen.intersection(faster) or "denoiser" in vars(self.ready):
            return self.ready.denoiser
        return method.build(self.ready.used_weights, **faster)

    def denoise(self, image: NoisyImage, where: str) -> np.ndarray | None:
        """Return the denoised image (y, x), e/px; None, and the fault noted, if that fails."""
        if self._denoiser is None:
            return None
        start = time.perf_counter()
        try:
            seen = self.ready.seen(image)
            result = self.ready.back(apply(self.ready.method, self._denoiser, seen, where), image)
        except MethodError as problem:
            self.fault = f"failed: {problem}"
            return None
        self.seconds += time.perf_counter() - start
        return result


def candidates_for(image: NoisyImage) -> list[ReadyMethod]:
    """Return the shipped methods that may suit an image, the usually best first.

    Parameters
    ----------
    image : NoisyImage
        Decides, by its sampling and dose, whether the networks of the closed benchmark are tried.
    """
    return [one for one in all_candidates() if one.name not in _CLOSED or _is_near(one, image)]


def all_candidates() -> list[ReadyMethod]:
    """Return all shipped methods that an image may be given to."""
    return [ReadyMethod(method=load_method(name)) for name in (*_OPEN, *_FILTERS, *_CLOSED)]


def built(ready: Sequence[ReadyMethod]) -> list[Candidate]:
    """Build the denoisers of methods; those that cannot be built have a fault."""
    shared: dict[str, Denoiser] = {}
    candidates = [Candidate(ready=one) for one in ready]
    for candidate in candidates:
        candidate.build(shared)
    return candidates


def _is_near(ready: ReadyMethod, image: NoisyImage) -> bool:
    domain = ready.domain
    if domain.pixel_size_A is None or domain.dose_e_per_px is None:
        return True
    ratio = image.pixel_size_A / domain.pixel_size_A
    dose = image.dose_e_per_px / ratio**2 / domain.dose_e_per_px
    return 1 / _FAR_PIXELS <= ratio <= _FAR_PIXELS and 1 / _FAR_DOSE <= dose <= _FAR_DOSE


class _Remembered:
    """A denoiser that remembers its last result, for two candidates that use one network."""

    def __init__(self, denoiser: Denoiser) -> None:
        self._denoiser = denoiser
        self._key = b""
        self._result = np.empty(0)

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image (y, x), e/px."""
        of_image = repr((image.pixel_size_A, image.dose_e_per_px, image.counts.shape))
        key = blake2b(of_image.encode() + image.counts.tobytes()).digest()
        if key != self._key:
            self._result, self._key = self._denoiser.denoise(image), key
        return self._result.copy()
