"""Files of every format, and all that can be wrong with one."""

from __future__ import annotations

import gc
import importlib
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tembench.core.errors import ImageError
from tembench.micrographs.denoising.write_image import tiff_bytes
from tembench.micrographs.formats import digital_micrograph
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.reading.read_image import read_micrograph
from tembench.micrographs.reading.units import in_angstrom, pixel_sizes_of

COUNTS = np.random.default_rng(1).poisson(0.45, (40, 56)).astype(np.uint8)


def signal(data: np.ndarray, scale: float, units: str) -> dict[str, object]:
    """A signal as RosettaSciIO writes it."""
    names = ("z", "y", "x")[-data.ndim :]
    axes = [
        {
            "name": name,
            "size": size,
            "scale": scale,
            "offset": 0.0,
            "units": units,
            "navigate": name == "z",
            "index_in_array": i,
        }
        for i, (name, size) in enumerate(zip(names, data.shape, strict=True))
    ]
    return {"data": data, "axes": axes, "metadata": {"General": {}, "Signal": {}},
            "original_metadata": {}}  # fmt: skip


def write_mrc(path: Path, data: np.ndarray, pixel_size_A: float, truncate: int = 0) -> None:
    """An MRC2014 header as its definition has it (mode 2, float32), and the values."""
    sections = data if data.ndim == 3 else data[None]
    header = np.zeros(256, dtype="<i4")
    header[:4] = (*sections.shape[::-1], 2)
    header[7:10] = sections.shape[::-1]
    lengths = np.array(sections.shape[::-1], dtype="<f4") * np.float32(pixel_size_A)
    header[10:13] = lengths.view("<i4")
    header[16:19] = (1, 2, 3)
    header[52] = int.from_bytes(b"MAP ", "little")
    header[53] = 0x00004444
    content = header.tobytes() + sections.astype("<f4").tobytes()
    path.write_bytes(content[: len(content) - truncate])


