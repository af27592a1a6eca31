"""PURE-LET: shrinkage of Haar coefficients of Poisson counts with the least unbiased risk.

Written after F. Luisier, C. Vonesch, T. Blu, M. Unser, "Fast interscale wavelet denoising of
Poisson-corrupted images", Signal Processing 90, 415-427 (2010), and F. Luisier, T. Blu, M. Unser,
"Image denoising in mixed Poisson-Gaussian noise", IEEE Trans. Image Process. 20, 696-708 (2011).

In the unnormalised Haar transform a detail is d = a - b and its scaling coefficient s = a + b,
where a and b are independent Poisson counts of means alpha and beta, at every level. The squared
error of an estimate theta(d, s) of alpha - beta has the expectation of

    theta^2 - 2 d mean(theta_-, theta_+) - s (theta_- - theta_+) + d^2 - s,

theta_-+ = theta(d -+ 1, s - 1), since E[alpha f(a)] = E[a f(a - 1)] for any f. This is exact and
needs no truth. Where theta is linear in its parameters, the best ones solve a linear system, one
per subband.

Differences from the first paper: the transform is undecimated, equivalent to all cycle spins, which
share their parameters; predictions from the scaling coefficients are smoothed only over neighbours
that keep the risk exact.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Twice the papers' squared threshold, 6 times the variance of the noise.
_VARIANCES = 12.0
_TINY = np.float32(1e-6)
_EXACT = 2.0**24
# Square of a function's norm, relative to the largest, below which it is rounding error.
_ROUNDING = 1e-10

# Estimators of a detail: elementary functions of (detail, scaling), stacked along the first axis.
Functions = Callable[[np.ndarray, np.ndarray], np.ndarray]


def purelet(counts: np.ndarray, levels: int) -> np.ndarray:
    """Denoise Poisson counts.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (y, x).
    levels : int
        Number of levels; fewer if a block of the coarsest one would exceed half of the image.

    Returns
    -------
    numpy.ndarray
        Estimated means, float32 (y, x); some may be slightly negative.
    """
    levels = max(1, min(levels, int(np.log2(max(2, min(counts.shape)))) - 1))
    # The transform is periodic: a margin keeps opposite edges apart.
    margin = 2**levels
    # Risks differ by single electrons, which large sums in single precision lose.
    exact = float(counts.max(initial=0)) * 4**levels < _EXACT
    kind = np.float32 if exact else np.float64
    scaling = np.pad(np.asarray(counts, kind), margin, mode="symmetric")
    details = []
    for level in range(levels):
        step = 2**level
        scaling, bands = analyse(scaling, step)
        # A block that reaches into the margin holds counts twice.
        inside = tuple(slice(margin, margin + size - 2 * step + 1) for size in counts.shape)
        details.append(
            [
                shrink(band, scaling, interscale(scaling, kind, 2 * step), inside)
                for kind, band in enumerate(bands)
            ]
        )
    for level in reversed(range(levels)):
        scaling = synthesise(scaling, details[level], 2**level)
    return scaling[margin:-margin, margin:-margin].astype(np.float32, copy=False)


def analyse(scaling: np.ndarray, step: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return one level of the undecimated, unnormalised, periodic Haar transform.

    Parameters
    ----------
    scaling : numpy.ndarray
        Counts summed over blocks of side `step` that begin at each pixel, (y, x).
    step : int
        Distance of the neighbouring block, px.

    Returns
    -------
    numpy.ndarray
        Counts summed over blocks of twice the side.
    list of numpy.ndarray
        Details: left minus right, top minus bottom, main diagonal minus the other.
    """
    right = np.roll(scaling, -step, axis=1)
    total, across = scaling + right, scaling - right
    total_below, across_below = (np.roll(half, -step, axis=0) for half in (total, across))
    bands = [across + across_below, total - total_below, across - across_below]
    return total + total_below, bands


def synthesise(scaling: np.ndarray, bands: list[np.ndarray], step: int) -> np.ndarray:
    """Invert `analyse`: return the mean over the cycle spins."""
    left_right, top_bottom, diagonal = bands
    total = _merge(scaling, top_bottom, step, 0)
    across = _merge(left_right, diagonal, step, 0)
    return _merge(total, across, step, 1)


def _merge(total: np.ndarray, difference: np.ndarray, step: int, axis: int) -> np.ndarray:
    """Average the two blocks that contain each pixel, as first and as second half."""
    return (total + difference + np.roll(total - difference, step, axis=axis)) / 4


