"""Page of a method: card, metrics, curves, best and worst images, audit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from uneven_table import HOSTILE
from until import until

from tembench.ranking.number_format import interval_text, value_text
from tembench.ranking.site import image_factors
from tembench.ranking.statistics import case_losses, interval, resampling
from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
PAGE = "toy-draws/methods/unet-open.html"


def loaded(page: Page) -> Page:
    page.wait_for_selector("#image-scatter svg[role=img]")
    return page


def test_the_page_says_all_without_scripts(
    browser: Browser, uneven_site: Path, uneven: Table
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{uneven_site.as_uri()}/{PAGE}")
    row = next(row for row in uneven.rows if row.submission.name == "unet-open")
    for metric in uneven.metrics:
        cells = page.locator(f"tr#{metric.name} td").all_inner_texts()
        value = row.values[metric.name]
        assert cells[:3] == [
            value_text(metric, value.mean), interval_text(metric, value), str(value.models),
        ]  # fmt: skip
    card = page.locator("dl.facts").all_inner_texts()
    assert all(part in card[0] for part in ("learned", "1.95 M", "11 min", HOSTILE))
    assert all(part in card[1] for part in ("ab" * 32, "12" * 32, "toy-draws 1.0.0"))
    assert page.locator(".panel img").count() == 4
    width = page.locator(".panel img").first.evaluate("image => image.naturalWidth")
    assert width == 128
    losses = case_losses(row.submission.audit)["half-dose"]
    lost = page.locator("#audit tr", has_text="half dose").inner_text()
    assert f"{losses.psnr_loss_db.mean:.2f}" in lost
    assert f"{losses.beyond_db.mean:.2f}" in lost
    context.close()


def test_places_are_by_the_mean_among_methods_of_the_same_images(uneven_site: Path) -> None:
    def place(name: str) -> str:
        text = (uneven_site / "toy-draws" / "methods" / f"{name}.html").read_text()
        line = re.search(r'<tr id="psnr_db">.*</tr>', text)
        assert line is not None
        return re.findall(r"<td[^>]*>([^<]*)</td>", line[0])[-1]

    assert [place(name) for name in ("exact", "unet-open", "blank", "bm3d-open")] == [
        "1 of 4", "2 of 4", "3 of 4", "4 of 4",
    ]  # fmt: skip
    assert [place(name) for name in ("clean", "slow")] == ["–", "–"]


def test_links_lead_to_papers_and_nowhere_else(
    visit: Callable[..., Page], uneven_site: Path
) -> None:
    page = loaded(visit(PAGE, folder=uneven_site))
    links = page.locator("dl.facts a").evaluate_all("all => all.map(one => one.href)")
    assert links == [
        "https://doi.org/10.1109/TCI.2022.3176536", "https://arxiv.org/abs/2010.12970",
    ]  # fmt: skip
    page.get_by_role("link", name="Compared with").click()
    page.wait_for_selector("#compare .difference")
    assert page.url.endswith("toy-draws/index.html#compare=bm3d-open,unet-open")


def test_curves_over_every_factor(
    visit: Callable[..., Page], uneven_site: Path, uneven: Table
) -> None:
    page = loaded(visit(f"{PAGE}#metric=ssim", folder=uneven_site))
    factors = image_factors(uneven)
    figures = page.locator("#over-images figure:visible")
    assert figures.count() == len(factors.columns) - 2
    labels = figures.locator("svg[role=img]").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert all(label.startswith("SSIM of UNet") for label in labels)
    material = page.locator("#over-images figure").nth(0)
    with page.expect_download() as download:
        material.get_by_role("button", name="Save the data of this figure as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    scores = next(r.submission.scores for r in uneven.rows if r.submission.name == "unet-open")
    draws = resampling(list(scores["model"]))
    for row in rows:
        values = np.where(scores["material"] == row["material"], scores["ssim"], np.nan)
        known = interval(values, draws)
        found = [float(row[end]) for end in ("mean", "low", "high")]
        assert found == pytest.approx([known.mean, known.low, known.high], abs=1e-4)
    assert [row["material"] for row in rows] == ["Au on C", "Pt on CeO2"]


def test_best_and_worst_images(
    visit: Callable[..., Page], uneven_site: Path, uneven: Table
) -> None:
    page = loaded(visit(f"{PAGE}#metric=mse", folder=uneven_site))
    scores = next(r.submission.scores for r in uneven.rows if r.submission.name == "unet-open")
    best, worst = (
        page.locator("#best-and-worst table").nth(number).locator("tbody th").all_inner_texts()
        for number in (0, 1)
    )
    # Lower is better.
    assert [int(one) for one in best] == scores.nsmallest(10, "mse")["image"].tolist()
    assert [int(one) for one in worst] == scores.nlargest(10, "mse")["image"].tolist()
    cells = page.locator("#best-and-worst tbody tr").first.locator("td").all_inner_texts()
    first = scores.nsmallest(1, "mse").iloc[0]
    assert cells[0] == f"{first['mse']:.6f}"
    assert first["material"] in cells
    page.locator("select[name=metric]").select_option("psnr_db")
    until(page, "document.querySelector('#best-and-worst').innerText.includes('PSNR')")
    found = page.locator("#best-and-worst table").first.locator("tbody th").all_inner_texts()
    assert [int(one) for one in found] == scores.nlargest(10, "psnr_db")["image"].tolist()


def test_any_two_measures_of_the_images(visit: Callable[..., Page], uneven_site: Path) -> None:
    page = loaded(visit(f"{PAGE}#x=ssim&y=mse", folder=uneven_site))
    place = page.locator("#image-scatter")
    assert "SSIM across" in str(place.locator("svg").get_attribute("aria-label"))
    assert "over 60 images" in place.inner_text()
    place.locator("select[name=x]").select_option("dose_e_per_A2")
    until(page, "location.hash.includes('x=dose_e_per_A2')")
    assert "log scale" in place.locator("svg").text_content()


def test_infinite_scores_and_rows_of_the_subset_have_pages(
    visit: Callable[..., Page], uneven_site: Path
) -> None:
    page = loaded(visit("toy-draws/methods/clean.html", folder=uneven_site))
    assert page.locator("select[name=metric]").input_value() == "ssim", "PSNR is infinite"
    page = loaded(visit("toy-draws/methods/exact.html", folder=uneven_site))
    assert "3 infinite scores are left out" in page.locator("#over-images").inner_text()
    page = loaded(visit("toy-draws/methods/slow.html", folder=uneven_site))
    assert "over 15 images" in page.locator("#image-scatter").inner_text()


@pytest.mark.parametrize(("width", "dark"), [(1400, True), (390, False)])
@pytest.mark.parametrize(
    "path", [PAGE, "toy-draws/index.html#compare=bm3d-open,unet-open,blank&controls=1"]
)
def test_pages_with_figures_are_accessible(
    visit: Callable[..., Page], uneven_site: Path, path: str, dark: bool, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(path, folder=uneven_site, dark=dark, width=width)
    page.wait_for_selector("#image-scatter svg, #compare figure svg")
    opened = (
        "document.querySelectorAll('.figure-tools details').forEach(one => { one.open = true; })"
    )
    page.evaluate(opened)
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
