"""Bump chart: a line for each method, its ranks, and its name at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tembench.ranking.stability import bump_chart as module
from tembench.ranking.stability.bump_chart import bump_chart

RANKS = pd.DataFrame(
    [
        (kind, draw, method, 0.0, rank)
        for kind, draws in (("table", (0,)), ("specimens", (1, 2)), ("noise", (1, 2)))
        for draw in draws
        for method, rank in (("bm3d", 1 + draw % 2), ("unet", 2 - draw % 2), ("tv", 3))
    ],
    columns=["kind", "draw", "method", "mean", "rank"],
)


@pytest.mark.slow
def test_every_rank_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Any] = []
    monkeypatch.setattr(module, "save_figure", lambda figure, path: figures.append(figure))
    bump_chart(RANKS, tmp_path / "ranks.png")
    panels = figures[0].axes
    assert len(panels) == 2
    for axes in panels:
        lines = {tuple(line.get_ydata()) for line in axes.lines}
        assert lines == {(1, 2, 1), (2, 1, 2), (3, 3, 3)}
        texts = {text.get_text(): text.xy[1] for text in axes.texts}
        assert {name: texts[name] for name in ("bm3d", "unet", "tv")} == {
            "bm3d": 1.0, "unet": 2.0, "tv": 3.0
        }  # fmt: skip
        assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert "Spearman with the table: 0.75 on average, 0.50 at least" in {
        text.get_text() for text in panels[0].texts
    }


@pytest.mark.slow
def test_the_chart_is_a_png(tmp_path: Path) -> None:
    bump_chart(RANKS, tmp_path / "ranks.png")
    assert (tmp_path / "ranks.png").read_bytes().startswith(b"\x89PNG")
