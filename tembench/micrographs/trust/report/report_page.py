"""Report page: one HTML file with all evidence, without script or any request."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tembench.micrographs.trust import (
    AGAINST_ELECTRONS,
    BETWEEN_HALVES,
    Evidence,
    HalfDoses,
    HeldOutError,
    ResidualStructure,
    Sources,
    Subject,
)
from tembench.micrographs.trust.column_evidence import (
    AGAINST,
    OWN_COUNTS,
    SUPPORTED,
    UNDECIDED,
    SupportIndex,
    contrast_power,
)
from tembench.micrographs.trust.report.findings import TITLES, findings, own_agreement, verdict
from tembench.micrographs.trust.report.report_charts import Chart, Line

_CONTRASTS = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.5])
LEVELS = {"good": "in favour", "neutral": "note", "care": "care", "bad": "against"}


def report_page(
    subject: Subject,
    sources: Sources,
    evidence: Evidence,
    pictures: Mapping[str, bytes],
    version: str,
) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    subject, sources, evidence
        The image, its files and the results.
    pictures : mapping of str to bytes
        PNG pictures by name: counts, denoised, overlay, vacuum, surroundings, residual, spectrum.
    version : str
        Version of tembench.
    """
    from jinja2 import Environment, StrictUndefined

    source = (Path(__file__).parent / "report.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = figure
    height, width = subject.image.counts.shape
    return environment.from_string(source).render(
        version=version,
        subject=subject,
        sources=sources,
        evidence=evidence,
        field_A=(width * subject.pixel_size_A, height * subject.pixel_size_A),
        electrons=f"{subject.image.counts.sum(dtype=np.float64):,.0f}".replace(",", "\u202f"),
        verdict=verdict(subject, evidence),
        findings=findings(subject, evidence),
        levels=LEVELS,
        pictures={
            name: "data:image/png;base64," + base64.b64encode(png).decode()
            for name, png in pictures.items()
        },
        errors=_errors(evidence.errors),
        columns=_columns(evidence),
        powers=_powers(subject, evidence),
        support=[] if isinstance(evidence.support, str) else _support(evidence.support.indices),
        halves=_halves(evidence.halves),
        rings=_rings(evidence.residual),
        nan=float("nan"),
    )


def figure(value: float | None, digits: int = 3, unknown: str = "not known") -> str:
    """Return a number with so many significant digits, without an exponent."""
    if value is None or math.isnan(value):
        return unknown
    if math.isinf(value):
        return "none"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def _errors(errors: HeldOutError | str) -> dict[str, Any] | None:
    if isinstance(errors, str):
        return None
    reach = max(abs(pair.mse.value) + 2 * pair.mse.standard_error for pair in errors.against) or 1.0
    rows = []
    for pair in errors.against:
        low, high = pair.mse.interval()
        rows.append(
            {
                "name": TITLES.get(pair.name, pair.name),
                "value": _millis(pair.mse.value),
                "interval": f"{_millis(low)} to {_millis(high)}",
                "z": figure(abs(pair.z_likelihood), 2),
                "winner": "filter"
                if pair.z_likelihood > 2
                else "method"
                if pair.z_likelihood < -2
                else "",
                **_span(low, pair.mse.value, high, -1.1 * reach, 1.1 * reach),
            }
        )
    single = None
    if errors.mse is not None:
        low, high = errors.mse.interval()
        value, least, most = errors.psnr_db
        single = {
            "value": _millis(errors.mse.value),
            "interval": f"{_millis(low)} to {_millis(high)}",
            "psnr": "below the noise of this estimate" if math.isnan(value) else f"{value:.1f} dB",
            "psnr_interval": f"{figure(least, 3, 'open')} to {figure(most, 3, 'open')} dB",
        }
    return {"rows": rows, "single": single, "how": errors.how, "assumption": errors.assumption}


def _millis(value: float) -> str:
    """Return an error in thousandths of e^2/px^2."""
    return f"{1000 * value:.3f}".replace("-", "\u2212")


def _span(low: float, middle: float, high: float, least: float, most: float) -> dict[str, float]:
    """Return the places of an interval, in per cent of an axis."""
    left, centre, right = (
        100 * min(max((value - least) / (most - least), 0), 1) for value in (low, middle, high)
    )
    zero = 100 * -least / (most - least)
    return {
        "left": round(left, 2),
        "middle": round(centre, 2),
        "width": round(right - left, 2),
        "zero": round(zero, 2),
    }


def _columns(evidence: Evidence) -> list[dict[str, Any]]:
    columns = evidence.columns
    rows = []
    for sign, kind in ((1, "bright"), (-1, "dark")):
        number = int((columns.columns.sign == sign).sum())
        if number:
            rows.append(
                {
                    "kind": kind,
                    "shown": number,
                    "supported": columns.number(SUPPORTED, sign),
                    "due": "" if columns.by == OWN_COUNTS else figure(columns.due(sign), 2),
                    "undecided": columns.number(UNDECIDED, sign),
                    "against": columns.number(AGAINST, sign),
                }
            )
    return rows


def _powers(subject: Subject, evidence: Evidence) -> list[dict[str, str]]:
    """Return the power of the test of columns by their contrast, at this dose."""
    from tembench.micrographs.trust.column_evidence import disc_and_ring

    columns = evidence.columns
    if columns.by == OWN_COUNTS:
        return []
    counts = subject.image.counts if subject.all_frames is None else subject.all_frames
    middle = np.array([[side / 2 for side in reversed(counts.shape)]])
    whole = disc_and_ring(np.ones(counts.shape), middle, subject.pixel_size_A)
    electrons = float(counts.mean(dtype=np.float64) * whole.total[0])
    contrasts = np.concatenate([_CONTRASTS, -_CONTRASTS])
    power = contrast_power(columns, contrasts, electrons, float(whole.share[0]))
    bright, dark = power[: len(_CONTRASTS)], power[len(_CONTRASTS) :]
    return [
        {
            "contrast": f"{100 * contrast:.0f} %",
            "bright": f"{100 * one:.0f} %",
            "dark": f"{100 * other:.0f} %",
        }
        for contrast, one, other in zip(_CONTRASTS, bright, dark, strict=True)
    ]


def _support(indices: tuple[SupportIndex, ...]) -> list[dict[str, Any]]:
    return [
        {
            "kind": "bright" if index.sign > 0 else "dark",
            "number": figure(index.columns, 3) if index.columns < 100 else f"{index.columns:.0f}",
            "value": f"{index.index:.2f} ± {index.standard_error:.2f}".replace("-", "\u2212"),
            **_span(
                index.index - 1.96 * index.standard_error,
                index.index,
                index.index + 1.96 * index.standard_error,
                -0.5,
                2.0,
            ),
        }
        for index in indices
    ]


def _halves(halves: HalfDoses | str) -> dict[str, Any] | None:
    if isinstance(halves, str):
        return None
    frequency = halves.frequency_per_A
    limit = np.full(len(frequency), BETWEEN_HALVES)
    chart = Chart(
        x=frequency,
        lines=(
            Line(name="0.143", style="limit", y=limit),
            Line(name="half-bit", style="limit dashed", y=halves.half_bit),
            Line(name="two denoised halves", style="first", y=halves.correlation),
            Line(
                name="a half and the electrons of the other",
                style="second",
                y=np.clip(halves.with_electrons, -1, 1),
            ),
        ),
        x_title="spatial frequency (1/Å)",
        y_title="correlation",
        y_range=(-0.2, 1.0),
    )
    return {
        "chart": chart if len(frequency) > 1 else None,
        "rows": [
            ("two denoised halves, 0.143", _length(halves.resolution_A, frequency)),
            ("two denoised halves, half-bit", _length(halves.half_bit_A, frequency)),
            (
                f"a half and the electrons of the other, {AGAINST_ELECTRONS:g}",
                _length(halves.electrons_A, frequency),
            ),
        ],
        "shared": f"{100 * halves.shared:.0f} %",
        "columns": halves.columns,
        "matched": halves.matched,
        "spread": figure(halves.spread_A, 2),
        "excess": figure(own_agreement(halves), 2),
    }


def _length(length_A: float, frequency_per_A: np.ndarray) -> str:
    if math.isnan(length_A):
        return f"finer than {1 / frequency_per_A[-1]:.2f} Å"
    if math.isinf(length_A):
        return f"coarser than {1 / frequency_per_A[0]:.1f} Å"
    return f"{length_A:.2f} Å"


def _rings(residual: ResidualStructure) -> Chart | None:
    if len(residual.radial) < 2:
        return None
    top = max(2.0, float(np.nanmax(residual.radial)) * 1.05)
    return Chart(
        x=residual.frequency_per_A,
        lines=(
            Line(name="white noise", style="limit", y=np.ones(len(residual.radial))),
            Line(name="residual", style="first", y=residual.radial),
        ),
        x_title="spatial frequency (1/Å)",
        y_title="power",
        y_range=(0.0, top),
    )
