"""Ranks in each draw, and their agreement with the table."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
from synthetic import scores_of

from tembench.metrics import METRICS
from tembench.ranking.stability.draw_ranks import (
    agreement,
    draw_ranks,
    ranks_csv,
    ranks_markdown,
)

PSNR = METRICS["psnr_db"]


def level(mean: float) -> pd.DataFrame:
    return scores_of(8).assign(psnr_db=mean + np.linspace(-1, 1, 8))


TABLE = {"bm3d": level(35), "unet": level(37), "tv": level(34)}


def fresh(draws: dict[tuple[str, int], tuple[float, float, float]]) -> pd.DataFrame:
    return pd.concat(
        [
            level(mean).assign(kind=kind, draw=draw, method=method)
            for (kind, draw), of in draws.items()
            for method, mean in zip(TABLE, of, strict=True)
        ]
    )


@pytest.fixture
def ranks() -> pd.DataFrame:
    drawn = {
        ("specimens", 1): (35.0, 36.0, 33.0),
        ("specimens", 2): (36.5, 36.0, 33.0),
        ("noise", 1): (35.1, 37.1, 34.0),
        ("noise", 2): (35.0, 36.9, 34.1),
    }
    return draw_ranks(TABLE, fresh(drawn), PSNR)


def test_ranks_are_by_the_mean_of_each_draw(ranks: pd.DataFrame) -> None:
    found = {
        key: dict(zip(own["method"], own["rank"], strict=True))
        for key, own in ranks.groupby(["kind", "draw"])
    }
    assert found["table", 0] == {"unet": 1, "bm3d": 2, "tv": 3}
    assert found["specimens", 2] == {"bm3d": 1, "unet": 2, "tv": 3}
    assert found["noise", 2]["unet"] == 1


def test_lower_is_better_where_the_metric_says_so() -> None:
    scores = {name: frame.assign(mse=frame["psnr_db"]) for name, frame in TABLE.items()}
    drawn = fresh({("noise", 1): (1.0, 2.0, 3.0)}).assign(mse=1.0)
    found = draw_ranks(scores, drawn, METRICS["mse"])
    own = found[found["kind"] == "table"].set_index("method")["rank"]
    assert own.to_dict() == {"tv": 1, "bm3d": 2, "unet": 3}
    assert set(found[found["kind"] == "noise"]["rank"]) == {1}


def test_agreement_is_with_the_table(ranks: pd.DataFrame) -> None:
    assert agreement(ranks, "specimens").tolist() == [1.0, 0.5]
    assert agreement(ranks, "noise").tolist() == [1.0, 1.0]


def test_csv_has_every_mean_with_all_its_digits(ranks: pd.DataFrame) -> None:
    rows = list(csv.DictReader(ranks_csv(ranks).splitlines()))
    assert len(rows) == 15
    assert list(rows[0]) == ["kind", "draw", "method", "mean", "rank"]
    assert [float(row["mean"]) for row in rows] == ranks["mean"].tolist()


def test_markdown_sums_up_each_method(ranks: pd.DataFrame) -> None:
    text = ranks_markdown(ranks, PSNR, 4)
    lines = text.splitlines()
    assert lines[2].startswith("| unet | 1 | 37.00 | 1 to 2 | 36.00 ± 0.00 | 1 | 37.00 ± 0.14 |")
    assert lines[3].startswith("| bm3d | 2 | 35.00 | 1 to 2 |")
    assert "over 2 draws of fresh specimens, 4 specimens each: 0.75 on average, 0.50 at" in text
    assert "over 2 draws of other noise, 4 specimens each: 1.00 on average" in text
