"""Reading lists of tilts and defoci, wherever a recipe has them."""

from __future__ import annotations

from typing import Any

from tembench.core import Reader

# 1 1/A is far beyond what the microscope transfers; C10 of 200 nm puts the fringes of one image
# into the next. Both bounds only stop slips of a unit.
_LARGEST_TILT_DEG = 10.0
_LARGEST_DEFOCUS_NM = 200.0


def tilts(reader: Reader, default: Any) -> tuple[tuple[float, float], ...]:
    """Pairs under ``tilts_deg``; required where `default` is None."""
    options = {} if default is None else {"default": default}
    bound = _LARGEST_TILT_DEG
    found = reader.pairs("tilts_deg", at_least=-bound, at_most=bound, **options)
    return distinct(reader, "tilts_deg", found)


def defoci(reader: Reader, default: Any) -> tuple[float, ...]:
    """Numbers under ``defocus_nm``; required where `default` is None."""
    options = {} if default is None else {"default": default}
    bound = _LARGEST_DEFOCUS_NM
    found = reader.numbers("defocus_nm", at_least=-bound, at_most=bound, **options)
    return distinct(reader, "defocus_nm", found)


def distinct(reader: Reader, key: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """`values`, and a mistake noted where they are none or one stands there twice."""
    if reader.is_empty(key):
        reader.problem(key, "expected at least one value")
    elif len(set(values)) < len(values):
        reader.problem(key, "expected distinct values")
    return values
