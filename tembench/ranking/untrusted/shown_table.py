"""Table ``[shown]`` of a submission: which crops ``shown.png`` has, and their scales."""

from __future__ import annotations

from dataclasses import dataclass

from tembench.core import Reader

_MOST_IMAGES = 16
_LARGEST_SIDE_PX = 256
_LAST_IMAGE = 10**9
# No image has so many pixels a side, electrons a pixel, or so large pixels.
_FARTHEST_PX, _MOST_E_PER_PX, _LARGEST_PIXEL_A = 1 << 16, 1e6, 100.0
_LEAST = 1e-6
_SHA256 = r"[0-9a-f]{64}"


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """The table ``[shown]``; every list has one entry per image.

    Attributes
    ----------
    images : tuple of int
        Numbers of the images in the store, in the order of the crops.
    left_px, top_px : tuple of int
        Corner of the crop in the image.
    low_e_per_px, high_e_per_px : tuple of float
        Electrons per pixel of black and of white; pixels beyond them are black and white.
    pixel_size_A, dose_e_per_px : tuple of float
        Sampling, and expected electrons per pixel in vacuum.
    width_px, height_px : int
        Size of each crop.
    png_sha256, csv_sha256 : str
        SHA-256 of the two files.
    """

    images: tuple[int, ...]
    left_px: tuple[int, ...]
    top_px: tuple[int, ...]
    low_e_per_px: tuple[float, ...]
    high_e_per_px: tuple[float, ...]
    pixel_size_A: tuple[float, ...]
    dose_e_per_px: tuple[float, ...]
    width_px: int
    height_px: int
    png_sha256: str
    csv_sha256: str


def read_shown_table(reader: Reader) -> ShownTable | None:
    """Read ``[shown]`` from the top level of a file; None where it has none.

    Parameters
    ----------
    reader : Reader
        Of the whole file; mistakes are noted there.
    """
    if not reader.has("shown"):
        return None
    shown = reader.table("shown")
    before = len(reader.problems)
    images = shown.integers("images", at_least=0, at_most=_LAST_IMAGE)
    if not 1 <= len(images) <= _MOST_IMAGES or len(set(images)) < len(images):
        shown.problem(
            "images", f"expected 1 to {_MOST_IMAGES} different images, got {images!r:.60}"
        )
    count = len(images)

    def corner(key: str) -> tuple[int, ...]:
        return shown.integers(key, length=count, at_least=0, at_most=_FARTHEST_PX)

    def electrons(key: str, least: float) -> tuple[float, ...]:
        return shown.numbers(key, length=count, at_least=least, at_most=_MOST_E_PER_PX)

    table = ShownTable(
        images=images,
        left_px=corner("left_px"),
        top_px=corner("top_px"),
        low_e_per_px=electrons("low_e_per_px", -_MOST_E_PER_PX),
        high_e_per_px=electrons("high_e_per_px", -_MOST_E_PER_PX),
        pixel_size_A=shown.numbers(
            "pixel_size_A", length=count, at_least=_LEAST, at_most=_LARGEST_PIXEL_A
        ),
        dose_e_per_px=electrons("dose_e_per_px", _LEAST),
        width_px=shown.integer("width_px", at_least=1, at_most=_LARGEST_SIDE_PX),
        height_px=shown.integer("height_px", at_least=1, at_most=_LARGEST_SIDE_PX),
        png_sha256=shown.text("png_sha256", pattern=_SHA256),
        csv_sha256=shown.text("csv_sha256", pattern=_SHA256),
    )
    shown.finish()
    pairs = zip(table.low_e_per_px, table.high_e_per_px, strict=False)
    if len(reader.problems) == before and not all(low < high for low, high in pairs):
        shown.problem("high_e_per_px", "expected more than low_e_per_px for every image")
    return table
