"""Values that a user gives to a method's parameters, held to what ``method.toml`` declares.

The value declared says what a parameter is: whole where it is whole, at least 1 where it is a
positive whole number (a size, a number of steps), not negative where it is not. A parameter of
which less makes sense, such as a number of images where 0 stands for all, says so in ``[least]``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tembench.core import MethodError

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
        All that are declared.
    override : Mapping
        Other values of some of them.
    least : Mapping
        Least value of a parameter, where it is another than the value declared implies.
    where : str
        The method, for errors.

    Raises
    ------
    MethodError
        On a name that is not declared, a value of another kind, one that is not finite, or one
        below the least.
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


def least_of(usual: Any, declared: float | None = None) -> float:
    """Return the least value of a parameter whose declared value is `usual`."""
    if declared is not None:
        return declared
    values = _numbers(usual)
    if not values or min(values) < 0:
        return -math.inf
    return 1 if type(usual) is int and usual > 0 else 0


def _of_kind(name: str, value: Any, usual: Any, where: str) -> Any:
    if type(usual) is float and type(value) is int:
        return float(value)
    if type(value) is not type(usual):
        raise MethodError(
            f"parameter {name} is of another kind",
            where=where,
            expected=f"{type(usual).__name__}, such as {usual!r}",
            got=f"{type(value).__name__} {value!r}",
            remedy=_REMEDY,
        )
    return value


def _check_range(name: str, value: Any, least: float, where: str) -> None:
    """Refuse numbers that are not finite or too small, in a list as well."""
    if any(not math.isfinite(number) or number < least for number in _numbers(value)):
        expected = "finite numbers" if math.isinf(least) else f"{least:g} or more, finite"
        raise MethodError(
            f"impossible parameter {name}", where=where, expected=expected, got=f"{value!r}"
        )


def _numbers(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
