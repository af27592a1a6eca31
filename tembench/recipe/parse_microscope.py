"""Parsers of ``[microscope]`` and ``[conditions]``."""

from __future__ import annotations

from typing import Any

from tembench.core import Reader
from tembench.recipe.model import STANDARD, Condition, Detector, Microscope
from tembench.recipe.parse_factors import distinct
from tembench.recipe.parse_specimen import named

# Less than one electron in a hundred pixels is a slip of the unit.
_LEAST_DOSE_E_PER_PX = 0.01
# A larger drift moves the columns of one image into the next.
_LARGEST_DRIFT_A = 10.0


def microscope(reader: Reader) -> Microscope:
    """Read ``[microscope]``."""
    scope = Microscope(
        energy_keV=reader.number("energy_keV", at_least=20, at_most=3000),
        c3_um=reader.number("c3_um", at_least=-10000, at_most=10000),
        c5_mm=reader.number("c5_mm", at_least=-1000, at_most=1000),
        convergence_mrad=reader.number("convergence_mrad", at_least=0, at_most=10),
        focal_spread_nm=reader.number("focal_spread_nm", at_least=0, at_most=50),
        image_spread_A=reader.number("image_spread_A", at_least=0, at_most=10),
        dose_e_per_px=_dose(reader),
    )
    reader.finish()
    return scope


def conditions(top: Reader, scope: Microscope) -> dict[str, Condition]:
    """Read ``[conditions]``; without the table, one condition with the microscope's dose."""
    if not top.has("conditions"):
        top.table("conditions", default={})
        dose = scope.dose_e_per_px
        return {STANDARD: Condition(dose_e_per_px=dose, drift_A=(0.0, 0.0), detector=None)}
    table = {name: _condition(reader) for name, reader in named(top.table("conditions"))}
    if not table:
        top.problem("conditions", "expected at least one condition")
    return table


def condition_names(
    reader: Reader, known: tuple[str, ...], default: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Names under ``conditions``; without that key `default`, or all that are known."""
    options: Any = {"default": known if default is None else default, "choices": known}
    return distinct(reader, "conditions", reader.texts("conditions", **options))


def _condition(reader: Reader) -> Condition:
    bound = _LARGEST_DRIFT_A
    drift = reader.numbers("drift_A", default=(0.0, 0.0), length=2, at_least=-bound, at_most=bound)
    condition = Condition(
        dose_e_per_px=_dose(reader),
        drift_A=(drift[0], drift[1]) if len(drift) == 2 else (0.0, 0.0),
        detector=_detector(reader),
    )
    reader.finish()
    return condition


def _detector(reader: Reader) -> Detector | None:
    """A detector if any of its keys is given; the other keys default to an ideal detector."""
    given = any(reader.has(key) for key in ("dqe", "mtf_nyquist", "read_noise_e"))
    detector = Detector(
        dqe=reader.number("dqe", default=1.0, at_least=0.1, at_most=1),
        mtf_nyquist=reader.number("mtf_nyquist", default=1.0, at_least=0.01, at_most=1),
        read_noise_e=reader.number("read_noise_e", default=0.0, at_least=0, at_most=10),
    )
    return detector if given else None


def _dose(reader: Reader) -> float:
    return reader.number("dose_e_per_px", at_least=_LEAST_DOSE_E_PER_PX, at_most=10)
