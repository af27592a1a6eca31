"""Ratio maps: where electrons favour an image over vacuum, and over its own smooth surroundings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tembench.metrics import DISC_A, smoothed
from tembench.micrographs.trust.column_evidence.surroundings import RING_A
from tembench.micrographs.trust.subject import FOLDS, Subject

_FLOOR = 1e-3


@dataclass(frozen=True, kw_only=True)
class RatioMaps:
    """Log-likelihood ratios over patches of the size of a column, nat.

    Attributes
    ----------
    vacuum, surroundings : numpy.ndarray
        The image against vacuum, and against itself smoothed to 1.35 A, (y, x).
    independent : bool
        Whether the image has not seen the electrons.
    """

    vacuum: np.ndarray
    surroundings: np.ndarray
    independent: bool


def map_ratios(subject: Subject) -> RatioMaps:
    """Map the log-likelihood ratios of an image.

    Parameters
    ----------
    subject : Subject
        Other frames are used if it has any, else five parts of the electrons, each held out once;
        else the very electrons that the image was made from, which flatter it.
    """
    counts = subject.image.counts.astype(np.float64)
    dose, px = subject.dose_e_per_px, subject.pixel_size_A
    frames = subject.all_frames
    if frames is not None:
        pairs = [(frames, subject.denoised * subject.frames_factor, subject.frames_factor)]
    elif not subject.no_parts:
        pairs = [(part, rate, 1 / FOLDS) for part, rate in subject.folds]
    else:
        pairs = [(counts, subject.denoised, 1.0)]
    vacuum, surroundings = np.zeros(counts.shape), np.zeros(counts.shape)
    for seen, rate, share in pairs:
        rate = np.maximum(rate.astype(np.float64), _FLOOR * dose * share)
        around = np.maximum(smoothed(rate, RING_A / px).astype(np.float64), _FLOOR * dose * share)
        vacuum += seen * np.log(rate / (dose * share)) - (rate - dose * share)
        surroundings += seen * np.log(rate / around) - (rate - around)
    # A Gaussian of this width has the weight of a disc in its middle.
    width_px, pixels = DISC_A / px / math.sqrt(2), math.pi * (DISC_A / px) ** 2
    return RatioMaps(
        vacuum=smoothed(vacuum, width_px) * pixels,
        surroundings=smoothed(surroundings, width_px) * pixels,
        independent=frames is not None or not subject.no_parts,
    )
