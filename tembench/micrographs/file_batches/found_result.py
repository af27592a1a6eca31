"""Existing result of an image file: kept if it is complete and made the same way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench.core import OutputError, TembenchError
from tembench.micrographs.denoising import differences, is_intact, read_record
from tembench.micrographs.file_batches.output_files import preview_path


def found_result(
    output: Path, origin: dict[str, Any] | None
) -> dict[str, Any] | TembenchError | None:
    """Return the record of a complete result, the error of an unusable one, or None.

    Parameters
    ----------
    output : pathlib.Path
        Path of the result.
    origin : dict or None
        What would determine the result made now; None if the input cannot be read, which its
        reader reports with more detail.
    """
    there = [one for one in (output, preview_path(output)) if one.exists()]
    if not there or origin is None:
        return None
    records = [read_record(one) for one in there]
    other = sorted({name for record in records for name in differences(record or {}, origin)})
    if not all(records):
        return _exists(there, "and was not written by tembench, or is damaged")
    if other:
        return _exists(there, f"and was made with other settings: {', '.join(other)} differ")
    # Left incomplete by an interrupted run: made again.
    if len(there) < 2 or records[0] is None:
        return None
    return records[0] if is_intact(output, records[0]) else _exists(there, "and is damaged")


def _exists(paths: Sequence[Path], how: str) -> TembenchError:
    return OutputError(
        f"exists already {how}",
        where=", ".join(map(str, paths)),
        remedy="Overwrite it with --overwrite, or name another path with --out",
    )
