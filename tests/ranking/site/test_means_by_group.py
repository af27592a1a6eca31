"""Rows in groups of images, for the choice of images on a table's page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from site_tables import site_tables
from uneven_table import uneven_table

from tembench.metrics import METRICS
from tembench.ranking.site import factor_groups, group_means, image_factors, means_by_group
from tembench.ranking.table_ranks import TableScores
from tembench.ranking.table_rows import Table


def in_groups(table: Table) -> list[dict[str, Any]]:
    return group_means(table, TableScores.of_table(table), factor_groups(image_factors(table)))


@pytest.fixture(scope="module", params=["whole rows", "uneven rows"])
def table(request: pytest.FixtureRequest) -> Table:
    return site_tables()[0] if request.param == "whole rows" else uneven_table()


def test_a_group_of_all_images_is_the_table(table: Table) -> None:
    scores = TableScores.of_table(table)
    whole = means_by_group.FactorGroup(
        factor="all", name="all", images=np.ones(len(scores.images), dtype=bool)
    )
    (found,) = group_means(table, scores, [whole])
    names = [row.submission.name for row in table.rows]
    assert found["order"] == names
    for row in table.rows:
        name = row.submission.name
        main = row.values[table.ranked_by.name]
        *ends, specimens = found["values"][name][table.metrics.index(table.ranked_by)]
        # Infinities are text.
        expected = pytest.approx([main.mean, main.low, main.high], rel=1e-7)
        assert ([float(end) for end in ends], specimens) == (expected, main.models)
        assert found["ranks"][name].get(table.ranked_by.name) == row.rank
        own = row.worst.difference if row.worst else None
        assert (found["differences"][name] is None) == (own is None)
        if own is not None:
            mean = float(found["differences"][name][0])
            assert mean == pytest.approx(own.mean, rel=1e-7)


def test_many_rows_have_the_means_and_the_order_of_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = site_tables()[0]
    few = in_groups(table)
    monkeypatch.setattr(means_by_group, "_ALL_UP_TO", 1)
    many = in_groups(table)
    at = table.metrics.index(METRICS["psnr_db"])
    for one, other in zip(few, many, strict=True):
        assert one["order"] == other["order"]
        for name, values in one["values"].items():
            assert other["values"][name][at] == values[at][:1]
