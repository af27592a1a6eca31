"""Strategies of Hypothesis: a good file with one thing changed, or any bytes in its place."""

from __future__ import annotations

import copy
import json
import struct
import tomllib
import zlib
from collections.abc import Callable
from datetime import date
from typing import Any

import tomli_w
from hypothesis import strategies as st

Bytes = st.SearchStrategy[bytes]
Strategy = Callable[[bytes], Bytes]

NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 2**31, 2**63 - 1, 2**63, 10**400, 0.0, -0.0, 1e308, 5e-324]),
    st.integers(-(2**70), 2**70),
    st.floats(),
)
WORDS = st.one_of(
    st.sampled_from(
        [
            "",
            "good",
            "clean",
            "../x",
            "a\u202eb",
            "\x00",
            "\ud7ff",
            "=1+1",
            "<b>",
            "x" * 3000,
            "nan",
        ]
    ),
    st.text(max_size=20),
)
PLAIN = st.one_of(
    st.booleans(), NUMBERS, WORDS, st.just([]), st.just({}), st.lists(WORDS, max_size=3)
)


def any_bytes(good: bytes) -> Bytes:
    """Bytes that have nothing to do with the good ones, or begin as they do."""
    return st.one_of(
        st.binary(max_size=300), st.binary(max_size=60).map(lambda end: good[:40] + end)
    )


@st.composite
def bytes_changed(draw: st.DrawFn, good: bytes, first: int | None = None) -> bytes:
    """A few changes of the good bytes, of the `first` ones where that is given."""
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        end = min(len(content), first or len(content))
        if not end:
            break
        # Small numbers are drawn most often; scattered, or only the first bytes would change.
        at = draw(st.integers(0, 2**32)) * 2654435761 % 2**32 % end
        length = draw(st.integers(1, 8))
        how = draw(st.sampled_from(["set", "set", "insert", "remove", "repeat", "cut"]))
        if how == "set":
            new = draw(st.binary(min_size=1, max_size=length))
            content[at : at + len(new)] = new
        elif how == "insert":
            content[at:at] = draw(st.binary(min_size=1, max_size=length))
        elif how == "remove":
            del content[at : at + length]
        elif how == "repeat":
            content[at:at] = content[at : at + length] * draw(st.integers(1, 50))
        else:
            del content[at:]
    return bytes(content)


def header_changed(good: bytes) -> Bytes:
    """A few changes of the first bytes."""
    return bytes_changed(good, 32)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values in nested tables and lists."""
    if not isinstance(value, dict | list):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(found for key, one in inner for found in _paths(one, (*path, key)))]


def _one_changed(draw: st.DrawFn, content: Any, values: st.SearchStrategy[Any]) -> Any:
    """Nested tables with one value replaced, removed, renamed or added."""
    content = copy.deepcopy(content)
    path = draw(st.sampled_from([path for path in _paths(content) if path]))
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    how = draw(st.sampled_from(["near", "near", "replace", "remove", "add"]))
    if how == "near":
        inner[path[-1]] = _near(draw, inner[path[-1]])
    elif how == "replace":
        inner[path[-1]] = draw(values)
    elif how == "remove":
        del inner[path[-1]]
    elif isinstance(inner, dict):
        inner[draw(st.text(max_size=8))] = draw(values)
    else:
        inner.append(draw(values))
    return content


def _near(draw: st.DrawFn, value: Any) -> Any:
    """Another value of the same type, which is often accepted."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + draw(st.integers(-2, 1000))
    if isinstance(value, float):
        return value * draw(st.floats(-2, 2))
    if isinstance(value, str):
        return value[: draw(st.integers(0, len(value)))] + draw(st.text(max_size=4))
    return [*value, *value] if isinstance(value, list) else value


@st.composite
def toml_changed(draw: st.DrawFn, good: bytes) -> bytes:
    """A TOML file with one value that is another."""
    values = st.one_of(PLAIN, st.dates(date(1800, 1, 1)))
    content = _one_changed(draw, tomllib.loads(good.decode()), values)
    return tomli_w.dumps(content).encode("utf-8", "surrogatepass")


@st.composite
def toml_written(draw: st.DrawFn, good: bytes) -> bytes:
    """A TOML file with some of its syntax in the wrong places."""
    lines = good.decode().splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines)))
        lines.insert(at, draw(st.text(alphabet="\"\\'.a =[]{}\n\t#1", max_size=40)))
    return "\n".join(lines).encode()


@st.composite
def json_changed(draw: st.DrawFn, good: bytes) -> bytes:
    """A JSON file with one value that is another."""
    values = st.one_of(
        PLAIN, st.none(), st.sampled_from(["blosc", "gzip", "float64", [[]], {"": 1}])
    )
    return json.dumps(_one_changed(draw, json.loads(good), values)).encode()


CELLS = st.one_of(
    st.sampled_from(
        ["", "inf", "-inf", "nan", "1e308", "1e-320", "0", "1", "1_0", '"', "m", " 1", "+1", "0x1"]
    ),
    st.floats().map(repr),
    st.text(max_size=8),
)


@st.composite
def cells_changed(draw: st.DrawFn, good: bytes) -> bytes:
    """A CSV file with some cells that are others, or lines left out, doubled or swapped."""
    rows = [line.split(",") for line in good.decode().splitlines()]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(rows) - 1))
        how = draw(st.sampled_from(["cell", "cell", "cell", "line", "remove", "repeat"]))
        if how == "cell" and rows[at]:
            rows[at][draw(st.integers(0, len(rows[at]) - 1))] = draw(CELLS)
        elif how == "line":
            other = draw(st.integers(0, len(rows) - 1))
            rows[at], rows[other] = rows[other], rows[at]
        elif how == "repeat":
            rows.insert(at, list(rows[at]))
        elif len(rows) > 1:
            del rows[at]
    end = draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
    return end.join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")


@st.composite
def png_changed(draw: st.DrawFn, good: bytes) -> bytes:
    """A PNG file with changed bytes and checksums that fit, so that what they guard is reached."""
    content = bytearray(draw(bytes_changed(good)))
    place = 8
    while place + 12 <= len(content):
        end = place + 8 + int.from_bytes(content[place : place + 4], "big")
        if end + 4 > len(content):
            break
        content[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(content[place + 4 : end])))
        place = end + 4
    return bytes(content)


def mostly(*strategies: Strategy) -> Strategy:
    """One of several strategies; any bytes in one of ten examples."""

    @st.composite
    def drawn(draw: st.DrawFn, good: bytes) -> bytes:
        chosen = any_bytes if draw(st.integers(0, 9)) == 9 else draw(st.sampled_from(strategies))
        return draw(chosen(good))

    return drawn
