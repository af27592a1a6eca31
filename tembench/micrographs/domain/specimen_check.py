"""Specimen check: a warning for images unlike those that a network was trained on.

A network erases a lattice that it was not trained on, or draws the one that it knows; the result
looks like any other. The image's own electrons reveal this: some are held out, the rest is
denoised, and the result that makes the held-out ones more likely is closer to the truth (Poisson
counts split at random are independent). If a filter without training does better than the network,
the image is unlike those that the network was trained on. The spectrum of the residual gives a
second indication: a lattice that the network erased is left in it.

Neither can confirm a result: no warning is no proof.
`benchmarks/specimen_check_accuracy.py` measures both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import fft

from tembench.core import MethodError
from tembench.methods import Denoiser, Method, NoisyImage, apply, bin_counts, load_method
from tembench.micrographs.domain.held_out import folds, log_likelihood, parts_of
from tembench.micrographs.domain.power_spectrum import spectrum_of
from tembench.micrographs.domain.ready_method import ReadyMethod

LEAST_SIDE_PX, MOST_SIDE_PX = 128, 1024
_LEAST_ELECTRONS = 5_000
# Share of the electrons held out in each fold, and the most folds.
_SHARE, _FOLDS = 0.1, 8
# BM3D on every third bin is faster than on every second, and almost as good.
_FILTERS: dict[str, dict[str, Any]] = {"spectral-wiener": {}, "bm3d-open": {"stride": 3}}
# In standard errors: a filter is better. From the second fold on no more are needed if one is so
# much better, or the network.
_BETTER, _AT_ONCE, _AT_EASE = 2.0, 5.0, -2.0
# Peaks of the residual's spectrum above the highest of white noise on average; by chance one
# residual in a hundred has one.
_SIGNAL_LEFT = 5.0
_PEAK_BIN_A, _PEAK_PER_A = 0.25, (0.2, 1.0)


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
        The same difference in nat, for a tenth of the electrons.
    better : str
        Name of the better filter.
    folds : int
        Number of times that electrons were held out.
    peak : float
        Largest power in the spectrum of the method's residual, less that expected of white noise
        with a power of 1.
    peak_A : float
        Spacing of the planes of that peak, angstrom.
    """

    unjudged: str = ""
    z: float = 0.0
    gain: float = 0.0
    better: str = ""
    folds: int = 0
    peak: float = 0.0
    peak_A: float = 0.0

    @property
    def is_unknown(self) -> bool:
        """True if the image is unlike those that the method was trained on."""
        return self.z > _BETTER

    @property
    def leaves_signal(self) -> bool:
        """True if the method's residual is not noise alone."""
        return self.peak > _SIGNAL_LEFT


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
        Loud where a filter does better; a note where signal is left in the residual.
    """
    method, denoiser = ready.method, ready.denoiser
    # "none but the counts of the very image" was trained on no other image.
    if method.kind != "learned" or method.training_data.startswith("none"):
        return []
    try:
        verdict = judge(method, getattr(denoiser, "untuned", denoiser), image)
    except MethodError as problem:
        # A failed check must not discard the denoised image.
        verdict = Verdict(unjudged=f"the check failed: {problem}")
    if verdict.unjudged:
        return [f"not checked whether {method.name} was trained on such images: {verdict.unjudged}"]
    warnings = [_warning(method, verdict)] if verdict.is_unknown else []
    if verdict.leaves_signal:
        warnings.append(
            f"signal is left in the residual of {method.name}: what it removed has a peak of "
            f"{verdict.peak:.0f} times the power of noise at planes of {verdict.peak_A:.2f} Å"
        )
    return warnings


def judge(
    method: Method,
    denoiser: Denoiser,
    image: NoisyImage,
    filters: Mapping[str, Denoiser] | None = None,
) -> Verdict:
    """Compare a method with filters without training, on the electrons of one image.

    Parameters
    ----------
    method : Method
        The method, for errors.
    denoiser : Denoiser
        Built from it.
    image : NoisyImage
        Input of the method, at the pixel size that it knows.
    filters : mapping of str to Denoiser, optional
        The filters without training, by name; by default BM3D and the Wiener filter in Fourier
        space.

    Raises
    ------
    MethodError
        If the method fails.
    """
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
    [counts] = parts_of(counts, MOST_SIDE_PX, 1.0)
    if counts.sum(dtype=np.float64) < _LEAST_ELECTRONS:
        return Verdict(unjudged=f"the image has fewer than {_LEAST_ELECTRONS} electrons")
    spectrum = spectrum_of(counts)
    if not spectrum.is_of_counted_electrons():
        return Verdict(
            unjudged=f"the noise has {spectrum.noise()[0]:.2f} times the power of individually "
            "counted electrons (a gain, hot pixels, or a camera that spreads electrons over "
            "pixels?)"
        )
    if filters is None:
        filters = plain_filters()
    return _held_out(method, denoiser, replace(image, counts=counts), filters)


def plain_filters() -> dict[str, Denoiser]:
    """Build the filters without training that methods are compared with, by name."""
    return {name: load_method(name).build(**of_it) for name, of_it in _FILTERS.items()}


def residual_peak(image: NoisyImage, denoised: np.ndarray) -> tuple[float, float]:
    """Return the largest peak in the spectrum of a residual.

    Parameters
    ----------
    image : NoisyImage
        Counts (y, x).
    denoised : numpy.ndarray
        The denoised image (y, x), e/px.

    Returns
    -------
    tuple of float
        The power less the logarithm of the number of coefficients, below 5 for white noise in 99 of
        100 images, and the spacing of its planes in angstrom. The residual is divided by the
        expected shot noise and summed in bins of 0.25 angstrom; spacings of 1 to 5 angstrom are
        searched.
    """
    expected = np.maximum(denoised.astype(np.float64), 1e-3 * float(denoised.mean()) + 1e-12)
    bin_px = max(1, round(_PEAK_BIN_A / image.pixel_size_A))
    residual = bin_counts((image.counts - expected) / np.sqrt(expected), bin_px) / bin_px
    power = np.abs(fft.rfft2(residual)) ** 2 / residual.size
    along_y = fft.fftfreq(residual.shape[0])[:, None]
    frequency = np.hypot(along_y, fft.rfftfreq(residual.shape[1])) / (bin_px * image.pixel_size_A)
    searched = (frequency > _PEAK_PER_A[0]) & (frequency < _PEAK_PER_A[1])
    # For a real image, half of the coefficients in the first column mirror the others.
    searched[along_y[:, 0] < 0, 0] = False
    if not searched.any():
        return 0.0, 0.0
    power = np.where(searched, power, 0)
    highest = int(power.argmax())
    by_chance = math.log(searched.sum())
    return float(power.flat[highest] - by_chance), float(1 / frequency.flat[highest])


def _held_out(
    method: Method, denoiser: Denoiser, image: NoisyImage, filters: Mapping[str, Denoiser]
) -> Verdict:
    """Compare the method with filters on held-out electrons."""
    gains: dict[str, np.ndarray] = {}
    verdict, peak, peak_A = Verdict(), 0.0, 0.0
    for number, (kept, rest) in enumerate(folds(image, _SHARE, _FOLDS), 1):
        denoised = apply(method, denoiser, kept, "held-out electrons")
        if number == 1:
            peak, peak_A = residual_peak(kept, denoised)
        own = log_likelihood(_expected(denoised), rest)
        for name, plain in filters.items():
            gain = log_likelihood(_expected(plain.denoise(kept)), rest) - own
            gains[name] = gains[name] + gain if name in gains else gain
        verdict = _best_of({name: gain / number for name, gain in gains.items()})
        verdict = replace(verdict, folds=number, peak=peak, peak_A=peak_A)
        if number > 1 and not _AT_EASE < verdict.z < _AT_ONCE:
            break
    return verdict


def _expected(denoised: np.ndarray) -> np.ndarray:
    """Return the electrons that are due in a fold, from the others denoised."""
    return denoised.astype(np.float64) * (_SHARE / (1 - _SHARE))


def _best_of(gains: dict[str, np.ndarray]) -> Verdict:
    """Return the verdict from maps (y, x) of each filter's gain over the method."""
    better = max(gains, key=lambda name: float(gains[name].mean()))
    gain = gains[better]
    error = float(gain.std()) * math.sqrt(gain.size)
    return Verdict(z=float(gain.sum()) / max(error, 1e-12), gain=float(gain.sum()), better=better)


def _warning(method: Method, verdict: Verdict) -> str:
    return (
        f"NOT WHAT {method.name} WAS TRAINED ON: {verdict.better}, a filter without training, "
        f"predicts held-out electrons of this image better than {method.name} does "
        f"(log-likelihood higher by {verdict.gain:.3g}, {verdict.z:.1f} standard errors). The "
        "specimen, orientation, pixel size, focus or dose is probably outside the training data, "
        "or the training was too short: structures in the result may be invented. Use instead: "
        f"tembench apply {verdict.better} FILE, or thinning-zero-shot, which is trained on the "
        "image itself (slow)"
    )
