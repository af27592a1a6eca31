"""Costs of methods in every format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from synthetic import scores_of, submission_of

from tembench.ranking.costs import COSTS
from tembench.ranking.number_format import duration_text
from tembench.ranking.render.captions import COSTS_NOTE
from tembench.ranking.render.table_figure import table_image
from tembench.ranking.render.table_formats import render_table
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table


def costing(name: str, **costs: Any) -> Submission:
    made = submission_of(name, scores_of().assign(mse=0.004, skill=0.6))
    run = replace(made.description.run, **costs)
    return replace(made, description=replace(made.description, run=run))


@pytest.fixture
def table() -> Table:
    learned = costing(
        "net",
        seconds_per_image=0.0123,
        peak_memory_MB=2350.0,
        device="cuda",
        n_parameters=7_654_321,
        training_seconds=12_345.0,
        training_device="Accelerator 9000",
        training_recipe="tiny",
        training_split="model",
        training_steps=60_000,
    )
    return table_of_submissions([learned, costing("plain", peak_memory_MB=300.0)])


SHOWN = ("0.012", "2.35 GB", "cuda", "7.65 M", "3.4 h", "Accelerator 9000", "300 MB")


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_every_cost_is_shown(table: Table, form: str) -> None:
    text = unescape(render_table(table, form, show="costs", width=110))
    for word in (*SHOWN, *(cost.heading for cost in COSTS)):
        assert word in text
    assert COSTS_NOTE in " ".join(text.split())
    if form == "html":
        assert "tiny, split model, 60000 steps" in text


def test_a_wide_terminal_shows_costs_beside_scores(table: Table) -> None:
    narrow, wide = (render_table(table, "terminal", width=width) for width in (80, 200))
    assert "2.35 GB" not in narrow
    for word in SHOWN:
        assert word in wide


@pytest.mark.parametrize("width", [50, 60, 72, 80, 100])
def test_costs_fit_a_terminal(table: Table, width: int) -> None:
    text = render_table(table, "terminal", show="costs", width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "0.012" in text
    assert "…" not in text


def test_files_have_the_plain_values(table: Table) -> None:
    place = next(i for i, row in enumerate(table.rows) if row.submission.name == "net")
    found = json.loads(render_table(table, "json"))["rows"]
    run = table.rows[place].submission.description.run
    for name in ("peak_memory_MB", "n_parameters", "training_seconds", "training_steps", "workers"):
        assert found[place][name] == getattr(run, name)
    assert found[1 - place]["n_parameters"] is None
    rows = list(csv.DictReader(io.StringIO(render_table(table, "csv"))))
    assert rows[place]["training_device"] == "Accelerator 9000"
    assert float(rows[place]["peak_memory_MB"]) == 2350.0
    assert rows[1 - place]["training_device"] == ""


def test_an_untrusted_device_is_not_a_formula_or_markup() -> None:
    evil = costing("evil", device="=cmd()", training_device="<u>|x|</u>")
    table = table_of_submissions([evil])
    assert "'=cmd()" in render_table(table, "csv")
    assert "<u>" not in render_table(table, "html")
    assert "<u>" not in render_table(table, "markdown").replace("\\<", "")


@pytest.mark.slow
def test_the_picture_of_costs_is_another(table: Table, tmp_path: Path) -> None:
    scores = table_image(table, tmp_path / "scores.png").read_bytes()
    assert table_image(table, tmp_path / "costs.png", show="costs").read_bytes() != scores


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.2, "0 s"), (89.0, "89 s"), (90.0, "1.5 min"), (1000.0, "17 min"),
     (12_345.0, "3.4 h"), (100_000.0, "28 h"), (200_000.0, "2.3 d")],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert duration_text(seconds) == text
