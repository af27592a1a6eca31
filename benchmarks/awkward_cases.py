"""Awkward image files of one known image, for ``awkward_files.py``: how each is written and judged.

Every case has a writer, the options given, and the truth of the result or words of the error.
"""

from __future__ import annotations

import shutil
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import tifffile
import zarr
from micrograph_files import signal
from rsciio.hspy import file_writer
from rsciio.zspy._api import ZspyWriter
from scipy import ndimage

PIXEL_SIZE_A, DOSE_E_PER_PX = 0.06, 2.0
_SHAPE = (511, 509)


def _clean() -> np.ndarray:
    """A particle with a lattice in the upper left, a bright corner, and vacuum elsewhere."""
    y, x = np.mgrid[: _SHAPE[0], : _SHAPE[1]]
    inside = ndimage.gaussian_filter((np.hypot(y - 190, x - 150) < 130).astype(float), 3)
    lattice = 0.5 + 0.25 * (np.cos(2 * np.pi * x / 34) + np.cos(2 * np.pi * (x / 68 + y / 40)))
    return DOSE_E_PER_PX * (1 - inside * (0.25 + 0.5 * lattice))


CLEAN = _clean()
_DRAW = np.random.default_rng(20261128)
COUNTS = _DRAW.poisson(CLEAN)
MOVIE = _DRAW.multinomial(COUNTS.ravel(), [0.25] * 4).T.reshape(4, *_SHAPE)
THREE = _DRAW.multinomial(COUNTS.ravel(), [1 / 3] * 3).T.reshape(3, *_SHAPE)
_PER_CM = 1e8 / PIXEL_SIZE_A
NM = PIXEL_SIZE_A / 10
Write = Callable[[Path], object]


@dataclass(frozen=True, kw_only=True)
class Case:
    """An awkward file, and what is right for it.

    Electrons are right to the relative error `within`.
    `line` is a pattern of the error, for a file that should be refused, `warning` one of a warning
    that has to be printed; `right` accepts a right result in place of the error.
    """

    name: str
    awkward: str
    writer: Write
    options: dict[str, Any] = field(default_factory=dict)
    line: str = ""
    warning: str = ""
    right: bool = False
    electrons: float = float(COUNTS.sum())
    within: float = 0.01
    dose_e_per_px: float = DOSE_E_PER_PX
    pixel_sizes_A: tuple[float, float] = (PIXEL_SIZE_A, PIXEL_SIZE_A)
    interval_s: float = 0.0
    clean: np.ndarray = field(default_factory=lambda: CLEAN)

    def write(self, folder: Path) -> Path:
        """Write the file again and return its path."""
        path = folder / self.name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.writer(path)
        return path


CASES: list[Case] = []


def add(name: str, awkward: str, **details: Any) -> Callable[[Write], Write]:
    """List a writer as a case."""

    def decorate(writer: Write) -> Write:
        CASES.append(Case(name=name, awkward=awkward, writer=writer, **details))
        return writer

    return decorate


def imagej(image: np.ndarray, unit: str = "nm", per: float = 1 / NM, **metadata: Any) -> Write:
    """A writer of a TIFF as ImageJ writes it."""
    said = {"unit": unit, **metadata}
    return lambda path: tifffile.imwrite(
        path, image, imagej=True, resolution=(per, per), metadata=said
    )


def tiff(image: np.ndarray, unit: str = "CENTIMETER", per: float = _PER_CM, **how: Any) -> Write:
    """A writer of a TIFF with its pixel size in the tags of resolution."""
    return lambda path: tifffile.imwrite(
        path, image, resolution=(per, per), resolutionunit=unit, **how
    )


def npy(image: np.ndarray) -> Write:
    """A writer of a NumPy array."""
    return lambda path: np.save(path, image)


def mrc(values: np.ndarray, mode: int, order: str = "<", header_sections: int = 0) -> Write:
    """A writer of MRC2014; of more sections in its header than are there, if asked for."""
    stack = values if values.ndim == 3 else values[None]
    sections, rows, columns = stack.shape
    header = bytearray(1024)
    struct.pack_into(f"{order}4i", header, 0, columns, rows, header_sections or sections, mode)
    struct.pack_into(f"{order}3i", header, 28, columns, rows, sections)
    cell = (PIXEL_SIZE_A * columns, PIXEL_SIZE_A * rows, PIXEL_SIZE_A)
    struct.pack_into(f"{order}3f", header, 40, *cell)
    struct.pack_into(f"{order}3i", header, 64, 1, 2, 3)
    header[208:216] = b"MAP " + (b"\x44\x44\0\0" if order == "<" else b"\x11\x11\0\0")
    content = bytes(header) + stack.tobytes()
    return lambda path: path.write_bytes(content)


_IMAGE_AXES = [("y", NM, "nm", False), ("x", NM, "nm", False)]
_MOVIE_AXES = [("time", 50.0, "ms", True), *_IMAGE_AXES]


