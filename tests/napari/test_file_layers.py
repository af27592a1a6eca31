"""Files of microscopes in napari: their pixel size, and movies read when they are shown."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tembench.core.errors import ImageError
from tembench.micrographs.reading.stack import Stack
from tembench.napari.file_layers import file_layers, get_reader

ROOT = Path(__file__).parent.parent.parent
COUNTS = np.random.default_rng(0).poisson(2.0, (4, 24, 32)).astype(np.uint8)


def movie(path: Path, data: np.ndarray = COUNTS) -> Path:
    tifffile.imwrite(path, data, imagej=True, resolution=(100, 100), metadata={"unit": "nm"})
    return path


def test_the_plug_in_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert declared["napari.manifest"] == {"tembench": "tembench.napari:napari.yaml"}


def test_frames_of_a_movie_are_read_when_they_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    frame = Stack.frame

    def watched(stack: Stack, number: int = 0) -> np.ndarray:
        read.append(number)
        return frame(stack, number)

    monkeypatch.setattr(Stack, "frame", watched)
    ((data, attributes, kind),) = file_layers(str(movie(tmp_path / "a.tif")))
    assert kind == "image"
    assert read == [0]
    np.testing.assert_array_equal(data[2].compute(), COUNTS[2])
    assert read == [0, 2]
    assert data.shape == COUNTS.shape
    assert data.dtype == np.uint8
    assert attributes["name"] == "a"
    assert attributes["scale"] == pytest.approx([1, 0.1, 0.1])
    assert attributes["units"] == ["pixel", "angstrom", "angstrom"]


def test_a_single_image(tmp_path: Path) -> None:
    ((data, attributes, _),) = file_layers(str(movie(tmp_path / "a.tif", COUNTS[0])))
    np.testing.assert_array_equal(data, COUNTS[0])
    assert attributes["units"] == ["angstrom", "angstrom"]


def test_a_file_without_pixel_size_has_no_unit(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", COUNTS)
    ((_, attributes, _),) = file_layers(str(tmp_path / "a.npy"))
    assert "units" not in attributes


def test_files_of_others_are_left_to_other_readers(tmp_path: Path) -> None:
    assert get_reader("a.png") is None
    assert get_reader(["a.dm4", "b.dm4"]) is None
    assert get_reader("A.DM4") is file_layers


def test_a_broken_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.dm4").write_bytes(b"nothing")
    with pytest.raises(ImageError) as caught:
        file_layers(str(tmp_path / "a.dm4"))
    assert "\n" not in str(caught.value)