def interscale(scaling: np.ndarray, kind: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Predict the details of a band from the surrounding scaling coefficients.

    Parameters
    ----------
    scaling : numpy.ndarray
        Scaling coefficients of the band's own level, (y, x).
    kind : int
        Index of the band in the list from `analyse`: 0, 1 or 2.
    width : int
        Side of a block, px.

    Returns
    -------
    prediction, power : numpy.ndarray
        The detail that a linear (for the diagonals a bilinear) image would have; and its square,
        smoothed, in units of its variance where the scaling coefficient is 1. Neighbours that
        overlap the block are left out: the risk is exact for functions that depend on the block
        only through its own detail and scaling coefficient.
    """

    def at(rows: int, columns: int, image: np.ndarray = scaling) -> np.ndarray:
        return np.roll(image, (-rows * width, -columns * width), axis=(0, 1))

    if kind == 2:
        prediction = (at(-1, -1) - at(-1, 1) - at(1, -1) + at(1, 1)) / 64
        variance, neighbours = 4 / 64**2, ((-1, 0), (1, 0), (0, -1), (0, 1))
    elif kind == 0:
        prediction = (at(0, -1) - at(0, 1)) / 8
        variance, neighbours = 2 / 8**2, ((-1, 0), (1, 0))
    else:
        prediction = (at(-1, 0) - at(1, 0)) / 8
        variance, neighbours = 2 / 8**2, ((0, -1), (0, 1))
    square = prediction**2 / np.float32(variance)
    around = sum(at(rows, columns, square) for rows, columns in neighbours)
    return prediction, (square + around / len(neighbours)) / 2


def elementary(prediction: np.ndarray, power: np.ndarray) -> Functions:
    """Return the six elementary functions of an estimate; arguments from `interscale`."""

    def functions(detail: np.ndarray, scaling: np.ndarray) -> np.ndarray:
        variance = np.maximum(_VARIANCES * scaling, _TINY)
        # Weights of small details and of small predictions, each with its complement.
        small = np.exp(-(detail**2) / variance)
        calm = np.exp(-power / variance)
        kinds = (small * detail, (1 - small) * detail, prediction)
        return np.stack([*(calm * each for each in kinds), *((1 - calm) * each for each in kinds)])

    return functions


def shrink(
    detail: np.ndarray,
    scaling: np.ndarray,
    predicted: tuple[np.ndarray, np.ndarray],
    inside: tuple[slice, ...],
) -> np.ndarray:
    """Return the estimate of a band with the least unbiased risk over `inside`."""
    inner = elementary(*(part[inside] for part in predicted))
    weights = best_weights(inner, detail[inside], scaling[inside])
    return np.tensordot(weights, elementary(*predicted)(detail, scaling), axes=1)


def best_weights(functions: Functions, detail: np.ndarray, scaling: np.ndarray) -> np.ndarray:
    """Return the weights of the functions that minimise `unbiased_risk`, float32."""
    values, products = _moments(functions, detail, scaling)
    matrix = values @ values.T
    # Nearly equal or vanishing functions: least squares distributes the weights among them.
    norms = np.diag(matrix)
    some = norms > _ROUNDING * norms.max()
    scale = np.sqrt(np.where(some, norms, 1))
    share = np.where(some, 1 / scale, 0)
    solution = np.linalg.lstsq(matrix * np.outer(share, share), products * share, rcond=1e-6)[0]
    return (solution * share).astype(np.float32)


def unbiased_risk(
    weights: np.ndarray, functions: Functions, detail: np.ndarray, scaling: np.ndarray
) -> float:
    """Return PURE: the unbiased estimate of a band's mean squared error.

    Parameters
    ----------
    weights : numpy.ndarray
        One per function.
    functions : callable
        From `elementary`.
    detail, scaling : numpy.ndarray
        Coefficients of Poisson counts, of one shape.
    """
    values, products = _moments(functions, detail, scaling)
    estimate = weights @ values
    total = estimate @ estimate - 2 * weights @ products + np.sum(detail**2 - scaling)
    return float(total) / detail.size


def _moments(
    functions: Functions, detail: np.ndarray, scaling: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the functions' values and the unbiased estimates of their products with the truth."""
    values, minus, plus = (
        each.reshape(len(each), -1).astype(np.float64)
        for each in (
            functions(detail, scaling),
            functions(detail - 1, scaling - 1),
            functions(detail + 1, scaling - 1),
        )
    )
    d, s = detail.ravel().astype(np.float64), scaling.ravel().astype(np.float64)
    return values, (minus @ (d + s) + plus @ (d - s)) / 2
