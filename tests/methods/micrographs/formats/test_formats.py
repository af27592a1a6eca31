"""Orientation, frames, colours and memory: what an array in a file is, by what the file says."""

from __future__ import annotations

import json
import struct
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from rsciio import emd as emd_of_rosettasciio

from tembench.core.errors import ImageError
from tembench.methods.micrographs import read_image as reading
from tembench.methods.micrographs.formats import digital_micrograph
from tembench.methods.micrographs.formats.stored_image import Axis, arranged
from tembench.methods.micrographs.read_image import read_micrograph

COUNTS = np.random.default_rng(1).poisson(2.0, (40, 56)).astype(np.uint8)
STACK = np.random.default_rng(2).poisson(2.0, (3, 40, 56)).astype(np.uint8)


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(ImageError) as caught:
        read_micrograph(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def is_counts(path: Path, expected: np.ndarray = COUNTS, **options: object) -> bool:
    return np.array_equal(read_micrograph(path, **options).values, expected)  # type: ignore[arg-type]


def write_berkeley(
    path: Path, data: np.ndarray, names: str, unit: str = "[n_m]", first: int = 1
) -> Path:
    """A file as ncempy writes it; the names of axes in the order of the array."""
    with h5py.File(path, "w") as file:
        file.attrs["version_major"], file.attrs["version_minor"] = 0, 2
        group = file.create_group("data/image")
        group.attrs["emd_group_type"] = 1
        group["data"] = data
        for i, size in enumerate(data.shape):
            group[f"dim{i + first}"] = np.arange(size) * 0.006
            group[f"dim{i + first}"].attrs["name"] = names[i].strip()
            group[f"dim{i + first}"].attrs["units"] = unit
    return path


def write_velox(path: Path, images: np.ndarray, spectrum_image: bool = True) -> Path:
    """The least of a file as Velox writes it; images are (y, x, frame)."""
    metadata = {
        "BinaryResult": {
            "PixelSize": {"width": "6e-12", "height": "6e-12"},
            "PixelUnitX": "m",
            "PixelUnitY": "m",
            "DetectorIndex": "0",
        },
        "Detectors": {"Detector-0": {"DetectorName": "HAADF"}},
    }
    text = json.dumps(metadata).encode()
    raw = np.zeros((1000, images.shape[2]), np.uint8)
    raw[: len(text)] = np.frombuffer(text, np.uint8)[:, None]
    with h5py.File(path, "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "7"}).encode()]
        file["Data/Image/0a/Data"] = images
        file["Data/Image/0a/Metadata"] = raw
        if spectrum_image:
            file.create_group("Data/SpectrumImage/0b")
            file.create_group("Data/SpectrumStream/0b")
    return path


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


@pytest.mark.parametrize("first", [0, 1])
def test_an_emd_file_of_ncempy_keeps_its_orientation(tmp_path: Path, first: int) -> None:
    for i, unit in enumerate(("[n_m]", "nm")):
        found = read_micrograph(
            write_berkeley(tmp_path / f"{i}.emd", COUNTS, "yx", unit, first=first)
        )
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.pixel_size_A == pytest.approx(0.06)
    assert is_counts(write_berkeley(tmp_path / "unnamed.emd", COUNTS, "  ", first=first))


def test_an_emd_file_whose_first_axis_is_x_is_turned(tmp_path: Path) -> None:
    assert is_counts(write_berkeley(tmp_path / "a.emd", COUNTS.T, "xy"))
    assert is_counts(write_berkeley(tmp_path / "b.emd", STACK.T, "xyz"), STACK[1], frame=1)
    signal = {"data": COUNTS, "metadata": {"General": {"title": ""}, "Signal": {}},
              "original_metadata": {}}  # fmt: skip
    for named in (True, False):
        axes = [
            {"name": name if named else None, "size": size, "scale": 0.006, "offset": 0.0,
             "units": "nm", "navigate": False}
            for name, size in zip("yx", COUNTS.shape, strict=True)
        ]  # fmt: skip
        emd_of_rosettasciio.file_writer(str(tmp_path / "hyperspy.emd"), {**signal, "axes": axes})
        assert is_counts(tmp_path / "hyperspy.emd")
        notes = read_micrograph(tmp_path / "hyperspy.emd").notes
        assert ["no names: transposed" in note for note in notes] == [True] * (not named)


def test_frames_of_an_emd_file_are_those_of_its_frame_axis(tmp_path: Path) -> None:
    for i, names in enumerate(("zyx", "tyx", "   ")):
        path = write_berkeley(tmp_path / f"{i}.emd", STACK, names)
        assert "is a stack of 3 frames" in refusal(path)
        assert is_counts(path, STACK[2], frame=2)
        assert is_counts(path, STACK.sum(0), frame="sum")
    last = np.ascontiguousarray(np.moveaxis(STACK, 0, -1))
    assert is_counts(write_berkeley(tmp_path / "last.emd", last, "yxt"), STACK[1], frame=1)


def test_a_velox_file_with_a_spectrum_image_gives_its_images(tmp_path: Path) -> None:
    for spectrum_image in (False, True):
        path = write_velox(tmp_path / "a.emd", COUNTS[:, :, None], spectrum_image)
        found = read_micrograph(path)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.pixel_size_A == pytest.approx(0.06)
    path = write_velox(tmp_path / "b.emd", np.moveaxis(STACK, 0, -1))
    assert "is a stack of 3 frames" in refusal(path)
    assert is_counts(path, STACK[1], frame=1)
    with h5py.File(tmp_path / "c.emd", "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "7"}).encode()]
        file.create_group("Data/Spectrum/0b")
    assert "contains no image; got data of the kinds Spectrum" in refusal(tmp_path / "c.emd")


def test_axes_of_one_value_are_no_axes(tmp_path: Path) -> None:
    for i, array in enumerate(
        (COUNTS[None], COUNTS[..., None], COUNTS[:, None], COUNTS[None, None])
    ):
        np.save(tmp_path / f"{i}.npy", array)
        assert is_counts(tmp_path / f"{i}.npy")
    np.save(tmp_path / "one_row.npy", COUNTS[:1])
    assert read_micrograph(tmp_path / "one_row.npy").values.shape == (1, 56)


def test_three_frames_are_no_colours(tmp_path: Path) -> None:
    for count in (3, 4):
        stack = np.stack([COUNTS] * count)
        np.save(tmp_path / "a.npy", stack)
        tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
        tifffile.imwrite(tmp_path / "b.tif", stack, imagej=True)
        write_berkeley(tmp_path / "a.emd", stack, "zyx")
        for name in ("a.npy", "a.tif", "b.tif", "a.emd"):
            assert f"is a stack of {count} frames" in refusal(tmp_path / name)
            assert is_counts(tmp_path / name, frame=count - 1)


def test_values_along_a_last_axis_without_a_name_are_not_guessed_at(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.moveaxis(STACK, 0, -1))
    for options in ({}, {"frame": 0}, {"frame": "sum"}):
        text = refusal(tmp_path / "a.npy", **options)
        assert "a last axis of 3 values, which may be colours or frames" in text


def test_colours_are_those_that_a_tiff_calls_so(tmp_path: Path) -> None:
    for i, layout in enumerate(("contig", "separate")):
        data = STACK if layout == "separate" else np.moveaxis(STACK, 0, -1)
        tifffile.imwrite(tmp_path / f"{i}.tif", data, photometric="rgb", planarconfig=layout)
        assert "is a colour image" in refusal(tmp_path / f"{i}.tif")
        assert "is a colour image" in refusal(tmp_path / f"{i}.tif", frame=0)
    with_alpha = np.stack([COUNTS, np.full_like(COUNTS, 255)], -1)
    tifffile.imwrite(
        tmp_path / "a.tif", with_alpha, photometric="minisblack", extrasamples=["unassalpha"]
    )
    assert is_counts(tmp_path / "a.tif")
    assert "transparency, is ignored" in read_micrograph(tmp_path / "a.tif").notes[0]
    tifffile.imwrite(tmp_path / "negative.tif", 255 - COUNTS, photometric="miniswhite")
    assert "is stored as a negative" in refusal(tmp_path / "negative.tif")


def test_a_picture_beside_the_image_is_left_out(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(np.moveaxis(STACK, 0, -1) * np.uint8(20), photometric="rgb")
        file.write(COUNTS)
    with tifffile.TiffWriter(tmp_path / "b.tif") as file:
        file.write(COUNTS[::4, ::4].copy(), subfiletype=1)
        file.write(COUNTS)
    for name, left in (("a.tif", "picture 40 x 56"), ("b.tif", "thumbnail 10 x 14")):
        found = read_micrograph(tmp_path / name)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.notes == (f"the file contains more, which is ignored: {left}",)
    assert "is a colour image" in refusal(tmp_path / "a.tif", dataset=0)


def test_a_hyperstack_of_one_axis_is_a_stack(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK[:, None, None], imagej=True, metadata={"axes": "TZCYX"})
    assert "is a stack of 3 frames" in refusal(path)
    assert is_counts(path, STACK[2], frame=2)
    tifffile.imwrite(path, np.stack([STACK] * 2)[:, :, None], imagej=True,
                     metadata={"axes": "TZCYX"})  # fmt: skip
    assert "got 2 (time) x 3 (z) x 40 (y) x 56 (x)" in refusal(path, frame=0)
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK, ome=True, metadata={"axes": "TYX"})
    assert is_counts(tmp_path / "a.ome.tif", STACK[1], frame=1)


def test_a_tiff_is_turned_as_its_orientation_says(tmp_path: Path) -> None:
    stored = {1: COUNTS, 2: COUNTS[:, ::-1], 3: COUNTS[::-1, ::-1], 4: COUNTS[::-1],
              5: COUNTS.T, 6: COUNTS[:, ::-1].T, 7: COUNTS[::-1, ::-1].T,
              8: COUNTS[::-1].T}  # fmt: skip
    for orientation, data in stored.items():
        path = tmp_path / f"{orientation}.tif"
        tifffile.imwrite(path, data.copy(), extratags=[(274, "H", 1, orientation, True)])
        found = read_micrograph(path)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert bool(found.notes) == (orientation != 1)


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


def test_spectra_are_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.dm4"
    path.write_bytes(b"\0\0\0\4")

    def answer(data: np.ndarray, names: list[str], units: list[str], lazy: bool = True) -> None:
        axes = [{"name": name, "units": unit, "scale": 1.0}
                for name, unit in zip(names, units, strict=True)]  # fmt: skip
        signal = {"data": data, "axes": axes, "metadata": {}, "original_metadata": {}}

        def file_reader(filename: str, lazy: bool = False) -> list[dict[str, object]]:
            if lazy and data.dtype.names:
                raise ValueError("Lazy loading of RGBA images is not supported.")
            return [signal]

        monkeypatch.setattr(digital_micrograph.digitalmicrograph, "file_reader", file_reader)

    answer(np.zeros((99, 4, 5)), ["Energy loss", "y", "x"], ["eV", "nm", "nm"])
    assert "is a stack of 99 energies or wavelengths (eV), probably a spectrum image" in refusal(
        path
    )
    answer(np.zeros((4, 99)), ["x", "Wavelength"], ["nm", "nm"])
    assert "is a set of spectra; expected an image, got an axis of 99 energies or" in refusal(path)
    colours = np.zeros((4, 5), [(name, "u1") for name in "RGBA"])
    answer(colours, ["y", "x"], ["nm", "nm"])
    assert "is a colour image" in refusal(path)


def test_only_the_frame_asked_for_is_counted_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    pages = tifffile.TiffPage.asarray
    monkeypatch.setattr(
        tifffile.TiffPage, "asarray", lambda page: (asked.append(page.index), pages(page))[1]
    )
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for frame in np.concatenate([STACK] * 10):
            file.write(frame, compression="zlib", contiguous=False, metadata=None)
    monkeypatch.setattr(reading, "available_memory_bytes", lambda: 45.0 * COUNTS.size)
    started = time.perf_counter()
    assert is_counts(tmp_path / "a.tif", STACK[1], frame=28)
    assert time.perf_counter() - started < 5
    assert len(asked) <= 1
    assert is_counts(tmp_path / "a.tif", 10 * STACK.sum(0, dtype=int), frame="sum")
    np.save(tmp_path / "a.npy", STACK)
    assert is_counts(tmp_path / "a.npy", STACK[1], frame=1)


def test_axes_decide_not_sizes() -> None:
    data = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    for names, expected in (("zyx", data[1]), ("xyz", data[:, :, 1].T), ("yzx", data[:, 1])):
        axes = [Axis(name=name, size=size) for name, size in zip(names, data.shape, strict=True)]
        np.testing.assert_array_equal(arranged(data, axes).read((1,)), expected)
