"""Typed reading of TOML tables; every mistake of a file is collected, then told together."""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from tembench.core.errors import TembenchError, is_visible, together

_REQUIRED: Any = object()
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A list of ten thousand wrong values is one slip, and a line has an end.
_MOST_TOLD = 50
_MOST_MARKS = 3
# A key's unit is its last word or words, as in ``focal_spread_nm`` or ``dose_e_per_px``.
_UNIT = re.compile(
    r"_(A|nm|um|mm|pm|angstrom|deg|mrad|rad|eV|keV|kV|per_A|e_per_px|e_per_A2|px|s)$"
)


def quoted(key: str) -> str:
    """A key as it stands in a dotted path: in quotes where TOML needs them."""
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _needing(keys: list[str]) -> str:
    return f" (a table with {', '.join(keys)})" if keys else ""


def is_plain(text: str) -> bool:
    """Whether a text shows all that is in it, and stays on its lines.

    No control characters, nothing invisible or that turns the direction of writing, and no more
    than three combining marks on one letter: they would be drawn over the lines above.
    """
    return all(is_visible(c) or c in "\n\t" for c in text) and not _towers(text)


def _towers(text: str) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            return True
    return False


class Reader:
    """Take typed values out of a table and note what is wrong with them.

    Parameters
    ----------
    table : mapping
        The table, as `tomllib` gives it.
    problems : list of str, optional
        Where mistakes are noted; shared by the readers of all tables of a file.
    path : str
        Dotted path of the table in its file; empty for the top level.

    Notes
    -----
    A getter that finds a mistake notes it and returns a harmless value of the right type, so that
    reading goes on to the next mistake. Call `raise_problems` before the values are used.
    """

    def __init__(
        self, table: Mapping[str, Any], problems: list[str] | None = None, path: str = ""
    ) -> None:
        self._table = table
        self._path = path
        self._known: list[str] = []
        # The table itself is missing or none: one mistake, the place of which is kept, and which
        # lists the keys that are needed; not one more for each of them.
        self._blank = False
        self._blank_at = -1
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
        """Whether the value under `key` is a list of nothing."""
        return self._table.get(key) == []

    def is_text(self, key: str) -> bool:
        """Whether the value under `key` is a string, for keys that take more than one type."""
        return isinstance(self._table.get(key), str)

    def text(
        self,
        key: str,
        *,
        default: Any = _REQUIRED,
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
        # What is printed must not steer the terminal that it is printed on.
        if not is_plain(value):
            return self._wrong(key, "text without control characters or invisible ones", value, "")
        return value

    def number(
        self,
        key: str,
        *,
        default: Any = _REQUIRED,
        above: float | None = None,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> float:
        """A finite number, within the bounds given."""
        value = self._take(key, default, None)
        if value is None:
            return 1.0
        return self._bounded(key, value, above, at_least, at_most)

    def integer(
        self,
        key: str,
        *,
        default: Any = _REQUIRED,
        at_least: int | None = None,
        at_most: int | None = None,
    ) -> int:
        """A whole number, within the bounds given."""
        value = self._take(key, default, None)
        if value is None:
            return 1
        if isinstance(value, bool) or not isinstance(value, int):
            return self._wrong(key, "a whole number", value, 1)
        # Not by way of a float, which holds 53 bits.
        return value if self._within(key, value, None, at_least, at_most) else 1

    def numbers(
        self,
        key: str,
        *,
        default: Any = _REQUIRED,
        length: int | None = None,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> tuple[float, ...]:
        """A list of finite numbers."""
        values = self._list(key, default, "a list of numbers", length)
        return tuple(
            self._bounded(f"{key}[{i}]", value, None, at_least, at_most)
            for i, value in enumerate(values)
        )

    def integers(
        self,
        key: str,
        *,
        default: Any = _REQUIRED,
        length: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
    ) -> tuple[int, ...]:
        """A list of whole numbers."""
        found = []
        for i, value in enumerate(self._list(key, default, "a list of whole numbers", length)):
            if isinstance(value, bool) or not isinstance(value, int):
                value = self._wrong(f"{key}[{i}]", "a whole number", value, 1)
            elif not self._within(f"{key}[{i}]", value, None, at_least, at_most):
                value = 1
            found.append(value)
        return tuple(found)

    def pairs(
        self, key: str, *, default: Any = _REQUIRED, at_least: float, at_most: float
    ) -> tuple[tuple[float, float], ...]:
        """A list of pairs of finite numbers."""
        found = []
        for i, value in enumerate(self._list(key, default, "a list of pairs", None)):
            name = f"{key}[{i}]"
            if not isinstance(value, list | tuple) or len(value) != 2:
                self._wrong(name, "a pair of numbers", value, None)
                continue
            first, second = (
                self._bounded(f"{name}[{j}]", part, None, at_least, at_most)
                for j, part in enumerate(value)
            )
            found.append((first, second))
        return tuple(found)

    def texts(
        self, key: str, *, default: Any = _REQUIRED, choices: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """A list of strings; with `choices`, each one of those."""
        found = []
        for i, value in enumerate(self._list(key, default, "a list of strings", None)):
            if not isinstance(value, str):
                self._wrong(f"{key}[{i}]", "a string", value, None)
            elif choices is not None and value not in choices:
                self._wrong(f"{key}[{i}]", "one of " + ", ".join(choices), value, None)
            else:
                found.append(value)
        return tuple(found)

    def table(self, key: str, *, default: Any = _REQUIRED) -> Reader:
        """The reader of a sub-table."""
        value = self._take(key, default, None)
        return self._inner(key, value)

    def tables(self, key: str, *, default: Any = _REQUIRED) -> list[Reader]:
        """The readers of an array of tables."""
        values = self._list(key, default, "an array of tables", None)
        return [self._inner(f"{key}[{i}]", value) for i, value in enumerate(values)]

    def finish(self) -> None:
        """Note every key that nothing has asked for."""
        for key in self._table:
            if key not in self._known:
                self.problem(quoted(key), self._unknown(key))

    def raise_problems(self, error: type[TembenchError], where: str, remedy: str) -> None:
        """Raise `error` with all mistakes noted so far, if there are any."""
        if self.problems:
            raise error(together(self.problems, _MOST_TOLD), where=where, remedy=remedy)

    def _inner(self, key: str, value: Any) -> Reader:
        reader = Reader(value if isinstance(value, Mapping) else {}, self.problems)
        reader._path = self.dotted(key)
        reader._blank = not isinstance(value, Mapping)
        if reader._blank and value is not None:
            self._wrong(key, "a table", value, None)
        # A table inside of one that is missing is a key of it; nothing was noted of it alone.
        noted = self.problems and self.problems[-1].startswith(f"{self.dotted(key)}: ")
        if reader._blank and not self._blank and noted:
            reader._blank_at = len(self.problems) - 1
        return reader

    def _need(self, key: str) -> None:
        """Add a key to the mistake that says that this whole table is missing."""
        if self._blank_at < 0:
            return
        told = self.problems[self._blank_at].removesuffix(_needing(self._needed))
        self._needed.append(key)
        self.problems[self._blank_at] = told + _needing(self._needed)

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
        if default is _REQUIRED:
            # A key of the same stem is there without a unit or with another: `finish` says so.
            stems = {_UNIT.sub("", other) for other in self._table}
            if self._blank:
                self._need(key)
            elif _UNIT.sub("", key) not in stems:
                self.problem(key, "missing")
            return harmless
        return default

    def _list(self, key: str, default: Any, kind: str, length: int | None) -> Any:
        value = self._take(key, default, ())
        if not isinstance(value, list | tuple):
            return self._wrong(key, kind, value, ())
        if length is not None and len(value) != length and key in self._table:
            return self._wrong(key, f"{length} values", len(value), ())
        return value

    def _bounded(
        self,
        key: str,
        value: Any,
        above: float | None,
        at_least: float | None,
        at_most: float | None,
    ) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._wrong(key, "a number", value, 1.0)
        return float(value) if self._within(key, value, above, at_least, at_most) else 1.0

    def _within(
        self,
        key: str,
        value: float,
        above: float | None,
        at_least: float | None,
        at_most: float | None,
    ) -> bool:
        limits = []
        if above is not None and not value > above:
            limits.append(f"more than {above:g}")
        if at_least is not None and not value >= at_least:
            limits.append(f"at least {at_least:g}")
        if at_most is not None and not value <= at_most:
            limits.append(f"at most {at_most:g}")
        # TOML's whole numbers have no end here; those beyond 64 bits are no number of anything.
        if isinstance(value, int) and abs(value) >= 2**64:
            limits = ["a number of at most 64 bits"]
        elif not math.isfinite(value):
            limits = ["a finite number"]
        if limits:
            self._wrong(key, " and ".join(limits), value, None)
        return not limits

    def _wrong(self, key: str, expected: str, got: Any, harmless: Any) -> Any:
        # Python refuses to write out whole numbers of more than 4300 digits.
        shown = "a huge number" if isinstance(got, int) and got.bit_length() > 256 else repr(got)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        self.problem(key, f"expected {expected}, got {shown}")
        return harmless
