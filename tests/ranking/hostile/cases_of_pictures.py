"""Hostile ``panel.png``: bombs, other formats, and what lies beside the pixels."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

from hostile_case import submission_case
from PIL import Image
from spoiled_submissions import edit

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with its length and its checksum."""
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png(width: int, height: int, *parts: bytes, colour: int = 0, depth: int = 8) -> bytes:
    """A file of these chunks behind a header."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), *parts, png_chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


_PIXELS = png_chunk(b"IDAT", zlib.compress(bytes(36)))


def _picture(submission: Path, content: bytes) -> None:
    (submission / "panel.png").write_bytes(content)


@submission_case(refused="got 2147483647 x 2147483647 px")
def picture_of_two_billion_pixels_a_side(submission: Path) -> None:
    """A header of 2^31 - 1 by 2^31 - 1 pixels."""
    _picture(submission, png(2**31 - 1, 2**31 - 1, _PIXELS))


@submission_case(refused="got 4096 x 4096 px, more than 4194304 in all")
def picture_of_sixteen_million_pixels(submission: Path) -> None:
    """16 million pixels in 16 kB."""
    pixels = zlib.compress(bytes(4096 * 4097), 9)
    _picture(submission, png(4096, 4096, png_chunk(b"IDAT", pixels)))


@submission_case(refused="got 0 x 4 px")
def picture_of_no_pixels(submission: Path) -> None:
    """A width of zero."""
    _picture(submission, png(0, 4, _PIXELS))


@submission_case(refused="pixels of more bytes where the header declares 36")
def pixels_that_unpack_to_megabytes(submission: Path) -> None:
    """32 pixels that unpack to 128 MB."""
    _picture(submission, png(8, 4, png_chunk(b"IDAT", zlib.compress(bytes(1 << 27), 1))))


@submission_case(refused="a wrong checksum of b'IDAT'")
def picture_with_a_wrong_checksum(submission: Path) -> None:
    """A checksum that does not fit the pixels."""
    content = bytearray(png(8, 4, _PIXELS))
    content[-17] ^= 1
    _picture(submission, bytes(content))


@submission_case(refused="8 bytes after its end")
def script_after_the_picture(submission: Path) -> None:
    """A script after the end: one file that is a picture and a page."""
    _picture(submission, png(8, 4, _PIXELS) + b"<script>")


@submission_case()
def script_in_a_comment_of_the_picture(submission: Path) -> None:
    """A script in a comment, which no page gets."""
    _picture(submission, png(8, 4, png_chunk(b"tEXt", b"Comment\0<script>"), _PIXELS))


@submission_case()
def comment_that_unpacks_to_megabytes(submission: Path) -> None:
    """A comment and a profile that unpack to 128 MB each; nobody unpacks them."""
    packed = zlib.compress(bytes(1 << 27), 1)
    comment = png_chunk(b"zTXt", b"Comment\0\0" + packed)
    profile = png_chunk(b"iCCP", b"profile\0\0" + packed)
    _picture(submission, png(8, 4, comment, profile, _PIXELS))


def _shown(submission: Path, *chunks: bytes) -> None:
    """Put chunks behind the header of the shown images, with a digest that fits."""
    path = submission / "shown.png"
    content = path.read_bytes()
    content = content[:33] + b"".join(chunks) + content[33:]
    path.write_bytes(content)
    edit(submission, "shown", png_sha256=hashlib.sha256(content).hexdigest())


@submission_case()
def comment_of_shown_images_that_unpacks(submission: Path) -> None:
    """Shown images with a comment and a profile that unpack to 128 MB each."""
    packed = zlib.compress(bytes(1 << 27), 1)
    comment = png_chunk(b"zTXt", b"Comment\0\0" + packed)
    _shown(submission, comment, png_chunk(b"iCCP", b"profile\0\0" + packed))


@submission_case(refused="differs from the file that was submitted")
def shown_images_of_another(submission: Path) -> None:
    """Shown images of another submission."""
    other = submission.parent / "twin" / "shown.png"
    (submission / "shown.png").write_bytes(other.read_bytes())


@submission_case(refused="got an animation")
def animation(submission: Path) -> None:
    """An animation."""
    frames = [Image.new("L", (8, 4), shade) for shade in (0, 99)]
    buffer = io.BytesIO()
    frames[0].save(buffer, format="PNG", save_all=True, append_images=frames[1:])
    _picture(submission, buffer.getvalue())


@submission_case(refused="got another format")
def drawing_named_as_a_picture(submission: Path) -> None:
    """An SVG with a script."""
    _picture(submission, b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')


@submission_case(refused="got another format")
def picture_of_another_format(submission: Path) -> None:
    """A TIFF."""
    buffer = io.BytesIO()
    Image.new("L", (8, 4)).save(buffer, format="TIFF")
    _picture(submission, buffer.getvalue())


@submission_case(refused="a file that ends before its picture")
def half_a_picture(submission: Path) -> None:
    """A file that ends early."""
    _picture(submission, png(8, 4, _PIXELS)[:-20])


@submission_case(refused="a file that ends before its picture")
def chunk_longer_than_the_file(submission: Path) -> None:
    """A chunk that says that it has 4 GB."""
    _picture(submission, SIGNATURE + struct.pack(">I", 2**32 - 1) + b"IHDR" + bytes(20))


@submission_case(refused="pixels of 0 bytes where the header declares 36|cannot be unpacked")
def hundreds_of_thousands_of_chunks(submission: Path) -> None:
    """300,000 empty chunks."""
    _picture(submission, png(8, 4, png_chunk(b"IDAT", b"") * 300_000))


@submission_case(refused="a file without a header")
def two_headers(submission: Path) -> None:
    """Two headers of different sizes."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    _picture(submission, png(8, 4, png_chunk(b"IHDR", header), _PIXELS))


@submission_case(refused="got no palette")
def colours_without_a_palette(submission: Path) -> None:
    """Numbers of colours without the palette that they are of."""
    _picture(submission, png(8, 4, _PIXELS, colour=3))


@submission_case(refused="a header that is not of a plain picture")
def depth_that_there_is_not(submission: Path) -> None:
    """5 bits a pixel."""
    _picture(submission, png(8, 4, _PIXELS, depth=5))
