"""Untrusted folders: no links, no pipes, TOML of bounded size and depth."""

from __future__ import annotations

import os
import shutil
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from PIL import Image
from ranking_fakes import FakeStore
from spoiled_outputs import assert_refused
from spoiled_submissions import QUICK

from tembench.core.errors import OutputError
from tembench.core.files import read_toml
from tembench.ranking.scoring.output_reader import read_outputs
from tembench.ranking.submission import check_submission


def nothing(outputs: Path) -> None:
    shutil.rmtree(outputs)


def no_toml(outputs: Path) -> None:
    (outputs / "outputs.toml").unlink()


def bad_toml(outputs: Path) -> None:
    (outputs / "outputs.toml").write_text("[method\n")


def link_out(outputs: Path) -> None:
    (outputs.parent / "secret").write_text("x")
    (outputs / "denoised.zarr" / "leak").symlink_to(outputs.parent / "secret")


def linked_folder(outputs: Path) -> None:
    target = outputs.parent / "elsewhere"
    shutil.move(outputs / "denoised.zarr", target)
    (outputs / "denoised.zarr").symlink_to(target)


def a_pipe(outputs: Path) -> None:
    os.mkfifo(outputs / "pipe")


def link_to_itself(outputs: Path) -> None:
    (outputs / "denoised.zarr" / "loop").symlink_to("loop")


def link_to_nothing(outputs: Path) -> None:
    (outputs / "denoised.zarr" / "gone").symlink_to("nowhere")


def append(outputs: Path, text: str) -> None:
    path = outputs / "outputs.toml"
    path.write_text(text + "\n" + path.read_text())


def long_key(outputs: Path) -> None:
    append(outputs, ".".join("a" * 5000) + " = 1")


def deep_table(outputs: Path) -> None:
    append(outputs, ".".join("a" * 1500) + " = 1")


def deep_list(outputs: Path) -> None:
    append(outputs, "a = " + "[" * 1500 + "]" * 1500)


def much_text(outputs: Path) -> None:
    append(outputs, "# nothing\n" * 40_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (no_toml, "not complete; expected outputs.toml"),
        (bad_toml, "outputs.toml: not valid TOML"),
        (link_out, "leak is a link that leads out of the folder"),
        (linked_folder, "denoised.zarr is a link that leads out"),
        (a_pipe, "pipe is neither a file nor a folder"),
        (link_to_itself, "loop is a link that leads out of the folder or nowhere"),
        (link_to_nothing, "gone is a link that leads out of the folder or nowhere"),
        (long_key, "lines of at most 4096 bytes"),
        (deep_table, "tables at most 16 deep"),
        (deep_list, "outputs.toml: nested too deeply"),
        (much_text, "at most 256 KiB"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_file_that_is_not_plain_is_refused(
    outputs: Path,
    store: FakeStore,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None],
    message: str,
) -> None:
    spoil(outputs)
    assert_refused(outputs, store, monkeypatch, message)


def link_inside(outputs: Path) -> None:
    (outputs / "other").mkdir()
    place = outputs / "denoised.zarr" / "denoised" / "c" / "0"
    shutil.move(place, outputs / "other" / "0")
    place.symlink_to("../../../other/0")


def link_to_chunk(outputs: Path) -> None:
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "0" / "0" / "0"
    shutil.move(chunk, outputs / "chunk")
    chunk.symlink_to("../../../../../chunk")


@pytest.mark.slow
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


def png(mode: str = "L", size: tuple[int, int] = (8, 4), **options: Any) -> bytes:
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, format="PNG", **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


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
def test_toml_that_takes_hours_to_parse_is_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.toml"
    path.write_text(text)
    began = time.process_time()
    with pytest.raises(OutputError, match="not a plain description; expected"):
        read_toml(path, OutputError)
    assert time.process_time() - began < 2


@pytest.mark.slow
@QUICK
@given(st.text(alphabet="\"\\'.a =[]{}\n\t#1", max_size=400))
def test_any_toml_is_read_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.toml"
    path.write_text(text)
    with suppress(OutputError):
        read_toml(path, OutputError)
