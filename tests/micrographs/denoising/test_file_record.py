"""The record in denoised files: what made them, and when a result counts as done."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import tifffile
from micrograph_files import counts_file, done, names, refused
from PIL import Image
from rsciio import tiff

from tembench.core.errors import OutputError
from tembench.micrographs.denoising import file_record as records
from tembench.micrographs.denoising.file_record import read_record
from tembench.micrographs.reading.read_image import read_micrograph


def test_the_record_describes_input_method_and_options(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif", pixel_size_A=0.125)
    place = tmp_path / "out" / "raw.gaussian.tif"
    done("gaussian", raw, "--out", place.parent)
    record = read_record(place)
    assert record == read_record(place.with_suffix(".png"))
    (method,) = record["method"]
    assert method["name"] == "gaussian"
    assert set(method) == {"name", "code_sha256", "parameters"}
    assert record["input"]["name"] == "raw.tif"
    assert len(record["input"]["sha256"]) == 64
    assert record["pixel_size_A"] == {"value": pytest.approx(0.125), "from": "file"}
    assert record["dose_e_per_px"]["from"] == "found in the image"
    seen = record["seen_by_the_method"]
    assert seen["pixel_size_A"] == 0.0625
    assert record["dose_e_per_px"]["value"] == pytest.approx(4 * seen["dose_e_per_px"])
    assert record["gain"] == {"value": 1.0, "from": "counts"}
    assert record["made_by"]["tembench"] == record["tembench"]
    assert record["warnings"]
    given = ("--pixel-size-A", 0.1, "--dose", 2, "--gain", 0.5)
    done("gaussian", raw, "--out", tmp_path / "b.tif", *given)
    record = read_record(tmp_path / "b.tif")
    assert record["options"]["pixel_size_A"] == 0.1
    for name, value in (("pixel_size_A", 0.1), ("dose_e_per_px", 2.0), ("gain", 0.5)):
        assert record[name] == {"value": pytest.approx(value), "from": "option"}


def test_other_programs_read_the_record_and_the_pixel_size(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif", pixel_size_A=0.0488)
    place = tmp_path / "b.tif"
    done("gaussian", raw, "--out", place)
    with tifffile.TiffFile(place) as file:
        assert file.imagej_metadata["unit"] == "nm"
        assert json.loads(file.imagej_metadata["Info"]) == read_record(place)
        tags = file.pages[0].tags
        assert tags[65009].value == pytest.approx(0.00488)
        assert tags[65003].value == "nm"
        across, inches = tags["XResolution"].value
        assert inches / across == pytest.approx(0.00488)
    (image,) = tiff.file_reader(str(place))
    assert [axis["units"] for axis in image["axes"]] == ["nm", "nm"]
    assert image["axes"][0]["scale"] == pytest.approx(0.00488)
    info = image["original_metadata"]["IJMetadata"]["Info"]
    assert json.loads(info)["input"]["name"] == "raw.tif"
    assert read_micrograph(place).pixel_size_A == pytest.approx(0.0488)


def test_files_without_a_record_have_none(tmp_path: Path) -> None:
    assert read_record(tmp_path / "none.tif") is None
    assert read_record(counts_file(tmp_path / "a.tif")) is None
    (tmp_path / "a.png").write_bytes(b"no PNG")
    assert read_record(tmp_path / "a.png") is None


def test_a_result_counts_as_done_only_with_equal_input_method_and_options(
    tmp_path: Path, write_method: Any
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    method, out = write_method(), tmp_path / "out"
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "w").write_text("1")
    usual = (method, raw, "--out", out, "--weights", weights)
    done(*usual)
    assert "done already" in done(*usual).stdout
    # A copy under the same name is the same image.
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "raw.tif").write_bytes(raw.read_bytes())
    copied = (method, tmp_path / "copy" / "raw.tif", *usual[2:])
    assert "done already" in done(*copied).stdout

    def differs(part: str, *arguments: object) -> None:
        said = refused(OutputError, *arguments)
        assert "exists already and was made with other settings" in said
        assert f"{part} differ" in said
        assert "--overwrite" in said

    differs("dose_e_per_px", *usual, "--dose", 0.5)
    differs("gain, seed", *usual, "--seed", 3, "--gain", 0.5)
    differs("method", *usual, "--set", "scale=0.5")
    (weights / "w").write_text("2")
    differs("weights_sha256", *usual)
    (weights / "w").write_text("1")
    counts_file(raw, 5)
    differs("input", *usual)
    counts_file(raw)
    assert "done already" in done(*usual).stdout
    (method / "method.py").write_text((method / "method.py").read_text() + "\nx = 1\n")
    differs("method", *usual)
    done(*usual, "--overwrite")
    assert "done already" in done(*usual).stdout


def test_a_file_too_large_to_be_hashed_is_known_by_its_size_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_MOST_HASHED_BYTES", 100)
    raw = counts_file(tmp_path / "raw.tif")
    usual = ("gaussian", raw, "--out", tmp_path / "out")
    done(*usual)
    assert "sha256" not in read_record(tmp_path / "out" / "raw.gaussian.tif")["input"]
    assert "done already" in done(*usual).stdout
    os.utime(raw, (1, 1))
    assert "input differ" in refused(OutputError, *usual)


def test_files_of_other_programs_and_damaged_ones_do_not_count_as_done(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    place = tmp_path / "out" / "raw.gaussian.tif"
    counts_file(place, 9)
    foreign = place.read_bytes()
    usual = ("gaussian", raw, "--out", place.parent)
    assert "was not written by tembench" in refused(OutputError, *usual)
    assert place.read_bytes() == foreign
    done(*usual, "--overwrite")
    good = place.read_bytes()
    place.write_bytes(good[: len(good) // 2])
    assert "exists already and is" in refused(OutputError, *usual)
    spoilt = bytearray(good)
    spoilt[-5] ^= 0xFF
    place.write_bytes(spoilt)
    assert "exists already and is damaged" in refused(OutputError, *usual)
    # A picture of the user's in the place of ours.
    place.unlink()
    Image.new("L", (8, 8)).save(place.with_suffix(".png"))
    assert "was not written by tembench" in refused(OutputError, *usual)


@pytest.mark.slow
def test_a_result_left_incomplete_by_an_interruption_is_completed(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    usual = ("gaussian", raw, "--out", tmp_path / "out")
    done(*usual)
    whole = names(tmp_path / "out")
    for half in whole:
        (tmp_path / "out" / half).unlink()
        assert "done already" not in done(*usual).stdout
        assert names(tmp_path / "out") == whole


def test_weights_that_are_not_the_methods_own_are_named(
    tmp_path: Path, write_method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = """
