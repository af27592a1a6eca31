"""Written report: a folder with the page, the numbers, and the columns for other programs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from tembench.core import OutputError, put_in_place, staging
from tembench.micrographs.trust import Evidence, Sources, Subject
from tembench.micrographs.trust.report.column_files import columns_csv, imagej_rois, napari_csv
from tembench.micrographs.trust.report.report_numbers import report_numbers
from tembench.micrographs.trust.report.report_page import report_page
from tembench.micrographs.trust.report.report_pictures import (
    counts_limits,
    grey,
    limits,
    overlay,
    png_bytes,
    signed,
    with_scale_bar,
)

PAGE, NUMBERS = "report.html", "report.json"
COLUMNS, PICTURE = "columns.csv", "columns.png"
NAPARI, IMAGEJ = "columns-napari.csv", "columns-imagej.zip"
NAMES = (PAGE, NUMBERS, COLUMNS, PICTURE, NAPARI, IMAGEJ)
# Log ratios above which maps have full colour, and standard deviations of the residual.
_MOST_NAT, _MOST_SIGMA = 6.0, 5.0
_MOST_POWER = 20.0


def refuse_other_folder(out: Path, *, overwrite: bool) -> None:
    """Refuse to write a report where something else is, or a report that may not be replaced.

    Raises
    ------
    OutputError
        If the folder contains anything but a report, or a report without `overwrite`.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError("is a file", where=str(out), expected="a folder for the report")
    others = sorted(path.name for path in out.iterdir() if path.name not in NAMES)
    if others:
        raise OutputError(
            "contains other files",
            where=str(out),
            expected="a new folder for the report",
            got=", ".join(others[:3]),
            remedy="Name another folder with --out",
        )
    if any(out.iterdir()) and not overwrite:
        raise OutputError(
            "contains a report already",
            where=str(out),
            remedy="Overwrite it with --overwrite, or name another folder with --out",
        )


def write_report(out: Path, subject: Subject, sources: Sources, evidence: Evidence) -> list[str]:
    """Write a report into a new folder, whole or not at all.

    Parameters
    ----------
    out : pathlib.Path
        The folder; one that is there is replaced.
    subject, sources, evidence
        The image, its files and the results.

    Returns
    -------
    list of str
        Lines for the terminal: the verdict, and what was found.
    """
    pictures = report_pictures(subject, evidence)
    ratios = file_pixels(subject, sources)
    numbers = report_numbers(subject, sources, evidence)
    contents = {
        PAGE: report_page(subject, sources, evidence, pictures, numbers["tembench"]).encode(),
        NUMBERS: (json.dumps(numbers, indent=1, allow_nan=False) + "\n").encode(),
        COLUMNS: columns_csv(evidence.columns, subject.pixel_size_A, ratios).encode(),
        PICTURE: pictures["overlay"],
        NAPARI: napari_csv(evidence.columns, ratios).encode(),
        IMAGEJ: imagej_rois(evidence.columns, ratios),
    }
    with staging(out, OutputError) as folder:
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        put_in_place(folder, out)
    return [
        f"{sources.file}: {numbers['verdict']['text']}",
        *(f"  {one['level']}: {one['text']}" for one in numbers["findings"]),
        f"{out / PAGE}: written in {evidence.seconds:.0f} s",
    ]


def file_pixels(subject: Subject, sources: Sources) -> tuple[float, float]:
    """Return the side of a pixel of the subject in pixels of the file, along y and x."""
    down, across = sources.file_pixel_sizes_A
    return subject.pixel_size_A / down, subject.pixel_size_A / across


def report_pictures(subject: Subject, evidence: Evidence) -> dict[str, bytes]:
    """Return the pictures of a report as PNG, by name."""
    field_A = subject.image.counts.shape[1] * subject.pixel_size_A
    low, high = limits(subject.denoised)
    spectrum = evidence.residual.spectrum
    drawn = {
        "counts": grey(
            subject.image.counts, *counts_limits(subject.dose_e_per_px, subject.image.counts.shape)
        ),
        "denoised": grey(subject.denoised, low, high),
        "overlay": overlay(subject.denoised, evidence.columns, subject.pixel_size_A),
        "vacuum": signed(evidence.maps.vacuum, _MOST_NAT),
        "surroundings": signed(evidence.maps.surroundings, _MOST_NAT),
        "residual": signed(evidence.residual.residual, _MOST_SIGMA),
    }
    pictures = {name: png_bytes(with_scale_bar(one, field_A)) for name, one in drawn.items()}
    levels = np.log1p(np.maximum(spectrum, 0)) / math.log1p(_MOST_POWER)
    return pictures | {"spectrum": png_bytes(grey(levels, 0, 1))}
