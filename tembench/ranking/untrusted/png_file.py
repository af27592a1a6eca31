"""Untrusted PNG files: unpacked within bounds, and encoded again for the page.

The chunks are read here and their checksums verified; the pixels must decompress to exactly what
the header declares, in lines that every decoder can restore, and colours must fit them. Only pixels
and palette are kept: no text, profile, animation or trailing bytes.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tembench.core import OutputError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_SIDE_PX = 4096
_MOST_PX = 1 << 22
# Samples per pixel by colour type: grey, colour, palette, grey and alpha, colour and alpha.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE, _GREY = 3, (0, 4)
# Bytes of the one colour that is transparent, where there is no palette.
_CLEAR = {0: 2, 2: 6}
_LAST_FILTER = 4
_HEADER = struct.Struct(">IIBBBBB")
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def check_png(data: bytes, where: Path) -> None:
    """Raise OutputError unless `data` is one complete PNG of a size fit for a page.

    Parameters
    ----------
    data : bytes
        Content of the file.
    where : Path
        Path of the file, named in messages.
    """
    try:
        _check_pixels(data)
    except _BadPicture as problem:
        raise OutputError(
            "not a complete PNG file",
            where=str(where),
            expected=f"one picture of at most {_LARGEST_SIDE_PX} px a side",
            got=str(problem),
            remedy="score the outputs again",
        ) from None


def redrawn(data: bytes) -> bytes:
    """The same pixels as a newly encoded PNG; `data` has passed `check_png`."""
    from PIL import Image

    with Image.open(io.BytesIO(plain_png(data)), formats=["PNG"]) as picture:
        picture.load()
        buffer = io.BytesIO()
        # Encoded as `draw_panel` does, so that its panels stay the same byte for byte.
        picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def plain_png(data: bytes) -> bytes:
    """The same pixels without text, profiles and all else; `data` has passed `check_png`."""
    return _stripped(_chunks(data))


class _BadPicture(Exception):
    """The reason why a PNG is refused."""


def _check_pixels(data: bytes) -> None:
    """Raise _BadPicture unless every decoder would find the pixels that the header declares."""
    chunks = list(_chunks(data))
    stride, height = _line_bytes(chunks)
    _check_order([name for name, _ in chunks])
    _check_colours(chunks)
    size, unpacker = stride * height, zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(_joined(chunks, b"IDAT"), size + 1)
    except zlib.error as problem:
        raise _BadPicture(f"pixels that cannot be unpacked ({problem})") from None
    if len(unpacked) != size or unpacker.unused_data or not unpacker.eof:
        got = "more" if len(unpacked) > size or unpacker.unused_data else f"{len(unpacked)}"
        raise _BadPicture(f"pixels of {got} bytes where the header declares {size}")
    if max(unpacked[::stride]) > _LAST_FILTER:
        raise _BadPicture(f"a line of pixels filtered by {max(unpacked[::stride])}")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk; the last one is IEND, at the end of the file."""
    if data[: len(_SIGNATURE)] != _SIGNATURE:
        raise _BadPicture("another format")
    position = len(_SIGNATURE)
    name = b""
    while name != b"IEND":
        if len(data) < position + 12:
            raise _BadPicture("a file that ends before its picture")
        length = int.from_bytes(data[position : position + 4], "big")
        name, content = (
            data[position + 4 : position + 8],
            data[position + 8 : position + 8 + length],
        )
        end = position + 8 + length
        if len(content) != length or len(data) < end + 4:
            raise _BadPicture("a file that ends before its picture")
        if zlib.crc32(name + content) != int.from_bytes(data[end : end + 4], "big"):
            raise _BadPicture(f"a wrong checksum of {name!r}")
        yield name, content
        position = end + 4
    if len(data) != position:
        raise _BadPicture(f"{len(data) - position} bytes after its end")


def _line_bytes(chunks: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Bytes of each decompressed line, and the number of lines, from the header."""
    names = [name for name, _ in chunks]
    header = chunks[0][1]
    if names[0] != b"IHDR" or len(header) != _HEADER.size or names.count(b"IHDR") != 1:
        raise _BadPicture("a file without a header")
    if any(name in (b"acTL", b"fcTL", b"fdAT") for name in names):
        raise _BadPicture("an animation")
    width, height, depth, colour, packing, filtering, interlace = _HEADER.unpack(header)
    if not (0 < width <= _LARGEST_SIDE_PX and 0 < height <= _LARGEST_SIDE_PX):
        raise _BadPicture(f"{width} x {height} px")
    if width * height > _MOST_PX:
        raise _BadPicture(f"{width} x {height} px, more than {_MOST_PX} in all")
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or interlace:
        raise _BadPicture("a header that is not of a plain picture")
    # One filter byte before each line.
    return 1 + -(-width * depth * _SAMPLES[colour] // 8), height


def _check_order(names: list[bytes]) -> None:
    """Palette, transparency and pixels in this order, and all pixels in a row."""
    order, pixels = [name for name in names if name in _NEEDED], names.count(b"IDAT")
    if not pixels:
        raise _BadPicture("no pixels")
    if order != sorted(order, key=_NEEDED.index) or len({*order}) + pixels - 1 != len(order):
        raise _BadPicture("colours in the wrong place")
    first = names.index(b"IDAT")
    if names[first : first + pixels] != [b"IDAT"] * pixels:
        raise _BadPicture("pixels in several places")


def _check_colours(chunks: list[tuple[bytes, bytes]]) -> None:
    """A palette and a transparency that fit the type of colour."""
    depth, colour = chunks[0][1][8:10]
    names = [name for name, _ in chunks]
    colours, left_over = divmod(len(_joined(chunks, b"PLTE")), 3)
    if b"PLTE" not in names and colour == _PALETTE:
        raise _BadPicture("no palette")
    if b"PLTE" in names and (
        left_over
        or colour in _GREY
        or not 1 <= colours <= (1 << depth if colour == _PALETTE else 256)
    ):
        raise _BadPicture("a palette that does not fit the pixels")
    if b"tRNS" in names:
        found = len(_joined(chunks, b"tRNS"))
        fits = 1 <= found <= colours if colour == _PALETTE else found == _CLEAR.get(colour)
        if not fits:
            raise _BadPicture("a transparency that does not fit the pixels")


def _joined(chunks: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    return b"".join(content for other, content in chunks if other == name)


def _stripped(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A file of the chunks that its pixels need."""
    parts = [_SIGNATURE]
    for name, content in chunks:
        if name in _NEEDED:
            checksum = zlib.crc32(name + content).to_bytes(4, "big")
            parts += [len(content).to_bytes(4, "big"), name, content, checksum]
    return b"".join(parts)
