"""A report as files: one page without requests, strict JSON, columns for other programs."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from roifile import ROI_TYPE, ImagejRoi
from toy_subjects import COLUMNS, PIXEL_SIZE_A, Drawing, lattice, ready

from tembench.core import OutputError
from tembench.micrographs.reading import FileOptions
from tembench.micrographs.trust import collect_evidence, read_subject
from tembench.micrographs.trust.report.write_report import (
    NAMES,
    refuse_other_folder,
    write_report,
)

# The report is made once for all tests of it, in more than a second.
pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)>.npy"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    counts = np.random.default_rng(0).poisson(4 * lattice(contrast=0.6)).astype(np.uint8)
    np.save(folder / HOSTILE, counts)
    method = ready(Drawing(lattice(contrast=0.6)))
    options = FileOptions(pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=4.0)
    subject, sources = read_subject(folder / HOSTILE, None, [], options, method)
    lines = write_report(folder / "out", subject, sources, collect_evidence(subject))
    assert lines[-1].startswith(f"{folder / 'out' / 'report.html'}: written")
    return folder / "out"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_all_files_are_there(report: Path) -> None:
    assert sorted(path.name for path in report.iterdir()) == sorted(NAMES)


def test_the_page_requests_nothing_and_runs_nothing(report: Path) -> None:
    text = (report / "report.html").read_text(encoding="utf-8")
    parsed = Tags()
    parsed.feed(text)
    policies = [a["content"] for t, a in parsed.tags if a.get("http-equiv")]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    names = {tag for tag, _ in parsed.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form"}
    sources = [attributes["src"] for _, attributes in parsed.tags if "src" in attributes]
    assert len(sources) == 7
    assert all(str(source).startswith("data:image/png;base64,") for source in sources)
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert not re.search(r"https?://|url\(", text)
    assert "&lt;img src=x" in text


def test_the_page_says_what_the_numbers_say(report: Path) -> None:
    text = (report / "report.html").read_text(encoding="utf-8")
    numbers = json.loads((report / "report.json").read_text(), parse_constant=pytest.fail)
    assert f"<h1>{numbers['verdict']['text']}</h1>" in text
    assert len(numbers["findings"]) == text.count('<span class="mark">')
    assert numbers["image"]["pixel_size_A"] == PIXEL_SIZE_A
    assert numbers["errors"]["against"][0]["mse"]["standard_error"] > 0
    assert numbers["support"]["indices"][0]["index"] == pytest.approx(1, abs=0.3)
    assert numbers["halves"]["spread_A"] == 0
    assert numbers["withheld"] == {}


def test_columns_are_alike_in_all_formats(report: Path) -> None:
    numbers = json.loads((report / "report.json").read_text())["columns"]["list"]
    rows = list(csv.DictReader(io.StringIO((report / "columns.csv").read_text())))
    points = list(csv.DictReader(io.StringIO((report / "columns-napari.csv").read_text())))
    assert len(rows) == len(points) == len(numbers) >= COLUMNS
    for row, point, number in zip(rows, points, numbers, strict=True):
        assert float(row["x_A"]) == pytest.approx(number["x_A"], abs=1e-3)
        assert float(row["x_px"]) == pytest.approx(number["x_A"] / PIXEL_SIZE_A, abs=0.01)
        assert float(point["axis-0"]) == pytest.approx(float(row["y_px"]), abs=0.01)
        assert float(point["axis-1"]) == pytest.approx(float(row["x_px"]), abs=0.01)
        assert row["verdict"] == point["verdict"] == number["verdict"]
        assert (row["kind"] == "bright") == number["bright"]
    with zipfile.ZipFile(report / "columns-imagej.zip") as archive:
        rois = [ImagejRoi.frombytes(archive.read(name)) for name in archive.namelist()]
    assert all(roi.roitype == ROI_TYPE.POINT for roi in rois)
    assert sum(len(roi.coordinates()) for roi in rois) == len(rows)
    supported = next(roi for roi in rois if roi.name == "supported").coordinates()
    due = [(float(r["x_px"]), float(r["y_px"])) for r in rows if r["verdict"] == "supported"]
    np.testing.assert_allclose(supported, np.array(due) + 0.5, atol=0.02)


def test_other_folders_are_refused(report: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="report already"):
        refuse_other_folder(report, overwrite=False)
    refuse_other_folder(report, overwrite=True)
    refuse_other_folder(tmp_path / "new", overwrite=False)
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="other files"):
        refuse_other_folder(tmp_path, overwrite=True)
    with pytest.raises(OutputError, match="is a file"):
        refuse_other_folder(tmp_path / "thesis.tex", overwrite=True)