def write_emd(path: Path, signals: list[dict[str, object]]) -> None:
    module = importlib.import_module("rsciio.emd")
    for i, one in enumerate(signals):
        one["metadata"]["General"]["title"] = f"image {i}"  # type: ignore[index]
    module.file_writer(str(path), signals[0])


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(ImageError) as caught:
        read_micrograph(path, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_written_tiff_is_read_back(tmp_path: Path) -> None:
    image = np.random.default_rng(2).random((30, 41)).astype(np.float32)
    path = tmp_path / "a.tif"
    path.write_bytes(tiff_bytes(image, (0.0488, 0.0488), "a title"))
    found = read_micrograph(path)
    np.testing.assert_array_equal(found.values, image)
    assert found.pixel_size_A == pytest.approx(0.0488, rel=1e-6)
    # As HyperSpy reads it.
    (as_signal,) = importlib.import_module("rsciio.tiff").file_reader(path)
    assert [axis["units"] for axis in as_signal["axes"]] == ["nm", "nm"]
    assert as_signal["axes"][0]["scale"] == pytest.approx(0.00488, rel=1e-6)


def test_pixel_sizes_of_imagej_and_ome(tmp_path: Path) -> None:
    per_px = {"nm": 0.00488, "um": 4.88e-6, "\\u00C5": 0.0488, "pm": 4.88}
    for i, (unit, size) in enumerate(per_px.items()):
        path = tmp_path / f"{i}.tif"
        tifffile.imwrite(
            path, COUNTS, imagej=True, resolution=(1 / size, 1 / size), metadata={"unit": unit}
        )
        assert read_micrograph(path).pixel_size_A == pytest.approx(0.0488, rel=1e-4)
    sizes = {"PhysicalSizeX": 4.88, "PhysicalSizeXUnit": "pm", "PhysicalSizeY": 4.88,
             "PhysicalSizeYUnit": "pm"}  # fmt: skip
    tifffile.imwrite(tmp_path / "a.ome.tif", COUNTS, ome=True, metadata=sizes)
    assert read_micrograph(tmp_path / "a.ome.tif").pixel_size_A == pytest.approx(0.0488)


def test_mrc_and_emd_and_npy(tmp_path: Path) -> None:
    write_mrc(tmp_path / "a.mrc", COUNTS, 0.0625)
    write_emd(tmp_path / "a.emd", [signal(COUNTS, 0.00625, "nm")])
    np.save(tmp_path / "a.npy", COUNTS)
    for name in ("a.mrc", "a.emd", "a.npy"):
        found = read_micrograph(tmp_path / name)
        np.testing.assert_array_equal(found.values, COUNTS)
        expected = None if name == "a.npy" else pytest.approx(0.0625, rel=1e-5)
        assert found.pixel_size_A == expected
    assert read_micrograph(tmp_path / "a.npy", pixel_size_A=0.1).pixel_size_A == 0.1


def test_a_file_of_digital_micrograph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reader's answer, as RosettaSciIO documents it: the format cannot be written."""

    def answer(filename: str, lazy: bool) -> list[dict[str, object]]:
        assert lazy
        return [signal(COUNTS, 48.8, "pm")]

    path = tmp_path / "a.dm4"
    path.write_bytes(b"\0\0\0\4")
    monkeypatch.setattr(digital_micrograph.digitalmicrograph, "file_reader", answer)
    assert read_micrograph(path).pixel_size_A == pytest.approx(0.488)


def test_a_missing_pixel_size_is_none(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", COUNTS)
    write_mrc(tmp_path / "a.mrc", COUNTS, 0.0)
    for name in ("a.tif", "a.mrc"):
        assert read_micrograph(tmp_path / name).pixel_size_A is None


@pytest.mark.parametrize("unit", ["1/nm", "1 / nm", "nm^-1"])
def test_reciprocal_space_is_refused(unit: str) -> None:
    with pytest.raises(ImageError, match=r"reciprocal space.*diffraction pattern"):
        in_angstrom(0.1, unit)


def test_units() -> None:
    for size, unit in (
        (1, "nm"),
        (1000, "pm"),
        (10, "Å"),
        (10, "\u212b"),
        (1e-3, "µm"),
        (1e-9, "m"),
    ):
        assert in_angstrom(size, unit) == pytest.approx(10)
    assert in_angstrom(1, "<undefined>") is None
    with pytest.raises(ImageError, match=r"unknown unit.*pm, Å, nm or µm.*3 furlong"):
        in_angstrom(3, "furlong")
    axes = [Axis(size=9, scale=1.0, units="nm"), Axis(size=9, scale=1.1, units="nm")]
    assert pixel_sizes_of(axes) == pytest.approx((10.0, 11.0))
    axes[1] = Axis(size=9, scale=5.0, units="nm")
    with pytest.raises(ImageError, match=r"far from square.*--pixel-size-A"):
        pixel_sizes_of(axes)


@pytest.mark.slow
def test_files_that_are_not_images_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.tif")
    for name in ("empty.tif", "text.tif", "text.emd", "text.dm4", "text.npy", "text.jpg"):
        content = b"" if name.startswith("empty") else b"This is a text of some length." * 9
        (tmp_path / name).write_bytes(content)
    assert "is empty" in refusal(tmp_path / "empty.tif")
    for suffix in ("tif", "emd", "dm4", "npy"):
        assert f"cannot be read as .{suffix}" in refusal(tmp_path / f"text.{suffix}")
    assert "unknown format; expected .tif" in refusal(tmp_path / "text.jpg")
    write_mrc(tmp_path / "cut.mrc", COUNTS, 0.06, truncate=100)
    assert "is truncated; expected 9984 bytes" in refusal(tmp_path / "cut.mrc")
    (tmp_path / "text.mrc").write_bytes(b"This is a text of some length." * 99)
    assert "is not an MRC file" in refusal(tmp_path / "text.mrc")
    tifffile.imwrite(tmp_path / "whole.tif", COUNTS)
    (tmp_path / "cut.tif").write_bytes((tmp_path / "whole.tif").read_bytes()[:900])
    assert "truncated" in refusal(tmp_path / "cut.tif")
    gc.collect()  # A file left open is told here, not in whatever test runs next.


def test_colour_complex_and_stacks_are_refused(tmp_path: Path) -> None:
    for channels in (3, 4):
        photometric = {"photometric": "rgb"}
        tifffile.imwrite(tmp_path / "c.tif", np.zeros((40, 56, channels), np.uint8), **photometric)
        assert "colour image" in refusal(tmp_path / "c.tif")
    np.save(tmp_path / "z.npy", np.zeros((4, 5), complex))
    assert "real numbers" in refusal(tmp_path / "z.npy")
    stack = np.stack([COUNTS, COUNTS + 1, COUNTS]).astype(np.float32)
    write_mrc(tmp_path / "s.mrc", stack, 0.06)
    assert "stack of 3 frames" in refusal(tmp_path / "s.mrc")
    assert "--frame 0 to 2" in refusal(tmp_path / "s.mrc")
    assert "has no frame 3" in refusal(tmp_path / "s.mrc", frame=3)
    one = read_micrograph(tmp_path / "s.mrc", frame=1)
    np.testing.assert_array_equal(one.values, COUNTS + 1)
    assert one.pixel_size_A == pytest.approx(0.06, rel=1e-5)
    both = read_micrograph(tmp_path / "s.mrc", frame="sum")
    np.testing.assert_array_equal(both.values, stack.sum(0))
    np.save(tmp_path / "four.npy", np.zeros((2, 2, 9, 9)))
    assert "is not an image" in refusal(tmp_path / "four.npy")


def test_several_images_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(COUNTS)
        file.write(COUNTS[:20])
    assert "contains 2 images" in refusal(path)
    assert "--dataset N" in refusal(path)
    assert read_micrograph(path, dataset=1).values.shape == (20, 56)
    assert "has no image 2" in refusal(path, dataset=2)


def test_an_image_larger_than_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = np.zeros(256, dtype="<i4")
    header[:4] = (200_000, 200_000, 1, 2)
    header[7:10] = header[:3]
    with open(tmp_path / "large.mrc", "wb") as file:
        file.write(header.tobytes())
        # Takes no room on the disk.
        file.truncate(1024 + 4 * 200_000**2)
    text = refusal(tmp_path / "large.mrc")
    assert "does not fit into memory" in text
    assert "1600.0 GB for 200000 x 200000 px" in text


@pytest.mark.parametrize("size", [0.0001, 40.0])
def test_pixel_sizes_at_which_atoms_are_not_visible_are_refused(
    tmp_path: Path, size: float
) -> None:
    np.save(tmp_path / "a.npy", COUNTS)
    assert "atoms are not visible" in refusal(tmp_path / "a.npy", pixel_size_A=size)
