"""Table page in a browser: sorts, filters, links, state in the address."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from until import until

from tembench.metrics import METRICS
from tembench.ranking.statistics import intervals
from tembench.ranking.table_ranks import TableScores
from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
TABLE = "toy-draws/index.html"


def names(page: Page) -> list[str]:
    page.wait_for_selector(".tabulator-row")
    return page.locator(".tabulator-row .method .name a").all_inner_texts()


def test_no_row_is_hidden_by_default_and_controls_come_last(visit: Callable[..., Page]) -> None:
    shown = names(visit(TABLE))
    assert len(shown) == 6
    assert shown[0] == "Unet-open"
    assert shown[-1] == "Noisy"


def test_a_head_sorts_and_the_address_says_so(visit: Callable[..., Page]) -> None:
    page = visit(TABLE)
    names(page)
    page.get_by_role("button", name="PSNR, dB", exact=True).click()
    page.get_by_role("button", name="PSNR, dB", exact=True).click()
    until(page, "location.hash.includes('dir=asc')")
    assert "sort=psnr_db" in page.url
    assert names(page)[0] == "Unet"
    assert names(page)[-1] == "Noisy", "controls stay below in any order"


def test_a_link_shows_another_person_the_same_view(visit: Callable[..., Page]) -> None:
    page = visit(f"{TABLE}#kind=learned&sort=title&dir=desc&columns=ssim,licence")
    assert names(page) == ["Unet-open", "Unet", "Gated-open"]
    heads = page.locator(".tabulator-col .sort").all_inner_texts()
    assert heads == ["Rank", "Method", "SSIM", "Licence"]
    assert page.locator("select[name=kind]").input_value() == "learned"
    assert "3 of 6 methods" in page.locator("#count").inner_text()


def test_filters_write_the_address_and_show_all_clears_it(visit: Callable[..., Page]) -> None:
    page = visit(TABLE)
    page.locator("select[name=kind]").select_option("classical")
    assert names(page) == ["Bm3d-open", "Median"]
    page.locator("input[name=text]").fill("median")
    until(page, "document.querySelectorAll('.tabulator-row').length === 1")
    assert "kind=classical" in page.url
    assert "text=median" in page.url
    page.locator("#count").get_by_role("button", name="Show all").click()
    until(page, "document.querySelectorAll('.tabulator-row').length === 6")


def test_a_group_of_images_is_a_table_of_its_own(
    visit: Callable[..., Page], tables: list[Table]
) -> None:
    page = visit(f"{TABLE}#group=material:Au%20on%20C&columns=psnr_db")
    until(page, "document.querySelector('#count').textContent.includes('40 images')")
    gold = tables[0].rows[0].submission.scores["material"].to_numpy() == "Au on C"
    scores = TableScores.of_table(tables[0]).among(gold)
    means = intervals(scores.of(METRICS["psnr_db"]), scores.draws)
    ranks = scores.ranks(METRICS["psnr_db"])
    for row, rank, mean in zip(tables[0].rows, ranks, means, strict=True):
        title = row.submission.description.method.title
        line = page.locator(".tabulator-row", has=page.get_by_text(title, exact=True))
        assert f"{mean.mean:.2f}" in line.inner_text()
        assert line.locator(".bounds").inner_text() == f"{mean.low:.2f} to {mean.high:.2f}"
        shown = line.locator(".rank").inner_text().lstrip("=")
        assert shown == ("–" if rank.rank is None else str(rank.rank))
    shown = page.locator(".tabulator-row:not(.control) .main .value").all_inner_texts()
    assert shown == sorted(shown, key=float, reverse=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    saved = json.loads(Path(download.value.path()).read_text())
    assert saved["ranked_by"] == "psnr_db"
    by_name = {row["name"]: row["rank"] for row in saved["rows"]}
    assert by_name == {
        row.submission.name: rank.rank for row, rank in zip(tables[0].rows, ranks, strict=True)
    }


def test_files_have_exactly_what_is_shown(visit: Callable[..., Page]) -> None:
    page = visit(f"{TABLE}#kind=classical&sort=psnr_db&dir=asc&columns=psnr_db,kind")
    names(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "rank,name,title,psnr_db,psnr_db_low,psnr_db_high,kind"
    assert [line.split(",")[1] for line in lines[1:]] == ["median", "bm3d-open"]


@pytest.mark.parametrize("path", ["index.html", TABLE, "metrics.html", "about.html"])
@pytest.mark.parametrize("dark", [False, True])
def test_pages_are_accessible(visit: Callable[..., Page], path: str, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(path, dark=dark)
    page.wait_for_timeout(300)
    # Preloading styles would be a request, which the pages' policy forbids.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
