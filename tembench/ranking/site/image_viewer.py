"""Image viewer of a table: its page, and the crops of each row as data scripts.

``images.html`` has the images that the rows show and their scores; ``data/shown/NAME.js`` the crops
of a row as its submission has them, in one picture, with the columns in them. A row without any has
the denoised tile of its panel instead, which is of the first image, and in grey alone.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.metrics import MATCH_A
from tembench.ranking.number_format import json_number
from tembench.ranking.site import FACTOR_TITLES, SitePages, write_data
from tembench.ranking.untrusted import ShownImages, plain_png

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking.table_rows import Table, TableRow

# Likelihood ratios are coloured up to this quantile of the clean image's true columns.
_REACH_QUANTILE = 0.9
_PSNR = "psnr_db"
# What a small picture is labelled with.
_IN_WORDS = ("material", "orientation", "dose_e_per_A2", "particle", "thickness_A", "defocus_nm")


def write_image_viewer(pages: SitePages, folder: Path, table: Table, factors: pd.DataFrame) -> bool:
    """Write the page and the data scripts; False, and nothing, where no row shows an image.

    Parameters
    ----------
    pages : SitePages
        Pages of the site.
    folder : Path
        Folder of the table's pages.
    table : Table
        The table.
    factors : pandas.DataFrame
        From `image_factors`.
    """
    known = [(row, row.submission.shown) for row in table.rows]
    shown = [(row, one) for row, one in known if one is not None]
    if not shown:
        return False
    # The oracle, or another control, which all rows are laid over.
    first = max(shown, key=lambda one: (one[0].submission.name == "clean", one[0].is_control))[1]
    scales = [_common_scale(first, number, shown) for number in range(len(first.table.images))]
    images = [_image(first, number, scale, shown, factors) for number, scale in enumerate(scales)]
    pages.write(
        f"{folder.name}/images.html",
        "images.html",
        data={
            "track": folder.name,
            "images": images,
            "rows": [_row(row, first) for row in table.rows],
        },
        table=table,
    )
    for row, one in known:
        write_data(folder, f"data/shown/{row.submission.name}", _crops(row, one))
    return True


def _common_scale(
    first: ShownImages, number: int, shown: list[tuple[TableRow, ShownImages]]
) -> tuple[float, float]:
    """Electrons per pixel of black and white, as most rows have them."""
    image = first.table.images[number]
    scales = Counter(
        (one.table.low_e_per_px[at], one.table.high_e_per_px[at])
        for _, one in shown
        if image in one.table.images
        for at in [one.table.images.index(image)]
    )
    return scales.most_common(1)[0][0]


def _image(
    first: ShownImages,
    number: int,
    scale: tuple[float, float],
    shown: list[tuple[TableRow, ShownImages]],
    factors: pd.DataFrame,
) -> dict[str, Any]:
    table = first.table
    image, dose = table.images[number], table.dose_e_per_px[number]
    pixel_A = table.pixel_size_A[number]
    clean = next((one for row, one in shown if row.submission.name == "clean"), None)
    low, high = scale
    if clean is not None and image in clean.table.images:
        crop = clean.electrons(image)
        low, high = float(crop.min()), float(crop.max())
    return {
        "image": image,
        "facts": _facts(image, factors, FACTOR_TITLES),
        "words": [value for _, value in _facts(image, factors, _IN_WORDS)],
        "width": table.width_px,
        "height": table.height_px,
        "pixel": pixel_A,
        "dose": dose,
        "scale": list(scale),
        "window": _window(low, high, dose),
        # As in the panels: counts are white four standard deviations above the dose.
        "countsWindow": [0.0, dose + 4 * dose**0.5],
        "reach": MATCH_A / pixel_A,
        "ratios": _ratio_reach(clean or first, image),
    }


def _window(low: float, high: float, dose: float) -> list[float]:
    """Electrons per pixel that are shown as black and white; a blank crop in middle grey."""
    short = max(0.1 * dose - (high - low), 0.0) / 2
    return [float(f"{end:.5g}") for end in (low - short, high + short)]


def _ratio_reach(one: ShownImages, image: int) -> float:
    """Likelihood ratio, nat per pixel, of the deepest colour; 0 without any column."""
    columns = one.columns
    ratios = columns.loc[columns["image"] == image, "llr"].abs().dropna()
    return float(f"{ratios.quantile(_REACH_QUANTILE):.1g}") if len(ratios) else 0.0


def _facts(image: int, factors: pd.DataFrame, names: Iterable[str]) -> list[list[str]]:
    """Name and value of what is known of an image, in words."""
    found = factors.loc[factors["image"] == image, [name for name in names if name in factors]]
    facts = []
    for name, value in found.iloc[0].items() if len(found) else ():
        title, _, unit = FACTOR_TITLES[str(name)].partition(", ")
        if isinstance(value, str):
            facts.append([title, value])
        elif np.isfinite(value):
            # A degree sign follows its number at once.
            facts.append([title, f"{value:.3g}{'' if unit == '°' else ' '}{unit}".rstrip()])
    return [fact for fact in facts if fact[1]]


def _row(row: TableRow, first: ShownImages) -> dict[str, Any]:
    scores = row.submission.scores
    images, psnr = scores["image"].to_numpy(), scores[_PSNR].to_numpy()
    method = row.submission.description.method
    return {
        "name": row.submission.name,
        "title": method.title,
        "kind": method.kind,
        "rank": row.rank,
        "psnr": [_score(psnr[images == image]) for image in first.table.images],
        "shown": [_fits(row.submission.shown, first, image) for image in first.table.images],
    }


def _score(found: np.ndarray) -> float | str | None:
    """The score of an image, of which there is one or none."""
    return json_number(float(found[0])) if len(found) else None


def _fits(one: ShownImages | None, first: ShownImages, image: int) -> bool:
    """Whether a row shows the same crop of an image as the others."""
    if one is None or image not in one.table.images:
        return False
    places = [
        (t.left_px[at], t.top_px[at], t.width_px, t.height_px, t.pixel_size_A[at])
        for t in (one.table, first.table)
        for at in [t.images.index(image)]
    ]
    return places[0] == places[1]


def _crops(row: TableRow, one: ShownImages | None) -> dict[str, Any]:
    if one is None:
        return {"panel": _picture(row.submission.panel) if row.submission.panel else ""}
    table = one.table
    return {
        "images": table.images,
        "low": table.low_e_per_px,
        "high": table.high_e_per_px,
        "picture": _picture(one.png),
        "columns": one.csv,
    }


def _picture(png: bytes) -> str:
    """A checked PNG as an address of its own: scripts may read the pixels of no file."""
    return f"data:image/png;base64,{base64.b64encode(plain_png(png)).decode()}"
