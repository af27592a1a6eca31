"""Image lists of a study of generalisation: training, validation and test.

One network is trained on the images of one value of a factor and tested on test images of every
value. Two splits answer the same question: in the split by model, no atomic model is on both sides;
in the paper's split by image, used for the released tables, a test image has a neighbour one step
of defocus away in the training set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tembench.core import StoreError
from tembench.dataset import balanced_draw
from tembench.recipe import TEST_PARTS, TRACKS

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset import Store

STUDY_FACTORS = ("contrast", "structure", "defect")
"""Factors of the released tables, in their order."""
STUDY_SPLITS = ("model", "paper")
"""Splits that a study may use, the stricter one first."""
# Surface variants have nine images each: too few to train on, and not a class of their own.
_SMALLEST_SHARE = 0.01
# Every tenth training image is used for validation if a value has no validation images.
_VALIDATION_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Images of the study of one factor.

    Attributes
    ----------
    factor : str
        One of `STUDY_FACTORS`.
    split : str
        One of `STUDY_SPLITS`.
    train, validation : Mapping of str to tuple of int
        Image numbers by the value trained on; values without training images are left out.
    test : Mapping of str to tuple of int
        Image numbers by the value tested on; may be empty.
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
        Source of the table of images.
    factor : str
        One of `STUDY_FACTORS`.
    images : int
        Maximum number of test images per value, drawn evenly over models, then over conditions,
        defoci and tilts.
    split : str, optional
        One of `STUDY_SPLITS`. Default: the first in which every value has training and test
        images, or the first of all if there is none.
    values : sequence of str
        Values of the factor. Default: those of at least 1 % of the images.

    Raises
    ------
    StoreError
        For a value that no image has, for fewer than two values with training images, or if there
        are no test images.
    """
    if TRACKS[factor] not in store.table:
        raise StoreError(
            f"no factor {factor}",
            where=str(store.path),
            expected="the data set of a closed recipe, whose models have it",
            remedy="Study a store such as that of ptceo2-18k",
        )
    column = store.table[TRACKS[factor]].astype(str)
    chosen = _values(store, factor, column, values)
    split = split or _first_complete_split(store.table, column, chosen)
    parts = store.table[f"split_{split}"]
    found = {value: parts[column == value] for value in chosen}
    train, validation = {}, {}
    for value, own in found.items():
        trained = _numbers(own, ("train",))
        validated = _numbers(own, ("validation",))
        if trained and not validated:
            validated = trained[::_VALIDATION_EVERY]
            trained = tuple(i for i in trained if i not in set(validated)) or validated
        if trained:
            train[value], validation[value] = trained, validated
    if len(train) < 2:
        raise StoreError(
            f"too few values of {factor} to train on",
            where=str(store.path),
            expected=f"training images of at least two values in split {split}",
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


def _first_complete_split(
    table: pd.DataFrame, column: pd.Series[str], values: Sequence[str]
) -> str:
    """The first split in which every value has training and test images."""
    for split in STUDY_SPLITS:
        parts = table[f"split_{split}"]
        trained = set(column[parts == "train"])
        tested = set(column[parts.isin(TEST_PARTS)])
        if set(values) <= trained & tested:
            return split
    return STUDY_SPLITS[0]


def _numbers(own: pd.Series[Any], parts: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(number) for number in own.index[own.isin(parts)])


def _drawn(store: Store, own: pd.Series[Any], count: int) -> tuple[int, ...]:
    under_test = store.table.loc[list(_numbers(own, TEST_PARTS))]
    if under_test.empty:
        return ()
    positions = balanced_draw(under_test, count, store.recipe.seed)
    return tuple(int(number) for number in under_test.index[positions])
