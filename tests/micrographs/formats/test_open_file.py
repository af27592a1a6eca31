"""Opening of image files: log messages of libraries, and misnamed files."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import tifffile
from micrograph_files import COUNTS

from tembench.core.errors import ImageError
from tembench.micrographs.formats import tiff
from tembench.micrographs.reading.read_image import read_micrograph


def test_log_messages_of_libraries_are_notes_and_not_printed(
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


def test_a_file_named_as_another_format_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    with pytest.raises(ImageError, match=r"cannot be read as .tif.*starts like a PNG file"):
        read_micrograph(tmp_path / "a.tif")
