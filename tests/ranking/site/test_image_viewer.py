"""Image viewer in a browser: layers, zoom, columns and profiles, and a link to each view."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from shown_rows import DOSE, IMAGES, PIXEL_A, SCALE, SIDE, WITHOUT, grey_of, shown_by, shown_table
from site_tables import site_tables

from tembench.ranking.site import SitePages, image_factors, write_image_viewer, write_site
from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Page

slow = pytest.mark.slow
Look = Callable[..., "Page"]


@pytest.fixture(scope="session")
def shown() -> Table:
    return shown_table()


@pytest.fixture(scope="session")
def viewer_site(shown: Table, made_once: Callable[..., Path]) -> Path:
    def make(folder: Path) -> None:
        write_site([shown], folder / "site")

    return made_once("viewer-site", make) / "site"


@pytest.fixture
def look(visit: Callable[..., Page], viewer_site: Path) -> Look:
    """The viewer with the view that a link names, once both layers are drawn."""

    def look(view: str = "", **options: object) -> Page:
        page = visit(f"toy-draws/images.html#{view}", folder=viewer_site, **options)
        until(page, "document.querySelector('.right canvas').width > 0")
        page.wait_for_selector(".right canvas[aria-label]", state="attached")
        return page

    return look


def until(page: Page, condition: str) -> None:
    """Wait for a condition. Playwright's own waiting evaluates text, which the pages forbid."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


def pixels(page: Page, layer: str) -> np.ndarray:
    """Grey values of a layer as drawn."""
    values = page.evaluate(
        """(layer) => {
            const canvas = document.querySelector(`${layer} canvas`), pen = canvas.getContext("2d");
            return [...pen.getImageData(0, 0, canvas.width, canvas.height).data];
        }""",
        layer,
    )
    return np.array(values).reshape(SIDE, SIDE, 4)[..., 0]


def columns_of(page: Page, layer: str, kind: str) -> int:
    paths = page.locator(f"{layer} .overlay .{kind}")
    return (paths.first.get_attribute("d") or "").count("M") if paths.count() else 0


def magnification(page: Page) -> float:
    return float(page.evaluate("document.documentElement.style.getPropertyValue('--k')"))


@slow
def test_counts_lie_beside_the_best_method_at_first(look: Look, shown: Table) -> None:
    page = look()
    assert page.locator("select[name=a]").input_value() == "noisy"
    best = next(row for row in shown.rows if not row.is_control)
    assert page.locator("select[name=b]").input_value() == best.submission.name
    assert page.locator(".images input").count() == len(IMAGES)
    scores = best.submission.scores.set_index("image")["psnr_db"]
    assert f"PSNR {scores[IMAGES[0]]:.2f} dB" in page.locator(".layers").inner_text()


@slow
def test_layers_are_drawn_on_the_clean_images_grey_scale(look: Look) -> None:
    page = look("a=bm3d-open&b=clean")
    clean = grey_of("clean")[:SIDE].astype(float)
    for layer, name in ((".left", "bm3d-open"), (".right", "clean")):
        grey = grey_of(name)[:SIDE].astype(float)
        share = (grey - clean.min()) / (clean.max() - clean.min())
        assert np.abs(pixels(page, layer) - np.clip(share, 0, 1) * 255).max() <= 1


@slow
def test_counts_have_a_grey_scale_of_their_own(look: Look) -> None:
    expected = np.clip(grey_of("noisy")[SIDE : 2 * SIDE] / (DOSE + 4 * DOSE**0.5), 0, 1) * 255
    page = look(f"image={IMAGES[1]}&a=noisy")
    assert np.abs(pixels(page, ".left") - expected).max() <= 1


@slow
def test_a_link_shows_the_same_view(look: Look) -> None:
    view = (
        f"image={IMAGES[2]}&a=clean&b=unet&split=30&zoom=2,0.5,0.4&marks=missed,removed&ratios=1"
        "&grey=own&line=5,6,50,40,3&find=unet&order=psnr"
    )
    page = look(view)
    assert page.locator(f".images input[value='{IMAGES[2]}']").is_checked()
    assert page.locator("select[name=a]").input_value() == "clean"
    assert page.locator("select[name=b]").input_value() == "unet"
    assert page.locator("input[name=split]").input_value() == "30"
    assert magnification(page) == 2
    for kind, expected in {"matched": False, "missed": True, "removed": True}.items():
        assert page.locator(f"input[name=marks][value={kind}]").is_checked() == expected
    assert page.locator("input[name=ratios]").is_checked()
    assert page.locator("input[name=grey]").is_checked()
    assert page.locator("input[name=line-x2]").input_value() == "50"
    assert page.locator(".grid figure").count() == 2
    assert page.locator("select[name=order]").input_value() == "psnr"
    assert page.url.endswith(view)


