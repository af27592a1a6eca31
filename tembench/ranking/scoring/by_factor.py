"""Scores by factor: the mean of every metric over the images of one contrast, defocus or defect."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import csv_text
from tembench.dataset import DRAWN_FACTORS
from tembench.metrics import METRICS, mean, upsnr_db
from tembench.ranking.number_format import json_number
from tembench.recipe import TEST_PARTS

if TYPE_CHECKING:
    import pandas as pd

FACTOR_COLUMNS = {
    "contrast": "contrast",
    "defocus": "defocus_nm",
    "thickness": "thickness_A",
    "structure": "particle",
    "defect": "defect",
    "condition": "condition",
}
"""Factors that scores are grouped by, and the column of each in a store's table of images."""
# As many defoci as the closed benchmark has, and a few more; drawn values all differ.
_MOST_CLASSES = 32
_QUANTILES = 4
SPLIT_FACTOR = "split"
"""Factor of the groups of images that are in the test of a split or a track."""
ALL_IMAGES = "all"
"""Factor of the group of all images."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Images that have one value of a factor.

    Attributes
    ----------
    factor : str
        A column of the store's table, `SPLIT_FACTOR` or `ALL_IMAGES`.
    value : str or float
        Value of the factor; for `ALL_IMAGES`, the part and the split.
    images, models : int
        Number of images, and of their atomic models.
    means : Mapping of str to float
        Mean over the models, which weigh equally, of the mean over the images of each for which a
        metric is defined; NaN where there is none.
    defined : Mapping of str to int
        Number of those images, where they are not all.
    """

    factor: str
    value: str | float
    images: int
    models: int
    means: Mapping[str, float]
    defined: Mapping[str, int]

    @property
    def upsnr_db(self) -> float | None:
        """PSNR from the mean uMSE, in dB; None where that is not positive."""
        squared_error = self.means["umse"]
        if not squared_error > 0:
            return None
        return -math.inf if math.isinf(squared_error) else upsnr_db(squared_error)

    @property
    def why_no_upsnr(self) -> str:
        """The reason why `upsnr_db` is None; empty where it is a number."""
        if self.upsnr_db is not None:
            return ""
        return f"undefined: the mean uMSE is not positive, {self.means['umse']:.3g}"


def group_scores(
    scores: pd.DataFrame, table: pd.DataFrame, *, split: str, part: str
) -> list[Group]:
    """Group scores by every factor, and average them.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per image, as in `ScoredOutputs`.
    table : pandas.DataFrame
        The store's table of images; factors without a column in it are left out.
    split, part : str
        Split and part of the images.

    Returns
    -------
    list of Group
        All images first; then factor by factor in ascending order of the values; then the images
        that are in the test of each split and track, such as ``"defect test"``.
    """
    groups = [_group(ALL_IMAGES, f"{part} part of split {split}", scores)]
    factors = table.loc[scores["image"]]
    for column in (*FACTOR_COLUMNS.values(), *table.attrs.get(DRAWN_FACTORS, ())):
        if column in factors:
            values = factors[column].to_numpy()
            groups += [_group(column, label, scores[chosen]) for label, chosen in _classes(values)]
    return groups + list(_by_split(scores, factors))


def _classes(values: np.ndarray) -> Iterator[tuple[str | float, np.ndarray]]:
    """Images of each value of a factor; of each quarter of them where they have many values.

    Images without a value, such as the thickness of a film where there is none, are in no class.
    """
    if values.dtype.kind in "OUT":
        for value in sorted(set(values) - {""}):
            yield str(value), values == value
        return
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= _MOST_CLASSES:
        for value in known:
            yield float(value), values == value
        return
    edges = np.quantile(values[~np.isnan(values)], np.linspace(0, 1, _QUANTILES + 1))
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        last = number == _QUANTILES - 1
        yield f"{low:.3g} to {high:.3g}", (values >= low) & ((values < high) | last)


def _by_split(scores: pd.DataFrame, factors: pd.DataFrame) -> Iterator[Group]:
    """Groups of images in the test of each split and track; an image has a part in all of them."""
    for column in (name for name in factors if name.startswith(f"{SPLIT_FACTOR}_")):
        parts = factors[column].to_numpy()
        for part in TEST_PARTS:
            if (parts == part).any():
                name = f"{column.removeprefix(f'{SPLIT_FACTOR}_')} {part}"
                yield _group(SPLIT_FACTOR, name, scores[parts == part])


def _group(factor: str, value: str | float, scores: pd.DataFrame) -> Group:
    of_models = scores.groupby("model")[list(METRICS)].mean()
    return Group(
        factor=factor,
        value=value,
        images=len(scores),
        models=int(scores["model"].nunique()),
        means={name: mean(of_models[name]) for name in METRICS},
        defined={
            name: int(scores[name].notna().sum()) for name in METRICS if scores[name].isna().any()
        },
    )


def groups_csv(groups: list[Group]) -> str:
    """Groups as CSV: factor, value, images, models, and one column per metric."""
    rows: list[list[object]] = [["factor", "value", "images", "models", *METRICS]]
    for group in groups:
        means = ["" if math.isnan(v) else repr(v) for v in (group.means[n] for n in METRICS)]
        rows.append([group.factor, group.value, group.images, group.models, *means])
    return csv_text(rows)


def groups_summary(groups: list[Group]) -> dict[str, Any]:
    """Groups as plain values for JSON; values that are not finite become text."""
    overall, *rest = (_as_plain(group) for group in groups)
    del overall["factor"], overall["value"]
    return {**overall, "groups": rest}


def _as_plain(group: Group) -> dict[str, Any]:
    return {
        "factor": group.factor,
        "value": group.value,
        "images": group.images,
        "models": group.models,
        "metrics": {name: json_number(value) for name, value in group.means.items()},
        **({"images_defined": dict(group.defined)} if group.defined else {}),
        "upsnr_db": group.why_no_upsnr or json_number(group.upsnr_db),
    }


def groups_of_factor(groups: list[Group], name: str) -> Iterator[Group]:
    """Groups by one of `FACTOR_COLUMNS`, or by split."""
    return (group for group in groups if group.factor == FACTOR_COLUMNS.get(name, name))
