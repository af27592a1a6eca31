"""Figure of the closed track against the open one: its points, and names that do not overlap."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from synthetic import drawn_scores, scores_of, submission_of

from tembench.core.errors import TableError
from tembench.core.plotting import picture_record
from tembench.ranking.render import closed_against_open as module
from tembench.ranking.render.closed_against_open import closed_against_open
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

CLOSED = {"unet": 41.0, "unet-2": 41.05, "unet-3": 41.1, "bm3d": 35.0, "closed-only": 38.0}
OPEN = {"unet": 30.0, "unet-2": 30.05, "unet-3": 30.1, "bm3d": 34.0, "open-only": 38.0}


def tables(**controls: float) -> list[Table]:
    found = []
    for values, drawn in ((OPEN, True), (CLOSED, False)):
        rows = []
        for name, psnr_db in (values | controls).items():
            scores = drawn_scores(12) if drawn else scores_of()
            scores["psnr_db"] = psnr_db + np.linspace(-0.1, 0.1, len(scores))
            kind = "control" if name in controls else "classical"
            rows.append(submission_of(name, scores, kind=kind, recipe="open" if drawn else "tiny"))
        found.append(table_of_submissions(rows))
    return found


@pytest.mark.slow
def test_methods_of_both_tables_are_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Axes] = []
    place = module._place_names

    def kept(axes: Axes, methods: list[module._Method]) -> None:
        place(axes, methods)
        drawn.append(axes)

    monkeypatch.setattr(module, "_place_names", kept)
    path = closed_against_open(tables(clean=math.inf, noisy=5.0, vacuum=29.0), tmp_path / "a.png")
    record = picture_record(path)
    assert (record["closed"], record["open"], record["metric"]) == ("tiny", "open", "psnr_db")
    points = {"unet": ["41.00", "30.00"], "bm3d": ["35.00", "34.00"], "vacuum": ["29.00", "29.00"]}
    assert points.items() <= record["methods"].items()
    assert {*record["methods"]} == {"unet", "unet-2", "unet-3", "bm3d", "vacuum"}
    (axes,) = drawn
    names = [
        t for t in axes.texts if isinstance(t, Annotation) and t.get_text() in record["methods"]
    ]
    boxes = [name.get_window_extent() for name in names]
    assert len(boxes) == 5
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    inside = axes.get_window_extent()
    assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in boxes)
    assert all(inside.y0 <= box.y0 and box.y1 <= inside.y1 for box in boxes)
    assert axes.get_xlim() == axes.get_ylim()


@pytest.mark.slow
def test_both_tracks_and_two_methods_are_needed(tmp_path: Path) -> None:
    opened, closed = tables()
    with pytest.raises(TableError, match="no table of a closed recipe's test"):
        closed_against_open([opened], tmp_path / "a.png")
    with pytest.raises(TableError, match="no table of a drawn recipe's test"):
        closed_against_open([closed], tmp_path / "a.png")
    alone = table_of_submissions([submission_of("bm3d", scores_of())])
    with pytest.raises(TableError, match=r"fewer than two methods are in both tables.*got bm3d"):
        closed_against_open([opened, alone], tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
