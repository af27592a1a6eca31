"""A synthetic table whose rows show crops of three images, except one that has its panel alone."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
from PIL import Image
from site_tables import drawn_submissions
from synthetic import submission_of

from tembench.metrics import METRICS
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table
from tembench.ranking.untrusted import ShownImages, ShownTable

SIDE = 64
IMAGES = (100, 105, 112)
SCALE = (0.5, 1.5)
PIXEL_A, DOSE = 0.1, 1.0
WITHOUT = "median"
KINDS = ("matched", "missed", "invented", "removed")


def grey_of(name: str) -> np.ndarray:
    """The crops of a row, below each other: waves, with an error that differs between rows."""
    y, x = np.mgrid[: SIDE * len(IMAGES), :SIDE]
    waves = 128 + 60 * np.sin(x / 4 + y // SIDE) * np.cos(y / 5)
    if name == "noisy":
        return np.random.default_rng(3).poisson(1.0, x.shape).astype(np.uint8)
    error = np.random.default_rng(len(name)).normal(0, 0 if name == "clean" else 12, x.shape)
    return np.clip(np.rint(waves + error), 0, 255).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def shown_by(name: str, **changes: object) -> ShownImages:
    """Crops of a row; the first image has a matched column at (10, 12), and one of each kind."""
    low, high = (0.0, 255.0) if name == "noisy" else SCALE
    count = len(IMAGES)
    lines = [
        f"{IMAGES[0]},matched,10.00,12.00,0.02,1",
        *(
            f"{IMAGES[0]},{kind},{20 + 9 * at}.00,30.00,-0.01,0"
            for at, kind in enumerate(KINDS[:3])
        ),
        f"{IMAGES[0]},removed,50.00,50.00,,",
    ]
    table = ShownTable(
        images=IMAGES,
        left_px=(0,) * count,
        top_px=(0,) * count,
        low_e_per_px=(low,) * count,
        high_e_per_px=(high,) * count,
        pixel_size_A=(PIXEL_A,) * count,
        dose_e_per_px=(DOSE,) * count,
        width_px=SIDE,
        height_px=SIDE,
        png_sha256="0" * 64,
        csv_sha256="0" * 64,
    )
    csv = "\n".join(["image,kind,x_px,y_px,llr,called", *lines]) + "\n"
    return ShownImages(table=replace(table, **changes), png=png(grey_of(name)), csv=csv)


def clean_row(like: Submission) -> Submission:
    ideal = {
        name: metric.ideal
        for name, metric in METRICS.items()
        if metric.ideal is not None and not math.isnan(metric.ideal)
    }
    scores = like.scores.assign(**ideal)
    return submission_of("clean", scores, kind="control", given="clean", recipe="toy-draws")


def shown_table() -> Table:
    """The drawn table of the site's tests with an oracle, and with shown images."""
    rows = drawn_submissions()
    panel = png(np.tile(grey_of(WITHOUT)[:SIDE], (1, 4)))
    rows = [replace(row, panel=panel) for row in (*rows, clean_row(rows[0]))]
    return table_of_submissions(
        [row if row.name == WITHOUT else replace(row, shown=shown_by(row.name)) for row in rows]
    )
