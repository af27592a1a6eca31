"""Digital Micrograph files: spectra, colours and calibrations in electrons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from micrograph_files import COUNTS, assert_calibrated, refusal

from tembench.cli import cli
from tembench.micrographs.formats import digital_micrograph
from tembench.micrographs.reading.read_image import read_micrograph


def test_spectra_are_named_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_electrons_stated_by_digital_micrograph_have_a_gain_of_one(
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
    arguments = ["apply", "gaussian", str(path), "--out", str(tmp_path / "a.tif"), "--overwrite"]
    for more in ([], ["--gain", "8"]):
        result = CliRunner().invoke(cli, [*arguments, *more])
        assert result.exit_code == 0, result.output
        assert "calibration of brightness" in result.output
        assert tifffile.imread(tmp_path / "a.tif").mean() == pytest.approx(COUNTS.mean(), rel=0.05)
