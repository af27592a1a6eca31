"""Half doses: what two halves of the electrons, denoised apart, agree on.

Agreement of the two denoised halves is an upper bound of what the electrons say: a method that
draws what it remembers agrees with itself. So each denoised half is also correlated with the
*electrons* of the other half, whose noise is subtracted: that tells how well it agrees with the
truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from tembench.metrics import MATCH_A, match
from tembench.micrographs.trust.column_evidence import find_shown
from tembench.micrographs.trust.subject import Subject

BETWEEN_HALVES = 0.143
"""Correlation of two halves at which the whole image is resolved (Rosenthal and Henderson)."""
AGAINST_ELECTRONS = 0.5
"""Correlation with the truth that corresponds to it."""
_TAPER_A = 5.0
# As in `tembench.metrics.frc`: wide, overlapping rings, so that each holds a reflection of a
# lattice; coarser features than 5 A are the specimen's outline, finer ones than 0.7 A are empty.
_BAND_PER_A, _STEP_PER_A, _STEPS = (0.2, 1.5), 0.04, 5
# Rings in which the electrons have less signal than so many standard errors show nothing.
_LEAST_SIGNAL = 3.0


@dataclass(frozen=True, kw_only=True)
class HalfDoses:
    """Agreement of two halves of the electrons.

    Attributes
    ----------
    frequency_per_A : numpy.ndarray
        Middles of the rings, (rings,).
    correlation : numpy.ndarray
        Fourier ring correlation between the two denoised halves, (rings,).
    half_bit : numpy.ndarray
        Correlation at which a ring holds half a bit of information per coefficient, (rings,).
    with_electrons : numpy.ndarray
        Correlation of a denoised half with the truth, from the electrons of the other half; NaN
        where these show no signal, (rings,).
    resolution_A, half_bit_A, electrons_A : float
        Length at which each first falls below its threshold (`BETWEEN_HALVES`, the half-bit curve,
        `AGAINST_ELECTRONS`).
    columns : tuple of int
        Columns found in each half.
    matched : int
        Columns found in both.
    spread_A : float
        Root mean square distance of their places between the halves, angstrom.
    """

    frequency_per_A: np.ndarray
    correlation: np.ndarray
    half_bit: np.ndarray
    with_electrons: np.ndarray
    resolution_A: float
    half_bit_A: float
    electrons_A: float
    columns: tuple[int, int]
    matched: int
    spread_A: float

    @property
    def shared(self) -> float:
        """Share of the columns of a half that are found in the other half, too."""
        total = sum(self.columns)
        return 2 * self.matched / total if total else float("nan")


def half_doses(subject: Subject) -> HalfDoses | str:
    """Denoise two halves of the electrons apart, and compare the results.

    Parameters
    ----------
    subject : Subject
        The image and its method.

    Returns
    -------
    HalfDoses or str
        The reason if the electrons cannot be halved.
    """
    if subject.no_parts:
        return subject.no_parts
    px = subject.pixel_size_A
    shown = subject.denoised_halves
    rings = _Rings(shown[0].shape, px)
    first, second = (rings.spectrum(image) for image in shown)
    correlation = rings.correlation(first, second)
    half_bit = _half_bit(rings.sums(np.ones(rings.members)) * rings.independent)
    truth = np.mean(
        [
            rings.with_electrons(spectrum, counts)
            for spectrum, counts in zip((first, second), reversed(subject.halves), strict=True)
        ],
        axis=0,
    )
    frequency = rings.middles_per_A
    columns = [
        find_shown(image, pixel_size_A=px, dose_e_per_px=subject.dose_e_per_px / 2)
        for image in shown
    ]
    spreads, matched = [], 0
    for sign in (1, -1):
        a, b = (one.xy_px[one.sign == sign] * px for one in columns)
        i, j = match(a, b, MATCH_A)
        spreads.append(((a[i] - b[j]) ** 2).sum(axis=1))
        matched += len(i)
    squares = np.concatenate(spreads)
    return HalfDoses(
        frequency_per_A=frequency,
        correlation=correlation,
        half_bit=half_bit,
        with_electrons=truth,
        resolution_A=_first_below(frequency, correlation - BETWEEN_HALVES),
        half_bit_A=_first_below(frequency, correlation - half_bit),
        electrons_A=_first_below(frequency, truth - AGAINST_ELECTRONS),
        columns=(len(columns[0]), len(columns[1])),
        matched=matched,
        spread_A=float(np.sqrt(squares.mean())) if squares.size else float("nan"),
    )


class _Rings:
    """Rings of the spectrum of a windowed image."""

    def __init__(self, shape: tuple[int, ...], pixel_size_A: float) -> None:
        y, x = fft.fftfreq(shape[0], pixel_size_A), fft.rfftfreq(shape[1], pixel_size_A)
        annulus = np.floor((np.hypot(y[:, None], x) - _BAND_PER_A[0]) / _STEP_PER_A + 1e-6)
        nyquist = 0.5 / pixel_size_A
        last = int((min(_BAND_PER_A[1], nyquist) - _BAND_PER_A[0]) / _STEP_PER_A)
        # Half of the plane is kept; of its first column the lower half mirrors the upper one.
        own = (y[:, None] < 0) & (x[None, :] == 0)
        self.inside = (annulus >= 0) & (annulus < last) & ~own
        self.annuli = annulus[self.inside].astype(int)
        self.last = last
        edges = _BAND_PER_A[0] + _STEP_PER_A * np.arange(max(last - _STEPS + 1, 0))
        self.middles_per_A = edges + _STEP_PER_A * _STEPS / 2
        sides = (_taper(side, pixel_size_A) for side in shape)
        self.window = np.outer(*sides)
        # A window makes neighbouring coefficients dependent.
        self.independent = float((self.window**2).mean() ** 2 / (self.window**4).mean())

    @property
    def members(self) -> int:
        """Number of coefficients in the band."""
        return len(self.annuli)

    def spectrum(self, image: np.ndarray) -> np.ndarray:
        """Return the coefficients (members,) of an image, without its mean."""
        values = image.astype(np.float64)
        level = float((values * self.window).sum() / self.window.sum())
        return np.asarray(fft.rfft2((values - level) * self.window, workers=1)[self.inside])

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return sums over the rings (rings,)."""
        annuli = np.bincount(self.annuli, weights=values, minlength=self.last)
        return np.convolve(annuli, np.ones(_STEPS), mode="valid")

    def correlation(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return the correlation of two spectra (rings,); 0 where one is empty."""
        common = self.sums((first * second.conj()).real)
        scale = np.sqrt(self.sums(np.abs(first) ** 2)) * np.sqrt(self.sums(np.abs(second) ** 2))
        return np.divide(common, scale, out=np.zeros_like(common), where=scale > 0)

    def with_electrons(self, shown: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return the correlation of an image with the truth behind independent counts (rings,)."""
        seen = self.spectrum(counts)
        noise = float((self.window**2 * counts).sum())
        number = self.sums(np.ones(self.members))
        signal = self.sums(np.abs(seen) ** 2) - number * noise
        error = noise * np.sqrt(number / self.independent)
        scale = np.sqrt(self.sums(np.abs(shown) ** 2) * np.maximum(signal, 0))
        common = self.sums((shown * seen.conj()).real)
        return np.divide(
            common,
            scale,
            out=np.full(len(common), np.nan),
            where=(signal > _LEAST_SIGNAL * error) & (scale > 0),
        )


def _taper(side: int, pixel_size_A: float) -> np.ndarray:
    """Weights of a row of pixels: half a cosine over the outermost 5 A (Tukey window)."""
    to_edge_A = pixel_size_A * (np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5)
    share = np.minimum(to_edge_A / min(_TAPER_A, side * pixel_size_A / 2), 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * share))


def _half_bit(numbers: np.ndarray) -> np.ndarray:
    """Half-bit criterion: van Heel & Schatz, J. Struct. Biol. 151, 250 (2005), equation 17."""
    root = np.sqrt(np.maximum(numbers, 1))
    return np.minimum((0.2071 + 1.9102 / root) / (1.2071 + 0.9102 / root), 1.0)


def _first_below(frequency_per_A: np.ndarray, margin: np.ndarray) -> float:
    """Length at which a margin first falls below zero; infinite at once, NaN never."""
    low = np.flatnonzero(~(margin >= 0))
    if not low.size:
        return float("nan")
    at = int(low[0])
    if at == 0:
        return float("inf")
    k, m = frequency_per_A[at - 1 : at + 1], margin[at - 1 : at + 1]
    # A ring without signal has no value: the last one that has is the limit.
    share = m[0] / (m[0] - m[1]) if np.isfinite(m[1]) else 0.0
    return float(1 / (k[0] + (k[1] - k[0]) * share))
