"""Parameters of a method: overrides, checked against ``method.toml``, and those of a training.

The declared value implies the type and the range: an integer stays an integer, at least 1 if the
declared one is positive (a size, a number of steps); a number that is not negative stays so. A
parameter that may be less, such as a number of images where 0 means all, declares it in
``[least]``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tembench.core import MethodError, read_toml

_OF_THE_MACHINE = ("device", "memory_GB", "checkpoint_seconds")

_REMEDY = "parameters are declared in [parameters] and [optional] of method.toml"


def overridden(
    parameters: Mapping[str, Any],
    override: Mapping[str, Any],
    least: Mapping[str, float],
    where: str,
) -> dict[str, Any]:
    """Return the values of an override, checked.

    Parameters
    ----------
    parameters : Mapping
        All declared parameters.
    override : Mapping
        New values of some of them.
    least : Mapping
        Least value of a parameter, where it differs from the one that the declared value implies.
    where : str
        The method, for errors.

    Raises
    ------
    MethodError
        If a name is not declared, or a value has another type, is not finite or is too small.
    """
    unknown = sorted(set(override) - set(parameters))
    if unknown:
        raise MethodError(
            f"unknown parameter {', '.join(unknown)}",
            where=where,
            expected=f"one of {', '.join(sorted(parameters)) or 'none'}",
            remedy=_REMEDY,
        )
    changed: dict[str, Any] = {}
    for name, value in override.items():
        changed[name] = _of_kind(name, value, parameters[name], where)
        _check_range(name, value, least_of(parameters[name], least.get(name)), where)
    return changed


def trained_with(weights: Path, name: str) -> dict[str, Any]:
    """Return the parameters that weights were trained with, by their ``training.toml``.

    Parameters
    ----------
    weights : pathlib.Path
        Folder of weights; without a record of the method `name`, no parameter is known.
    name : str
        Name of the method.

    Returns
    -------
    dict
        All that are recorded but those that suit the machine and change no result; not checked.

    Raises
    ------
    MethodError
        If the record is not TOML.
    """
    path = weights / "training.toml"
    record = read_toml(path, MethodError) if path.is_file() else {}
    recorded = record.get("parameters")
    if record.get("method") != name or not isinstance(recorded, dict):
        return {}
    return {key: value for key, value in recorded.items() if key not in _OF_THE_MACHINE}


def least_of(default: Any, declared: float | None = None) -> float:
    """Return the least value of a parameter whose value in ``method.toml`` is `default`."""
    if declared is not None:
        return declared
    values = _numbers(default)
    if not values or min(values) < 0:
        return -math.inf
    return 1 if type(default) is int and default > 0 else 0


def _of_kind(name: str, value: Any, default: Any, where: str) -> Any:
    if type(default) is float and type(value) is int:
        return float(value)
    if type(value) is not type(default):
        raise MethodError(
            f"parameter {name} has another type",
            where=where,
            expected=f"{type(default).__name__}, such as {default!r}",
            got=f"{type(value).__name__} {value!r}",
            remedy=_REMEDY,
        )
    return value


def _check_range(name: str, value: Any, least: float, where: str) -> None:
    """Refuse numbers, also in lists, that are not finite or too small."""
    if any(not math.isfinite(number) or number < least for number in _numbers(value)):
        expected = "finite numbers" if math.isinf(least) else f"{least:g} or more, finite"
        raise MethodError(
            f"impossible parameter {name}", where=where, expected=expected, got=f"{value!r}"
        )


def _numbers(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