@slow
def test_what_is_changed_is_in_the_address(look: Look) -> None:
    page = look()
    page.locator(f".images input[value='{IMAGES[1]}']").check()
    page.locator("select[name=b]").select_option("clean")
    page.locator("input[name=marks][value=invented]").check()
    page.get_by_role("button", name="Swap").click()
    slider = page.locator("input[name=split]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    until(page, "location.hash.includes('split=50.5')")
    for part in (f"image={IMAGES[1]}", "a=clean", "b=noisy", "marks=invented"):
        assert part in page.url
    assert (
        page.locator(".pane.main").evaluate("e => e.style.getPropertyValue('--split')") == "0.505"
    )


@slow
def test_all_panes_zoom_together_by_keys_buttons_and_wheel(look: Look) -> None:
    page = look()
    page.locator(".pane.main").focus()
    page.keyboard.press("+")
    assert magnification(page) == 1.5
    page.get_by_role("button", name="Magnify").click()
    assert magnification(page) == 2.25
    page.locator(".pane.main").hover()
    page.mouse.wheel(0, -200)
    until(page, "Number(document.documentElement.style.getPropertyValue('--k')) > 2.3")
    small = page.locator(".grid .stage").first.evaluate("e => getComputedStyle(e).transform")
    assert f"{magnification(page):.3f}"[:4] in small
    until(page, "location.hash.includes('zoom=')")
    before = page.evaluate("document.documentElement.style.getPropertyValue('--x')")
    page.locator(".pane.main").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.documentElement.style.getPropertyValue('--x')") != before
    page.keyboard.press("0")
    assert magnification(page) == 1
    until(page, "!location.hash.includes('zoom=')")


@slow
def test_columns_are_marked_by_kind_and_counted(look: Look) -> None:
    page = look("a=clean&b=unet-open&marks=matched,removed")
    assert [columns_of(page, ".right", kind) for kind in ("matched", "missed", "removed")] == [
        2,
        0,
        1,
    ]
    page.get_by_role("button", name="All", exact=True).click()
    assert columns_of(page, ".right", "missed") == columns_of(page, ".left", "invented") == 1
    page.locator("input[name=ratios]").check()
    assert page.locator(".right .disc").count() == 2
    assert (page.locator(".right .ring").get_attribute("d") or "").count("M") == 1
    rows = page.locator(".counts tbody tr").all_inner_texts()
    assert rows[0].split() == ["matched", "2", "2"]
    assert rows[4].replace("\t", " ").endswith("1 of 3 1 of 3")


@slow
def test_a_profile_is_the_mean_of_the_electrons_along_a_line(look: Look) -> None:
    x1, y1, x2, y2, width = 8.0, 10.0, 48.0, 40.0, 3
    page = look(f"a=bm3d-open&b=unet-open&line={x1:g},{y1:g},{x2:g},{y2:g},{width}")
    page.wait_for_selector(".profile svg")
    with page.expect_download() as download:
        page.locator(".profile").get_by_role("button", name="CSV").click()
    heads, *lines = csv.reader(download.value.path().read_text().splitlines())
    assert heads[0] == "distance_A"
    assert [head.partition(",")[0] for head in heads[1:]] == ["Bm3d-open", "Unet-open", "Clean"]
    found = np.array(lines, dtype=float)
    assert found[-1, 0] == pytest.approx(50 * PIXEL_A)
    along, across = np.array([40.0, 30.0]) / 50, np.array([-30.0, 40.0]) / 50
    far = found[:, 0] / PIXEL_A
    for column, name in ((1, "bm3d-open"), (2, "unet-open"), (3, "clean")):
        crop = SCALE[0] + grey_of(name)[:SIDE] / 255 * (SCALE[1] - SCALE[0])
        samples = [
            map_coordinates(
                crop,
                [y1 + along[1] * far + across[1] * off, x1 + along[0] * far + across[0] * off],
                order=1,
            )
            for off in (-1, 0, 1)
        ]
        assert found[:, column] == pytest.approx(np.mean(samples, axis=0), abs=1e-9)


@slow
def test_an_end_of_the_line_is_dragged_or_typed(look: Look) -> None:
    page = look()
    page.locator("input[name=line]").check()
    until(page, "location.hash.includes('line=')")
    handle = page.locator(".handle").first.bounding_box()
    pane = page.locator(".pane.main").bounding_box()
    assert handle is not None
    assert pane is not None
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 4, steps=3)
    page.mouse.up()
    typed = page.locator("input[name=line-x1]")
    assert float(typed.input_value()) == pytest.approx(SIDE / 2 - 0.5, abs=0.2)
    assert float(page.locator("input[name=line-y1]").input_value()) == pytest.approx(15.5, abs=0.2)
    typed.fill("7")
    typed.press("Enter")
    until(page, "location.hash.includes('line=7,')")
    typed.fill("9999")
    typed.press("Enter")
    assert typed.input_value() == "7"


