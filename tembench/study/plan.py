"""Which images a study of generalisation trains, validates and tests on.

One network learns from the images of one value of a factor and is tested on the images under test
of every value. Two protocols answer the same question: in the split by model no atomic model is on
both sides; in the paper's split by image, which the released tables were made with, a test image
has a neighbour one step of defocus away in the training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tembench.core import StoreError
from tembench.dataset.splits import balanced_draw
from tembench.recipe import TEST_PARTS, TRACKS

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset import Store

FACTORS = ("contrast", "structure", "defect")
"""Those of the released tables, in their order."""
PROTOCOLS = ("model", "paper")
"""The splits that a study may use, the better one first."""
# Surface variants have nine images each: too few to train on, and no class of their own.
_SMALLEST_SHARE = 0.01
# Of the training images, where a value has none for validation.
_VALIDATION_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The images of one factor's study.

    Attributes
    ----------
    factor : str
        A name in `FACTORS`.
    split : str
        A name in `PROTOCOLS`.
    train, validation : Mapping of str to tuple of int
        Numbers of images by value trained on; a value without training images is left out.
    test : Mapping of str to tuple of int
        Numbers of the images tested on, by value; may be empty.
    """

    factor: str
    split: str
    train: Mapping[str, tuple[int, ...]]
    validation: Mapping[str, tuple[int, ...]]
    test: Mapping[str, tuple[int, ...]]

    @property
    def values(self) -> tuple[str, ...]:
        """All values of the factor, in the order of the tables."""
        return tuple(self.test)


def make_plan(
    store: Store,
    factor: str,
    *,
    images: int,
    split: str | None = None,
    values: Sequence[str] = (),
) -> Plan:
    """Choose the images of a study.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        The images.
    factor : str
        A name in `FACTORS`.
    images : int
        Most images tested on for each value: a draw that is even over models, then over
        conditions, defoci and tilts.
    split : str, optional
        A name in `PROTOCOLS`; if not given, the first in which every value has images to train
        and to test on, or the first of all if there is none.
    values : sequence of str
        Values of the factor; if not given, those of at least 1 % of the images.

    Raises
    ------
    StoreError
        For a value that no image has, if fewer than two values can be trained on, or if there is
        nothing to test on.
    """
    column = store.table[TRACKS[factor]].astype(str)
    chosen = _values(store, factor, column, values)
    split = split or _answering(store.table, column, chosen)
    parts = store.table[f"split_{split}"]
    found = {value: parts[column == value] for value in chosen}
    train, validation = {}, {}
    for value, own in found.items():
        learnt = _numbers(own, ("train",))
        watched = _numbers(own, ("validation",))
        if learnt and not watched:
            watched = learnt[::_VALIDATION_EVERY]
            learnt = tuple(i for i in learnt if i not in set(watched)) or watched
        if learnt:
            train[value], validation[value] = learnt, watched
    if len(train) < 2:
        raise StoreError(
            f"too few values of {factor} to train on",
            where=str(store.path),
            expected=f"training images of two values or more in split {split}",
            got=", ".join(train) or "none",
            remedy="study another factor, or use another split or data set",
        )
    test = {value: _drawn(store, own, images) for value, own in found.items()}
    if not any(test.values()):
        raise StoreError(
            f"no image of {', '.join(chosen)} is under test",
            where=str(store.path),
            expected=f"images under test in split {split}",
            remedy="use another split or other values",
        )
    return Plan(factor=factor, split=split, train=train, validation=validation, test=test)


def _values(store: Store, factor: str, column: pd.Series[str], values: Sequence[str]) -> list[str]:
    counts = column.value_counts()
    common = sorted(str(value) for value in counts.index[counts >= _SMALLEST_SHARE * len(column)])
    unknown = [value for value in values if value not in counts.index]
    if unknown:
        raise StoreError(
            f"no image of {factor} {', '.join(unknown)}",
            where=str(store.path),
            expected=f"values of {', '.join(sorted(map(str, counts.index)))}",
            remedy="name others with --values",
        )
    return list(dict.fromkeys(values)) or common


def _answering(table: pd.DataFrame, column: pd.Series[str], values: Sequence[str]) -> str:
    """The first split in which every value has images to train and to test on."""
    for split in PROTOCOLS:
        parts = table[f"split_{split}"]
        learnt = set(column[parts == "train"])
        tested = set(column[parts.isin(TEST_PARTS)])
        if set(values) <= learnt & tested:
            return split
    return PROTOCOLS[0]


def _numbers(own: pd.Series[Any], parts: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(number) for number in own.index[own.isin(parts)])


def _drawn(store: Store, own: pd.Series[Any], count: int) -> tuple[int, ...]:
    under_test = store.table.loc[list(_numbers(own, TEST_PARTS))]
    if under_test.empty:
        return ()
    places = balanced_draw(under_test, count, store.recipe.seed)
    return tuple(int(number) for number in under_test.index[places])
