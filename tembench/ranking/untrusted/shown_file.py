"""Shown images of a submission: the strict reader of ``shown.png`` and ``shown.csv``.

A submission may carry crops of a few fixed images as its method denoised them, for the image viewer
of the site. The table ``[shown]`` of ``submission.toml`` says which; ``shown.png`` has the crops
below each other in 8 bits of grey, and ``shown.csv`` the columns in them:
``image,kind,x_px,y_px,llr,called``.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, together
from tembench.ranking.untrusted import (
    MOST_PROBLEMS_SHOWN,
    ShownTable,
    check_png,
    plain_png,
    read_bounded,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SHOWN_PNG = "shown.png"
SHOWN_CSV = "shown.csv"
SHOWN_COLUMNS = ("image", "kind", "x_px", "y_px", "llr", "called")
MOST_SHOWN_COLUMNS = 2000
"""Columns of one image that may be listed."""
SHOWN_LIMIT = 1 << 21
"""Bytes of either file: 16 crops of noise, or the most columns in all of them, have less."""
_REMEDY = "score the outputs again"
_LENGTH = r"[0-9]{1,3}\.[0-9]{2}"
_RATIO = r"-?[0-9]{1,5}(?:\.[0-9]{1,9})?(?:e[+-][0-9]{2})?"
_LINE = re.compile(
    rf"(0|[1-9][0-9]{{0,8}}),(?:(matched|missed|invented),({_LENGTH}),({_LENGTH}),({_RATIO}),([01])"
    rf"|(removed),({_LENGTH}),({_LENGTH}),,)",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownImages:
    """Crops of a few images as a method denoised them, and the columns in them.

    Attributes
    ----------
    table : ShownTable
        Images, places of the crops and scales of grey.
    png : bytes
        The crops below each other, 8 bits of grey.
    csv : str
        Content of ``shown.csv``, checked line by line.
    """

    table: ShownTable
    png: bytes
    csv: str

    @functools.cached_property
    def columns(self) -> pd.DataFrame:
        """Columns in the crops, one a row.

        ``image``; ``kind``: matched, missed, invented or removed; ``x_px``, ``y_px`` in the crop;
        ``llr``: likelihood ratio in nat per pixel, NaN for a removed column; ``called``: whether it
        is significant. No rows for a sealed test.
        """
        import pandas as pd

        found = pd.read_csv(io.StringIO(self.csv))
        return found.assign(called=found["called"] == 1)

    def electrons(self, image: int) -> np.ndarray:
        """Crop of an image in electrons per pixel, float32 (y, x), in 255 steps from low to high.

        Parameters
        ----------
        image : int
            One of ``table.images``.
        """
        import numpy as np
        from PIL import Image

        table, number = self.table, self.table.images.index(image)
        with Image.open(io.BytesIO(self.png), formats=["PNG"]) as picture:
            grey = np.asarray(picture, dtype=np.float32)
        crop = grey[number * table.height_px : (number + 1) * table.height_px]
        low, high = table.low_e_per_px[number], table.high_e_per_px[number]
        return np.asarray(low + crop * ((high - low) / 255), dtype=np.float32)


def read_shown_files(
    folder: Path, table: ShownTable | None, images: Sequence[int]
) -> tuple[ShownImages | None, list[OutputError]]:
    """Read the two files that ``[shown]`` describes, and check everything.

    Parameters
    ----------
    folder : Path
        Folder of the submission.
    table : ShownTable or None
        From `read_shown_table`.
    images : sequence of int
        Images that the submission has scores of.

    Returns
    -------
    shown : ShownImages or None
        None where there is neither the table nor a file, or anything is wrong.
    errors : list of OutputError
        A file without the table, or the table without a file; images without scores; another file
        than was written; a picture of another size or kind; columns that are not as `SHOWN_COLUMNS`
        describes them.
    """
    present = [name for name in (SHOWN_PNG, SHOWN_CSV) if (folder / name).exists()]
    if table is None and not present:
        return None, []
    if table is None or len(present) < 2:
        has = [*(["the table [shown]"] if table else []), *present]
        return None, [
            OutputError(
                "its shown images are incomplete",
                where=str(folder),
                expected=f"the table [shown], {SHOWN_PNG} and {SHOWN_CSV}, or none of them",
                got=" and ".join(has),
                remedy=_REMEDY,
            )
        ]
    errors: list[OutputError] = []
    unscored = sorted(set(table.images) - set(images))
    if unscored:
        what = f"it shows image {unscored[0]}, which it has no scores of"
        errors.append(OutputError(what, where=str(folder), remedy=_REMEDY))
    found = {}
    for name, digest, check in (
        (SHOWN_PNG, table.png_sha256, _check_picture),
        (SHOWN_CSV, table.csv_sha256, _check_columns),
    ):
        try:
            found[name] = _recorded(folder / name, digest)
            check(found[name], folder / name, table)
        except OutputError as error:
            errors.append(error)
    if errors:
        return None, errors
    # Text and profiles beside the pixels may unpack to anything.
    png, csv = plain_png(found[SHOWN_PNG]), found[SHOWN_CSV].decode()
    return ShownImages(table=table, png=png, csv=csv), []


def _recorded(path: Path, expected: str) -> bytes:
    """Content of a file whose SHA-256 was recorded."""
    data = read_bounded(path, SHOWN_LIMIT, _REMEDY)
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise OutputError(
            "differs from the file that was submitted",
            where=str(path),
            expected=f"sha256 {expected}",
            got=found,
            remedy=_REMEDY,
        )
    return data


def _check_picture(data: bytes, path: Path, table: ShownTable) -> None:
    check_png(data, path)
    # A complete PNG begins with its header.
    found = struct.unpack(">IIBB", data[16:26])
    expected = (table.width_px, len(table.images) * table.height_px, 8, 0)
    if found != expected:
        width, height, depth, colour = found
        raise OutputError(
            "another picture than [shown] describes",
            where=str(path),
            expected=f"{expected[0]} x {expected[1]} px in 8 bits of grey",
            got=f"{width} x {height} px, {depth} bits a sample, colour type {colour}",
            remedy=_REMEDY,
        )


def _check_columns(data: bytes, path: Path, table: ShownTable) -> None:
    heading, *lines = data.decode("utf-8", "replace").split("\n")
    problems: list[str] = []
    if heading != ",".join(SHOWN_COLUMNS):
        problems.append(f"expected the columns {','.join(SHOWN_COLUMNS)}")
    elif not lines or lines.pop():
        problems.append("the last line has no end")
    else:
        found = Counter(_checked_image(n, line, table, problems) for n, line in enumerate(lines, 2))
        problems += [
            f"image {image} has more than {MOST_SHOWN_COLUMNS} columns"
            for image, count in found.items()
            if image and count > MOST_SHOWN_COLUMNS
        ]
    if problems:
        shown = together(problems, MOST_PROBLEMS_SHOWN)
        raise OutputError(shown, where=str(path), remedy=_REMEDY)


def _checked_image(number: int, line: str, table: ShownTable, problems: list[str]) -> str:
    """Image of a line; empty where the line has a mistake, which is noted in `problems`."""
    found = _LINE.fullmatch(line)
    if found is None:
        problems.append(f"line {number}: expected a column of an image, got {line[:60]!r}")
        return ""
    image, _, x, y, ratio, called, _, removed_x, removed_y = found.groups()
    x_px, y_px = float(x or removed_x), float(y or removed_y)
    wrong = ""
    if int(image) not in table.images:
        wrong = f"image {image} is not among those shown"
    elif x_px > table.width_px - 1 or y_px > table.height_px - 1:
        wrong = f"{x_px:g}, {y_px:g} px is outside of the crop"
    elif called == "1" and not float(ratio) > 0:
        wrong = f"called significant at {ratio} nat"
    if wrong:
        problems.append(f"line {number}: {wrong}")
    return "" if wrong else image
