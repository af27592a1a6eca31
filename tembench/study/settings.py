"""Parameters given on the command line: NAME=VALUE, the value as in ``method.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from tembench.errors import MethodError
from tembench.methods.protocol import Method


def overrides(method: Method, settings: Sequence[str]) -> dict[str, Any]:
    """Read settings for a method.

    Parameters
    ----------
    method : Method
        Declares the parameters.
    settings : sequence of str
        Such as ``"steps=500"``, ``"mirror=false"`` or ``"loss=squared"``.

    Raises
    ------
    MethodError
        If one has no "=", names no parameter of the method, or is of another type than the
        method's own value.

    Examples
    --------
    >>> from tembench.methods.protocol import load_method
    >>> overrides(load_method("gaussian"), ["sigma_px=3"])
    {'sigma_px': 3.0}
    """
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.strip():
            raise MethodError(
                "not a setting", where=setting, expected="NAME=VALUE, such as steps=500"
            )
        found[name.strip()] = _value(text.strip())
    declared = method.settings(**found)
    for name, value in found.items():
        own = method.parameters[name]
        # A whole number may stand for a float, as in TOML; true is no number here.
        if isinstance(own, float) and type(value) is int:
            found[name] = float(value)
        elif type(value) is not type(own):
            raise MethodError(
                f"parameter {name} is of another type",
                where=f"method {method.name}",
                expected=f"{_named(own)}, such as {own}",
                got=repr(declared[name]),
            )
    return found


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def _named(value: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", list: "a list"}
    return names.get(type(value), "text")
