"""The registry: every metric of the tables, in the order of the columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from tembench.metrics import fidelity, frc, unsupervised
from tembench.metrics.columns import MATCH_A
from tembench.metrics.likelihood import pixel_ratio
from tembench.metrics.metric import Metric
from tembench.metrics.scene import Scene

FALSE_ALARM_RATE = 0.01
_INF = math.inf
_MATCH_PM = 100 * MATCH_A
Function = Callable[[Scene], float]


# --- fidelity ---


def _psnr_db(scene: Scene) -> float:
    value = fidelity.psnr_db(scene.scaled_clean, scene.scaled_denoised)
    return min(value, fidelity.BLANK_PSNR_DB) if scene.is_blank else value


def _skill(scene: Scene) -> float:
    skill = fidelity.blank_skill if scene.is_blank else fidelity.skill
    return skill(scene.clean, scene.denoised, dose_e_per_px=scene.dose_e_per_px)


def _particle_skill(scene: Scene) -> float:
    if scene.is_blank:
        return _skill(scene)
    return fidelity.particle_skill(
        scene.clean,
        scene.denoised,
        dose_e_per_px=scene.dose_e_per_px,
        particle_mask=scene.particle_mask,
    )


def _vacuum_ripple(scene: Scene) -> float:
    added = np.subtract(scene.denoised, scene.clean, dtype=np.float64)[scene.vacuum_mask]
    return float(added.std()) / scene.dose_e_per_px if added.size else 0.0


def _vacuum_false(scene: Scene) -> float:
    area_nm2 = scene.vacuum_mask.sum() * (scene.pixel_size_A / 10) ** 2
    if area_nm2 == 0:
        return 0.0
    x, y = np.rint(scene.reading.invented_A / scene.pixel_size_A).astype(int).T
    return float(scene.vacuum_mask[y, x].sum() / area_nm2)


def _resolution_A(scene: Scene) -> float:
    if scene.is_blank:
        return frc.FINEST_A if _invents_nothing(scene) else frc.COARSEST_A
    return frc.resolution_A(
        scene.scaled_clean, scene.scaled_denoised, pixel_size_A=scene.pixel_size_A
    )


_FIDELITY = (
    Metric(
        name="psnr_db",
        title="PSNR",
        unit="dB",
        direction="higher",
        ideal=_INF,
        range=(0.0, _INF),
        version=1,
        decimals=2,
        summary="Peak signal-to-noise ratio with a peak of 1 e/px, "
        "both images clamped to 0-1 e/px as in the paper's code. "
        "Of a blank image at most 60 dB.",
        function=_psnr_db,
    ),
    Metric(
        name="ssim",
        title="SSIM",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(-1.0, 1.0),
        version=1,
        decimals=4,
        summary="Mean structural similarity over 7 x 7 px windows, data range 1 e/px, "
        "as in the paper's code (scikit-image's defaults).",
        function=lambda s: fidelity.ssim(s.scaled_clean, s.scaled_denoised),
    ),
    Metric(
        name="mse",
        title="MSE",
        unit="e²/px²",
        direction="lower",
        ideal=0.0,
        range=(0.0, _INF),
        version=1,
        decimals=6,
        summary="Mean squared error of the expected counts, not clamped.",
        function=lambda s: fidelity.mse(s.scaled_clean, s.scaled_denoised),
    ),
    Metric(
        name="skill",
        title="Skill",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(-_INF, 1.0),
        version=1,
        decimals=3,
        summary="1 - MSE / MSE of the constant vacuum image: "
        "1 is perfect, 0 is no better than a constant image. "
        "Of a blank image: 0 is a ripple of 5 % of the dose.",
        function=_skill,
    ),
    Metric(
        name="particle_skill",
        title="Particle skill",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(-_INF, 1.0),
        version=1,
        decimals=3,
        summary="Skill over the pixels of the particle alone; the skill of a blank image.",
        function=_particle_skill,
    ),
    Metric(
        name="frc_resolution_A",
        title="FRC resolution",
        unit="Å",
        direction="lower",
        ideal=frc.FINEST_A,
        range=(frc.FINEST_A, frc.COARSEST_A),
        version=1,
        decimals=2,
        summary="Length at which the Fourier ring correlation to the clean image first falls "
        "below 0.5, between 3.33 and 0.71 Å.",
        function=_resolution_A,
    ),
    Metric(
        name="vacuum_ripple",
        title="Vacuum ripple",
        unit="",
        direction="lower",
        ideal=0.0,
        range=(0.0, _INF),
        version=1,
        decimals=4,
        summary="Standard deviation of what is added to the clean image in vacuum, 4 Å and more "
        "from any column, as a share of the dose.",
        function=_vacuum_ripple,
    ),
    Metric(
        name="vacuum_false_per_nm2",
        title="False columns in vacuum",
        unit="1/nm²",
        direction="lower",
        ideal=0.0,
        range=(0.0, _INF),
        version=1,
        decimals=3,
        summary="Invented columns per area of that vacuum: hallucination.",
        function=_vacuum_false,
    ),
)


# --- columns ---


def _invents_nothing(scene: Scene) -> bool:
    return scene.reading.whole.invented == 0


def _position_error_pm(scene: Scene) -> float:
    if not scene.truth.shown.any():
        return 0.0 if _invents_nothing(scene) else _MATCH_PM
    return 100 * scene.reading.position_error_A


def _with_particle(of: Function, *, flat: float = 0.0) -> Function:
    """In a blank image: 1 if nothing is invented, else the value of a constant image."""

    def value(scene: Scene) -> float:
        if scene.is_blank:
            return 1.0 if _invents_nothing(scene) else flat
        return of(scene)

    return value


def _share(name: str, title: str, summary: str, function: Function, top: float = 1.0) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit="",
        direction="higher",
        ideal=1.0,
        range=(0.0, top),
        version=1,
        decimals=3,
        summary=summary,
        function=function,
    )


def _lower(
    name: str,
    title: str,
    unit: str,
    summary: str,
    function: Function,
    *,
    decimals: int,
    top: float = _INF,
    bottom: float = 0.0,
) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit=unit,
        direction="lower",
        ideal=0.0,
        range=(bottom, top),
        version=1,
        decimals=decimals,
        summary=summary,
        function=function,
    )


_PAIRED = "columns of the particle that the clean image shows, paired one to one within 0.62 Å"
_COLUMNS = (
    _share(
        "column_precision",
        "Precision",
        f"Share of the denoised columns outside the support that are true: {_PAIRED}.",
        lambda s: s.reading.whole.precision,
    ),
    _share(
        "column_recall",
        "Recall",
        "Share of the particle's shown columns that are found.",
        lambda s: s.reading.whole.recall,
    ),
    _share(
        "column_f1",
        "Column F1",
        "Harmonic mean of the particle's precision and recall.",
        lambda s: s.reading.whole.f1,
    ),
    _share(
        "column_jaccard",
        "Column Jaccard",
        "Found columns as a share of all found, missed or invented.",
        lambda s: s.reading.whole.jaccard,
    ),
    _share(
        "surface_precision",
        "Surface precision",
        "Precision on the particle's free surface; invented columns within 3.5 Å of it count.",
        lambda s: s.reading.surface.precision,
    ),
    _share(
        "surface_recall",
        "Surface recall",
        "Share of the shown columns of the particle's free surface that are found.",
        lambda s: s.reading.surface.recall,
    ),
    _share(
        "surface_f1",
        "Surface F1",
        "Harmonic mean of precision and recall on the particle's free surface.",
        lambda s: s.reading.surface.f1,
    ),
    _share(
        "surface_jaccard",
        "Surface Jaccard",
        "Found surface columns as a share of all found, missed or invented there.",
        lambda s: s.reading.surface.jaccard,
    ),
    _lower(
        "columns_invented",
        "Invented",
        "per image",
        "Columns outside the support that neither the atoms nor the clean image account for.",
        lambda s: s.reading.whole.invented,
        decimals=2,
    ),
    _lower(
        "columns_missed",
        "Missed",
        "per image",
        "Columns of the particle that the clean image shows and the denoised one does not.",
        lambda s: s.reading.whole.missed,
        decimals=2,
    ),
    _lower(
        "position_error_pm",
        "Position error",
        "pm",
        "Root mean square distance of found columns from where the clean image shows them.",
        _position_error_pm,
        decimals=1,
        top=_MATCH_PM,
    ),
    Metric(
        name="occupancy_correlation",
        title="Occupancy",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(-1.0, 1.0),
        version=1,
        decimals=3,
        summary="Correlation of the number of atoms read off the particle's columns with the true "
        "number; the clean image itself has about 0.93.",
        function=_with_particle(lambda s: s.occupancy.correlation),
    ),
    _lower(
        "occupancy_error_atoms",
        "Occupancy error",
        "atoms",
        "Root mean square error of that number; the clean image itself has about 0.6.",
        lambda s: 0.0 if s.is_blank else s.occupancy.error_atoms,
        decimals=2,
    ),
    _share(
        "site_accuracy",
        "Site accuracy",
        "Balanced accuracy of telling removed, half and single-atom columns from whole surface "
        "columns, by their number of atoms.",
        _with_particle(lambda s: s.occupancy.accuracy),
    ),
)


def _released(name: str, title: str, what: str, function: Function) -> Metric:
    summary = (
        f"{what} on the free surface as the released code counts: blobs of the clean image are "
        "the truth, an alpha shape the surface, and two columns may share one blob."
    )
    return _share(f"released_{name}", f"Released {title}", summary, function, top=_INF)


_RELEASED = (
    _released("precision", "precision", "Precision", lambda s: s.released.precision),
    _released("recall", "recall", "Recall", lambda s: s.released.recall),
    _released("f1", "F1", "F1", lambda s: s.released.f1),
    _released("jaccard", "Jaccard", "Jaccard index", lambda s: s.released.jaccard),
)


# --- likelihood ---


def _llr_invented(scene: Scene) -> float:
    ratios = scene.ratios(scene.noisy, scene.reading.invented_A)
    critical = scene.nulls.searched.critical(FALSE_ALARM_RATE)
    return float((ratios > critical).mean()) if len(ratios) else 0.0


def _llr_called(scene: Scene) -> float:
    return float((scene.held_out_ratios > scene.nulls.fixed.critical(FALSE_ALARM_RATE)).mean())


_LIKELIHOOD = (
    Metric(
        name="llr_columns",
        title="Column LLR",
        unit="nat/px",
        direction="higher",
        ideal=_INF,
        range=(-_INF, _INF),
        version=1,
        decimals=4,
        summary="Mean log-likelihood ratio against vacuum over the discs of the true columns, by "
        "recordings that the method has not seen; 0 in a blank image.",
        function=lambda s: 0.0 if s.is_blank else float(s.held_out_ratios.mean()),
    ),
    _share(
        "llr_called",
        "Columns called",
        "Share of the true columns whose ratio, by recordings that the method has not seen, "
        "vacuum exceeds in 1 of 100 cases at most.",
        _with_particle(_llr_called),
    ),
    _lower(
        "llr_invented",
        "Invented, yet called",
        "",
        "Share of the invented columns whose ratio, by the very recording that the method saw, "
        "the best place in reach exceeds in 1 of 100 cases of vacuum at most; 0 if none.",
        _llr_invented,
        decimals=3,
        top=1.0,
    ),
    Metric(
        name="llr_pixels",
        title="Pixel LLR",
        unit="nat/px",
        direction="higher",
        ideal=_INF,
        range=(-_INF, _INF),
        version=1,
        decimals=5,
        summary="Mean log-likelihood ratio of all pixels against vacuum, by recordings that the "
        "method has not seen: largest in expectation for the clean image.",
        function=lambda s: pixel_ratio(s.mean_copy, s.denoised, dose_e_per_px=s.dose_e_per_px),
    ),
)


# --- unsupervised ---


def _scaled(of: Function) -> Function:
    return lambda scene: of(scene) * scene.scale**2


_UNSUPERVISED = (
    _lower(
        "umse",
        "uMSE",
        "e²/px²",
        "Mean squared error by three recordings that the method has not seen, without the clean "
        "image, as Marcos-Morales et al. define it; may be negative.",
        _scaled(lambda s: unsupervised.umse(s.denoised, *s.copies)),
        decimals=6,
        bottom=-_INF,
    ),
    _lower(
        "umse_product",
        "uMSE, product",
        "e²/px²",
        "The same by products of the errors against pairs of the recordings: it scatters less.",
        _scaled(lambda s: unsupervised.umse_products(s.denoised, s.copies)),
        decimals=6,
        bottom=-_INF,
    ),
    Metric(
        name="umse_paired",
        title="uMSE, paired",
        unit="e²/px²",
        direction="lower",
        ideal=-_INF,
        range=(-_INF, _INF),
        version=1,
        decimals=6,
        summary="Difference of the mean squared error to that of the noisy image smoothed by a "
        "Gaussian of 0.5 Å, without the clean image: it scatters least.",
        function=_scaled(lambda s: unsupervised.paired_umse(s.denoised, s.reference, s.mean_copy)),
    ),
)


_BY_GROUP = {
    "Fidelity": _FIDELITY,
    "Columns": _COLUMNS,
    "Released protocol": _RELEASED,
    "Likelihood": _LIKELIHOOD,
    "Without the clean image": _UNSUPERVISED,
}
METRICS: dict[str, Metric] = {
    metric.name: metric for group in _BY_GROUP.values() for metric in group
}
GROUPS: dict[str, tuple[str, ...]] = {
    heading: tuple(metric.name for metric in group) for heading, group in _BY_GROUP.items()
}
"""Names of the metrics under the headings that they are shown under."""


def evaluate(scene: Scene, names: Iterable[str] = METRICS) -> dict[str, float]:
    """Metrics of one image.

    Parameters
    ----------
    scene : Scene
        The image and its truth.
    names : iterable of str
        Which; all of the registry if not given.

    Returns
    -------
    dict of str to float
        By metric name, in the registry's order; never NaN (counted as worst),
        infinite where the definition says so.
    """
    chosen = set(names)
    # Absurd outputs (1e30 e/px) overflow to infinity, which is their score.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return {name: metric(scene) for name, metric in METRICS.items() if name in chosen}


def versions() -> dict[str, int]:
    """Version of every registered metric, as written beside scores."""
    return {name: metric.version for name, metric in METRICS.items()}