@slow
def test_all_methods_are_below_by_name_and_order(look: Look, shown: Table) -> None:
    page = look()
    names = page.locator(".grid .name a")
    assert names.count() == len(shown.rows)
    page.locator("select[name=order]").select_option("name")
    assert names.first.inner_text() == "Bm3d-open"
    page.locator("input[name=find]").fill("gated")
    assert names.all_inner_texts() == ["Gated-open"]
    assert names.first.get_attribute("href") == "methods/gated-open.html"
    page.locator(".grid").get_by_role("button", name="Gated-open as layer A").click()
    until(page, "document.querySelector('.tag.a').textContent === 'Gated-open'")


@slow
def test_a_row_without_crops_shows_its_panel_and_says_so(look: Look) -> None:
    page = look(f"a={WITHOUT}&b=clean&line=5,6,50,40,3")
    assert "panel" in page.locator(".left .pane-note").inner_text()
    assert (pixels(page, ".left") == grey_of(WITHOUT)[:SIDE]).all()
    assert "Not known of Median" in page.locator(".profile figcaption").inner_text()
    page.locator(f".images input[value='{IMAGES[1]}']").check()
    until(page, "document.querySelector('.left .stage').hidden")
    assert page.locator(".left .pane-note").inner_text() == "Not among its images"


@slow
def test_a_link_to_what_is_not_there_says_so(look: Look) -> None:
    page = look("image=7&a=nobody&zoom=x&line=1,2,3&split=900&marks=evil")
    notice = page.locator(".notice").inner_text()
    assert "image 7 is not among those shown" in notice
    assert "no row nobody" in notice
    assert magnification(page) == 1
    assert page.locator("input[name=split]").input_value() == "50"


@slow
@pytest.mark.parametrize(("width", "dark"), [(1400, False), (1400, True), (390, False)])
def test_the_viewer_is_accessible(look: Look, width: int, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = look("marks=matched&ratios=1&line=5,6,50,40,3", width=width, dark=dark)
    page.wait_for_selector(".profile svg")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@slow
def test_print_has_the_pictures_without_the_controls(look: Look) -> None:
    page = look("a=clean&b=unet")
    page.emulate_media(media="print")
    assert page.locator(".right canvas").is_visible()
    assert not page.locator("input[name=split]").is_visible()
    assert not page.locator(".images").is_visible()


def test_no_viewer_is_written_of_a_table_that_shows_nothing(tmp_path: Path) -> None:
    table = site_tables()[0]
    pages = SitePages(tmp_path, [])
    assert not write_image_viewer(pages, tmp_path / "toy", table, image_factors(table))
    assert not any(tmp_path.iterdir())


@slow
def test_another_crop_is_not_laid_over_those_of_the_others(shown: Table, tmp_path: Path) -> None:
    moved = [
        replace(row, submission=replace(row.submission, shown=shown_by("unet", left_px=(0, 3, 0))))
        if row.submission.name == "unet"
        else row
        for row in shown.rows
    ]
    table = replace(shown, rows=type(shown.rows)(moved))
    pages = SitePages(tmp_path, [])
    assert write_image_viewer(pages, tmp_path / "toy", table, image_factors(table))
    text = (tmp_path / "toy" / "images.html").read_text()
    row = text[text.index('"name":"unet"') :]
    assert row[row.index('"shown":') :].startswith('"shown":[true,false,true]')