import numpy as np
class Mine:
    def denoise(self, image):
        return image.counts.astype(np.float32)
def build(parameters):
    return Mine()
def train(parameters, data, folder): ...
"""
    method = write_method(python=python)
    raw = counts_file(tmp_path / "raw.tif")
    monkeypatch.chdir(tmp_path)
    (method / "weights").mkdir()
    assert "Weights" not in done(method, raw, "--out", "own").output
    assert read_record(tmp_path / "own" / "raw.mine.tif")["weights"]["from"] == "the method's own"
    found = tmp_path / "weights" / "mine"
    found.mkdir(parents=True)
    (found / "w").write_text("2")
    said = done(method, raw, "--out", "here").stderr
    assert said.startswith(
        f"Weights: {Path('weights/mine')} (found in the working folder, instead of those that "
        "come with mine)\n"
    )
    record = read_record(tmp_path / "here" / "raw.mine.tif")
    assert record["weights"] == {"folder": "weights/mine", "from": "found in the working folder"}
    assert len(record["weights_sha256"]) == 64
    given = done(method, raw, "--out", "given", "--weights", found).stderr
    assert f"Weights: {found} (given with --weights, instead of" in given


@pytest.mark.slow
def test_a_folder_that_hides_a_baseline_is_named(
    tmp_path: Path, write_method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    folder = write_method(name="gaussian")
    monkeypatch.chdir(tmp_path)
    said = done("gaussian", raw, "--out", "here").stderr
    assert f"Method: the folder {folder}, instead of the baseline gaussian" in said
    assert "Method: " not in done(folder, raw, "--out", "given").stderr
    assert "Method: " not in done("nlm", raw, "--out", "own").stderr
