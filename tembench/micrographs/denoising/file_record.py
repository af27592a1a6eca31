"""Record inside a denoised file: the input, the method, the options and the values.

JSON, stored in the TIFF as the text that ImageJ shows under *Show Info* (in HyperSpy:
``original_metadata.IJMetadata.Info``), in an OME-TIFF as its description, in a Zarr group as its
attribute ``tembench``, and in the PNG under the keyword ``tembench``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tembench import __version__
from tembench.methods import weights_digest
from tembench.micrographs.denoising.counted_image import described_counting, described_pixels
from tembench.micrographs.denoising.denoised_file import DenoisedFile
from tembench.micrographs.domain import Chosen, MethodSource
from tembench.micrographs.reading import FileOptions

RECORD_KEY = "tembench"
_RECORD_FORMAT = 1
# Hashing a whole movie would take longer than denoising one of its frames.
_MOST_HASHED_BYTES = 1 << 31


def read_record(path: Path) -> dict[str, Any] | None:
    """Read the record in a result or its PNG; None if there is no readable record.

    Parameters
    ----------
    path : pathlib.Path
        A TIFF, PNG, ZSPY or Zarr written by `tembench apply`.

    Returns
    -------
    dict or None
        ``method``, ``weights``, ``input``, ``options``, ``pixel_size_A``, ``dose_e_per_px``,
        ``gain`` (each with its source), ``warnings``, ``made_by`` and more.

    Examples
    --------
    >>> read_record(Path("no_such.tif")) is None
    True
    """
    try:
        record = json.loads(_stored_text(path))
    # Readers raise all kinds of errors on other files, which contain no record.
    except Exception:
        return None
    return record if isinstance(record, dict) and record.get("format") == _RECORD_FORMAT else None


def as_text(record: Mapping[str, Any]) -> str:
    """Return a record as the text written into a file: JSON in ASCII."""
    return json.dumps(record, indent=1, default=str)


def maker_of(source: MethodSource) -> dict[str, Any]:
    """Describe what determines all results of a batch: program, methods, parameters, weights.

    Parameters
    ----------
    source : MethodSource
        The method with its weights, or a choice of methods.
    """
    methods = [
        method
        for one in source.methods
        for method in (one.method, *([one.method.base] if one.method.base else []))
    ]
    described: list[dict[str, Any]] = [
        {"name": m.name, "code_sha256": m.code_digest(), "parameters": dict(m.parameters)}
        for m in methods
    ]
    digests = [weights_digest(one.used_weights) for one in source.methods if one.used_weights]
    if len(source.methods) > 1:
        described = [{"name": source.name, "candidates": described}]
    return {
        "format": _RECORD_FORMAT,
        "tembench": __version__,
        "method": described,
        "weights_sha256": (digests if len(digests) > 1 else digests[0]) if digests else None,
    }


def origin_of(maker: Mapping[str, Any], path: Path, options: FileOptions) -> dict[str, Any]:
    """Describe everything that determines a result, all of it known before the work.

    Parameters
    ----------
    maker : mapping
        From `maker_of`.
    path : pathlib.Path
        The image file to denoise.
    options : FileOptions
        The user's options.
    """
    content = {**maker, "input": _input(path), "options": dataclasses.asdict(options)}
    # In the form in which it is read back.
    plain: dict[str, Any] = json.loads(as_text(content))
    return plain


def differences(record: Mapping[str, Any], origin: Mapping[str, Any]) -> list[str]:
    """Return the parts of its origin in which a file's record differs, except names of files."""
    keys = [key for key in origin if _compared(record.get(key)) != _compared(origin[key])]
    then, now = record.get("options"), origin["options"]
    if "options" in keys and isinstance(then, dict):
        keys.remove("options")
        keys += [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return keys


def image_record(
    common: Mapping[str, Any], done: DenoisedFile, scores: str | None
) -> dict[str, Any]:
    """Assemble the record that is written into a denoised image.

    Parameters
    ----------
    common : mapping
        From `origin_of`, with what describes the run: ``weights`` and ``made_by``.
    done : DenoisedFile
        The result.
    scores : str or None
        The line of scores, if the clean image is known.
    """
    return {
        **common,
        **_choice(done.chosen),
        "pixel_size_A": described_pixels(done.pixel_sizes_A, done.pixel_size_from),
        "dose_e_per_px": {"value": done.file_dose_e_per_px, "from": done.dose_from},
        **({} if done.counting is None else described_counting(done.counting)),
        "seen_by_the_method": {
            "pixel_size_A": done.given.pixel_size_A,
            "dose_e_per_px": done.given.dose_e_per_px,
        },
        "scores": scores,
        "warnings": list(done.warnings),
        "values_sha256": values_digest(done.denoised),
    }


def movie_record(
    common: Mapping[str, Any], chosen: Chosen, rule: Mapping[str, Any], warnings: Sequence[str]
) -> dict[str, Any]:
    """Assemble the record that is written into a denoised movie, before its frames are.

    Parameters
    ----------
    common : mapping
        As for `image_record`.
    chosen : Chosen
        The method.
    rule : mapping
        Pixel size, dose and gain of all frames, and their number.
    warnings : sequence of str
        Unusual properties of the movie.
    """
    return {**common, **_choice(chosen), **rule, "scores": None, "warnings": list(warnings)}


def _choice(chosen: Chosen) -> dict[str, Any]:
    return {} if chosen.record is None else {"chosen": dict(chosen.record)}


def is_intact(path: Path, record: Mapping[str, Any]) -> bool:
    """Return whether a result still has the values that were recorded.

    The frames of a movie are only counted: each was checked when the movie was put in its place.
    """
    import tifffile

    try:
        if "frames" in record:
            return path.is_dir() or _has_frames(path, record["frames"])
        return values_digest(tifffile.imread(path)) == record.get("values_sha256")
    # The library raises all kinds of errors on truncated files.
    except Exception:
        return False


def _has_frames(path: Path, frames: int) -> bool:
    import tifffile

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        end = (series.dataoffset or 0) + series.nbytes
        return series.shape[0] == frames and end <= path.stat().st_size


def values_digest(image: np.ndarray) -> str:
    """Return the sha256 of an image's values as float32 in row order."""
    return hashlib.sha256(np.ascontiguousarray(image, dtype="<f4").tobytes()).hexdigest()


def _input(path: Path) -> dict[str, Any]:
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
        listed = [(str(f.relative_to(path)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
        return {
            "name": path.name,
            "bytes": sum(size for _, size, _ in listed),
            "files_sha256": hashlib.sha256(json.dumps(listed).encode()).hexdigest(),
        }
    status = path.stat()
    found = {"name": path.name, "bytes": status.st_size}
    if status.st_size > _MOST_HASHED_BYTES:
        return {**found, "modified_ns": status.st_mtime_ns}
    with path.open("rb") as file:
        return {**found, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _compared(part: Any) -> Any:
    return {k: v for k, v in part.items() if k != "name"} if isinstance(part, dict) else part


def _stored_text(path: Path) -> str:
    """Return the text in which a result keeps its record."""
    if path.suffix.lower() == ".png":
        return _png_text(path)
    if path.is_dir():
        import zarr

        return json.dumps(zarr.open_group(path, mode="r").attrs[RECORD_KEY])
    import tifffile

    with tifffile.TiffFile(path) as file:
        if file.is_ome:
            found = ElementTree.fromstring(file.ome_metadata or "").find(".//{*}Description")
            return (found.text if found is not None else None) or ""
        return str((file.imagej_metadata or {})["Info"])


def _png_text(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as image:
        return str(image.info[RECORD_KEY])
