"""MRC files: byte orders, modes, axes, and signed bytes."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from micrograph_files import COUNTS, STACK, assert_calibrated, is_counts, refusal

from tembench.cli import cli
from tembench.core.errors import ImageError
from tembench.micrographs.reading.read_image import read_micrograph


def write_mrc(
    path: Path,
    stored: bytes,
    sizes: tuple[int, int, int],
    mode: int,
    order: str = "<",
    along: tuple[int, int, int] = (1, 2, 3),
    imod_flags: int | None = None,
) -> Path:
    """An MRC2014 header by its definition; sizes are of columns, rows and sections."""
    header = bytearray(1024)
    struct.pack_into(f"{order}4i", header, 0, *sizes, mode)
    by_axis = [sizes[along.index(axis)] for axis in (1, 2, 3)]
    struct.pack_into(f"{order}3i", header, 28, *by_axis)
    struct.pack_into(f"{order}3f", header, 40, *(0.06 * size for size in by_axis))
    struct.pack_into(f"{order}3i", header, 64, *along)
    if imod_flags is not None:
        struct.pack_into(f"{order}2i", header, 152, 1146047817, imod_flags)
    header[208:216] = b"MAP " + (b"\x44\x44\0\0" if order == "<" else b"\x11\x11\0\0")
    path.write_bytes(bytes(header) + stored)
    return path


def write_bytes_mrc(path: Path, values: np.ndarray, imod_flags: int | None) -> Path:
    header = bytearray(1024)
    struct.pack_into("<4i", header, 0, *values.shape[::-1], 1, 0)
    if imod_flags is not None:
        struct.pack_into("<2i", header, 152, 1146047817, imod_flags)
    path.write_bytes(bytes(header) + values.astype(np.uint8).tobytes())
    return path


@pytest.mark.parametrize("order", "<>")
def test_mrc_of_either_byte_order_and_of_four_bits(tmp_path: Path, order: str) -> None:
    sizes = (*COUNTS.shape[::-1], 1)
    for mode, dtype in ((0, "i1"), (1, "i2"), (2, "f4"), (6, "u2"), (12, "f2")):
        stored = COUNTS.astype(order + dtype).tobytes()
        path = write_mrc(tmp_path / f"{mode}.mrc", stored, sizes, mode, order)
        found = read_micrograph(path)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.values.dtype == np.dtype(dtype)
        assert found.pixel_size_A == pytest.approx(0.06)
    for columns in (56, 55):
        low = np.minimum(COUNTS, 15)[:, :columns]
        pairs = np.pad(low, ((0, 0), (0, columns % 2)))
        packed = (pairs[:, ::2] | pairs[:, 1::2] << 4).tobytes()
        path = write_mrc(tmp_path / "four.mrc", packed * 2, (columns, 40, 2), 101, order)
        assert is_counts(path, low, frame=1)
    path = write_mrc(tmp_path / "c.mrc", STACK.tobytes(), sizes, 16, order)
    assert "is a colour image" in refusal(path)
    assert "is a Fourier transform" in refusal(
        write_mrc(tmp_path / "d.mrc", COUNTS.astype("c8").tobytes(), sizes, 4, order)
    )


@pytest.mark.parametrize("suffix", [".st", ".mrcs", ".rec", ".ali", ".map"])
def test_other_suffixes_of_mrc(tmp_path: Path, suffix: str) -> None:
    path = write_mrc(tmp_path / f"a{suffix}", STACK.tobytes(), (56, 40, 3), 0)
    assert is_counts(path, STACK[1], frame=1)


def test_mrc_axes_are_those_of_the_header(tmp_path: Path) -> None:
    path = write_mrc(tmp_path / "a.mrc", COUNTS.T.tobytes(), (40, 56, 1), 0, along=(2, 1, 3))
    assert is_counts(path)
    assert "by its header: transposed" in read_micrograph(path).notes[0]
    # Columns along x, rows along z, sections along y.
    turned = np.ascontiguousarray(STACK.transpose(1, 0, 2))
    path = write_mrc(tmp_path / "b.mrc", turned.tobytes(), (56, 3, 40), 0, along=(1, 3, 2))
    assert is_counts(path, STACK[1], frame=1)
    assert is_counts(
        write_mrc(tmp_path / "old.mrc", COUNTS.tobytes(), (56, 40, 1), 0, along=(1, 2, 3))
    )


def test_bytes_of_an_mrc_file_are_signed_unless_imod_says_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    wide = COUNTS.astype(int)
    plain = read_micrograph(write_bytes_mrc(path, wide - 3, None))
    np.testing.assert_array_equal(plain.values, wide - 3)
    assert "read as signed" in plain.notes[0]
    assert read_micrograph(write_bytes_mrc(path, wide, None)).notes == ()
    unsigned = read_micrograph(write_bytes_mrc(path, wide + 200, 0))
    np.testing.assert_array_equal(unsigned.values, wide + 200)
    assert unsigned.notes == ()
    # IMOD stores 0 to 255 minus 128.
    signed = read_micrograph(write_bytes_mrc(path, wide - 128, 1))
    assert_calibrated(signed, "the stored numbers plus 128", "IMOD")
    assert read_micrograph(write_bytes_mrc(path, wide, 1)).values.mean() == COUNTS.mean()


def test_an_error_about_values_states_how_they_were_read(tmp_path: Path) -> None:
    path = write_bytes_mrc(tmp_path / "a.mrc", COUNTS.astype(int) - 3, None)
    arguments = ["apply", "gaussian", str(path), "--pixel-size-A", "0.06"]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, ImageError)
    assert "has negative values" in str(result.exception)
    assert "read as signed" in str(result.exception)
