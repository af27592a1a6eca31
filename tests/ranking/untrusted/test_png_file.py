"""Untrusted PNG files: one complete picture, encoded again for the page."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tembench.core.errors import OutputError
from tembench.ranking.untrusted.png_file import check_png, plain_png, redrawn


def png(mode: str = "L", size: tuple[int, int] = (8, 4), **options: Any) -> bytes:
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, format="PNG", **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def made(
    width: int, height: int, pixels: bytes, *more: bytes, depth: int = 8, colour: int = 0
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def animated() -> bytes:
    buffer = BytesIO()
    frames = [Image.new("L", (8, 4), shade) for shade in (0, 99)]
    frames[0].save(buffer, format="PNG", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


LINES = zlib.compress(bytes(36))
PALETTE, CLEAR = chunk(b"PLTE", bytes(6)), chunk(b"tRNS", bytes(2))
BAD_PNG = {
    "no pixels": b"\x89PNG\r\n\x1a\n" + png()[8:33] + chunk(b"IEND", b""),
    "checksum": png()[:-20] + bytes([png()[-20] ^ 1]) + png()[-19:],
    "bomb": made(8, 4, zlib.compress(bytes(1 << 27), 1)),
    "large": made(4096, 4096, zlib.compress(bytes(4096 * 4097), 1)),
    "wide": made(5000, 1, zlib.compress(bytes(5001))),
    "short": made(8, 4, zlib.compress(bytes(20))),
    "rubbish": made(8, 4, b"rubbish"),
    "depth": made(8, 4, zlib.compress(bytes(36)), depth=5),
    "filter": made(8, 4, zlib.compress(bytes(27) + bytes([5]) + bytes(8))),
    "unended": made(8, 4, LINES[:-4]),
    "no palette": made(8, 4, LINES, colour=3),
    "palette of grey": made(8, 4, LINES, PALETTE),
    "half a colour": made(8, 4, LINES, chunk(b"PLTE", bytes(7)), colour=3),
    "colours too many": made(
        8, 4, zlib.compress(bytes(8)), chunk(b"PLTE", bytes(9)), depth=1, colour=3
    ),
    "more clear colours than colours": made(
        8, 4, LINES, PALETTE, chunk(b"tRNS", bytes(3)), colour=3
    ),
    "half a clear grey": made(8, 4, LINES, chunk(b"tRNS", bytes(1))),
    "clear before colours": made(8, 4, LINES, CLEAR, PALETTE, colour=3),
    "two palettes": made(8, 4, LINES, PALETTE, PALETTE, colour=3),
    "text between pixels": made(
        8, 4, LINES[:9], chunk(b"IDAT", LINES[9:]), chunk(b"tEXt", b"a\0b")
    ),
    "animation": animated(),
    "trailing": png() + b"<script>",
    "cut": png()[:-5],
    "empty": b"",
    "other": b"GIF89a",
}


@pytest.mark.parametrize("case", BAD_PNG)
def test_a_panel_that_is_not_a_complete_picture_is_refused(case: str) -> None:
    with pytest.raises(OutputError, match="not a complete PNG file"):
        check_png(BAD_PNG[case], Path("panel.png"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "I;16"])
def test_pictures_of_all_kinds_are_read(mode: str) -> None:
    check_png(png(mode), Path("panel.png"))
    check_png(png(mode, optimize=True), Path("panel.png"))


def test_colours_and_what_is_clear_of_them_are_read() -> None:
    for more, colour in ((PALETTE + CLEAR, 3), (CLEAR, 0), (PALETTE, 3)):
        check_png(made(8, 4, LINES, more, colour=colour), Path("panel.png"))


def test_a_panel_reaches_the_page_as_pixels_alone() -> None:
    data = made(8, 4, zlib.compress(bytes(36)), chunk(b"tEXt", b"Comment\0<script>"))
    check_png(data, Path("panel.png"))
    for made_again in (redrawn(data), plain_png(data)):
        assert b"script" not in made_again
        with Image.open(BytesIO(data)) as before, Image.open(BytesIO(made_again)) as after:
            assert np.array_equal(np.asarray(before), np.asarray(after))
