"""Report numbers: all figures of the evidence as plain values for JSON."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np

from tembench import __version__
from tembench.micrographs.trust import Evidence, Sources, Subject
from tembench.micrographs.trust.column_evidence import VERDICTS
from tembench.micrographs.trust.report.findings import findings, verdict


def report_numbers(subject: Subject, sources: Sources, evidence: Evidence) -> dict[str, Any]:
    """Return everything that a report states, without its pictures.

    Parameters
    ----------
    subject, sources, evidence
        The image, its files and the results.

    Returns
    -------
    dict
        Of plain values; what is not known is None. ``withheld`` gives the reason of each part that
        is missing.
    """
    parts = {
        field.name: getattr(evidence, field.name)
        for field in dataclasses.fields(evidence)
        if field.name != "columns"
    }
    columns = evidence.columns
    overall = verdict(subject, evidence)
    return {
        "tembench": __version__,
        "verdict": plain(overall),
        "findings": [plain(finding) for finding in findings(subject, evidence)],
        "method": subject.name,
        "image": {
            "pixel_size_A": subject.pixel_size_A,
            "dose_e_per_px": subject.dose_e_per_px,
            "height_px": subject.image.counts.shape[0],
            "width_px": subject.image.counts.shape[1],
            "electrons": float(subject.image.counts.sum(dtype=np.float64)),
        },
        "sources": plain(sources),
        "withheld": {name: part for name, part in parts.items() if isinstance(part, str)},
        **{name: plain(part) for name, part in parts.items() if not isinstance(part, str)},
        "columns": {
            "by": columns.by,
            "threshold": plain(columns.threshold),
            "noise": columns.noise,
            "list": [
                {
                    "x_A": float(x * subject.pixel_size_A),
                    "y_A": float(y * subject.pixel_size_A),
                    "bright": bool(columns.columns.sign[number] > 0),
                    "contrast": float(columns.columns.contrast[number]),
                    "log_ratio_surroundings": plain(columns.ratio[number]),
                    "log_ratio_vacuum": plain(columns.ratio_vacuum[number]),
                    "p_value": plain(columns.p_value[number]),
                    "power": plain(columns.power[number]),
                    "verdict": VERDICTS[int(columns.verdict[number])],
                }
                for number, (x, y) in enumerate(columns.columns.xy_px)
            ],
        },
    }


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: images left out, unknown and infinite numbers None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {
            name: plain(one)
            for name, one in found.items()
            if not (isinstance(one, np.ndarray) and one.ndim > 1)
        }
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value.tolist()]
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Path):
        return value.name
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, int | np.integer):
        return int(value)
    return value
