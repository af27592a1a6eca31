"""Dose: the reference dose that images are compared at, and counts thinned to a lower dose.

Thinning keeps each electron with a given probability. For Poisson counts this is exact: of rate r,
the electrons kept with probability p are Poisson counts of rate p r, independent of the rest. So a
denoiser can be judged by, or trained on, counts that it has not seen.
"""

from __future__ import annotations

import numpy as np

REFERENCE_DOSE_E_PER_PX = 0.45
"""Dose in vacuum of the paper's images; images of any dose are scaled to it to be compared.

A peak of 1 e/px, as in the paper's code, corresponds to a peak of dose / 0.45 e/px at another dose.
"""


def thin(
    counts: np.ndarray, share: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Split the electrons of one image at random into two independent images.

    Parameters
    ----------
    counts : array (y, x)
        Poisson counts: whole, not negative.
    share : float
        Probability with which an electron is kept, between 0 and 1.
    generator : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    kept, rest : array of int64 (y, x)
        Their sum is `counts`. For Poisson counts of rate r they are independent Poisson counts of
        rates ``share * r`` and ``(1 - share) * r``: divide by these factors to estimate r. The
        quotient is not Poisson any more: its variance differs from its mean.

    Raises
    ------
    ValueError
        For counts that are negative or not whole, and for a share that is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"a share between 0 and 1 expected, got {share}")
    whole = _whole(counts)
    kept = generator.binomial(whole, share)
    return kept, whole - kept


def thin_into(counts: np.ndarray, parts: int, generator: np.random.Generator) -> np.ndarray:
    """Distribute the electrons of one image at random over several independent images.

    Parameters
    ----------
    counts : array (y, x)
        Poisson counts: whole, not negative.
    parts : int
        Number of images, 2 or more.
    generator : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    array (parts, y, x)
        Each part times `parts`, so that its expectation is that of `counts` while its variance is
        `parts` times as large. For Poisson counts the parts are independent. Their mean is
        `counts`.

    Raises
    ------
    ValueError
        For counts that are negative or not whole, and for fewer than two parts.
    """
    if parts < 2:
        raise ValueError(f"two or more parts expected, got {parts}")
    split = generator.multinomial(_whole(counts), np.full(parts, 1 / parts))
    return np.multiply(np.moveaxis(split, -1, 0), float(parts), order="C")


def _whole(counts: np.ndarray) -> np.ndarray:
    """The counts as int64, the type that the generator draws from."""
    # Written so that NaN is refused, too, and before a cast could hide it.
    if not ((counts >= 0) & (counts == np.floor(counts)) & (counts < 2.0**53)).all():
        raise ValueError("Poisson counts expected: whole numbers, not negative")
    return counts.astype(np.int64)
