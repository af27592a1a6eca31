"""Partial coherence: averages over the focal spread and over the angles of illumination.

Both weights are Gaussians, which fall to 1/e at the half-width.

**Focus** is averaged explicitly, in equal steps. The mean of two interfering beams over exp(-t^2)
is exp(-b^2 / 4), b the change of their relative phase per half-width; the trapezoidal rule
converges geometrically here, so the aperture, which bounds b, says how few steps do.

**Angle**: two beams of gradients g, g' of chi by angle keep exp(-(theta / 2)^2 |g - g'|^2) of their
interference. With x = theta g / 2 that is exp(-x^2) exp(-x'^2) exp(2 x x'), and the last
exponential is expanded: each term of order n is a sum of n + 1 modes, coherent waves multiplied by

    sqrt(2^n / (a! b!)) x_x^a x_y^b exp(-x^2),    a + b = n.

Order 0 is the envelope that others multiply by, exact for interference with the undisturbed beam;
every order adds interference of scattered beams with each other. The orders left out hold the
share 1 - sum of squares of each beam's intensity; see `diffuse_blur`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from math import ceil, factorial, sqrt

import numpy as np
from scipy.special import ive

# Largest error of the interference of any two beams by the steps of the focal average.
_ACCURACY = 3e-3
# Largest theta / 2 |g| in the aperture that each order of modes is enough for.
_ORDER_UP_TO = (0.05, 0.25)
_QUANTILES = 16


def focal_nodes(phase_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of a mean over the weight exp(-t^2).

    Parameters
    ----------
    phase_rad : float
        Largest change of the relative phase of two beams per half-width: for focus,
        pi lambda q^2 times the spread, q the aperture.

    Returns
    -------
    t : ndarray, shape (nodes,)
        Equal steps about 0.
    weights : ndarray, shape (nodes,)
        They sum to 1.

    Notes
    -----
    The fewest nodes whose mean of exp(i b t) is within 0.003 of exp(-b^2 / 4) for all b up to
    `phase_rad`: 8 at 300 kV, 1.6 1/A and 4 nm.
    """
    # Rounded up, so that drawn spreads share a few rules: one takes 10 ms to find.
    return _focal_nodes(ceil(phase_rad * 5 - 1e-9) / 5)


@functools.lru_cache(maxsize=256)
def _focal_nodes(phase_rad: float) -> tuple[np.ndarray, np.ndarray]:
    b = np.linspace(0, phase_rad, 200)
    exact = np.exp(-(b**2) / 4)
    for count in range(1, ceil(phase_rad) + 9):
        best = np.inf
        for step in np.arange(0.1, 1.5, 0.02) if count > 1 else (1.0,):
            t = (np.arange(count) - (count - 1) / 2) * step
            weights = np.exp(-(t**2))
            weights /= weights.sum()
            error = np.abs(np.cos(b[:, None] * t) @ weights - exact).max()
            if error < best:
                best, found = error, (t, weights)
        if best <= _ACCURACY:
            break
    return found


def mode_order(largest: float) -> int:
    """Order of the modes of angular coherence that an image needs.

    Parameters
    ----------
    largest : float
        Largest |x| = theta / 2 |gradient of chi by angle| within the aperture.

    Returns
    -------
    int
        0 up to 0.05, 1 up to 0.25, 2 above: images are then within 1 % of their standard
        deviation of a fine average up to 3, within 2 % up to 15 and 4 % up to 30.
    """
    return sum(largest > bound for bound in _ORDER_UP_TO)


def angular_modes(x: np.ndarray, order: int) -> Iterator[np.ndarray]:
    """Yield the factor of each mode of angular coherence.

    Parameters
    ----------
    x : ndarray of complex
        Half-width over 2 times the gradient of chi by angle, real part along x.
    order : int
        Largest order.

    Yields
    ------
    ndarray of float
        (order + 1) (order + 2) / 2 factors. The last one is that of what they leave out, the root
        of 1 less the sum of their squares.
    """
    envelope = np.exp(-(x.real**2 + x.imag**2))
    left = 1 - envelope**2
    yield envelope
    for n in range(1, order + 1):
        for a in range(n + 1):
            scale = sqrt(2**n / (factorial(a) * factorial(n - a)))
            mode = envelope * (scale * x.real**a * x.imag ** (n - a))
            left -= mode**2
            yield mode
    yield np.sqrt(np.maximum(left, 0))


def diffuse_blur(
    x: np.ndarray, weight: np.ndarray, step_per_A: tuple[float, float], k_per_A: np.ndarray
) -> np.ndarray:
    """Transfer of the intensity that the modes leave out.

    Beams near each other interfere even where x is large. What the modes leave out keeps the
    intensity of each beam, and so the image's mean, and as much of its interference with beams a
    frequency k away as they have on average: exp(-|J k|^2), J the change of x with frequency.

    Parameters
    ----------
    x : ndarray of complex, shape (y, x)
        As in `angular_modes`, on a grid with frequency 0 first.
    weight : ndarray of float, shape (y, x)
        Intensity left out at each frequency.
    step_per_A : tuple of float
        Step of the frequencies, (x, y).
    k_per_A : ndarray
        Frequencies of the intensity.

    Returns
    -------
    ndarray of float, the shape of `k_per_A`
        Mean over beams and over the direction of k.
    """
    along_x, along_y = (
        (np.roll(x, -1, axis) - np.roll(x, 1, axis)) / (2 * step)
        for axis, step in ((1, step_per_A[0]), (0, step_per_A[1]))
    )
    a, b = np.abs(along_x) ** 2, np.abs(along_y) ** 2
    mean, half_range = (a + b) / 2, np.hypot((a - b) / 2, (along_x * along_y.conj()).real)
    order = np.argsort(mean, axis=None)
    share = np.cumsum(weight.ravel()[order])
    quantiles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES * share[-1]
    chosen = order[np.minimum(np.searchsorted(share, quantiles), len(order) - 1)]
    mean, half_range = mean.ravel()[chosen], half_range.ravel()[chosen]
    # Finer near 0, where the blur of strong aberrations ends.
    k = k_per_A.max() * np.linspace(0, 1, 512) ** 2
    squared = k[:, None] ** 2
    blur = ive(0, half_range * squared) * np.exp(-(mean - half_range) * squared)
    return np.interp(k_per_A, k, blur.mean(axis=1))
