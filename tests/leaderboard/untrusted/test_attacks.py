"""Hostile submissions and outputs: bounded, refused, marked."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import struct
import time
import tomllib
import tracemalloc
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leaderboard_fakes import FakeStore
from PIL import Image

from tembench.core.errors import OutputError, TableError
from tembench.core.files import put_in_place, read_toml, write_toml
from tembench.leaderboard.make_submission import submit
from tembench.leaderboard.render.captions import marks, notes
from tembench.leaderboard.render.table_formats import render_table
from tembench.leaderboard.scoring.output_reader import read_outputs
from tembench.leaderboard.submission import check_submission
from tembench.leaderboard.table import build_table
from tembench.leaderboard.untrusted.png_file import check_png, redrawn
from tembench.leaderboard.untrusted.run_info import CONTROLS
from tembench.leaderboard.untrusted.scores_csv import read_rows
from tembench.metrics import METRICS, versions
from tembench.recipe import load_recipe, recipe_id

COLUMNS = ["image", "model", *METRICS, "seconds"]
HEADING = (",".join(COLUMNS) + "\n").encode()
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def edit(submission: Path, table: str | None, **values: Any) -> None:
    content = tomllib.loads((submission / "submission.toml").read_text())
    (content if table is None else content[table]).update(values)
    write_toml(submission / "submission.toml", content)


def set_score(submission: Path, row: int, column: str, text: str) -> None:
    path = submission / "scores.csv"
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    lines[row][COLUMNS.index(column)] = text
    path.write_text("\n".join(",".join(line) for line in lines) + "\n")
    edit(submission, "scores", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def folder(submitted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(submitted, tmp_path / "all"))


def copy_as(folder: Path, name: str, copy: str) -> Path:
    path = Path(shutil.copytree(folder / name, folder / copy))
    edit(path, None, name=copy)
    edit(path, "method", name=copy, kind="classical", input="noisy")
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * (1 << 24),
        HEADING + b"\n" * (1 << 24),
        HEADING + b"," * (1 << 24),
        HEADING + b'"' * (1 << 24),
        HEADING + b"1" * (1 << 24),
        HEADING + b"1,m" + b",0" * (len(COLUMNS) - 2) + b"\n" * (1 << 24),
        HEADING + b'"\n' * (1 << 23),
        HEADING + b"a\n" * (1 << 23),
    ],
    ids=["lines", "rows", "commas", "quotes", "one line", "row and lines", "open", "short"],
)
def test_sixteen_megabytes_of_nothing_are_refused_at_once(content: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(OutputError) as caught:
        read_rows(content, Path("scores.csv"), versions(), 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("psnr_db", "5000"),
        ("umse", "-1e308"),
        ("umse", "-1e5"),
        ("umse_product", "-inf"),
        ("umse_paired", "-inf"),
        ("skill", "-1e300"),
        ("particle_skill", "-inf"),
        ("columns_missed", "1e308"),
        ("columns_invented", "inf"),
        ("mse", "1e308"),
        ("llr_columns", "inf"),
        ("llr_pixels", "1e5"),
        ("released_f1", "1e308"),
        ("vacuum_ripple", "1e308"),
        ("occupancy_error_atoms", "inf"),
        ("seconds", "1e308"),
        ("seconds", "inf"),
    ],
)
def test_a_score_beyond_any_image_is_refused_by_metric_range_and_image(
    submission: Path, column: str, text: str
) -> None:
    set_score(submission, 2, column, text)
    with pytest.raises(
        OutputError, match=rf"{column}: expected a number from .* to .* got"
    ) as told:
        check_submission(submission)
    assert "for image 3" in str(told.value)


def test_no_score_that_is_taken_overflows_in_the_table(folder: Path) -> None:
    for row in range(1, 11):
        for column, text in (("vacuum_ripple", "9e99"), ("occupancy_error_atoms", "9e99")):
            set_score(folder / "poor", row, column, text)
    assert len(build_table(folder, ranked_by="vacuum_ripple").rows) == 6


def test_costs_have_bounds_too(submission: Path) -> None:
    edit(submission, "run", seconds_per_image=1e308, peak_memory_MB=1e308, threads=2**62)
    with pytest.raises(OutputError, match="3 mistakes"):
        check_submission(submission)


def link_inside(outputs: Path) -> None:
    (outputs / "other").mkdir()
    place = outputs / "denoised.zarr" / "denoised" / "c" / "0"
    shutil.move(place, outputs / "other" / "0")
    place.symlink_to("../../../other/0")


def link_to_chunk(outputs: Path) -> None:
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "0" / "0" / "0"
    shutil.move(chunk, outputs / "chunk")
    chunk.symlink_to("../../../../../chunk")


@pytest.mark.parametrize("spoil", [link_inside, link_to_chunk])
def test_links_within_outputs_are_refused_before_anything_is_decoded(
    outputs: Path, store: FakeStore, spoil: Callable[[Path], None]
) -> None:
    spoil(outputs)
    with pytest.raises(OutputError, match=r"c/0.* is a link"):
        read_outputs(outputs, store)  # type: ignore[arg-type]


def test_a_pipe_in_a_submission_is_refused(submission: Path) -> None:
    (submission / "panel.png").unlink()
    os.mkfifo(submission / "panel.png")
    with pytest.raises(OutputError, match=r"panel.png is neither a file nor a folder"):
        check_submission(submission)


def test_a_known_recipe_has_its_own_name_and_version(submission: Path) -> None:
    known = load_recipe("quickstart")
    edit(submission, "data", recipe_id=recipe_id(known), version="9.9.9")
    with pytest.raises(OutputError, match=rf"expected quickstart {known.version}.*got tiny 9.9.9"):
        check_submission(submission)
    edit(submission, "data", recipe_id="0" * 64, recipe="quickstart", version=known.version)
    with pytest.raises(OutputError, match="has another recipe_id than 0000"):
        check_submission(submission)


@pytest.mark.parametrize("version", ["9.9.9 official", "1.0", "1.0.0\u200b"])
def test_a_version_is_three_numbers(submission: Path, version: str) -> None:
    edit(submission, "data", version=version)
    with pytest.raises(OutputError, match=r"data.version"):
        check_submission(submission)


def test_rows_agree_on_the_name_of_a_recipe_that_nobody_knows(folder: Path) -> None:
    edit(folder / "good", "data", version="9.9.9")
    with pytest.raises(TableError, match=r"recipes of .* differ.*9.9.9 \(good\)"):
        build_table(folder)


def test_controls_are_ours_alone(folder: Path) -> None:
    from tembench.methods.method import available_methods, load_method

    ours = [name for name in available_methods() if load_method(name).kind == "control"]
    assert sorted(ours) == sorted(CONTROLS)
    edit(folder / "good", "method", kind="control")
    with pytest.raises(OutputError, match=r"method.kind: controls are clean, noisy, vacuum"):
        check_submission(folder / "good")
    other = Path(shutil.copytree(folder / "clean", folder / "oracle"))
    edit(other, None, name="oracle")
    with pytest.raises(OutputError, match="got control 'clean' in 'oracle'"):
        check_submission(other)


def test_a_link_is_no_submission(folder: Path) -> None:
    (folder / "best").symlink_to("good")
    with pytest.raises(OutputError, match="best: is a link"):
        build_table(folder)


def test_the_truth_under_another_name_is_marked(folder: Path) -> None:
    copy_as(folder, "clean", "too-good")
    table = build_table(folder)
    row = next(row for row in table.rows if row.submission.name == "too-good")
    assert (row.is_as_clean, row.same_as, marks(row)) == (True, ("clean",), "§¶")
    assert not any(row.is_as_clean for row in table.rows if row.submission.name != "too-good")
    for form in ("terminal", "markdown", "html"):
        assert "As good as the clean image itself" in " ".join(render_table(table, form).split())


def test_a_copy_is_marked_even_if_it_is_changed_a_little(folder: Path) -> None:
    copy = copy_as(folder, "good", "mine")
    value = float(check_submission(copy).scores["psnr_db"][0])
    set_score(copy, 1, "psnr_db", repr(value + 5e-4))
    same = {row.submission.name: row.same_as for row in build_table(folder).rows if row.same_as}
    assert same == {"good": ("mine",), "mine": ("good",)}
    assert "good = mine" in " ".join(notes(build_table(folder)))


def test_honest_rows_have_no_mark(submitted: Path) -> None:
    assert not any(marks(row) for row in build_table(submitted).rows)


def png(mode: str = "L", size: tuple[int, int] = (8, 4), **options: Any) -> bytes:
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, format="PNG", **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def made(width: int, height: int, pixels: bytes, *more: bytes, depth: int = 8) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def animated() -> bytes:
    buffer = BytesIO()
    frames = [Image.new("L", (8, 4), shade) for shade in (0, 99)]
    frames[0].save(buffer, format="PNG", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


BAD_PNG = {
    "no pixels": b"\x89PNG\r\n\x1a\n" + png()[8:33] + chunk(b"IEND", b""),
    "checksum": png()[:-20] + bytes([png()[-20] ^ 1]) + png()[-19:],
    "bomb": made(8, 4, zlib.compress(bytes(1 << 27))),
    "large": made(4096, 4096, zlib.compress(bytes(4096 * 4097))),
    "wide": made(5000, 1, zlib.compress(bytes(5001))),
    "short": made(8, 4, zlib.compress(bytes(20))),
    "rubbish": made(8, 4, b"rubbish"),
    "depth": made(8, 4, zlib.compress(bytes(36)), depth=5),
    "animation": animated(),
    "trailing": png() + b"<script>",
    "cut": png()[:-5],
    "empty": b"",
    "other": b"GIF89a",
}


@pytest.mark.parametrize("case", BAD_PNG)
def test_a_panel_that_is_no_whole_picture_is_refused(case: str) -> None:
    with pytest.raises(OutputError, match="not a whole PNG file"):
        check_png(BAD_PNG[case], Path("panel.png"))


def test_a_panel_reaches_the_page_as_pixels_alone() -> None:
    data = made(8, 4, zlib.compress(bytes(36)), chunk(b"tEXt", b"Comment\0<script>"))
    check_png(data, Path("panel.png"))
    drawn = redrawn(data)
    assert b"script" not in drawn
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(drawn)) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))


UNSEEN = [
    "\u200b",
    "\u202e",
    "\u2066",
    "\u115f",
    "\u3164",
    "\ufe0f",
    "\U000e0101",
    "\u034f",
    "\x1b",
]


@pytest.mark.parametrize("sign", UNSEEN)
def test_invisible_characters_are_refused_in_every_text(submission: Path, sign: str) -> None:
    before = (submission / "submission.toml").read_bytes()
    for table, values in (
        ("method", {"title": f"a{sign}b"}),
        ("method", {"parameters": {"a": f"a{sign}b"}}),
        ("method", {"parameters": {f"a{sign}b": [1]}}),
        ("method", {"parameters": {"a": ["x", sign]}}),
        ("method", {"paper": {"title": sign}}),
        ("run", {"device": f"cpu{sign}"}),
    ):
        edit(submission, table, **values)
        with pytest.raises(OutputError, match="control characters or invisible ones"):
            check_submission(submission)
        (submission / "submission.toml").write_bytes(before)


def test_letters_with_towers_of_marks_are_refused(submission: Path) -> None:
    edit(submission, "method", title="Café")
    check_submission(submission)
    edit(submission, "method", title="a" + "\u0301" * 9)
    with pytest.raises(OutputError, match=r"method.title"):
        check_submission(submission)


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "＝1+1", "  ＋1", "－1", "＠SUM(1)", "@SUM(1)"])
def test_no_cell_of_the_csv_is_a_formula(folder: Path, text: str) -> None:
    edit(folder / "good", "method", title=text)
    rows = list(csv.DictReader(render_table(build_table(folder), "csv").splitlines()))
    assert f"'{text}" in [row["title"] for row in rows]


@pytest.mark.parametrize(
    "text", ["https://a.example", "WWW.a.example", "@someone", "a@b.example", "#12", "mailto:a"]
)
def test_nothing_in_markdown_becomes_a_link_or_a_mention(folder: Path, text: str) -> None:
    edit(folder / "good", "method", title=text)
    assert text not in render_table(build_table(folder), "markdown")


def test_two_submissions_of_one_name_come_one_after_the_other(scored: Path, tmp_path: Path) -> None:
    folder = tmp_path / "submissions"
    submit(scored / "good", "mine", folder)
    seen = []

    def once(_: int) -> Path:
        return submit(scored / "good", "mine", folder)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(once, i) for i in range(12)]
        while not all(job.done() for job in jobs):
            seen.append((folder / "mine" / "submission.toml").is_file())
            time.sleep(0.0005)
        assert {job.result() for job in jobs} == {folder / "mine"}
    assert all(seen)
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_a_folder_is_put_in_place_where_names_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tembench.core.files._exchanged", lambda first, second: False)
    new, old = tmp_path / "new", tmp_path / "old"
    for path in (new, old):
        path.mkdir()
        (path / path.name).touch()
    put_in_place(new, old)
    assert [path.name for path in old.iterdir()] == ["new"]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"k{i}." + ".".join("a" * 2000) + "=1" for i in range(60)),
        "x = { " + ".".join("a" * 6000) + "=1 }",
        " . ".join(['"a"'] * 3000) + "=1",
        ".".join([r'"\"a"'] * 3000) + "=1",
        "#" * (1 << 19),
    ],
    ids=["dotted", "inline", "quoted", "escaped", "large"],
)
def test_toml_that_takes_hours_is_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.toml"
    path.write_text(text)
    began = time.process_time()
    with pytest.raises(OutputError, match="is no plain description; expected"):
        read_toml(path, OutputError)
    assert time.process_time() - began < 2


@QUICK
@given(st.text(alphabet="\"\\'.a =[]{}\n\t#1", max_size=400))
def test_any_toml_is_read_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.toml"
    path.write_text(text)
    with suppress(OutputError):
        read_toml(path, OutputError)


CELLS = st.one_of(
    st.sampled_from(
        ["", "inf", "-inf", "nan", "1e308", "-1e308", "1e-320", "0", "1", "1_0", '"', "m"]
    ),
    st.floats().map(repr),
    st.text(max_size=8),
)


@QUICK
@given(st.data())
def test_any_scores_are_read_or_refused(submitted: Path, data: st.DataObject) -> None:
    lines = (submitted / "good" / "scores.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    for _ in range(data.draw(st.integers(1, 4))):
        row = cells[data.draw(st.integers(0, len(cells) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    content = "\n".join(",".join(row) for row in cells).encode("utf-8", "surrogatepass")
    with suppress(OutputError):
        read_rows(content, Path("scores.csv"), versions(), 10)


@QUICK
@given(st.data())
def test_any_panel_is_drawn_or_refused(data: st.DataObject) -> None:
    content = bytearray(png("P", (9, 7)))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    # Checksums put right, so that what they guard is reached too.
    place = 8
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        end = place + 8 + length
        if end + 4 > len(content):
            break
        content[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(content[place + 4 : end])))
        place = end + 4
    with suppress(OutputError):
        check_png(bytes(content), Path("panel.png"))
        redrawn(bytes(content))


def paths_into(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in nested tables and lists."""
    if not isinstance(value, dict | list):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(found for key, one in inner for found in paths_into(one, (*path, key)))]


JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.sampled_from([[], {}, [[]], "", "blosc", "gzip", "float64", "NaN", -1.5, 1e308]),
)


@QUICK
@given(st.data())
def test_any_metadata_of_an_array_are_read_or_refused(
    outputs: Path, store: FakeStore, data: st.DataObject
) -> None:
    file = (
        outputs / "denoised.zarr" / data.draw(st.sampled_from(["denoised", "image"])) / "zarr.json"
    )
    before = file.read_text()
    content = json.loads(before)
    place = data.draw(st.sampled_from([path for path in paths_into(content) if path]))
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = data.draw(JSON)
    file.write_text(json.dumps(content))
    try:
        with suppress(OutputError):
            checked = read_outputs(outputs, store)  # type: ignore[arg-type]
            checked.reader().denoised(int(checked.images[0]))
    finally:
        file.write_text(before)
