"""Submissions are moved into place one after the other, complete."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tembench.core.errors import OutputError
from tembench.core.files import put_in_place, write_toml
from tembench.ranking import (
    AUDIT_BASE,
    AUDIT_CASES,
    AUDIT_COLUMNS,
    AUDIT_CSV,
    AUDIT_FORMAT,
    AUDIT_TOML,
)
from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.submission import check_submission


@pytest.mark.slow
def test_two_submissions_of_one_name_come_one_after_the_other(scored: Path, tmp_path: Path) -> None:
    folder = tmp_path / "submissions"
    submit_outputs(scored / "good", "mine", folder)
    seen = []

    def once(_: int) -> Path:
        return submit_outputs(scored / "good", "mine", folder)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(once, i) for i in range(12)]
        while not all(job.done() for job in jobs):
            seen.append((folder / "mine" / "submission.toml").is_file())
            time.sleep(0.0005)
        assert {job.result() for job in jobs} == {folder / "mine"}
    assert all(seen)
    assert [path.name for path in folder.iterdir()] == ["mine"]


def write_audit(folder: Path, method: str) -> Path:
    """An audit of one image, which loses nothing in any case."""
    folder.mkdir()
    rows = [f"beta,3,{case},40.0,0.9" for case in (AUDIT_BASE, *AUDIT_CASES)]
    text = "\n".join([",".join(AUDIT_COLUMNS), *rows]) + "\n"
    (folder / AUDIT_CSV).write_text(text)
    data = {"recipe": "tiny", "version": "1.0.0", "recipe_id": "ab" * 32, "part": "test"}
    digest = hashlib.sha256(text.encode()).hexdigest()
    scores = {"specimens": 1, "images": 1, "sha256": digest}
    content = {"format": AUDIT_FORMAT, "method": method, "data": data, "scores": scores}
    write_toml(folder / AUDIT_TOML, content)
    return folder


@pytest.mark.slow
def test_a_submission_carries_its_audit_and_names_its_first_training(
    scored: Path, tmp_path: Path
) -> None:
    audit = write_audit(tmp_path / "audit", "good")
    made = check_submission(
        submit_outputs(scored / "good", "good-2", tmp_path, seed_of="good", audit=audit)
    )
    assert made.seed_of == "good"
    assert made.audit is not None
    assert len(made.audit.scores) == 1 + len(AUDIT_CASES)
    plain = check_submission(submit_outputs(scored / "good", "good", tmp_path))
    assert (plain.seed_of, plain.audit) == ("", None)
    other = write_audit(tmp_path / "other", "poor")
    with pytest.raises(OutputError, match="the audit is of another method or recipe"):
        submit_outputs(scored / "good", "good", tmp_path, audit=other)
    with pytest.raises(OutputError, match="not a name for a submission"):
        submit_outputs(scored / "good", "good", tmp_path, seed_of="Good!")


def test_a_folder_is_put_in_place_where_names_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tembench.core.files._exchanged", lambda first, second: False)
    new, old = tmp_path / "new", tmp_path / "old"
    for path in (new, old):
        path.mkdir()
        (path / path.name).touch()
    put_in_place(new, old)
    assert [path.name for path in old.iterdir()] == ["new"]
