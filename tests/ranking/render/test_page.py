"""HTML page of tables: controls apart, intervals in figures, and pictures of their own."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from parsed_page import parse
from PIL import Image

from tembench.ranking.render.table_formats import render_table
from tembench.ranking.submission_folders import build_table
from tembench.ranking.table_rows import Table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table(submitted: Path) -> Table:
    return build_table(submitted)


@pytest.fixture(scope="module")
def html(table: Table) -> str:
    return render_table(table, "html")


def test_controls_have_a_body_of_their_own(html: str) -> None:
    bodies = re.findall(r"<tbody[^>]*>(.*?)</tbody>", html, flags=re.DOTALL)
    kinds = [set(re.findall(r'<tr role="row" class="(\w+)"', body)) for body in bodies]
    assert [kind == {"control"} for kind in kinds] == [False, True] * 2
    # The script sorts each body by itself.
    assert "tBodies" in html


def test_a_row_shows_its_interval_in_figures(html: str, table: Table) -> None:
    page = parse(html)
    row = next(row for row in table.rows if row.submission.name == "good")
    value = row.values["psnr_db"]
    assert f"{value.mean:.2f} dB{value.low:.2f} to {value.high:.2f}" in page.text
    # One that is shared has its sign.
    assert 'class="rank" data-sort="1.0">=1<' in html


def test_each_tile_of_a_panel_is_a_picture(html: str, table: Table) -> None:
    pictures = [dict(attributes) for tag, attributes in parse(html).elements if tag == "img"]
    assert len(pictures) == 4 * len(table.rows)
    assert [str(one["alt"]).split(",")[0] for one in pictures[:4]] == [
        "noisy", "denoised", "clean", "error",
    ]  # fmt: skip
    last = [row for row in table.rows if row.is_control][-1]
    tiles = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(str(one["src"]).partition(",")[2]))))
        for one in pictures[-4:]
    ]
    panel = np.asarray(Image.open(io.BytesIO(last.submission.panel)))
    np.testing.assert_array_equal(np.concatenate(tiles, axis=1), panel)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_a_tiny_picture_has_four_tiles_too(folder: Path, width: int) -> None:
    Image.new("L", (width, 1)).save(folder / "good" / "panel.png")
    html = render_table(build_table(folder), "html")
    assert html.count("<img ") == 4 * html.count("<article")
