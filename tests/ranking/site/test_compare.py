"""Methods compared on a table's page: paired differences, groups, and what cannot be compared."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from until import until

from tembench.metrics import METRICS
from tembench.ranking.number_format import value_text
from tembench.ranking.statistics import Interval, difference, resampling
from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.slow
TABLE = "toy-draws/index.html"


def paired(table: Table, first: str, second: str, metric: str, group: str = "") -> Interval:
    scores = {row.submission.name: row.submission.scores for row in table.rows}
    one, other = scores[first], scores[second]
    values = one[metric].to_numpy()
    if group:
        values = np.where(one["material"] == group, values, np.nan)
    return difference(values, other[metric].to_numpy(), resampling(list(one["model"])))


def compared(page: Page) -> Locator:
    page.wait_for_selector("#compare tbody tr")
    return page.locator("#compare tbody tr")


def cell(page: Page, metric: str, number: int) -> str:
    row = page.locator(f'#compare tr[data-metric="{metric}"] td').nth(number)
    return row.inner_text().replace("\n", " ")


def expected(value: Interval, metric: str) -> list[str]:
    shown = METRICS[metric]
    bounds = f"{value_text(shown, value.low)} to {value_text(shown, value.high)}"
    return [("+" if value.mean > 0 else "") + value_text(shown, value.mean), bounds]


def test_boxes_of_the_table_choose_what_is_compared(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit(TABLE)
    page.wait_for_selector(".tabulator-row")
    assert page.locator("#compare").is_hidden()
    for name in ("Bm3d-open", "Unet-open"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).click()
    compared(page)
    assert "compare=bm3d-open,unet-open" in page.url
    page.wait_for_selector("#compare .difference")
    known = paired(tables[0], "unet-open", "bm3d-open", "psnr_db")
    assert known.low > 0
    text = cell(page, "psnr_db", 1)
    assert all(part in text for part in (*expected(known, "psnr_db"), "better"))


def test_three_methods_and_another_reference(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit(f"{TABLE}#compare=bm3d-open,unet,gated-open&columns=mse")
    compared(page)
    for number, name in enumerate(("unet", "gated-open"), 1):
        for metric in ("psnr_db", "mse", "surface_f1"):
            known = paired(tables[0], name, "bm3d-open", metric)
            assert all(part in cell(page, metric, number) for part in expected(known, metric))
    assert "worse" in cell(page, "psnr_db", 1)
    assert "not told apart" in cell(page, "surface_f1", 1)
    page.locator("#compare select[name=reference]").select_option("unet")
    until(page, "location.hash.includes('compare=unet,bm3d-open,gated-open')")
    until(page, "document.querySelector('#compare th .name').textContent.includes('Unet')")
    known = paired(tables[0], "bm3d-open", "unet", "psnr_db")
    assert all(part in cell(page, "psnr_db", 1) for part in (*expected(known, "psnr_db"), "better"))


def test_all_metrics_and_removal(visit: Callable[..., Page], tables: list[Table]) -> None:
    page = visit(f"{TABLE}#compare=bm3d-open,unet")
    few = compared(page).count()
    page.get_by_role("checkbox", name="All metrics").click()
    until(page, f"document.querySelectorAll('#compare tbody tr').length > {few}")
    assert compared(page).count() == len(tables[0].metrics)
    page.get_by_role("button", name="Remove Unet", exact=True).click()
    until(page, "!location.hash.includes('unet')")
    until(page, "document.querySelector('#compare').innerText.includes('Choose another method')")
    page.get_by_role("button", name="Remove all").click()
    until(page, "document.querySelector('#compare').hidden")


def test_groups_of_images_have_differences_of_their_own(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit(f"{TABLE}#compare=bm3d-open,unet-open&where=ssim")
    compared(page)
    figure = page.locator("#compare figure")
    assert figure.count() == 1
    assert "Unet-open" in str(figure.locator("svg[role=img]").get_attribute("aria-label"))
    with page.expect_download() as download:
        figure.get_by_role("button", name="Save the data of this figure as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert {row["factor"] for row in rows} >= {"material", "orientation", "dose, e/Å²"}
    gold = next(row for row in rows if row["group"] == "Au on C")
    known = paired(tables[0], "unet-open", "bm3d-open", "ssim", "Au on C")
    found = [float(gold[key]) for key in ("difference", "low", "high")]
    assert found == pytest.approx([known.mean, known.low, known.high], abs=1e-4)
    assert int(gold["specimens"]) == known.models == 20


def test_rows_of_the_subset_are_compared_on_what_both_have(
    visit: Callable[..., Page], uneven_site: Path
) -> None:
    page = visit(f"{TABLE}#compare=bm3d-open,slow,blank&columns=column_f1", folder=uneven_site)
    compared(page)
    assert "15 specimens" in cell(page, "psnr_db", 1)
    assert "1 specimen" in cell(page, "column_f1", 2)
    assert "no interval" in cell(page, "column_f1", 2)


def test_names_that_the_table_lacks_are_said(visit: Callable[..., Page]) -> None:
    page = visit(f"{TABLE}#compare=bm3d-open,nobody")
    compared(page)
    assert "Not in this table: nobody." in page.locator("#compare").inner_text()
    page = visit(f"{TABLE}#compare=nobody")
    page.wait_for_selector("#compare:not([hidden])")
    assert "Not in this table: nobody." in page.locator("#compare").inner_text()


def test_scores_that_are_not_there_are_said(browser: Browser, site: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(site, tmp_path / "site")
    (folder / "toy-draws" / "data" / "methods" / "unet.js").unlink()
    page = browser.new_page()
    page.goto(f"{folder.as_uri()}/{TABLE}#compare=bm3d-open,unet")
    until(page, "document.querySelector('#compare p[role=status]').textContent.includes('cannot')")
    assert "unet.js is not in the folder" in page.locator("#compare").inner_text()
    page.close()
