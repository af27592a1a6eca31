"""Column metrics: against the atomic model's columns, and by the paper's released protocol."""

from __future__ import annotations

import math

from tembench.metrics.inputs import MetricInputs
from tembench.metrics.matching import MATCH_A
from tembench.metrics.metric import Metric
from tembench.metrics.registry.declare import (
    MOST_COLUMNS,
    MetricFunction,
    invents_nothing,
    lower,
    needing,
    not_bounded,
    share,
    with_particle,
)

# The found column and that of the clean image may be on opposite sides of the true position.
FARTHEST_PM = 2 * 100 * MATCH_A


def _position_error_pm(inputs: MetricInputs) -> float:
    if not inputs.truth.shown.any():
        return 0.0 if invents_nothing(inputs) else FARTHEST_PM
    return 100 * inputs.reading.position_error_A


_PAIRED = "columns of the particle that the clean image shows, paired one to one within 0.62 Å"
COLUMN_METRICS = needing(
    "columns",
    share(
        "column_precision",
        "Precision",
        f"Fraction of the denoised columns outside the support that are true: {_PAIRED}.",
        lambda s: s.reading.whole.precision,
    ),
    share(
        "column_recall",
        "Recall",
        "Fraction of the particle's shown columns that are found.",
        lambda s: s.reading.whole.recall,
    ),
    share(
        "column_f1",
        "Column F1",
        "Harmonic mean of the particle's precision and recall.",
        lambda s: s.reading.whole.f1,
    ),
    share(
        "column_jaccard",
        "Column Jaccard",
        "Found columns as a fraction of all found, missed or invented.",
        lambda s: s.reading.whole.jaccard,
    ),
    share(
        "surface_precision",
        "Surface precision",
        "Precision on the particle's free surface; invented columns within 3.5 Å of it count.",
        lambda s: s.reading.surface.precision,
    ),
    share(
        "surface_recall",
        "Surface recall",
        "Fraction of the shown columns of the particle's free surface that are found.",
        lambda s: s.reading.surface.recall,
    ),
    share(
        "surface_f1",
        "Surface F1",
        "Harmonic mean of precision and recall on the particle's free surface.",
        lambda s: s.reading.surface.f1,
    ),
    share(
        "surface_jaccard",
        "Surface Jaccard",
        "Found surface columns as a fraction of all found, missed or invented there.",
        lambda s: s.reading.surface.jaccard,
    ),
    lower(
        "columns_invented",
        "Invented",
        "per image",
        "Columns outside the support that neither the atoms nor the clean image account for.",
        lambda s: s.reading.whole.invented,
        decimals=2,
        most=MOST_COLUMNS,
    ),
    lower(
        "columns_missed",
        "Missed",
        "per image",
        "Columns of the particle that the clean image shows but the denoised one does not.",
        lambda s: s.reading.whole.missed,
        decimals=2,
        most=MOST_COLUMNS,
    ),
    lower(
        "position_error_pm",
        "Position error",
        "pm",
        "Root mean square distance of found columns from their positions in the clean image.",
        _position_error_pm,
        decimals=1,
        top=FARTHEST_PM,
        version=2,
    ),
    *not_bounded(
        Metric(
            name="occupancy_correlation",
            title="Occupancy",
            unit="",
            direction="higher",
            ideal=1.0,
            range=(-1.0, 1.0),
            version=1,
            decimals=3,
            summary="Correlation of the number of atoms read from the particle's columns with the "
            "true number; about 0.93 for the clean image itself.",
            function=with_particle(lambda s: s.occupancy.correlation),
        ),
        lower(
            "occupancy_error_atoms",
            "Occupancy error",
            "atoms",
            "Root mean square error of that number; about 0.6 for the clean image itself.",
            lambda s: 0.0 if s.is_blank else s.occupancy.error_atoms,
            decimals=2,
        ),
        share(
            "site_accuracy",
            "Site accuracy",
            "Balanced accuracy of distinguishing removed, half and single-atom columns from whole "
            "surface columns by their number of atoms; 0.5 is chance.",
            with_particle(lambda s: s.occupancy.accuracy, flat=0.5),
        ),
    ),
)


def _released(name: str, title: str, what: str, function: MetricFunction) -> Metric:
    summary = (
        f"{what} on the free surface as in the paper's released code: blobs of the clean image "
        "are the truth, an alpha shape is the surface, and two columns may share one blob."
    )
    return share(f"released_{name}", f"Released {title}", summary, function, top=math.inf)


RELEASED_METRICS = needing(
    "columns",
    *not_bounded(
        _released("precision", "precision", "Precision", lambda s: s.released.precision),
        _released("recall", "recall", "Recall", lambda s: s.released.recall),
        _released("f1", "F1", "F1", lambda s: s.released.f1),
        _released("jaccard", "Jaccard", "Jaccard index", lambda s: s.released.jaccard),
    ),
)
