"""Fidelity metrics: agreement with the clean image by pixel and by Fourier ring, and vacuum."""

from __future__ import annotations

import math

import numpy as np

from tembench.metrics import fidelity, frc
from tembench.metrics.inputs import MetricInputs
from tembench.metrics.metric import Metric
from tembench.metrics.registry.declare import MOST_COLUMNS, invents_nothing, lower, needing


def _psnr_db(inputs: MetricInputs) -> float:
    value = fidelity.psnr_db(inputs.scaled_clean, inputs.scaled_denoised)
    return min(value, fidelity.BLANK_PSNR_DB) if inputs.is_blank else value


def _dof(inputs: MetricInputs) -> float:
    error = fidelity.mse(inputs.clean, inputs.denoised)
    return inputs.clean.size * error / inputs.dose_e_per_px


def _skill(inputs: MetricInputs) -> float:
    # Of vacuum alone, the constant image has no error to compare with.
    is_even = inputs.is_blank or not np.ptp(inputs.clean)
    skill = fidelity.blank_skill if is_even else fidelity.skill
    return skill(inputs.clean, inputs.denoised, dose_e_per_px=inputs.dose_e_per_px)


def _particle_skill(inputs: MetricInputs) -> float:
    if inputs.is_blank:
        return _skill(inputs)
    return fidelity.particle_skill(
        inputs.clean,
        inputs.denoised,
        dose_e_per_px=inputs.dose_e_per_px,
        particle_mask=inputs.particle_mask,
    )


def _vacuum_ripple(inputs: MetricInputs) -> float:
    added = np.subtract(inputs.denoised, inputs.clean, dtype=np.float64)[inputs.vacuum_mask]
    return float(added.std()) / inputs.dose_e_per_px if added.size else 0.0


def _vacuum_false(inputs: MetricInputs) -> float:
    area_nm2 = inputs.vacuum_mask.sum() * (inputs.pixel_size_A / 10) ** 2
    if area_nm2 == 0:
        return 0.0
    x, y = np.rint(inputs.reading.invented_A / inputs.pixel_size_A).astype(int).T
    return float(inputs.vacuum_mask[y, x].sum() / area_nm2)


def _resolution_A(inputs: MetricInputs) -> float:
    if inputs.is_blank:
        return frc.FINEST_A if invents_nothing(inputs) else frc.COARSEST_A
    return frc.resolution_A(
        inputs.scaled_clean, inputs.scaled_denoised, pixel_size_A=inputs.pixel_size_A
    )


FIDELITY_METRICS = (
    Metric(
        name="psnr_db",
        title="PSNR",
        unit="dB",
        direction="higher",
        ideal=math.inf,
        range=(0.0, math.inf),
        version=1,
        decimals=2,
        summary="Peak signal-to-noise ratio with a peak of 1 e/px, "
        "both images clamped to 0-1 e/px as in the paper's code. "
        "At most 60 dB for a blank image.",
        function=_psnr_db,
        # An error of the smallest float32 in one pixel of a hundred million.
        limits=(0.0, 1000.0),
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
    lower(
        name="mse",
        title="MSE",
        unit="e²/px²",
        decimals=6,
        summary="Mean squared error of the expected counts, not clamped.",
        function=lambda s: fidelity.mse(s.scaled_clean, s.scaled_denoised),
    ),
    lower(
        name="dof",
        title="Free parameters",
        unit="",
        decimals=0,
        summary="Number of pixels times the mean squared error over the dose: of how many free "
        "parameters an efficient, unbiased fit to these counts would have this error.",
        function=_dof,
    ),
    Metric(
        name="skill",
        title="Skill",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(-math.inf, 1.0),
        version=1,
        decimals=3,
        summary="1 - MSE / MSE of the constant vacuum image: "
        "1 is perfect, 0 is no better than a constant image. "
        "For a blank image, 0 is a ripple of 5 % of the dose.",
        function=_skill,
    ),
    Metric(
        name="particle_skill",
        title="Particle skill",
        unit="",
        direction="higher",
        ideal=1.0,
        range=(-math.inf, 1.0),
        version=1,
        decimals=3,
        summary="Skill over the pixels of the particle only; for a blank image its skill.",
        function=_particle_skill,
        needs="particle",
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
        # An image without contrast correlates with nothing, not even with itself.
        clean_is_ideal=False,
    ),
    *needing(
        "vacuum",
        lower(
            name="vacuum_ripple",
            title="Vacuum ripple",
            unit="",
            decimals=4,
            summary="Standard deviation of the difference to the clean image in vacuum, at least "
            "4 Å from any column, as a fraction of the dose.",
            function=_vacuum_ripple,
        ),
        lower(
            name="vacuum_false_per_nm2",
            title="False columns in vacuum",
            unit="1/nm²",
            decimals=3,
            summary="Columns invented (hallucinated) in that vacuum, per area.",
            function=_vacuum_false,
            most=MOST_COLUMNS,
        ),
    ),
)
