"""Ranks of methods in each draw, and their agreement with those of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import csv_text, markdown_escaped, markdown_table
from tembench.metrics import Metric
from tembench.ranking.stability import (
    FRESH_SPECIMENS,
    OTHER_NOISE,
    spearman,
    specimen_means,
)

if TYPE_CHECKING:
    import pandas as pd

TABLE = "table"
"""Kind of the ranks in the table itself, whose draw is number 0."""
_TITLES = {FRESH_SPECIMENS: "fresh specimens", OTHER_NOISE: "other noise"}


def draw_ranks(
    table: Mapping[str, pd.DataFrame], fresh: pd.DataFrame, metric: Metric
) -> pd.DataFrame:
    """Rank the methods in the table and in each fresh draw, by their means over specimens.

    Parameters
    ----------
    table : mapping of str to DataFrame
        Scores of each method in the table, by its name.
    fresh : DataFrame
        From `FreshDraws.scores`.
    metric : Metric
        Metric to rank by.

    Returns
    -------
    pandas.DataFrame
        Columns kind, draw, method, mean and rank: 1 + the number of better means.
    """
    import pandas as pd

    rows = [
        (kind, draw, method, float(specimen_means(scores, metric.name).mean()))
        for (kind, draw, method), scores in (
            *(((TABLE, 0, name), scores) for name, scores in table.items()),
            *fresh.groupby(["kind", "draw", "method"], sort=False),
        )
    ]
    ranks = pd.DataFrame(rows, columns=["kind", "draw", "method", "mean"])
    within = ranks.groupby(["kind", "draw"])["mean"]
    lower = metric.direction != "higher"
    return ranks.assign(rank=within.rank(method="min", ascending=lower).astype(int))


def agreement(ranks: pd.DataFrame, kind: str) -> np.ndarray:
    """Spearman's coefficient of the ranks in each draw of a kind with those in the table."""
    ours = ranks[ranks["kind"] == TABLE].set_index("method")["rank"].astype(float)
    theirs = ranks[ranks["kind"] == kind].pivot(index="method", columns="draw", values="rank")
    drawn = theirs.loc[ours.index].to_numpy(dtype=float)
    return spearman(np.repeat(ours.to_numpy()[:, None], drawn.shape[1], axis=1), drawn)


def ranks_csv(ranks: pd.DataFrame) -> str:
    """Ranks in each draw as CSV, means with all their digits."""
    lines = [[str(cell) for cell in row] for row in ranks.itertuples(index=False)]
    return csv_text([list(ranks.columns), *lines])


def ranks_markdown(ranks: pd.DataFrame, metric: Metric, specimens: int) -> str:
    """Ranks and means of each method over the draws as a Markdown table, and their agreement.

    Parameters
    ----------
    ranks : DataFrame
        From `draw_ranks`.
    metric : Metric
        The metric that they were ranked by.
    specimens : int
        Specimens in each draw.
    """
    own = ranks[ranks["kind"] == TABLE].sort_values("rank", kind="stable")
    unit = f", {metric.unit}" if metric.unit else ""
    head = ["method", "rank in the table", f"{metric.title}{unit}"]
    for kind in _TITLES:
        head += [f"ranks, {_TITLES[kind]}", f"{metric.title}{unit}"]
    lines = []
    for row in own.itertuples(index=False):
        line = [markdown_escaped(str(row.method)), str(row.rank), _number(row.mean, metric)]
        for kind in _TITLES:
            drawn = ranks[(ranks["kind"] == kind) & (ranks["method"] == row.method)]
            line += [_range(drawn["rank"]), _spread(drawn["mean"], metric)]
        lines.append(line)
    table = markdown_table([head, *lines])
    return "\n".join([table, *(_sentence(ranks, kind, specimens) + "\n" for kind in _TITLES)])


def _sentence(ranks: pd.DataFrame, kind: str, specimens: int) -> str:
    found = agreement(ranks, kind)
    draws = f"{len(found)} draw" + "s" * (len(found) != 1)
    return (
        f"Spearman's coefficient with the table over {draws} of {_TITLES[kind]}, {specimens} "
        f"specimens each: {found.mean():.2f} on average, {found.min():.2f} at least."
    )


def _range(ranks: pd.Series) -> str:
    low, high = ranks.min(), ranks.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _spread(means: pd.Series, metric: Metric) -> str:
    if len(means) < 2:
        return _number(means.mean(), metric)
    return f"{_number(means.mean(), metric)} ± {_number(means.std(), metric)}"


def _number(value: float, metric: Metric) -> str:
    return f"{value:.{metric.decimals}f}"
