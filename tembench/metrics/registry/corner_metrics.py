"""Metrics of what memory cannot know: corners of particles, and columns at places of the training.

A brightness is not bounded: 1 is right at a whole corner and 0 at an empty one, and the means over
images are read, not single values.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tembench.metrics.inputs import MetricInputs
from tembench.metrics.metric import Metric
from tembench.metrics.registry.declare import MOST_COLUMNS, lower, needing

# A brightness beyond these says no more than that it is wrong.
_DARKEST, _BRIGHTEST = -1.0, 2.0


def _whole(inputs: MetricInputs) -> float:
    return _within(inputs.corner_brightness.whole, 1.0)


def _removed(inputs: MetricInputs) -> float:
    return _within(inputs.corner_brightness.removed, _BRIGHTEST)


def _difference(inputs: MetricInputs) -> float:
    return _within(inputs.corner_brightness.difference, 1.0)


def _within(value: float, most: float) -> float:
    return value if math.isnan(value) else min(most, max(_DARKEST, value))


CORNER_METRICS = (
    Metric(
        name="site_shown_whole",
        title="Whole corners",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(_DARKEST, 1.0),
        version=1,
        decimals=2,
        summary="Brightness shown at whole corner columns of particles over that in the clean "
        "image, beyond empty sites: 1 is right, and more counts as 1.",
        function=_whole,
        needs="corners",
    ),
    *needing(
        "empty corners",
        # Noise and ringing may be darker than an empty site.
        replace(
            lower(
                "site_shown_removed",
                "Empty corners",
                "",
                "Brightness shown at empty corner sites of particles, where a column would fit, "
                "over that of whole corner columns: 0 is right.",
                _removed,
                decimals=2,
                bottom=_DARKEST,
                top=_BRIGHTEST,
            ),
            clean_is_best=False,
        ),
        Metric(
            name="site_shown_difference",
            title="Whole minus empty",
            unit="",
            direction="higher",
            ideal=1.0,
            range=(_DARKEST, 1.0),
            version=1,
            decimals=2,
            summary="Brightness shown at whole corners minus that at empty ones: 0 for an image "
            "that does not tell them apart. Noise does not change its mean: read it beside PSNR.",
            function=_difference,
        ),
    ),
    *needing(
        "training columns",
        lower(
            "ghost_columns",
            "Ghosts",
            "per image",
            "Invented columns where an image of the training has one at this tilt.",
            lambda s: s.ghost_columns,
            decimals=2,
            most=MOST_COLUMNS,
        ),
    ),
)
