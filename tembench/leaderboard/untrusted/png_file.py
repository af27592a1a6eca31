"""An untrusted PNG: decoded within bounds before anyone looks at it, encoded again for the page.

Its chunks are read here, checksums and all, and what they unpack to is bounded by what the header
declares. Only pixels and their palette are taken: no text, no profile, no animation, nothing after
the end.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from tembench.core import OutputError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_SIDE_PX = 4096
_MOST_PX = 1 << 22
# Samples of a pixel by colour type: grey, colour, palette, grey and alpha, colour and alpha.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_HEADER = struct.Struct(">IIBBBBB")
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def check_png(data: bytes, where: Path) -> None:
    """Raise OutputError unless `data` is one whole PNG of a size fit for a page.

    Parameters
    ----------
    data : bytes
        The file.
    where : Path
        Its name, for messages.
    """
    try:
        _pixels(data)
    except _NoPicture as problem:
        raise OutputError(
            "not a whole PNG file",
            where=str(where),
            expected=f"one picture of at most {_LARGEST_SIDE_PX} px a side",
            got=str(problem),
            remedy="score the outputs again",
        ) from None


def redrawn(data: bytes) -> bytes:
    """The same pixels as a PNG of our own making; `data` has passed `check_png`."""
    from PIL import Image

    with Image.open(io.BytesIO(_stripped(data)), formats=["PNG"]) as picture:
        picture.load()
        buffer = io.BytesIO()
        # As `panel` writes its own, which so stay the same to the last byte.
        picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


class _NoPicture(Exception):
    """Why a file is no PNG that is taken."""


def _pixels(data: bytes) -> None:
    from PIL import Image, UnidentifiedImageError

    chunks = list(_chunks(data))
    size = _unpacked_size(chunks)
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(_joined(chunks, b"IDAT"), size + 1)
    except zlib.error as problem:
        raise _NoPicture(f"pixels that cannot be unpacked ({problem})") from None
    if len(unpacked) != size or unpacker.unused_data:
        got = "more" if len(unpacked) > size or unpacker.unused_data else f"{len(unpacked)}"
        raise _NoPicture(f"pixels of {got} bytes where the header declares {size}")
    try:
        with Image.open(io.BytesIO(_stripped(data)), formats=["PNG"]) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, struct.error, UnidentifiedImageError) as problem:
        raise _NoPicture(f"a picture that cannot be decoded ({problem})") from None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk; the last is IEND, with nothing behind it."""
    if data[: len(_SIGNATURE)] != _SIGNATURE:
        raise _NoPicture("another format")
    place = len(_SIGNATURE)
    name = b""
    while name != b"IEND":
        if len(data) < place + 12:
            raise _NoPicture("a file that ends before its picture")
        length = int.from_bytes(data[place : place + 4], "big")
        name, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        end = place + 8 + length
        if len(content) != length or len(data) < end + 4:
            raise _NoPicture("a file that ends before its picture")
        if zlib.crc32(name + content) != int.from_bytes(data[end : end + 4], "big"):
            raise _NoPicture(f"a wrong checksum of {name!r}")
        yield name, content
        place = end + 4
    if len(data) != place:
        raise _NoPicture(f"{len(data) - place} bytes behind its end")


def _unpacked_size(chunks: list[tuple[bytes, bytes]]) -> int:
    """Bytes that the pixels unpack to, by the header."""
    names = [name for name, _ in chunks]
    header = chunks[0][1]
    if names[0] != b"IHDR" or len(header) != _HEADER.size or names.count(b"IHDR") != 1:
        raise _NoPicture("a file without a header")
    if any(name in (b"acTL", b"fcTL", b"fdAT") for name in names):
        raise _NoPicture("an animation")
    width, height, depth, colour, packing, filtering, interlace = _HEADER.unpack(header)
    if not (0 < width <= _LARGEST_SIDE_PX and 0 < height <= _LARGEST_SIDE_PX):
        raise _NoPicture(f"{width} x {height} px")
    if width * height > _MOST_PX:
        raise _NoPicture(f"{width} x {height} px, more than {_MOST_PX} in all")
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or interlace:
        raise _NoPicture("a header that is not of a plain picture")
    if b"IDAT" not in names or (colour == 3 and b"PLTE" not in names):
        raise _NoPicture("no pixels")
    # A byte of the filter before each line.
    return int(height * (1 + -(-width * depth * _SAMPLES[colour] // 8)))


def _joined(chunks: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    return b"".join(content for other, content in chunks if other == name)


def _stripped(data: bytes) -> bytes:
    """The file without any chunk that its pixels do not need."""
    parts = [_SIGNATURE]
    for name, content in _chunks(data):
        if name in _NEEDED:
            checksum = zlib.crc32(name + content).to_bytes(4, "big")
            parts += [len(content).to_bytes(4, "big"), name, content, checksum]
    return b"".join(parts)
