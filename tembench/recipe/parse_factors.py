"""Parsers of the lists of tilts and defoci in a recipe's tables."""

from __future__ import annotations

from typing import Any

from tembench.core import Reader

# 1 1/A is far beyond what the microscope transfers; a C10 of 200 nm moves the fringes of one
# image into the next. Both bounds only catch slips of a unit.
_LARGEST_TILT_DEG = 10.0
_LARGEST_DEFOCUS_NM = 200.0


def tilts(reader: Reader, default: Any) -> tuple[tuple[float, float], ...]:
    """Pairs under ``tilts_deg``; required where `default` is None."""
    options = {} if default is None else {"default": default}
    bound = _LARGEST_TILT_DEG
    pairs = reader.pairs("tilts_deg", at_least=-bound, at_most=bound, **options)
    return distinct(reader, "tilts_deg", pairs)


def defoci(reader: Reader, default: Any) -> tuple[float, ...]:
    """Numbers under ``defocus_nm``; required where `default` is None."""
    options = {} if default is None else {"default": default}
    bound = _LARGEST_DEFOCUS_NM
    values = reader.numbers("defocus_nm", at_least=-bound, at_most=bound, **options)
    return distinct(reader, "defocus_nm", values)


def distinct(reader: Reader, key: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return `values`; note a mistake if there are none or one is listed twice."""
    if reader.is_empty(key):
        reader.problem(key, "expected at least one value")
    elif len(set(values)) < len(values):
        reader.problem(key, "expected distinct values")
    return values
