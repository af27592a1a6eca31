"""Figures of methods: axes in the address, downloads, correlation, closed against open."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scipy.stats import spearmanr
from until import until

from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.slow
TABLE = "toy-draws/index.html"


def scatter(page: Page) -> Locator:
    page.wait_for_selector("#scatter svg[role=img]")
    return page.locator("#scatter")


def downloaded(page: Page, place: Locator, name: str) -> str:
    with page.expect_download() as download:
        place.get_by_role("button", name=name).click()
    return download.value.path().read_text(encoding="utf-8")


def rows_of(page: Page, place: Locator) -> list[dict[str, str]]:
    text = downloaded(page, place, "Save the data of this figure as CSV")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_first_view_is_psnr_against_surface_f1(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit(TABLE)
    place = scatter(page)
    rows = rows_of(page, place)
    competing = [row for row in tables[0].rows if not row.is_control]
    assert [row["name"] for row in rows] == [row.submission.name for row in competing]
    for row, known in zip(rows, competing, strict=True):
        for metric in ("psnr_db", "surface_f1"):
            ends = [float(row[metric + end]) for end in ("", "_low", "_high")]
            value = known.values[metric]
            assert ends == pytest.approx([value.mean, value.low, value.high], rel=1e-6)
    means = [[row.values[m].mean for row in competing] for m in ("psnr_db", "surface_f1")]
    rho = f"{spearmanr(*means).statistic:.2f}".replace("-", "−")
    assert f"controls apart: {rho}." in place.locator("figcaption").inner_text()
    names = place.locator('g[data-mark="names"] text').all_text_contents()
    assert set(names) <= {row["name"] for row in rows}
    assert len(names) >= 3


def test_axes_are_in_the_address(visit: Callable[..., Page]) -> None:
    page = visit(f"{TABLE}#x=seconds_per_image&y=psnr_db&controls=1&kind=learned")
    place = scatter(page)
    assert place.locator("select[name=x]").input_value() == "seconds_per_image"
    pressed = place.locator("button[aria-pressed=true]").all_inner_texts()
    assert pressed == ["PSNR / seconds"]
    rows = rows_of(page, place)
    shown = {row["name"]: row["shown"] for row in rows}
    assert shown["noisy"] == "no"
    assert {name for name, one in shown.items() if one == "yes"} == {
        "unet-open", "gated-open", "unet",
    }  # fmt: skip
    assert "log scale" in place.locator("svg").text_content()
    place.locator("select[name=y]").select_option("ssim")
    until(page, "location.hash.includes('y=ssim')")
    place.get_by_role("button", name="PSNR / surface F1").click()
    until(page, "location.hash.includes('y=surface_f1')")
    assert "x=psnr_db" in page.url
    assert "kind=learned" in page.url, "the rest of the view stays"


def test_a_group_of_images_is_shown_in_the_figure_too(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit(f"{TABLE}#group=material:Au%20on%20C")
    place = scatter(page)
    row = tables[0].rows[0]
    scores = row.submission.scores
    own = scores[scores["material"] == "Au on C"].groupby("model")["psnr_db"].mean().mean()
    found = next(one for one in rows_of(page, place) if one["name"] == row.submission.name)
    assert float(found["psnr_db"]) == pytest.approx(own, rel=1e-6)
    assert float(found["psnr_db_low"]) < own < float(found["psnr_db_high"])
    assert "40 images of the chosen group" in place.inner_text()


def test_infinite_values_are_left_out_and_said(
    visit: Callable[..., Page], uneven_site: Path
) -> None:
    page = visit(f"{TABLE}#controls=1", folder=uneven_site)
    place = scatter(page)
    assert {row["name"] for row in rows_of(page, place)} == {
        "bm3d-open", "unet-open", "blank", "slow",
    }  # fmt: skip
    assert "2 with an infinite value" in place.inner_text()


@pytest.mark.parametrize("dark", [False, True])
def test_a_saved_figure_stands_alone(visit: Callable[..., Page], dark: bool) -> None:
    page = visit(TABLE, dark=dark)
    text = downloaded(page, scatter(page), "Save this figure as SVG")
    svg = ET.fromstring(text)
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"var\(|currentColor|class=|<style|href=", text)
    ground = svg.find("{http://www.w3.org/2000/svg}rect")
    assert ground is not None
    assert ground.get("fill") == ("#191d25" if dark else "#ffffff")
    words = "".join(svg.itertext())
    assert all(part in words for part in ("PSNR, dB", "Surface F1", "learned", "unet-open"))
    assert "PSNR" in str(svg.findtext("{http://www.w3.org/2000/svg}title"))


def test_a_figure_follows_the_theme_and_the_width(visit: Callable[..., Page]) -> None:
    page = visit(TABLE)
    svg = scatter(page).locator("svg[role=img]")
    colour = '#scatter [data-mark="dot"]'
    before = page.locator(colour).first.get_attribute("stroke")
    page.get_by_role("button", name="Dark").click()
    until(page, f"document.querySelector('{colour}').getAttribute('stroke') !== '{before}'")
    wide = int(str(svg.get_attribute("width")))
    page.set_viewport_size({"width": 390, "height": 900})
    until(page, f"document.querySelector('#scatter svg').getAttribute('width') < {wide}")
    assert int(str(svg.get_attribute("width"))) <= 390


def test_closed_against_open_has_the_methods_of_both(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit("index.html")
    place = page.locator("#closed-against-open")
    place.locator("svg[role=img]").wait_for()
    rows = {row["name"]: row for row in rows_of(page, place)}
    opened, closed = (
        {row.submission.name: row.values["psnr_db"] for row in table.rows} for table in tables
    )
    assert set(rows) == set(opened) & set(closed)
    assert float(rows["unet"]["open"]) == pytest.approx(opened["unet"].mean, rel=1e-6)
    assert float(rows["unet"]["closed_high"]) == pytest.approx(closed["unet"].high, rel=1e-6)
    place.get_by_text("Data", exact=True).click()
    link = place.get_by_role("link", name="Unet", exact=True)
    assert str(link.get_attribute("href")).endswith("toy-draws/methods/unet.html")


def test_a_click_on_a_point_opens_the_methods_page(visit: Callable[..., Page]) -> None:
    page = visit(TABLE)
    scatter(page).scroll_into_view_if_needed()
    page.locator('#scatter [data-mark="dot"] > *').last.hover(force=True)
    page.locator('#scatter [data-mark="dot"] > *').last.click(force=True)
    page.wait_for_url(re.compile(r"toy-draws/methods/[a-z-0-9]+\.html"))
