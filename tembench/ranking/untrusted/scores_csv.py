"""Rows of an untrusted ``scores.csv``, each value checked for range and consistency.

A metric that is not defined for an image has an empty cell, and so have all metrics that need the
same of the image, such as a particle. `undefined_cells` checks what can be known of them.

The file is read in blocks of lines of bounded length, and only as far as the number of images
allows, so memory grows with the number of images and not with the size of the file.
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import OutputError, together
from tembench.metrics import METRICS
from tembench.ranking.untrusted.consistency import contradictions
from tembench.ranking.untrusted.csv_block import LONGEST_CELL, CsvBlock, cells_of, read_block

if TYPE_CHECKING:
    import pandas as pd

_MODEL = re.compile(r"[\x21-\x7e]{1,100}")
MOST_PROBLEMS_SHOWN = 8
# After so many mistakes reading stops: the whole file is wrong.
_MOST_PROBLEMS = 1000
_LINES_OF_A_BLOCK = 4096
LONGEST_SECONDS = 1e9
"""Longest run time per image that is accepted, in seconds: 32 years."""
# Texts come before numbers, as `read_block` expects.
IMAGE_FACTORS = {
    "material": str,
    "orientation": str,
    "dose_e_per_A2": float,
    "C10_nm": float,
    "ctf_distance": float,
}
"""Columns of images of a drawn recipe by which a table groups them, and the type of each."""
_TEXT = re.compile(r"[\x20-\x7e]{0,60}")
_FARTHEST = 1e9


def read_rows(data: bytes, path: Path, metrics: Mapping[str, int], images: int) -> pd.DataFrame:
    """Read the scores of a submission; OutputError with all mistakes found.

    Parameters
    ----------
    data : bytes
        Content of the file.
    path : Path
        Path of the file, named in messages.
    metrics : Mapping
        Metrics that must have a column, and their versions.
    images : int
        Number of rows that it must have; at most one more is read.

    Returns
    -------
    pandas.DataFrame
        Columns image, model, those of `IMAGE_FACTORS` that the file has, metrics, seconds; images
        in ascending order. NaN where a metric is not defined.
    """
    longest = 400 + LONGEST_CELL * (len(metrics) + len(IMAGE_FACTORS) + 3)
    file = io.BytesIO(data)
    columns = _columns(file.readline(longest + 1), longest, metrics, path)
    texts = [name for name in columns if _is_text(name)]
    names = columns[1 + len(texts) :]
    problems: list[str] = []
    blocks: list[CsvBlock] = []
    rows = 0
    for first, lines in _blocks(file, longest, images + 1):
        block = read_block(first, lines, texts, len(names), longest)
        _note_problems(block, columns, names, problems)
        if len(problems) < _MOST_PROBLEMS and block.broken:
            raise _not_csv(path, block.broken)
        blocks.append(block)
        rows += len(block.lines)
        if len(problems) >= _MOST_PROBLEMS:
            break
    if rows != images and len(problems) < _MOST_PROBLEMS:
        problems.append(f"expected {images} images, got {rows if rows < images else 'more'}")
    numbers = np.concatenate([np.empty(0, dtype=np.int64), *(block.images for block in blocks)])
    if len(np.unique(numbers)) != rows:
        problems.append("an image appears more than once")
    if problems:
        raise OutputError(
            together(problems, MOST_PROBLEMS_SHOWN),
            where=str(path),
            remedy="score the outputs again",
        )
    return _table(blocks, names, numbers)


def _columns(heading: bytes, longest: int, metrics: Mapping[str, int], path: Path) -> list[str]:
    """Columns of the file, which its first line must have."""
    try:
        if len(heading) > longest:
            raise csv.Error(f"more than {longest} characters")
        found = cells_of(heading)
    except (UnicodeDecodeError, csv.Error) as problem:
        raise _not_csv(path, f"line 1: {problem}") from None
    factors = [name for name in IMAGE_FACTORS if name in found]
    columns = ["image", "model", *factors, *metrics, "seconds"]
    if found != columns:
        raise OutputError(
            "wrong columns",
            where=str(path),
            expected=", ".join(columns),
            got=", ".join(found)[:200] or "an empty file",
            remedy="score the outputs again",
        )
    return columns


def _blocks(file: io.BytesIO, longest: int, most: int) -> Iterator[tuple[int, list[bytes]]]:
    """Number of the first line, and the lines, of each block; `most` lines in all."""
    lines = itertools.islice(iter(lambda: file.readline(longest + 1), b""), most)
    first = 2
    while block := list(itertools.islice(lines, _LINES_OF_A_BLOCK)):
        yield first, block
        first += len(block)


def _not_csv(path: Path, got: str) -> OutputError:
    return OutputError("not a CSV file", where=str(path), got=got)


def _note_problems(
    block: CsvBlock, columns: Sequence[str], names: Sequence[str], problems: list[str]
) -> None:
    """Note what is wrong with each line, until there are too many problems.

    `names` are the columns of numbers, which come last.
    """
    wrong = {"image": block.images < 0}
    for name, cells in block.texts.items():
        pattern = _MODEL if name == "model" else _TEXT
        refused = {cell for cell in set(cells) if not pattern.fullmatch(cell)}
        if refused:
            wrong[name] = np.array([cell in refused for cell in cells])
    wrong |= {name: bad for name, bad in zip(names, _wrong_numbers(block, names), strict=True)
              if bad.any()}  # fmt: skip
    refused_lines = np.logical_or.reduce([~block.whole, *wrong.values()])
    contradictory = contradictions(dict(zip(names, block.numbers, strict=True)))
    for line in sorted({*np.flatnonzero(refused_lines).tolist(), *contradictory}):
        if len(problems) >= _MOST_PROBLEMS:
            return
        where = f"line {block.first + line}"
        if not block.whole[line]:
            got = len(block.cells(line))
            problems.append(f"{where}: expected {len(columns)} values, got {got}")
        elif refused_lines[line]:
            own = dict(zip(columns, block.cells(line), strict=True))
            problems += [
                f"{where}: {name}: {_expected(name, own)}"
                for name in columns
                if name in wrong and wrong[name][line]
            ]
        else:
            problems += [f"{where}: {text}" for text in contradictory[line]]


def _wrong_numbers(block: CsvBlock, names: Sequence[str]) -> np.ndarray:
    """Cells (columns, lines) that are out of range, or empty though they may not be."""
    low, high, perfect = (
        np.array(of)[:, None]
        for of in (*zip(*map(_bounds, names), strict=True), [*map(_perfect, names)])
    )
    values = block.numbers
    may_be_empty = np.empty_like(block.empty)
    for needs in {_needs(name) for name in names}:
        of_it = np.array([_needs(name) == needs for name in names])
        # An image lacks what it is if all metrics that need it are empty.
        may_be_empty[of_it] = needs is None or (needs != "" and block.empty[of_it].all(axis=0))
    right = ((low <= values) & (values <= high)) | (values == perfect)
    return ~(right | (block.empty & may_be_empty))


def _needs(name: str) -> str | None:
    """`Metric.needs` of a metric; None for other columns."""
    return METRICS[name].needs if name in METRICS else None


def _table(blocks: Sequence[CsvBlock], names: Sequence[str], images: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    values = np.concatenate([block.numbers for block in blocks], axis=1)
    texts = {name: [cell for one in blocks for cell in one.texts[name]] for name in blocks[0].texts}
    parts = [
        pd.DataFrame({"image": images, **texts}),
        pd.DataFrame(values.T, columns=names),
    ]
    table = pd.concat(parts, axis=1)
    ascending = bool((np.diff(images) > 0).all())
    return table if ascending else table.sort_values("image", ignore_index=True)


def _is_text(name: str) -> bool:
    return name == "model" or IMAGE_FACTORS.get(name) is str


@functools.cache
def _bounds(name: str) -> tuple[float, float]:
    if name in IMAGE_FACTORS:
        return -_FARTHEST, _FARTHEST
    return (0.0, LONGEST_SECONDS) if name == "seconds" else METRICS[name].bounds


@functools.cache
def _perfect(name: str) -> float:
    """Score of a perfect image, which may be infinite; NaN if no image reaches it."""
    known = name in METRICS and METRICS[name].ideal_is_reached
    return METRICS[name].ideal if known else math.nan


def _expected(name: str, cells: Mapping[str, str]) -> str:
    if name in ("image", "model"):
        return f"expected a {'number' if name == 'image' else 'name'}, got {cells[name][:40]!r}"
    if _is_text(name):
        return f"expected at most 60 printable characters, got {cells[name][:40]!r}"
    if name in METRICS and METRICS[name].needs and not cells[name]:
        return (
            f"empty for image {cells['image'][:9]}, though other metrics say that it has "
            f"{METRICS[name].needs}"
        )
    low, high = _bounds(name)
    return (
        f"expected a number from {low:g} to {high:g}, got {cells[name][:40]!r} "
        f"for image {cells['image'][:9]}"
    )
