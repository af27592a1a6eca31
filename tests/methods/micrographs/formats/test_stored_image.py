"""Stored numbers and the values that files say they stand for; pixel sizes in all their units."""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner

from tembench.cli import cli
from tembench.core.errors import ImageError
from tembench.methods.micrographs.formats import digital_micrograph, tiff
from tembench.methods.micrographs.formats.stored_image import Axis, calibration
from tembench.methods.micrographs.read_image import Micrograph, read_micrograph
from tembench.methods.micrographs.units import in_angstrom, pixel_size_of

COUNTS = np.random.default_rng(1).poisson(2.0, (40, 56)).astype(np.uint8)
GDAL = (
    '<GDALMetadata><Item name="OFFSET" sample="0" role="offset">-100</Item>'
    '<Item name="SCALE" sample="0" role="scale">0.5</Item></GDALMetadata>\0'
)


def write_bytes_mrc(path: Path, values: np.ndarray, imod_flags: int | None) -> Path:
    header = bytearray(1024)
    struct.pack_into("<4i", header, 0, *values.shape[::-1], 1, 0)
    if imod_flags is not None:
        struct.pack_into("<2i", header, 152, 1146047817, imod_flags)
    path.write_bytes(bytes(header) + values.astype(np.uint8).tobytes())
    return path


def assert_calibrated(found: Micrograph, *words: str) -> None:
    np.testing.assert_allclose(found.values, COUNTS)
    assert len(found.notes) == 1
    for word in words:
        assert word in found.notes[0]


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


def test_a_refusal_of_values_says_how_they_were_read(tmp_path: Path) -> None:
    path = write_bytes_mrc(tmp_path / "a.mrc", COUNTS.astype(int) - 3, None)
    arguments = ["denoise", "gaussian", str(path), "--pixel-size-A", "0.06"]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, ImageError)
    assert "has negative values" in str(result.exception)
    assert "read as signed" in str(result.exception)


def test_calibrations_in_tiff_are_applied_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    signed = COUNTS.astype(np.uint16) + 32768
    tifffile.imwrite(path, signed, imagej=True, metadata={"cf": 0, "c0": -32768.0, "c1": 1.0})
    assert_calibrated(read_micrograph(path), "the stored numbers minus 32768", "ImageJ")
    assert read_micrograph(path).values.dtype.kind == "i"
    stored = COUNTS.astype(np.uint16) * 2 + 200
    tifffile.imwrite(path, stored, imagej=True, metadata={"cf": 0, "c0": -100.0, "c1": 0.5})
    assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "ImageJ")
    tifffile.imwrite(path, stored, extratags=[(42112, "s", 0, GDAL, True)])
    assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "GDAL")
    origin = [(65024, "d", 1, 200.0, True), (65025, "d", 1, 0.5, True)]
    tifffile.imwrite(path, stored, extratags=origin)
    assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "Digital Micrograph")
    for text in ("BSCALE = 0.5\nBZERO = -100", '{"scale_factor": 0.5, "add_offset": -100}',
                 "slope=0.5 offset=-1e2", "RescaleSlope: 0.5\nRescaleIntercept: -100"):  # fmt: skip
        tifffile.imwrite(path, stored, description=text, metadata=None)
        assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "its description")


def test_a_calibration_holds_for_each_frame_of_a_sum(tmp_path: Path) -> None:
    signed = np.stack([COUNTS.astype(np.uint16) + 32768] * 3)
    tifffile.imwrite(
        tmp_path / "a.tif", signed, imagej=True, metadata={"cf": 0, "c0": -32768.0, "c1": 1.0}
    )
    summed = read_micrograph(tmp_path / "a.tif", frame="sum").values
    np.testing.assert_array_equal(summed, 3 * COUNTS.astype(int))


def test_what_is_not_understood_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, COUNTS, imagej=True, metadata={"cf": 1, "c0": 0, "c1": 1, "c2": 3})
    with pytest.raises(ImageError, match="nonlinear calibration"):
        read_micrograph(path)
    tifffile.imwrite(path, COUNTS, description="camera x\npedestal = 32", metadata=None)
    assert "pedestal = 32, whose meaning is unknown: not applied" in read_micrograph(path).notes[0]
    palette = np.tile(np.arange(256, dtype=np.uint16) * 257, (3, 1))
    tifffile.imwrite(path, COUNTS, photometric="palette", colormap=palette)
    assert_calibrated(read_micrograph(path), "colour table")


@pytest.mark.parametrize("names", [("scale_factor", "add_offset"), ("BSCALE", "BZERO")])
def test_calibrations_in_hdf5_are_applied(tmp_path: Path, names: tuple[str, str]) -> None:
    with h5py.File(tmp_path / "a.emd", "w") as file:
        group = file.create_group("data/image")
        group.attrs["emd_group_type"] = 1
        group["data"] = COUNTS.astype(np.uint16) * 2 + 200
        group["data"].attrs[names[0]], group["data"].attrs[names[1]] = 0.5, -100.0
    assert_calibrated(read_micrograph(tmp_path / "a.emd"), "times 0.5 minus 100", names[0])


