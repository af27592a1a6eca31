"""The judge of domain: does a trained network know what an image shows?

A network that meets a lattice it was not trained on erases it, or draws the one that it knows; the
result looks like any other. The image's own electrons expose that: some are held out, the rest is
denoised, and whatever makes those held out more likely is nearer to the truth (Poisson counts
split at random are independent). Where a plain filter, which knows no specimen, does better than a
network that was trained for the purpose, the image is not what the network was trained on. A second
witness is the spectrum: lattice planes that the specimens of the training do not have.

Neither knows what is right: silence is no proof.
`benchmarks/specimen_check_accuracy.py` measures both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tembench.core import MethodError, seed_sequence, thin
from tembench.methods.counts.binning import bin_counts
from tembench.methods.method import Method, load_method
from tembench.methods.micrographs.power_spectrum import spectrum_of, strange_spacings_A
from tembench.methods.micrographs.training_domain import Domain
from tembench.methods.protocol import Denoiser, NoisyImage
from tembench.methods.runs.apply import apply

LEAST_SIDE_PX, MOST_SIDE_PX = 128, 1024
_LEAST_ELECTRONS = 5_000
# Shares of the electrons that are held out, one after the other.
_ROUNDS, _SHARE = 3, 0.2
# BM3D on every third bin is twice as fast and next to as good.
_FILTERS: dict[str, dict[str, Any]] = {"spectral-wiener": {}, "bm3d": {"stride": 3}}
# In standard errors: a filter is better; so clearly that one round says it.
_BETTER, _AT_ONCE = 2.0, 5.0
_BLOCK = 8


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Result of the judge on one image.

    Attributes
    ----------
    unjudged : str
        Why it cannot be judged; else empty.
    z : float
        Log-likelihood of held-out electrons under the better filter less that under the method, in
        standard errors.
    gain : float
        The same difference in natural units, for a fifth of the electrons.
    better : str
        The better filter.
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
        """If the image is not what the method was trained on."""
        # Strange planes are no fault of a network that explains them: one trained on turned images.
        return self.z > _BETTER or (bool(self.strange_A) and self.z > -_BETTER)


def specimen_warnings(
    method: Method, denoiser: Denoiser, domain: Domain, image: NoisyImage
) -> list[str]:
    """Warn where a trained method was given what it was not trained on, or that may be so unseen.

    Parameters
    ----------
    method, denoiser : Method, Denoiser
        The method and what its `build` returned. Only methods that were trained on other images
        are judged; of one that tunes a trained network to each image (`denoiser.untuned`), that
        network, which takes a fraction of the time.
    domain : Domain
        What it was trained on.
    image : NoisyImage
        What it was given.

    Returns
    -------
    list of str
        One warning, or none.
    """
    # "none but the counts of the very image" was trained on no other image.
    if method.kind != "learned" or method.training_data.startswith("none"):
        return []
    try:
        verdict = judge(method, getattr(denoiser, "untuned", denoiser), domain, image)
    except MethodError as problem:
        # The image is denoised: no judge may take it away.
        verdict = Verdict(unjudged=f"the judge failed: {problem}")
    if verdict.unjudged:
        return [f"not checked if {method.name} knows what it shows: {verdict.unjudged}"]
    return [_warning(method, domain, verdict)] if verdict.is_unknown else []


def judge(method: Method, denoiser: Denoiser, domain: Domain, image: NoisyImage) -> Verdict:
    """Judge if an image is what a method was trained on; parameters as `specimen_warnings`."""
    counts = image.counts
    if min(counts.shape) < LEAST_SIDE_PX:
        height, width = counts.shape
        return Verdict(unjudged=f"{width} x {height} px are too few, {LEAST_SIDE_PX} are needed")
    if counts.min() < 0 or (counts != np.floor(counts)).any():
        return Verdict(
            unjudged="its values are not whole electrons, of which some could be held out"
        )
    counts = _richest_part(counts)
    if counts.sum(dtype=np.float64) < _LEAST_ELECTRONS:
        return Verdict(unjudged=f"it has fewer than {_LEAST_ELECTRONS} electrons")
    spectrum = spectrum_of(counts)
    if not spectrum.is_of_counted_electrons():
        return Verdict(
            unjudged=f"its noise has {spectrum.noise()[0]:.2f} times the power of electrons "
            "counted one by one (a gain, hot pixels, a camera that spreads electrons over pixels?)"
        )
    strange: tuple[float, ...] = ()
    if domain.recipe:
        strange = tuple(strange_spacings_A(spectrum, image.pixel_size_A, domain.recipe))
    verdict = _held_out(method, denoiser, replace(image, counts=counts))
    return replace(verdict, strange_A=strange)


def _held_out(method: Method, denoiser: Denoiser, image: NoisyImage) -> Verdict:
    """Compare the method with filters on electrons that neither is given."""
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
    """Yield images without some electrons, and those electrons: others each time."""
    generator = np.random.default_rng(seed_sequence(0, "held-out electrons"))
    left = image.counts
    for number in range(_ROUNDS):
        left, rest = thin(left, 1 - _SHARE / (1 - _SHARE * number), generator)
        kept = (image.counts - rest).astype(image.counts.dtype)
        dose = image.dose_e_per_px * (1 - _SHARE)
        yield replace(image, counts=kept, dose_e_per_px=dose), rest


def _log_likelihood(denoised: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Poisson log-likelihood of each pixel's electrons, less what depends on them alone."""
    expected = denoised.astype(np.float64) * (_SHARE / (1 - _SHARE))
    # A thousandth of the mean: an electron where none is expected is no proof of anything.
    expected = np.maximum(expected, 1e-3 * rest.mean())
    return rest * np.log(expected) - expected


def _best_of(gains: dict[str, np.ndarray]) -> Verdict:
    """Return the verdict from maps (y, x) of what each filter gains over the method."""
    better = max(gains, key=lambda name: float(gains[name].mean()))
    gain = gains[better]
    error = float(gain.std()) * math.sqrt(gain.size)
    return Verdict(z=float(gain.sum()) / max(error, 1e-12), gain=float(gain.sum()), better=better)


def _richest_part(counts: np.ndarray) -> np.ndarray:
    """Return the part (y, x) of a large image that has the most structure."""
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
            f"{verdict.better}, which knows no specimen, explains electrons of this image that "
            f"neither was given better than {method.name} does (log-likelihood higher by "
            f"{verdict.gain:.3g}, {verdict.z:.1f} standard errors)"
        )
    if verdict.strange_A:
        spacings = ", ".join(f"{spacing:.2f}" for spacing in verdict.strange_A[:4])
        known = domain.recipe.name if domain.recipe else "its training"
        reasons.append(
            f"the lattice planes that it shows ({spacings} Å) are not those of {known}, "
            "or turned otherwise"
        )
    return (
        f"NOT WHAT {method.name} WAS TRAINED ON: {'; '.join(reasons)}. Its specimen, orientation, "
        "sampling, focus or dose is probably outside of the training, or that was too short: what "
        f"the result shows may be invented. Use instead: tembench denoise {verdict.better} FILE, "
        "or thinning-zero-shot, which is trained on the image itself (slow)"
    )
