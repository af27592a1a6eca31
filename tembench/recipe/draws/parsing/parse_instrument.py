"""Parsers of ``[microscopes]``, ``[detectors]`` and ``[exposure]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tembench.core import REQUIRED
from tembench.recipe.draws.distributions import Value, limits_of, scaled
from tembench.recipe.draws.drawn_recipe import Camera, Exposure, Optics
from tembench.recipe.draws.parsing.value_reader import ValueReader
from tembench.recipe.microscope_presets import MICROSCOPE_PRESETS

# Least and largest value of each key; the aberrations' are some times those of real instruments.
_ANGLE = (-360.0, 360.0)
_OPTICS: dict[str, tuple[float, float]] = {
    "energy_keV": (20, 1000),
    "aperture_per_A": (0.2, 10),
    "C10_nm": (-2000, 2000),
    "C12_nm": (0, 500),
    "phi12_deg": _ANGLE,
    "C21_nm": (0, 20000),
    "phi21_deg": _ANGLE,
    "C23_nm": (0, 20000),
    "phi23_deg": _ANGLE,
    "C30_um": (-5000, 5000),
    "C32_um": (0, 1000),
    "phi32_deg": _ANGLE,
    "C34_um": (0, 1000),
    "phi34_deg": _ANGLE,
    "C50_mm": (-1000, 1000),
    "focal_spread_nm": (0, 50),
    "convergence_mrad": (0, 10),
    "image_spread_A": (0, 10),
}
# What no microscope is without has no default, unless a preset says it.
_NEEDED = ("energy_keV", "focal_spread_nm", "convergence_mrad", "image_spread_A")
_APERTURE_PER_A = 1.6
# Names that microscopists also use.
_OTHER_NAMES = {
    "defocus_nm": ("C10_nm", ", which is positive for overfocus"),
    "Cs_mm": ("C30_um", ", in micrometres"),
    "voltage_kV": ("energy_keV", ""),
}
_ANGLE_BOUNDS: dict[str, Any] = {"at_least": _ANGLE[0], "at_most": _ANGLE[1]}
_DOSE_BOUNDS: dict[str, Any] = {"at_least": 0.1, "at_most": 1e6}
PIXEL_SIZE_BOUNDS: dict[str, Any] = {"at_least": 0.03, "at_most": 0.3}
CAMERA_KINDS = ("ideal", "counting", "integrating")
IDEAL = "ideal"
DARK_DEVIATIONS = 4.0
"""Least offset of an integrating camera over its read noise: 3 in 100,000 dark pixels are less."""
# Its transfer is 1 at every frequency.
IDEAL_CAMERA: Camera[Value] = Camera(
    kind=IDEAL, dqe=1.0, mtf=(1.0, 1.0, 0.5, 2.0), gain=1.0, offset=0.0, read_noise=0.0
)


def optics(reader: ValueReader) -> tuple[float, Optics[Value]]:
    """Read one of ``[microscopes]``: its share of the specimens, and its optics."""
    share = reader.number("share", default=1.0, at_least=0)
    preset = reader.text("preset", default="", choices=tuple(MICROSCOPE_PRESETS))
    defaults: dict[str, float] = dict.fromkeys(_OPTICS, 0.0) | {"aperture_per_A": _APERTURE_PER_A}
    if preset in MICROSCOPE_PRESETS:
        defaults |= MICROSCOPE_PRESETS[preset].optics
    else:
        defaults = {key: value for key, value in defaults.items() if key not in _NEEDED}
    for other, (name, reason) in _OTHER_NAMES.items():
        if reader.has(other):
            reader.refused(other, f"expected '{name}'{reason}")
    values = {
        key: reader.value(key, default=defaults.get(key, REQUIRED), at_least=low, at_most=high)
        for key, (low, high) in _OPTICS.items()
    }
    reader.finish()
    return share, Optics(**values)


def camera(reader: ValueReader) -> Camera[Value]:
    """Read one of ``[detectors]``."""
    kind = reader.text("kind", default=IDEAL, choices=CAMERA_KINDS)
    if kind == IDEAL:
        for key in ("dqe", "mtf", "gain", "offset", "read_noise"):
            if reader.has(key):
                reader.refused(key, "not with kind 'ideal'; expected 'counting' or 'integrating'")
        reader.finish()
        return IDEAL_CAMERA
    before = len(reader.problems)
    made = Camera(
        kind=kind,
        dqe=reader.value("dqe", default=1.0, at_least=0.05, at_most=1),
        mtf=reader.values("mtf", length=4, at_least=-10, at_most=10),
        gain=reader.value("gain", default=1.0, above=0, at_most=1e5),
        offset=reader.value("offset", default=0.0, at_least=-1e5, at_most=1e5),
        read_noise=reader.value("read_noise", default=0.0, at_least=0, at_most=1e5),
    )
    reader.finish()
    if len(reader.problems) == before:
        _check_camera(reader, made)
    return made


def _check_camera(reader: ValueReader, camera: Camera[Value]) -> None:
    """Note a transfer that rises or is not defined, and dark pixels that would be clipped."""
    (least0, _), (least1, most1), (least2, _), _ = (limits_of(value) for value in camera.mtf)
    if least0 <= 0 or least2 <= 0 or least1 < 0 or most1 > least0:
        reader.problem(
            "mtf",
            "expected [c0, c1, c2, c3] with c0 and c2 above 0 and c1 from 0 to c0, so that the "
            f"transfer falls; got c0 from {least0:g}, c1 {least1:g} to {most1:g}, c2 from "
            f"{least2:g}",
        )
    offset, noise = limits_of(camera.offset)[0], limits_of(camera.read_noise)[1]
    if camera.kind == "integrating" and offset < DARK_DEVIATIONS * noise:
        reader.problem(
            "offset",
            f"expected at least {DARK_DEVIATIONS:g} read_noise, {DARK_DEVIATIONS * noise:g}, since "
            f"dark pixels would be clipped at 0 counts; got {offset:g}",
        )


def exposure(reader: ValueReader, detectors: Sequence[str], pixel_size_A: Value) -> Exposure[Value]:
    """Read ``[exposure]``."""
    only = detectors[0] if len(detectors) == 1 else REQUIRED
    made = Exposure(
        dose_e_per_A2=_dose(reader, pixel_size_A),
        frames=reader.integer("frames", default=1, at_least=1, at_most=1000),
        drift_A=reader.value("drift_A", default=0.0, at_least=0, at_most=10),
        drift_azimuth_deg=reader.value("drift_azimuth_deg", default=0.0, **_ANGLE_BOUNDS),
        jitter_A=reader.value("jitter_A", default=0.0, at_least=0, at_most=5),
        jump_share=reader.value("jump_share", default=0.0, at_least=0, at_most=1),
        detector=reader.one_of("detector", choices=detectors, default=only),
    )
    reader.finish()
    return made


def _dose(reader: ValueReader, pixel_size_A: Value) -> Value:
    """Read ``dose_e_per_A2``, or ``dose_e_per_px`` at the pixel size or at a reference."""
    if not reader.has("dose_e_per_px"):
        return reader.value("dose_e_per_A2", **_DOSE_BOUNDS)
    if reader.has("dose_e_per_A2"):
        reader.value("dose_e_per_A2", **_DOSE_BOUNDS)
        reader.problem("dose_e_per_px", "expected this or dose_e_per_A2, got both")
    reference = reader.value("dose_pixel_size_A", default=pixel_size_A, **PIXEL_SIZE_BOUNDS)
    if not isinstance(reference, int | float):
        reader.problem(
            "dose_e_per_px",
            "the pixel size is drawn: expected dose_e_per_A2, or the pixel size that the dose "
            "refers to as dose_pixel_size_A",
        )
        reference = 1.0
    before = len(reader.problems)
    dose = reader.value("dose_e_per_px", above=0, at_most=1e5)
    if len(reader.problems) > before:
        return 1.0
    dose = scaled(dose, 1 / reference**2)
    low, high = limits_of(dose)
    if low < _DOSE_BOUNDS["at_least"] or high > _DOSE_BOUNDS["at_most"]:
        reader.problem(
            "dose_e_per_px",
            f"expected {_DOSE_BOUNDS['at_least']:g} to {_DOSE_BOUNDS['at_most']:g} e/A^2, "
            f"got {low:g} to {high:g} e/A^2 at {reference:g} A a pixel",
        )
    return dose
