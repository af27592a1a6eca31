"""Specimen check: a warning for images unlike those that a network was trained on.

A network erases a lattice that it was not trained on, or draws the one that it knows; the result
looks like any other. The image's own electrons reveal this: some are held out, the rest is
denoised, and the result that makes the held-out ones more likely is closer to the truth (Poisson
counts split at random are independent). If a filter without training does better than the network,
the image is unlike those that the network was trained on. The spectrum gives a second indication:
lattice planes that the specimens of the training do not have.

Neither can confirm a result: no warning is no proof.
`benchmarks/specimen_check_accuracy.py` measures both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tembench.core import MethodError, seed_sequence, thin
from tembench.methods import Denoiser, Method, NoisyImage, apply, bin_counts, load_method
from tembench.micrographs.domain.power_spectrum import spectrum_of, strange_spacings_A
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.domain.training_domain import Domain

LEAST_SIDE_PX, MOST_SIDE_PX = 128, 1024
_LEAST_ELECTRONS = 5_000
# Number of rounds, and the fraction of the electrons held out in each.
_ROUNDS, _SHARE = 3, 0.2
# BM3D on every third bin is twice as fast and almost as good.
_FILTERS: dict[str, dict[str, Any]] = {"spectral-wiener": {}, "bm3d": {"stride": 3}}
# In standard errors: a filter is better; so much better that one round is enough.
_BETTER, _AT_ONCE = 2.0, 5.0
_BLOCK = 8


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Result of the specimen check for one image.

    Attributes
    ----------
    unjudged : str
        Reason why the image cannot be checked; else empty.
    z : float
        Log-likelihood of held-out electrons under the better filter minus that under the method, in
        standard errors.
    gain : float
        The same difference in nat, for a fifth of the electrons.
    better : str
        Name of the better filter.
    strange_A : tuple of float
        Spacings of lattice planes that the training's specimens do not have, angstrom.
    """

    unjudged: str = ""
    z: float = 0.0
    gain: float = 0.0
    better: str = ""
    strange_A: tuple[float, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """True if the image is unlike those that the method was trained on."""
        # Unknown planes do not count against a network that predicts them, such as one trained on
        # rotated images.
        return self.z > _BETTER or (bool(self.strange_A) and self.z > -_BETTER)


def specimen_warnings(ready: ReadyMethod, image: NoisyImage) -> list[str]:
    """Warn if an image is unlike those that a method was trained on, or cannot be checked.

    Parameters
    ----------
    ready : ReadyMethod
        The method with its weights. Only methods trained on other images are checked. If a method
        tunes a trained network to each image (`denoiser.untuned`), the untuned network is checked,
        which takes a fraction of the time.
    image : NoisyImage
        Input of the method, at the pixel size that it knows.

    Returns
    -------
    list of str
        At most one warning.
    """
    method, denoiser, domain = ready.method, ready.denoiser, ready.domain
    # "none but the counts of the very image" was trained on no other image.
    if method.kind != "learned" or method.training_data.startswith("none"):
        return []
    try:
        verdict = judge(method, getattr(denoiser, "untuned", denoiser), domain, image)
    except MethodError as problem:
        # A failed check must not discard the denoised image.
        verdict = Verdict(unjudged=f"the check failed: {problem}")
    if verdict.unjudged:
        return [f"not checked whether {method.name} was trained on such images: {verdict.unjudged}"]
    return [_warning(method, domain, verdict)] if verdict.is_unknown else []


def judge(method: Method, denoiser: Denoiser, domain: Domain, image: NoisyImage) -> Verdict:
    """Check an image against a method's training; parameters as for `specimen_warnings`."""
    counts = image.counts
    if min(counts.shape) < LEAST_SIDE_PX:
        height, width = counts.shape
        return Verdict(
            unjudged=f"{width} x {height} px are too few, at least {LEAST_SIDE_PX} px per side are "
            "needed"
        )
    if counts.min() < 0 or (counts != np.floor(counts)).any():
        return Verdict(
            unjudged="the values are not integer counts, of which some could be held out"
        )
    counts = _richest_part(counts)
    if counts.sum(dtype=np.float64) < _LEAST_ELECTRONS:
        return Verdict(unjudged=f"the image has fewer than {_LEAST_ELECTRONS} electrons")
    spectrum = spectrum_of(counts)
    if not spectrum.is_of_counted_electrons():
        return Verdict(
            unjudged=f"the noise has {spectrum.noise()[0]:.2f} times the power of individually "
            "counted electrons (a gain, hot pixels, or a camera that spreads electrons over "
            "pixels?)"
        )
    strange: tuple[float, ...] = ()
    if domain.recipe:
        strange = tuple(strange_spacings_A(spectrum, image.pixel_size_A, domain.recipe))
    verdict = _held_out(method, denoiser, replace(image, counts=counts))
    return replace(verdict, strange_A=strange)


def _held_out(method: Method, denoiser: Denoiser, image: NoisyImage) -> Verdict:
    """Compare the method with filters on held-out electrons."""
    filters = {name: load_method(name).build(**of_it) for name, of_it in _FILTERS.items()}
    gains: dict[str, np.ndarray] = {}
    verdict = Verdict()
    for number, (kept, rest) in enumerate(_splits(image), 1):
        own = _log_likelihood(apply(method, denoiser, kept, "held-out electrons"), rest)
        for name, plain in filters.items():
            gain = _log_likelihood(plain.denoise(kept), rest) - own
            gains[name] = gains[name] + gain if name in gains else gain
        verdict = _best_of({name: gain / number for name, gain in gains.items()})
        if abs(verdict.z) > _AT_ONCE:
            break
    return verdict


def _splits(image: NoisyImage) -> Iterator[tuple[NoisyImage, np.ndarray]]:
    """Yield images without some electrons, and those electrons; different ones each time."""
    generator = np.random.default_rng(seed_sequence(0, "held-out electrons"))
    left = image.counts
    for number in range(_ROUNDS):
        left, rest = thin(left, 1 - _SHARE / (1 - _SHARE * number), generator)
        kept = (image.counts - rest).astype(image.counts.dtype)
        dose = image.dose_e_per_px * (1 - _SHARE)
        yield replace(image, counts=kept, dose_e_per_px=dose), rest


def _log_likelihood(denoised: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Poisson log-likelihood of each pixel's electrons, without terms of the counts alone."""
    expected = denoised.astype(np.float64) * (_SHARE / (1 - _SHARE))
    # A floor of a thousandth of the mean: one electron where none is expected proves nothing.
    expected = np.maximum(expected, 1e-3 * rest.mean())
    return rest * np.log(expected) - expected


def _best_of(gains: dict[str, np.ndarray]) -> Verdict:
    """Return the verdict from maps (y, x) of each filter's gain over the method."""
    better = max(gains, key=lambda name: float(gains[name].mean()))
    gain = gains[better]
    error = float(gain.std()) * math.sqrt(gain.size)
    return Verdict(z=float(gain.sum()) / max(error, 1e-12), gain=float(gain.sum()), better=better)


def _richest_part(counts: np.ndarray) -> np.ndarray:
    """Return the part (y, x) of a large image with the most structure."""
    if max(counts.shape) <= MOST_SIDE_PX:
        return counts
    bins = bin_counts(counts, _BLOCK).astype(np.float64)
    sums = np.pad(((bins - bins.mean()) ** 2).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    tall, wide = (min(MOST_SIDE_PX // _BLOCK, side) for side in bins.shape)
    within = sums[tall:, wide:] - sums[:-tall, wide:] - sums[tall:, :-wide] + sums[:-tall, :-wide]
    top, left = np.unravel_index(int(within.argmax()), within.shape)
    rows = slice(int(top) * _BLOCK, int(top) * _BLOCK + MOST_SIDE_PX)
    return np.ascontiguousarray(
        counts[rows, int(left) * _BLOCK : int(left) * _BLOCK + MOST_SIDE_PX]
    )


def _warning(method: Method, domain: Domain, verdict: Verdict) -> str:
    reasons = []
    if verdict.z > _BETTER:
        reasons.append(
            f"{verdict.better}, a filter without training, predicts held-out electrons of this "
            f"image better than {method.name} does (log-likelihood higher by {verdict.gain:.3g}, "
            f"{verdict.z:.1f} standard errors)"
        )
    if verdict.strange_A:
        spacings = ", ".join(f"{spacing:.2f}" for spacing in verdict.strange_A[:4])
        known = domain.recipe.name if domain.recipe else "its training"
        reasons.append(
            f"the lattice planes in the image ({spacings} Å) are not those of {known}, or are "
            "oriented differently"
        )
    return (
        f"NOT WHAT {method.name} WAS TRAINED ON: {'; '.join(reasons)}. The specimen, orientation, "
        "pixel size, focus or dose is probably outside the training data, or the training was too "
        "short: structures in the result may be invented. Use instead: tembench apply "
        f"{verdict.better} FILE, or thinning-zero-shot, which is trained on the image itself (slow)"
    )