def hspy(values: np.ndarray) -> Write:
    """A writer of a signal of HyperSpy, an image or a movie."""
    axes = _IMAGE_AXES if values.ndim == 2 else _MOVIE_AXES
    return lambda path: file_writer(str(path), signal(values, axes))


def zspy(values: np.ndarray) -> Write:
    """A writer of a signal of HyperSpy in a folder of Zarr."""

    def write(path: Path) -> None:
        root = zarr.open_group(str(path), mode="w", zarr_format=2)
        root.attrs.update({"file_format": "ZSpy", "file_format_version": "3.3"})
        group = root.require_group("Experiments").require_group("movie")
        compressor = numcodecs.Blosc("zstd", 1)
        ZspyWriter(root, signal(values, _MOVIE_AXES), group, compressor=compressor).write()

    return write


def cut(writer: Write, share: float = 0.6) -> Write:
    """A writer of the first part of a file."""

    def write(path: Path) -> None:
        writer(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return write


def renamed(writer: Write, suffix: str) -> Write:
    """A writer of a file in the format of another suffix."""

    def write(path: Path) -> None:
        other = path.with_suffix(suffix)
        writer(other)
        other.replace(path)

    return write


def text(content: str) -> Write:
    """A writer of a text."""
    return lambda path: path.write_text(content)


def listed(name: str, awkward: str, writer: Write, **details: Any) -> None:
    """List a case."""
    add(name, awkward, **details)(writer)


U8, U16 = np.uint8, np.uint16
SIZE = {"pixel_size_A": PIXEL_SIZE_A}
SUM = {"frame": "sum"}

# --- sizes, byte orders, types ---
listed("odd.tif", "511 x 509 px", imagej(COUNTS.astype(U8)))
listed("big_endian.tif", "big-endian TIFF", tiff(COUNTS.astype(U16), byteorder=">"))
listed("big_endian.npy", "big-endian NumPy array", npy(COUNTS.astype(">u2")), options=SIZE)
listed("big_endian.mrc", "big-endian MRC", mrc(COUNTS.astype(">i2"), 1, ">"))
listed("fortran.npy", "Fortran's order", npy(np.asfortranarray(COUNTS)), options=SIZE)
listed("half.npy", "floats of 16 bits", npy(COUNTS.astype(np.float16)), options=SIZE)
listed("bool.npy", "true where any electron", npy(COUNTS > 0), options=SIZE,
      line="variance that does not grow with the mean")  # fmt: skip
_MANY = _DRAW.poisson(CLEAN * 100_000).astype(np.uint32)
listed("many.tif", "up to 203,000 electrons, 32 bits", tiff(_MANY), electrons=float(_MANY.sum()),
      dose_e_per_px=2e5)  # fmt: skip
listed("tiled.tif", "BigTIFF in tiles, compressed, with a predictor",
      tiff(COUNTS.astype(U16), bigtiff=True, tile=(64, 64), compression="lzw",
           predictor=True))  # fmt: skip
listed("complex.npy", "complex numbers", npy(COUNTS * (1 + 0j)), options=SIZE, line="complex")
listed("strings.npy", "texts", npy(COUNTS.astype(str)), options=SIZE, line="real numbers")
listed("objects.npy", "Python objects", npy(COUNTS.astype(object)), options=SIZE,
      line="Python objects")  # fmt: skip

# --- values that are no counts ---
listed("pedestal.tif", "int16, a pedestal of 100", imagej((COUNTS + 100).astype(np.int16)),
      line="noise of counted electrons", right=True)  # fmt: skip
listed("signed.tif", "int16 from -32768", tiff((COUNTS - 32768).astype(np.int16)),
      line="negative values.*offset", right=True)  # fmt: skip
listed("signed_imagej.tif", "signed as ImageJ stores it: plus 32768, as its text says",
      imagej((COUNTS + 32768).astype(U16), cf="0", c0=-32768.0, c1=1.0),
      warning="minus 32768")  # fmt: skip
listed("stored_plus.tif", "offset and slope in its text",
      lambda path: tifffile.imwrite(path, (COUNTS * 4 + 32).astype(U16), metadata=None,
          description="scale_factor = 0.25\nadd_offset = -8",
          resolution=(_PER_CM, _PER_CM), resolutionunit="CENTIMETER"),
      warning="times 0.25 minus 8")  # fmt: skip
_BLURRED = ndimage.gaussian_filter(COUNTS * 37.3, 0.8).astype(np.float32)
# The gain of a camera that spreads electrons is known to a quarter only, and the warning says so.
listed("scintillator.tif", "gain of 37.3, blurred by 0.8 px", imagej(_BLURRED), within=0.25,
      warning=r"gain 3\d\.\d \(2\d\.\d to (3[89]|4\d)|neighbouring pixels")  # fmt: skip
_FLAT = (COUNTS * _DRAW.normal(1, 0.04, _SHAPE)).astype(np.float32)
listed("gain_corrected.tif", "counts divided by a flat field", imagej(_FLAT),
      electrons=float(_FLAT.sum()), warning="not integers")  # fmt: skip
_READ_NOISE = (COUNTS + _DRAW.normal(0, 0.1, _SHAPE)).astype(np.float32)
listed("read_noise.tif", "read noise of 0.1 electrons", imagej(_READ_NOISE),
      warning="converted to electrons with gain 1")  # fmt: skip
GREY = np.clip(np.rint(COUNTS * 25.0), 0, 255).astype(U8)
listed("screenshot.tif", "8-bit screenshot in colours",
      tiff(np.stack([GREY] * 3, -1), photometric="rgb"), line="colour image")  # fmt: skip
listed("grey.tif", "8 bits, scaled by 25", imagej(GREY), warning="multiples of 25|clipped")
listed("jpeg.tif", "8 bits in JPEG", tiff(GREY, compression="jpeg"),
      warning="gamma", within=0.03)  # fmt: skip
listed("clean.tif", "the clean image", imagej(CLEAN.astype(np.float32)), line="--add-noise")
listed("shifted.tif", "counts in the upper 12 of 16 bits", imagej((COUNTS << 4).astype(U16)),
      line="is scaled.*--gain 16", right=True)  # fmt: skip
_FULL = np.minimum(_DRAW.poisson(CLEAN * 118), 255).astype(U8)
listed("saturated.tif", "236 electrons, saturated at 255", imagej(_FULL), warning="^saturated",
      electrons=float(_FULL.sum()), dose_e_per_px=236.0)  # fmt: skip
listed("zeros.tif", "no electron at all", imagej(np.zeros(_SHAPE, U8)), line="contains no counts")
listed("constant.tif", "7 everywhere", imagej(np.full(_SHAPE, 7, U8)), line="--add-noise")

_INFINITE = COUNTS.astype(float)
_INFINITE[5, 5] = np.inf
listed("infinite.npy", "one infinite value", npy(_INFINITE), options=SIZE, line="1 NaN or infinite")

# --- defects of the detector ---
_BORDER = np.pad(COUNTS[8:-8, 8:-8].astype(np.float32), 8, constant_values=np.nan)
listed("nan_border.tif", "a border of NaN", imagej(_BORDER), line="8 rows|Crop these rows")
_DEAD = COUNTS.astype(U8)
_DEAD[[77, 300]] = 0
listed("dead_rows.tif", "two dead rows", imagej(_DEAD), electrons=float(_DEAD.sum()),
      warning="2 rows from 77 to 300|rows? 77")  # fmt: skip
_HOT = COUNTS.astype(U16)
_HOT[400, 33] = 60_000
listed("hot.tif", "one hot pixel", imagej(_HOT), electrons=float(_HOT.sum()),
      warning="60000 at x 33, y 400")  # fmt: skip
listed("hot_masked.tif", "one hot pixel, masked", imagej(_HOT), options={"mask_outliers": True},
      warning="60000 at x 33, y 400")  # fmt: skip
_EXPOSED = np.ones(_SHAPE, dtype=U8)
_EXPOSED[:20], _EXPOSED[:, -9:] = 0, 0
_BLACK = COUNTS.astype(U8) * _EXPOSED
listed("black_border.tif", "edges left black by alignment", imagej(_BLACK),
      electrons=float(_BLACK.sum()), warning="empty", clean=CLEAN * _EXPOSED)  # fmt: skip

# --- calibrations ---
listed("reciprocal.tif", "pixels in 1/nm", imagej(COUNTS.astype(U8), "1/nm"), line="reciprocal")
listed("pixels.tif", "pixels in pixel", imagej(COUNTS.astype(U8), "pixel"),
      line="no pixel size.*--pixel-size-A")  # fmt: skip
listed("unknown_unit.tif", "pixels in parsec", imagej(COUNTS.astype(U8), "parsec"),
      line="unknown unit")  # fmt: skip
listed("inch.tif", "pixels per inch", tiff(COUNTS.astype(U8), "INCH", 2.54 * _PER_CM))
listed("cm.tif", "pixels per cm", tiff(COUNTS.astype(U8)))
listed("screen.tif", "72 dots per inch", tiff(COUNTS.astype(U8), "INCH", 72.0),
      line="no pixel size")  # fmt: skip
listed("missing.tif", "no calibration", lambda path: tifffile.imwrite(path, COUNTS.astype(U8)),
      line="no pixel size")  # fmt: skip
listed("micrometres.ome.tif", "OME in micrometres",
      lambda path: tifffile.imwrite(path, COUNTS.astype(U16), ome=True, metadata={
          "axes": "YX", "PhysicalSizeX": PIXEL_SIZE_A / 1e4,
          "PhysicalSizeY": PIXEL_SIZE_A / 1e4}))  # fmt: skip
listed("oblong.tif", "0.05 x 0.06 Å",
      lambda path: tifffile.imwrite(path, COUNTS.astype(U8), resolution=(1e8 / 0.06, 1e8 / 0.05),
                                    resolutionunit="CENTIMETER"),
      pixel_sizes_A=(0.05, 0.06))  # fmt: skip
listed("coarse.tif", "pixels of 60 nm", imagej(COUNTS.astype(U8), per=1 / 60),
      line="atoms are not visible")  # fmt: skip
