"""Typed reader of TOML tables, which collects every mistake of a file and reports them together."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self, TypeAlias, TypeVar

from tembench.core.errors import TembenchError, is_plain, quoted, together

_Limit: TypeAlias = float | None
_T = TypeVar("_T")
REQUIRED: Any = object()
# A list of ten thousand wrong values is one slip, and the error is one line.
_MOST_REPORTED = 50
# A key's unit is its last word or words, as in ``focal_spread_nm`` or ``dose_e_per_px``.
_UNIT = re.compile(
    r"_(A|nm|um|mm|pm|angstrom|deg|mrad|rad|eV|keV|kV|per_A|per_nm|e_per_px|e_per_A2|g_cm3|px|s)$"
)


class Bounds(NamedTuple):
    """Bounds of a number; inclusive except `above`."""

    above: _Limit
    at_least: _Limit
    at_most: _Limit

    def broken_by(self, value: float) -> list[str]:
        """The limits that a value breaks, in words."""
        names = ("more than", "at least", "at most")
        limits = zip(names, self, (operator.gt, operator.ge, operator.le), strict=True)
        return [f"{name} {x:g}" for name, x, ok in limits if x is not None and not ok(value, x)]


class Reader:
    """Getters of typed values from a table, which note the mistakes that they find.

    Parameters
    ----------
    table : mapping
        The table, as `tomllib` returns it.
    problems : list of str, optional
        List that mistakes are added to; shared by the readers of all tables of a file.

    Notes
    -----
    A key is required unless its getter is given a `default`; bounds are inclusive except `above`. A
    getter that finds a mistake notes it and returns a harmless value of the right type, so that
    reading continues to the next mistake. Call `raise_problems` before the values are used.
    """

    def __init__(self, table: Mapping[str, Any], problems: list[str] | None = None) -> None:
        self._table = table
        self._path = ""
        self._known: list[str] = []
        # A table that is missing, or not a table, is a single mistake that lists the keys needed,
        # not one mistake for each of them; its index in `problems` is kept.
        self._blank = False
        self._blank_at, self._blank_text = -1, ""
        self._needed: list[str] = []
        self.problems: list[str] = [] if problems is None else problems

    def problem(self, key: str, text: str) -> None:
        """Note a mistake under `key` of this table."""
        self.problems.append(f"{self.dotted(key)}: {text}")

    def dotted(self, key: str) -> str:
        """Dotted path of `key` from the top of the file."""
        return f"{self._path}.{key}" if self._path else key

    def keys(self) -> Iterator[str]:
        """Every key of the table, for tables whose keys are names."""
        self._known.extend(self._table)
        return iter(self._table)

    def has(self, key: str) -> bool:
        """Whether the table holds `key`."""
        return key in self._table

    def is_empty(self, key: str) -> bool:
        """Whether the value under `key` is an empty list."""
        return self._table.get(key) == []

    def is_text(self, key: str) -> bool:
        """Whether the value under `key` is a string, for keys that take more than one type."""
        return isinstance(self._table.get(key), str)

    def text(
        self,
        key: str,
        *,
        default: Any = REQUIRED,
        choices: tuple[str, ...] | None = None,
        pattern: str | None = None,
        max_length: int = 2000,
    ) -> str:
        """A string, one of `choices` or matching `pattern` where those are given."""
        value = self._take(key, default, "")
        if key not in self._table:
            return str(value)
        if not isinstance(value, str):
            return self._wrong(key, "a string", value, "")
        if choices is not None and value not in choices:
            return self._wrong(key, "one of " + ", ".join(choices), value, choices[0])
        if len(value) > max_length:
            return self._wrong(key, f"at most {max_length} characters", len(value), "")
        if pattern is not None and not re.fullmatch(pattern, value, re.ASCII):
            return self._wrong(key, f"text that matches {pattern}", value, "")
        # Printed text must not control the terminal.
        if not is_plain(value):
            return self._wrong(key, "text without control characters or invisible ones", value, "")
        return value

    def boolean(self, key: str, *, default: Any = REQUIRED) -> Any:
        """True or false, or the `default`."""
        value = self._take(key, default, False)
        if key in self._table and not isinstance(value, bool):
            return self._wrong(key, "true or false", value, False)
        return value

    def number(
        self,
        key: str,
        *,
        default: Any = REQUIRED,
        above: _Limit = None,
        at_least: _Limit = None,
        at_most: _Limit = None,
    ) -> float:
        """A finite number, within the bounds given."""
        value = self._take(key, default, None)
        bounds = Bounds(above, at_least, at_most)
        return 1.0 if value is None else self._bounded(key, value, bounds)

    def integer(
        self, key: str, *, default: Any = REQUIRED, at_least: _Limit = None, at_most: _Limit = None
    ) -> int:
        """A whole number, within the bounds given."""
        value = self._take(key, default, None)
        return 1 if value is None else self._whole(key, value, Bounds(None, at_least, at_most))

    def numbers(
        self,
        key: str,
        *,
        default: Any = REQUIRED,
        length: int | None = None,
        at_least: _Limit = None,
        at_most: _Limit = None,
    ) -> tuple[float, ...]:
        """A list of finite numbers."""
        values = self._list(key, default, "a list of numbers", length)
        bounds = Bounds(None, at_least, at_most)
        return tuple(self._bounded(f"{key}[{i}]", v, bounds) for i, v in enumerate(values))

    def integers(
        self,
        key: str,
        *,
        default: Any = REQUIRED,
        length: int | None = None,
        at_least: _Limit = None,
        at_most: _Limit = None,
    ) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self._list(key, default, "a list of whole numbers", length)
        bounds = Bounds(None, at_least, at_most)
        return tuple(self._whole(f"{key}[{i}]", value, bounds) for i, value in enumerate(values))

    def pairs(
        self, key: str, *, default: Any = REQUIRED, at_least: float, at_most: float
    ) -> tuple[tuple[float, float], ...]:
        """A list of pairs of finite numbers."""
        pairs, bounds = [], Bounds(None, at_least, at_most)
        for i, value in enumerate(self._list(key, default, "a list of pairs", None)):
            name = f"{key}[{i}]"
            if not isinstance(value, list | tuple) or len(value) != 2:
                self._wrong(name, "a pair of numbers", value, None)
                continue
            one, two = (self._bounded(f"{name}[{j}]", x, bounds) for j, x in enumerate(value))
            pairs.append((one, two))
        return tuple(pairs)

    def texts(
        self, key: str, *, default: Any = REQUIRED, choices: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """A list of strings; with `choices`, each one of those."""
        texts = []
        for i, value in enumerate(self._list(key, default, "a list of strings", None)):
            if not isinstance(value, str):
                self._wrong(f"{key}[{i}]", "a string", value, None)
            elif choices is not None and value not in choices:
                self._wrong(f"{key}[{i}]", "one of " + ", ".join(choices), value, None)
            else:
                texts.append(value)
        return tuple(texts)

    def table(self, key: str, *, default: Any = REQUIRED) -> Self:
        """The reader of a sub-table."""
        return self._inner(key, self._take(key, default, None))

    def tables(self, key: str, *, default: Any = REQUIRED) -> list[Self]:
        """The readers of an array of tables."""
        values = self._list(key, default, "an array of tables", None)
        return [self._inner(f"{key}[{i}]", value) for i, value in enumerate(values)]

    def finish(self) -> None:
        """Note every key that no getter has asked for as unknown."""
        for key in self._table:
            if key not in self._known:
                self.problem(quoted(key), self._unknown(key))

    def raise_problems(self, error: type[TembenchError], where: str, remedy: str) -> None:
        """Raise `error` with all mistakes noted so far, if there are any."""
        if self.problems:
            raise error(together(self.problems, _MOST_REPORTED), where=where, remedy=remedy)

    def _inner(self, key: str, value: Any) -> Self:
        reader = type(self)(value if isinstance(value, Mapping) else {}, self.problems)
        reader._path = self.dotted(key)
        reader._blank = not isinstance(value, Mapping)
        if reader._blank and value is not None:
            self._wrong(key, "a table", value, None)
        # A table inside a missing table counts as a key of it, without a mistake of its own.
        noted = self.problems and self.problems[-1].startswith(f"{self.dotted(key)}: ")
        if reader._blank and not self._blank and noted:
            reader._blank_at, reader._blank_text = len(self.problems) - 1, self.problems[-1]
        return reader

    def _need(self, key: str) -> None:
        """Add a key to the mistake that reports this whole table as missing."""
        if self._blank_at >= 0:
            self._needed.append(key)
            keys = ", ".join(self._needed)
            self.problems[self._blank_at] = f"{self._blank_text} (a table with {keys})"

    def _unknown(self, key: str) -> str:
        stem = _UNIT.sub("", key)
        with_unit = [name for name in self._known if _UNIT.sub("", name) == stem]
        if with_unit:
            kind = "no unit" if stem == key else "another unit"
            return f"{kind}: expected '{with_unit[0]}', got '{key}'"
        close = difflib.get_close_matches(key, self._known, n=1)
        hint = f", did you mean '{close[0]}'?" if close else ""
        return f"unknown key{hint or '; expected one of ' + ', '.join(sorted(self._known))}"

    def _take(self, key: str, default: Any, harmless: Any) -> Any:
        self._known.append(key)
        if key in self._table:
            return self._table[key]
        if default is not REQUIRED:
            return default
        if self._blank:
            self._need(key)
        # A key of the same stem without a unit, or with another, is reported by `finish`.
        elif _UNIT.sub("", key) not in {_UNIT.sub("", other) for other in self._table}:
            self.problem(key, "missing")
        return harmless

    def _list(self, key: str, default: Any, kind: str, length: int | None) -> Any:
        value = self._take(key, default, ())
        if not isinstance(value, list | tuple):
            return self._wrong(key, kind, value, ())
        if length is not None and len(value) != length and key in self._table:
            return self._wrong(key, f"{length} values", len(value), ())
        return value

    def _whole(self, key: str, value: Any, bounds: Bounds) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            return self._wrong(key, "a whole number", value, 1)
        # Not converted to a float, which is exact only to 53 bits.
        return value if self._within(key, value, bounds) else 1

    def _bounded(self, key: str, value: Any, bounds: Bounds) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._wrong(key, "a number", value, 1.0)
        return float(value) if self._within(key, value, bounds) else 1.0

    def _within(self, key: str, value: float, bounds: Bounds) -> bool:
        limits = bounds.broken_by(value)
        # TOML's whole numbers are unbounded; no quantity here takes more than 64 bits.
        if isinstance(value, int) and abs(value) >= 2**64:
            limits = ["a number of at most 64 bits"]
        elif not math.isfinite(value):
            limits = ["a finite number"]
        if limits:
            self._wrong(key, " and ".join(limits), value, None)
        return not limits

    def _wrong(self, key: str, expected: str, got: Any, harmless: _T) -> _T:
        # Python refuses to write out whole numbers of more than 4300 digits.
        shown = "a huge number" if isinstance(got, int) and got.bit_length() > 256 else repr(got)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        self.problem(key, f"expected {expected}, got {shown}")
        return harmless
