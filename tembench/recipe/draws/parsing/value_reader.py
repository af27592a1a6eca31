"""Reader of values that may be distributions: numbers, names and directions of a drawn recipe."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from tembench.core import REQUIRED, Bounds, Reader, quoted
from tembench.recipe.draws.distributions import (
    Choice,
    Grid,
    Integers,
    LogUniform,
    Normal,
    Uniform,
    Value,
)

_RANGES = ("uniform", "log_uniform", "normal", "integers")
_LISTS = ("choice", "grid")
# Without limits of its own, a normal distribution ends at so many standard deviations.
_REACH = 4.0
_MOST_ENTRIES = 1000
_LARGEST_INDEX = 20
_Leaf: TypeAlias = Callable[["ValueReader", str, Any], Any]


class ValueReader(Reader):
    """A `Reader` whose values may be distributions or grids.

    Notes
    -----
    A distribution is a table with one of the keys ``uniform``, ``log_uniform``, ``normal``,
    ``integers``, ``choice`` and ``grid``. Bounds hold for the least and the largest value that it
    can give.
    """

    def value(
        self,
        key: str,
        *,
        default: Any = REQUIRED,
        above: float | None = None,
        at_least: float | None = None,
        at_most: float | None = None,
        whole: bool = False,
    ) -> Value:
        """A number, or a distribution or grid of numbers, of `whole` ones if so said."""
        raw = self._take(key, default, 1)
        if key not in self._table:
            return raw
        number = _Number(Bounds(above, at_least, at_most), whole)
        return self._parsed(key, raw, number, (*_RANGES, *_LISTS))

    def values(
        self, key: str, *, length: int, at_least: float, at_most: float
    ) -> tuple[Value, ...]:
        """A list of so many numbers, each of which may be a distribution or grid."""
        number = _Number(Bounds(None, at_least, at_most), whole=False)
        return (
            tuple(
                self._parsed(f"{key}[{i}]", raw, number, (*_RANGES, *_LISTS))
                for i, raw in enumerate(self._list(key, REQUIRED, "a list of numbers", length))
            )
            or (1.0,) * length
        )

    def one_of(self, key: str, *, choices: Sequence[str], default: Any = REQUIRED) -> Value:
        """A name, or a choice or grid of names."""
        raw = self._take(key, default, "")
        if key not in self._table:
            return raw
        return self._parsed(key, raw, partial(_name, choices), _LISTS)

    def direction(self, key: str, *, default: Any, words: tuple[str, ...] = ()) -> Value:
        """A direction [u, v, w] or one of `words`, or a choice or grid of those."""
        raw = self._take(key, default, None)
        if key not in self._table:
            return raw
        return self._parsed(key, raw, partial(_direction, words), _LISTS)

    def is_table(self, key: str) -> bool:
        """Whether the value under `key` is a table, for keys that take more than one type."""
        return isinstance(self._table.get(key), Mapping)

    def refused(self, key: str, text: str) -> None:
        """Note a mistake under a key that must not be there."""
        self._known.append(key)
        self.problem(quoted(key), text)

    def _parsed(self, key: str, raw: Any, leaf: _Leaf, kinds: tuple[str, ...]) -> Value:
        """A plain value by `leaf`, or a distribution or grid of one of the kinds."""
        if not isinstance(raw, Mapping) or not kinds:
            return leaf(self, key, raw)
        inner = self._inner(key, raw)
        found = [kind for kind in kinds if inner.has(kind)]
        if len(found) != 1:
            self._wrong(key, f"a value or a table with one of {', '.join(kinds)}", dict(raw), None)
            close = [difflib.get_close_matches(str(word), kinds, n=1) for word in raw]
            if not found and any(close):
                self.problems[-1] += f"; did you mean '{max(close)[0]}'?"
            return 1
        if found[0] == "grid":
            value: Value = inner._grid(leaf)
        elif found[0] == "choice":
            value = inner._choice(leaf, tuple(kind for kind in kinds if kind in _RANGES))
        else:
            assert isinstance(leaf, _Number)
            value = leaf.distribution(inner, found[0])
        inner.finish()
        return value

    def _grid(self, leaf: _Leaf) -> Value:
        entries = self._entries("grid")
        values = tuple(leaf(self, f"grid[{i}]", entry) for i, entry in enumerate(entries))
        if len(set(values)) < len(values):
            self.problem("grid", "expected distinct values")
        return Grid(values=values)

    def _choice(self, leaf: _Leaf, kinds: tuple[str, ...]) -> Value:
        entries = self._entries("choice")
        values = tuple(
            self._parsed(f"choice[{i}]", entry, leaf, kinds) for i, entry in enumerate(entries)
        )
        shares = self.numbers("shares", default=(1.0,) * len(values), at_least=0)
        if not values:
            return 1
        if len(shares) != len(values):
            self._wrong("shares", f"one for each of {len(values)} values", len(shares), None)
        elif not sum(shares) > 0:
            self.problem("shares", "expected at least one above 0")
        return Choice(values=values, shares=shares)

    def _entries(self, key: str) -> Sequence[Any]:
        values: Sequence[Any] = self._list(key, REQUIRED, "a list of values", None)
        if self.is_empty(key):
            self.problem(key, "expected at least one value")
        if len(values) > _MOST_ENTRIES:
            return self._wrong(key, f"at most {_MOST_ENTRIES} values", len(values), ())
        return values


class _Number:
    """Parser of a number, and of distributions of numbers, within bounds."""

    def __init__(self, bounds: Bounds, whole: bool) -> None:
        self.bounds, self.whole = bounds, whole

    def __call__(self, reader: ValueReader, key: str, raw: Any) -> float:
        read = reader._whole if self.whole else reader._bounded
        return read(key, raw, self.bounds)

    def distribution(self, reader: ValueReader, kind: str) -> Value:
        """The distribution of a kind that `reader` has as its only key, apart from ``within``."""
        before = len(reader.problems)
        read = reader.integers if kind == "integers" else reader.numbers
        pair = read(kind, length=2)
        within = pair
        if kind == "normal":
            within = reader.numbers("within", default=self._reach(pair), length=2)
        if len(reader.problems) > before:
            return 1
        value = self._checked(reader, kind, pair, within)
        if len(reader.problems) == before and self.whole and kind != "integers":
            reader.problem(kind, "expected whole numbers, such as { integers = [1, 3] }")
        return value

    def _reach(self, pair: tuple[float, ...]) -> tuple[float, ...]:
        if len(pair) != 2:
            return (0.0, 1.0)
        return pair[0] - _REACH * pair[1], pair[0] + _REACH * pair[1]

    def _checked(
        self, reader: ValueReader, kind: str, pair: tuple[float, ...], within: tuple[float, ...]
    ) -> Value:
        (first, second), (low, high) = pair, within
        if kind == "normal" and second <= 0:
            reader.problem(kind, f"expected [mean, deviation > 0], got [{first:g}, {second:g}]")
            return 1
        if low > high or (low == high and kind != "integers"):
            key = "within" if kind == "normal" else kind
            swapped = " (swap its ends)" if low > high else " (write the number alone)"
            reader.problem(key, f"expected [least, largest], got [{low:g}, {high:g}]{swapped}")
            return 1
        broken = list(dict.fromkeys(self.bounds.broken_by(low) + self.bounds.broken_by(high)))
        if kind == "log_uniform" and low <= 0:
            broken.append("more than 0")
        if broken:
            remedy = "; say 'within'" if kind == "normal" and not reader.has("within") else ""
            reader.problem(
                kind,
                "the distribution leaves the possible range: expected "
                f"{' and '.join(broken)}, got {low:g} to {high:g}{remedy}",
            )
            return 1
        if kind == "normal":
            return Normal(mean=first, deviation=second, low=low, high=high)
        if kind == "integers":
            return Integers(low=int(low), high=int(high))
        return (Uniform if kind == "uniform" else LogUniform)(low=low, high=high)


def _name(choices: Sequence[str], reader: ValueReader, key: str, raw: Any) -> str:
    """Parse one of several names."""
    if isinstance(raw, str) and raw in choices:
        return raw
    expected = f"one of {', '.join(choices)}"
    if len(choices) > 12:
        expected = f"one of {len(choices)} names such as {choices[0]}"
    reader._wrong(key, expected, raw, None)
    if close := difflib.get_close_matches(str(raw), choices, n=1):
        reader.problems[-1] += f"; did you mean '{close[0]}'?"
    return choices[0] if choices else ""


def _direction(words: tuple[str, ...], reader: ValueReader, key: str, raw: Any) -> Any:
    """Parse a direction [u, v, w], or one of several words."""
    if isinstance(raw, str) and raw in words:
        return raw
    whole = isinstance(raw, list | tuple) and all(type(index) is int for index in raw)
    if not whole or len(raw) != 3 or max(abs(index) for index in raw) > _LARGEST_INDEX:
        expected = f"[u, v, w] of whole numbers up to {_LARGEST_INDEX}"
        return reader._wrong(key, ", or ".join([expected, *words]), raw, (0, 0, 1))
    if not any(raw):
        return reader._wrong(key, "a direction, not all of it 0", list(raw), (0, 0, 1))
    return tuple(raw)
