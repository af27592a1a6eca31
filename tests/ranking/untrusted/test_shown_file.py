"""Shown images of a submission are data: whole, as recorded and within bounds, or refused."""

from __future__ import annotations

import hashlib
import io
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image
from spoiled_submissions import QUICK, edit

from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.core.toml_reader import Reader
from tembench.ranking.submission import check_submission
from tembench.ranking.untrusted.shown_file import (
    MOST_SHOWN_COLUMNS,
    SHOWN_CSV,
    SHOWN_PNG,
    read_shown_files,
)
from tembench.ranking.untrusted.shown_table import read_shown_table

HEADING = "image,kind,x_px,y_px,llr,called\n"
IMAGE = 4


def table_of(submission: Path) -> dict[str, Any]:
    return tomllib.loads((submission / "submission.toml").read_text())["shown"]


def set_csv(submission: Path, text: str) -> None:
    (submission / SHOWN_CSV).write_text(text, newline="")
    edit(submission, "shown", csv_sha256=hashlib.sha256(text.encode()).hexdigest())


def set_png(submission: Path, data: bytes) -> None:
    (submission / SHOWN_PNG).write_bytes(data)
    edit(submission, "shown", png_sha256=hashlib.sha256(data).hexdigest())


def picture(shape: tuple[int, ...], dtype: type = np.uint8) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros(shape, dtype=dtype)).save(buffer, format="PNG")
    return buffer.getvalue()


def shown(**values: Any) -> Callable[[Path], None]:
    return lambda submission: edit(submission, "shown", **values)


def line(text: str) -> Callable[[Path], None]:
    return lambda submission: set_csv(submission, HEADING + text + "\n")


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no picture": (lambda s: (s / SHOWN_PNG).unlink(), r"incomplete.*\[shown\] and shown.csv"),
    "no columns": (lambda s: (s / SHOWN_CSV).unlink(), "incomplete"),
    "other picture": (lambda s: (s / SHOWN_PNG).write_bytes(picture((9, 9))), "differs from the"),
    "other columns": (lambda s: (s / SHOWN_CSV).write_text(HEADING), "differs from the file"),
    "size": (lambda s: set_png(s, picture((72, 72))), "another picture.*expected 72 x 360 px"),
    "colour": (lambda s: set_png(s, picture((360, 72, 3))), "another picture.*colour type 2"),
    "depth": (lambda s: set_png(s, picture((360, 72), np.uint16)), "another picture.*16 bits"),
    "no png": (lambda s: set_png(s, b"<svg/>"), "not a complete PNG file"),
    "list too long": (shown(left_px=[0] * 6), r"shown.left_px: expected 5 values, got 6"),
    "no images": (shown(images=[]), "shown.images: expected 1 to 16 different images"),
    "many images": (shown(images=list(range(17))), "shown.images: expected 1 to 16"),
    "image twice": (shown(images=[4] * 5), "shown.images: expected 1 to 16 different"),
    "image not scored": (shown(images=[4, 5, 6, 7, 99]), "shows image 99, which it has no scores"),
    "inverted": (shown(low_e_per_px=[9.0] * 5), "high_e_per_px: expected more than low"),
    "infinite": (shown(high_e_per_px=[float("inf")] * 5), "expected a finite number"),
    "no pixel": (shown(pixel_size_A=[0.0] * 5), r"shown.pixel_size_A\[0\]"),
    "no dose": (shown(dose_e_per_px=[-1.0] * 5), r"shown.dose_e_per_px\[0\]"),
    "tall": (shown(height_px=4000), "shown.height_px: expected at most 256, got 4000"),
    "corner": (shown(top_px=[-1] * 5), r"shown.top_px\[0\]: expected at least 0"),
    "unknown key": (shown(title="x"), "shown.title: unknown key"),
    "not a table": (lambda s: edit(s, None, shown=[1]), "shown: expected a table"),
    "heading": (lambda s: set_csv(s, "a,b\n"), "expected the columns image,kind"),
    "empty": (lambda s: set_csv(s, ""), "expected the columns image,kind"),
    "cut": (lambda s: set_csv(s, HEADING[:-1]), "the last line has no end"),
    "kind": (line("4,great,1.00,1.00,0.1,1"), "line 2: expected a column of an image"),
    "outside": (line("4,missed,71.50,1.00,0.1,1"), "line 2: 71.5, 1 px is outside"),
    "negative": (line("4,missed,-1.00,1.00,0.1,1"), "line 2: expected a column"),
    "other image": (line("3,missed,1.00,1.00,0.1,1"), "line 2: image 3 is not among those shown"),
    "formula": (line("=1+1,missed,1.00,1.00,0.1,1"), "line 2: expected a column"),
    "nan": (line("4,missed,1.00,1.00,nan,1"), "line 2: expected a column"),
    "called by decree": (line("4,missed,1.00,1.00,-0.1,1"), "line 2: called significant at -0.1"),
    "removed and called": (line("4,removed,1.00,1.00,0.1,1"), "line 2: expected a column"),
    "carriage return": (line("4,missed,1.00,1.00,0.1,1\r"), "line 2: expected a column"),
    "mistakes together": (line("x\n4,missed,99.00,1.00,0.1,1"), "2 mistakes: line 2.*line 3"),
    "crowd": (
        lambda s: set_csv(s, HEADING + "4,missed,1.00,1.00,0.1,1\n" * (MOST_SHOWN_COLUMNS + 1)),
        "image 4 has more than 2000 columns",
    ),
}


def test_shown_images_read_back(scored: Path, submitted: Path) -> None:
    found = check_submission(submitted / "good").shown
    assert found is not None
    assert found.table.images[0] == IMAGE
    assert found.png == (scored / "good" / SHOWN_PNG).read_bytes()
    assert set(found.columns["kind"]) <= {"matched", "missed", "invented", "removed"}
    assert found.electrons(IMAGE).shape == (found.table.height_px, found.table.width_px)


def test_a_submission_may_lack_them(submission: Path) -> None:
    for name in (SHOWN_PNG, SHOWN_CSV):
        (submission / name).unlink()
    content = tomllib.loads((submission / "submission.toml").read_text())
    del content["shown"]
    write_toml(submission / "submission.toml", content)
    assert check_submission(submission).shown is None


@pytest.mark.parametrize("case", BAD)
def test_rules_of_shown_images(submission: Path, case: str) -> None:
    spoil, message = BAD[case]
    spoil(submission)
    with pytest.raises(OutputError, match=message) as caught:
        check_submission(submission)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@QUICK
@given(data=st.data())
def test_any_columns_are_read_or_refused(submitted: Path, tmp_path: Path, data: Any) -> None:
    folder = tmp_path / "mine"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(submitted / "good", folder)
    content = bytearray((folder / SHOWN_CSV).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / SHOWN_CSV).write_bytes(content)
    recorded = table_of(folder) | {"csv_sha256": hashlib.sha256(content).hexdigest()}
    table = read_shown_table(Reader({"shown": recorded}))
    found, errors = read_shown_files(folder, table, recorded["images"])
    if found is None:
        assert all("shown.csv" in str(error) for error in errors)
    else:
        assert found.columns["x_px"].between(0, 71).all()
