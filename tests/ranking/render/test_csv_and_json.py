"""CSV and JSON of a table: exact numbers, chosen columns, what a row can be traced to, and docs."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import drawn_scores, scores_of, submission_of

from tembench.core import TableError
from tembench.ranking.render.csv_and_json import table_csv, table_summary
from tembench.ranking.render.table_formats import render_table
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[3] / "docs" / "outputs.md"
DIGEST = "0123456789abcdef" * 4


def table_of(drawn: bool) -> Table:
    rows = []
    for number, name in enumerate(("noisy", "one", "bm3d", "clean")):
        scores = drawn_scores(60, 1, seed=number) if drawn else scores_of()
        scores["psnr_db"] = np.inf if name == "clean" else scores["psnr_db"] + 40 - number
        kind = "control" if name in ("noisy", "clean") else "classical"
        lacking = ("dof",) if name == "one" else ()
        row = submission_of(name, scores, kind=kind, lacking=lacking)
        rows.append(dataclasses.replace(row, outputs_sha256=DIGEST, scored_with="9.9.9"))
    return table_of_submissions(rows)


@pytest.fixture(scope="module")
def drawn() -> Table:
    return table_of(True)


@pytest.fixture(scope="module")
def closed() -> Table:
    return table_of(False)


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text)).set_index("name")


@pytest.mark.parametrize("which", ["drawn", "closed"])
def test_pandas_reads_back_the_very_numbers(which: str, request: pytest.FixtureRequest) -> None:
    table: Table = request.getfixturevalue(which)
    found = read(table_csv(table))
    assert list(found.index) == ["one", "bm3d", "clean", "noisy"]
    for row in table.rows:
        read_row = found.loc[row.submission.name]
        for name, value in row.values.items():
            ends = [read_row[f"{name}{end}"] for end in ("", "_low", "_high")]
            np.testing.assert_array_equal(ends, [value.mean, value.low, value.high])
        assert read_row["rank"] == row.rank or (row.rank is None and np.isnan(read_row["rank"]))
        if row.worst is not None and row.worst.group is not None:
            assert read_row["worst_group_name"] == row.worst.group.name
            assert read_row["worst_group_low"] == row.worst.group.value.low
            assert read_row["worst_tenth"] == row.worst.tenth.mean or row.is_control
    assert ("worst_group" in found) == table.drawn
    assert found.loc["bm3d", [c for c in found if c.startswith("difference")]].isna().all()


def test_each_row_can_be_traced(closed: Table) -> None:
    found = read(table_csv(closed))
    summary = json.loads(render_table(closed, "json"))
    assert summary["tembench"]
    for row in summary["rows"]:
        data = found.loc[row["name"]]
        for key in ("recipe_id", "split", "part", "images", "tembench", "scored_with"):
            assert row[key] == data[key]
        assert row["scored_with"] == "9.9.9"
        assert row["outputs_sha256"] == data["outputs_sha256"] == DIGEST
        versions = dict(pair.split("=") for pair in data["metric_versions"].split())
        assert {name: int(version) for name, version in versions.items()} == row["metric_versions"]
        assert ("dof" in versions) == (row["name"] != "one")
    assert next(row for row in summary["rows"] if row["name"] == "one")["submitted"] is None


def test_chosen_columns_are_alone_between_name_and_trace(closed: Table) -> None:
    found = table_csv(closed, ["column_f1", "kind", "seconds_per_image"]).splitlines()[0]
    assert found.startswith(
        "rank,ranked_by,name,title,input,column_f1,column_f1_low,column_f1_high,kind,seconds_per_image,recipe"
    )
    assert set(read(table_csv(closed, ["column_f1"]))["metric_versions"]) == {
        "psnr_db=1 column_f1=1"
    }
    with pytest.raises(TableError, match=r"no such column; .*got beauty, difference"):
        table_csv(closed, ["psnr_db", "beauty", "difference"])


def documented(heading: str) -> set[str]:
    """Names in code of the first column of a table of the docs, the one under a heading row."""
    body = DOCS.read_text(encoding="utf-8").partition(f"\n| {heading} | value |\n")[2]
    lines = body.partition("\n\n")[0].splitlines()[1:]
    return {name for line in lines for name in re.findall("`(\\w+)`", line.split(" | ")[0])}


def documented_keys() -> tuple[set[str], set[str]]:
    top, rows = DOCS.read_text(encoding="utf-8").partition("and in each row")[::2]
    names = [
        {n for line in part.splitlines() if line.startswith("| `")
         for n in re.findall("`(\\w+)`", line.split(" | ")[0])}
        for part in (top.partition("The JSON")[2], rows)
    ]  # fmt: skip
    return names[0], names[1]


RUN = {
    "peak_memory_MB", "threads", "device", "n_parameters", "training_seconds", "training_device",
    "workers", "training_steps", "training_recipe", "training_split",
}  # fmt: skip


def test_the_docs_have_every_column_of_the_csv(drawn: Table) -> None:
    headers = set(table_csv(drawn).splitlines()[0].split(","))
    metrics = {f"{m.name}{end}" for m in drawn.metrics for end in ("", "_low", "_high")}
    ends = {f"_{end}" for end in ("low", "high", "name")}
    described = documented("columns of the CSV")
    there = described | {f"{name}{end}" for name in described for end in ends}
    there |= {f"rank_by_{metric.name}" for metric in drawn.also_ranked_by} | RUN
    assert headers - metrics <= there
    of_some_tables = {"audit_loss_db", "audit_case", "training_spread", "rank_by_METRIC", *ends}
    assert described - ends - headers == of_some_tables - ends


def test_the_docs_have_every_key_of_the_json(drawn: Table) -> None:
    summary = table_summary(drawn)
    top, rows = documented_keys()
    assert set(summary) == top
    assert set(summary["rows"][0]) - RUN == rows