def test_electrons_that_digital_micrograph_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.dm4"
    path.write_bytes(b"\0\0\0\4")
    stored = COUNTS.astype(np.int32) * 8 + 40
    brightness = {"Origin": 40.0, "Scale": 0.125, "Units": "e-"}
    tags = {"ImageList": {"TagGroup0": {"ImageData": {"Calibrations": {"Brightness": brightness}}}}}
    axes = [{"name": name, "units": "nm", "scale": 0.006} for name in "yx"]
    signal = {"data": stored, "axes": axes, "metadata": {}, "original_metadata": tags}
    monkeypatch.setattr(
        digital_micrograph.digitalmicrograph, "file_reader", lambda name, lazy: [signal]
    )
    found = read_micrograph(path)
    assert found.in_electrons
    assert_calibrated(found, "times 0.125 minus 5 e-", "calibration of brightness")
    # What the user says of the stored numbers stands instead of the file's word.
    by_hand = read_micrograph(path, gain=8.0)
    np.testing.assert_array_equal(by_hand.values, COUNTS.astype(int) * 8)
    assert not by_hand.in_electrons
    assert "--gain is used instead" in by_hand.notes[0]
    arguments = ["denoise", "gaussian", str(path), "--out", str(tmp_path / "a.tif"), "--overwrite"]
    for more in ([], ["--gain", "8"]):
        result = CliRunner().invoke(cli, [*arguments, *more])
        assert result.exit_code == 0, result.output
        assert "calibration of brightness" in result.output
        assert tifffile.imread(tmp_path / "a.tif").mean() == pytest.approx(COUNTS.mean(), rel=0.05)


def test_a_calibration_that_changes_nothing_is_none() -> None:
    for slope, offset in ((1, 0), (None, None), (0, 0), ("nan", "x"), (float("inf"), 0)):
        assert calibration(slope, offset, "a file") is None


@pytest.mark.parametrize("unit", ["Angstroms", "[Å]", "ångström", "A", "A\u030a", "\u212b"])
def test_words_for_an_angstrom(unit: str) -> None:
    assert in_angstrom(0.06, unit) == pytest.approx(0.06)


def test_units_of_length_and_none() -> None:
    for unit, per_A in (("[n_m]", 10), ("nanometers", 10), ("[p_m]", 0.01), ("cm", 1e8),
                        ("inch", 2.54e8), ("mm", 1e7), ("\u00b5m", 1e4), ("\u03bcm", 1e4),
                        ("micrometre", 1e4), ("microns", 1e4), ("meter", 1e10)):  # fmt: skip
        assert in_angstrom(2.0, unit) == pytest.approx(2.0 * per_A)
    for unit in ("[]", "", "pixels", "[px]", " "):
        assert in_angstrom(2.0, unit) is None
    for unit in ("1/nm", "[1_/_n_m]", "nm^-1", "nm-1", "1 / Å", "mrad", "Å⁻¹", "cm^{-1}"):
        with pytest.raises(ImageError, match="reciprocal space"):
            in_angstrom(2.0, unit)


def test_pixels_in_two_units_and_a_little_off_are_square() -> None:
    axes = [Axis(size=2, scale=0.006, units="nm"), Axis(size=2, scale=6.0, units="pm")]
    assert pixel_size_of(axes) == pytest.approx(0.06)
    axes[1] = Axis(size=2, scale=0.0060145, units="nm")
    assert pixel_size_of(axes) == pytest.approx(0.0600725)


def test_a_resolution_is_a_pixel_size_unless_it_is_that_of_a_print(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    for unit, per_A in (("CENTIMETER", 1e8), ("INCH", 2.54e8)):
        tifffile.imwrite(path, COUNTS, resolution=(per_A / 0.06,) * 2, resolutionunit=unit)
        assert read_micrograph(path).pixel_size_A == pytest.approx(0.06)
    for unit, per_unit in (("INCH", 72), ("INCH", 300), ("CENTIMETER", 118.11), ("NONE", 1e9)):
        tifffile.imwrite(path, COUNTS, resolution=(per_unit, per_unit), resolutionunit=unit)
        assert read_micrograph(path).pixel_size_A is None
    for unit, size in (("Angstroms", 0.06), ("cm", 0.06e-8)):
        tifffile.imwrite(
            path, COUNTS, imagej=True, resolution=(1 / size, 1 / size), metadata={"unit": unit}
        )
        assert read_micrograph(path).pixel_size_A == pytest.approx(0.06)


def test_a_pixel_size_along_x_is_that_along_y_too(tmp_path: Path) -> None:
    metadata = {"axes": "YX", "PhysicalSizeX": 0.06, "PhysicalSizeXUnit": "Å"}
    tifffile.imwrite(tmp_path / "a.ome.tif", COUNTS, ome=True, metadata=metadata)
    found = read_micrograph(tmp_path / "a.ome.tif")
    assert found.pixel_size_A == pytest.approx(0.06)
    assert found.notes == ("it has a pixel size along x only, which is used for y too",)


def test_what_libraries_log_is_a_note_and_not_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", COUNTS)
    images = tiff.images

    def noisy(path: Path):
        for name in ("tifffile", "rsciio.tiff", "tifffile"):
            logging.getLogger(name).warning("an offset\nis odd")
        return images(path)

    monkeypatch.setattr(tiff, "images", noisy)
    found = read_micrograph(tmp_path / "a.tif")
    assert found.notes == ("tifffile: an offset is odd", "rsciio: an offset is odd")
    assert capfd.readouterr() == ("", "")


def test_a_file_named_as_another_format_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    with pytest.raises(ImageError, match=r"cannot be read as .tif.*starts like a PNG file"):
        read_micrograph(tmp_path / "a.tif")
