"""Metrics computed from recorded counts: likelihood ratios, and errors without the clean image."""

from __future__ import annotations

import math

from tembench.metrics import unsupervised
from tembench.metrics.inputs import FALSE_ALARM_RATE, MetricInputs
from tembench.metrics.likelihood import pixel_ratio
from tembench.metrics.metric import FARTHEST, Metric
from tembench.metrics.registry.declare import (
    MetricFunction,
    from_recordings,
    lower,
    needing,
    not_bounded,
    share,
    with_particle,
)

# Counts are below 256, and vacuum on the scale of the tables is above 1e-5 electrons per pixel: the
# ratio is at most 256 log(256 / 1e-5) nat. No float32 rate is above 1e39.
_RATIOS = (-1e40, 1e4)
# The noise of the recordings that is subtracted is the dose times the square of the scale.
_LEAST_UMSE = -1e4


def _llr_invented(inputs: MetricInputs) -> float:
    ratios = inputs.ratios(inputs.noisy, inputs.reading.invented_A)
    critical = inputs.nulls.searched.critical(FALSE_ALARM_RATE)
    return float((ratios > critical).mean()) if len(ratios) else 0.0


def _llr_called(inputs: MetricInputs) -> float:
    return float((inputs.held_out_ratios > inputs.nulls.fixed.critical(FALSE_ALARM_RATE)).mean())


LIKELIHOOD_METRICS = (
    Metric(
        name="llr_columns",
        title="Column LLR",
        unit="nat/px",
        direction="higher",
        ideal=math.inf,
        range=(-math.inf, math.inf),
        version=1,
        decimals=4,
        summary="Mean log-likelihood ratio against vacuum over the discs of the true columns, from "
        "recordings that the method has not seen; 0 for a blank image.",
        function=lambda s: 0.0 if s.is_blank else float(s.held_out_ratios.mean()),
        limits=_RATIOS,
        ideal_is_reached=False,
        clean_is_ideal=False,
        needs="columns",
    ),
    *needing(
        "columns",
        *not_bounded(
            share(
                "llr_called",
                "Columns called",
                "Fraction of the true columns whose ratio, from recordings that the method has not "
                "seen, vacuum exceeds in at most 1 of 100 cases.",
                with_particle(_llr_called),
            ),
        ),
        lower(
            "llr_invented",
            "Invented, yet called",
            "",
            "Fraction of the invented columns whose ratio, from the recording that the method saw, "
            "the best position within reach exceeds in at most 1 of 100 cases of vacuum; "
            "0 if none.",
            _llr_invented,
            decimals=3,
            top=1.0,
        ),
    ),
    Metric(
        name="llr_pixels",
        title="Pixel LLR",
        unit="nat/px",
        direction="higher",
        ideal=math.inf,
        range=(-math.inf, math.inf),
        version=1,
        decimals=5,
        summary="Mean log-likelihood ratio of all pixels against vacuum, from recordings that the "
        "method has not seen; its expectation is largest for the clean image.",
        function=lambda s: pixel_ratio(s.mean_copy, s.denoised, dose_e_per_px=s.dose_e_per_px),
        limits=_RATIOS,
        ideal_is_reached=False,
        clean_is_ideal=False,
    ),
)


def _scaled(of: MetricFunction) -> MetricFunction:
    return lambda inputs: of(inputs) * inputs.scale**2


UNSUPERVISED_METRICS = from_recordings(
    lower(
        "umse",
        "uMSE",
        "e²/px²",
        "Mean squared error from three recordings that the method has not seen, without the clean "
        "image, as defined by Marcos-Morales et al.; may be negative.",
        _scaled(lambda s: unsupervised.umse(s.denoised, *s.copies)),
        decimals=6,
        bottom=-math.inf,
        least=_LEAST_UMSE,
    ),
    lower(
        "umse_product",
        "uMSE, product",
        "e²/px²",
        "The same from products of the errors against pairs of recordings; scatters less.",
        _scaled(lambda s: unsupervised.umse_products(s.denoised, s.copies)),
        decimals=6,
        bottom=-math.inf,
        least=_LEAST_UMSE,
    ),
    Metric(
        name="umse_paired",
        title="uMSE, paired",
        unit="e²/px²",
        direction="lower",
        ideal=-math.inf,
        range=(-math.inf, math.inf),
        version=1,
        decimals=6,
        summary="Mean squared error minus that of the noisy image smoothed by a Gaussian of 0.5 Å, "
        "without the clean image; scatters least.",
        function=_scaled(lambda s: unsupervised.paired_umse(s.denoised, s.reference, s.mean_copy)),
        limits=(_LEAST_UMSE, FARTHEST),
        ideal_is_reached=False,
    ),
)
