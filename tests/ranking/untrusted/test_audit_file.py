from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.ranking.untrusted.audit_file import (
    AUDIT_CASES,
    AUDIT_COLUMNS,
    AUDIT_LIMIT,
    read_audit,
    read_submitted_audit,
)

IMAGES = {"test-00001": (4, 5), "test-00007": (9,)}


def good_lines() -> list[str]:
    rows = [",".join(AUDIT_COLUMNS)]
    for specimen, images in IMAGES.items():
        for image in images:
            rows += [f"{specimen},{image},{case},40.25,0.5" for case in ("base", *AUDIT_CASES)]
    return rows


def write(folder: Path, lines: list[str], **changes: Any) -> Path:
    data = "\n".join(lines).encode() + b"\n"
    (folder / "audit.csv").write_bytes(data)
    content: dict[str, Any] = {
        "format": 1,
        "method": "mine",
        "data": {
            "recipe": "open-hrtem", "version": "1.0.0", "recipe_id": "ab" * 32, "part": "test"
        },
        "scores": {
            "specimens": 2, "images": 3, "sha256": hashlib.sha256(data).hexdigest()
        },
    }  # fmt: skip
    for path, value in changes.items():
        table, _, key = path.rpartition("__")
        (content[table] if table else content)[key] = value
    write_toml(folder / "audit.toml", content)
    return folder


def test_a_good_audit_is_read(tmp_path: Path) -> None:
    lines = good_lines()
    lines[1] = "test-00001,4,base,inf,"
    audit = read_audit(write(tmp_path, lines))
    assert (audit.method, audit.recipe, audit.recipe_id) == ("mine", "open-hrtem", "ab" * 32)
    assert list(audit.scores.columns) == list(AUDIT_COLUMNS)
    assert len(audit.scores) == 3 * (1 + len(AUDIT_CASES))
    assert audit.scores["psnr_db"].iloc[0] == np.inf
    assert np.isnan(audit.scores["column_f1"].iloc[0])
    assert audit.scores["column_f1"].iloc[1:].eq(0.5).all()
    assert "3 images of 2 specimens" in repr(audit)


def replaced(number: int, text: str) -> Callable[[list[str]], None]:
    return lambda lines: lines.__setitem__(number, text)


SPOILED: dict[str, tuple[Callable[[list[str]], None], str]] = {
    "no rows": (lambda lines: lines.__delitem__(slice(1, None)), "expected 3 images, got 0"),
    "heading": (replaced(0, "image,specimen,case,psnr_db,column_f1"), "expected the columns"),
    "a case is missing": (lambda lines: lines.pop(2), "image 4: expected one row for each"),
    "a case twice": (lambda lines: lines.append(lines[2]), "image 4: expected one row for each"),
    "unknown case": (replaced(2, "test-00001,4,melted,40,0.5"), "line 3: case"),
    "another image": (
        lambda lines: lines.append("test-00007,10,base,40,0.5"), "expected 3 images, got 4"
    ),
    "an image of two": (replaced(2, "test-00007,4,moved,40,0.5"), "an image is of two specimens"),
    "not a number": (replaced(2, "test-00001,4,moved,nan,0.5"), "line 3: psnr_db"),
    "an expression": (replaced(2, "test-00001,4,moved,1e9999,0.5"), "line 3: psnr_db"),
    "minus infinity": (replaced(2, "test-00001,4,moved,-inf,0.5"), "line 3: psnr_db"),
    "share above 1": (replaced(2, "test-00001,4,moved,40,1.5"), "line 3: column_f1"),
    "image number": (replaced(2, "test-00001,-4,moved,40,0.5"), "line 3: image"),
    "control character": (replaced(2, "test\x1b,4,moved,40,0.5"), "line 3: specimen"),
    "too few values": (replaced(2, "test-00001,4,moved,40"), "expected 5 values, got 4"),
    "open quote": (replaced(2, '"test-00001,4,moved,40,0.5'), "not a CSV file"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_csv_is_refused(tmp_path: Path, case: str) -> None:
    spoil, message = SPOILED[case]
    lines = good_lines()
    spoil(lines)
    with pytest.raises(OutputError, match=message):
        read_audit(write(tmp_path, lines))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format: expected 1"),
        ({"method": "two\nlines"}, "method"),
        ({"worst": "none"}, "worst: unknown key"),
        ({"data__recipe_id": "short"}, "data.recipe_id"),
        ({"scores__images": 0}, "scores.images"),
        ({"scores__images": 10**9}, "scores.images"),
        ({"scores__specimens": 3}, "expected 3 specimens, got 2"),
        ({"scores__sha256": "cd" * 32}, "differs from the file"),
    ],
)
def test_a_spoiled_description_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        read_audit(write(tmp_path, good_lines(), **changes))


def test_missing_and_huge_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file"):
        read_audit(tmp_path)
    write(tmp_path, good_lines())
    (tmp_path / "audit.csv").unlink()
    with pytest.raises(OutputError, match="no such file"):
        read_audit(tmp_path)
    (tmp_path / "audit.csv").write_bytes(b"x" * (AUDIT_LIMIT + 1))
    with pytest.raises(OutputError, match="too large"):
        read_audit(tmp_path)


def test_a_submission_may_carry_an_audit_of_its_own_alone(tmp_path: Path) -> None:
    assert read_submitted_audit(tmp_path, "mine", "ab" * 32) is None
    write(tmp_path, good_lines())
    audit = read_submitted_audit(tmp_path, "mine", "ab" * 32)
    assert audit is not None
    assert audit.method == "mine"
    for method, recipe_id in (("yours", "ab" * 32), ("mine", "cd" * 32)):
        with pytest.raises(OutputError, match="of another method or recipe"):
            read_submitted_audit(tmp_path, method, recipe_id)
    (tmp_path / "audit.toml").unlink()
    with pytest.raises(OutputError, match="no such file"):
        read_submitted_audit(tmp_path, "mine", "ab" * 32)
