"""Velox files: images beside a spectrum image."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from micrograph_files import COUNTS, STACK, is_counts, refusal, stored

from tembench.micrographs.reading.read_image import read_micrograph


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
        "Scan": {"FrameTime": "2.5"},
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


def test_a_velox_file_with_a_spectrum_image_gives_its_images(tmp_path: Path) -> None:
    for spectrum_image in (False, True):
        path = write_velox(tmp_path / "a.emd", COUNTS[:, :, None], spectrum_image)
        found = read_micrograph(path)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.pixel_size_A == pytest.approx(0.06)
    path = write_velox(tmp_path / "b.emd", np.moveaxis(STACK, 0, -1))
    assert "is a stack of 3 frames" in refusal(path)
    assert is_counts(path, STACK[1], frame=1)
    with stored(path) as found:
        assert [(axis.name, axis.scale, axis.units) for axis in found.frames] == [
            ("time", 2.5, "s")
        ]
    with h5py.File(tmp_path / "c.emd", "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "7"}).encode()]
        file.create_group("Data/Spectrum/0b")
    assert "contains no image; got data of the kinds Spectrum" in refusal(tmp_path / "c.emd")
