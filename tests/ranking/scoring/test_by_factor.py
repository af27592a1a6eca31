"""Scores by factor, as files and as text."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest
from synthetic import scores_of, table_of

from tembench.cli import score_commands
from tembench.metrics import GROUPS, METRICS
from tembench.ranking.render.by_factor_text import (
    _MAIN,
    _TITLES,
    factor_text,
    metrics_text,
    overall_text,
)
from tembench.ranking.scoring.by_factor import (
    FACTOR_COLUMNS,
    SPLIT_FACTOR,
    Group,
    group_scores,
    groups_csv,
    groups_of_factor,
    groups_summary,
)


def groups_of(**changed: float) -> list[Group]:
    scores = scores_of().assign(**changed)
    return group_scores(scores, table_of(scores), split="model", part="test")


@pytest.mark.slow
def test_groups_are_those_of_the_table() -> None:
    scores = scores_of()
    table = table_of(scores)
    groups = group_scores(scores, table, split="defect", part="test-full")
    assert groups[0].value == "test-full part of split defect"
    assert (groups[0].images, groups[0].models) == (12, 4)
    for column in FACTOR_COLUMNS.values():
        of = [group for group in groups if group.factor == column]
        assert sum(group.images for group in of) == 12
        assert [group.value for group in of] == sorted(group.value for group in of)
        for group in of:
            chosen = scores[table.loc[scores["image"], column].to_numpy() == group.value]
            assert group.models == chosen["model"].nunique()
            for name, mean in group.means.items():
                assert mean == pytest.approx(chosen.groupby("model")[name].mean().mean())
    assert [group.value for group in groups_of_factor(groups, "defocus")] == [2.0, 8.0, 12.0]


def test_an_image_counts_in_the_test_of_every_split_that_has_it() -> None:
    scores = scores_of()
    table = table_of(scores).assign(split_model="test", split_defect="unused", split_tilt="train")
    table.loc[scores["image"][:5], "split_defect"] = "test"
    groups = list(
        groups_of_factor(group_scores(scores, table, split="model", part="test"), SPLIT_FACTOR)
    )
    found = {group.value: group.images for group in groups}
    assert found["model test"] == 12
    assert found["defect test"] == 5
    assert not any(str(value).startswith("tilt") for value in found)
    means = {group.value: group.means["psnr_db"] for group in groups}
    of_models = scores[:5].groupby("model")["psnr_db"].mean()
    assert means["defect test"] == pytest.approx(of_models.mean())
    assert means["defect test"] != pytest.approx(scores["psnr_db"][:5].mean())


def test_images_without_columns_are_left_out_and_the_others_counted() -> None:
    scores = scores_of()
    scores.loc[0, "column_f1"] = math.nan
    groups = group_scores(scores, table_of(scores), split="model", part="test")
    of_models = scores.groupby("model")["column_f1"].mean()
    assert groups[0].means["column_f1"] == pytest.approx(of_models.mean())
    assert groups[0].defined == {"column_f1": 11}
    assert groups_summary(groups)["images_defined"] == {"column_f1": 11}
    fewer = [g.value for g in groups if g.factor == "contrast" and g.defined]
    assert fewer == ["white"]


def test_a_table_without_a_factor_has_no_groups_of_it() -> None:
    scores = scores_of()
    table = table_of(scores).drop(columns="contrast")
    groups = group_scores(scores, table, split="model", part="test")
    assert "contrast" not in {group.factor for group in groups}


def test_csv_reads_back_to_the_last_digit() -> None:
    groups = groups_of(psnr_db=math.inf)
    rows = list(csv.DictReader(io.StringIO(groups_csv(groups))))
    assert len(rows) == len(groups)
    assert list(rows[0])[:4] == ["factor", "value", "images", "models"]
    for row, group in zip(rows, groups, strict=True):
        assert {name: float(row[name]) for name in METRICS} == group.means
    assert rows[0]["psnr_db"] == "inf"


def test_plain_values_are_json() -> None:
    content = groups_summary(groups_of(psnr_db=math.inf, umse_paired=-math.inf, umse=-0.5))
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["metrics"]["psnr_db"] == "inf"
    assert content["metrics"]["umse_paired"] == "-inf"
    assert content["upsnr_db"] == "undefined: the mean uMSE is not positive, -0.5"
    assert {group["factor"] for group in content["groups"]} == set(FACTOR_COLUMNS.values())


@pytest.mark.parametrize(
    ("umse", "expected"),
    [
        (0.001, 30.0),
        (math.inf, -math.inf),
        (0.0, "undefined: the mean uMSE is not positive, 0"),
        (-1.2e-5, "undefined: the mean uMSE is not positive, -1.2e-05"),
    ],
)
def test_upsnr_is_that_of_the_mean(umse: float, expected: float | str) -> None:
    group = groups_of(umse=umse)[0]
    if isinstance(expected, str):
        assert (group.upsnr_db, group.why_no_upsnr) == (None, expected)
    else:
        assert (group.upsnr_db, group.why_no_upsnr) == (pytest.approx(expected), "")


def test_a_negative_umse_of_one_image_enters_the_mean() -> None:
    scores = scores_of()
    scores["umse"] = np.where(np.arange(12) == 0, -0.01, 0.002)
    group = group_scores(scores, table_of(scores), split="model", part="test")[0]
    assert group.upsnr_db == pytest.approx(-10 * math.log10(0.012 / 12))


def test_overall_text_has_every_metric_under_its_heading() -> None:
    lines = overall_text(groups_of(umse=-1.2e-5)[0]).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(GROUPS)
    assert len(lines) == len(GROUPS) + len(METRICS) + 1
    assert any("uPSNR  " in line and "undefined: the mean uMSE" in line for line in lines)
    for metric in METRICS.values():
        assert sum(line.startswith(f"  {metric.title}  ") for line in lines) == 1


@pytest.mark.parametrize("factor", FACTOR_COLUMNS)
def test_the_table_of_a_factor_fits(factor: str) -> None:
    groups = groups_of()
    lines = factor_text(groups, factor).splitlines()
    assert max(map(len, lines)) <= 80
    for group in groups_of_factor(groups, factor):
        value = group.value if isinstance(group.value, str) else f"{group.value:g}"
        assert sum(line.split()[0] == value for line in lines if line) == 1


def test_names_of_factors_and_metrics_are_known() -> None:
    assert (*FACTOR_COLUMNS, SPLIT_FACTOR) == tuple(_TITLES) == score_commands._SCORE_FACTORS
    assert set(_MAIN) <= set(METRICS)


def test_metrics_are_listed_in_groups() -> None:
    text = metrics_text()
    for heading, names in GROUPS.items():
        assert f"\n{heading}\n" in f"\n{text}"
        for name in names:
            assert text.index(f"\n{heading}\n" if text.index(heading) else heading) < text.index(
                f"  {name}: "
            )
            assert METRICS[name].summary in text
    assert "range 0 to ∞, version 1" in text
    assert [name for names in GROUPS.values() for name in names] == list(METRICS)
