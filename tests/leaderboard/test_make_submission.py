"""Submissions are moved into place one after the other, complete."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tembench.core.files import put_in_place
from tembench.leaderboard.make_submission import submit


@pytest.mark.slow
def test_two_submissions_of_one_name_come_one_after_the_other(scored: Path, tmp_path: Path) -> None:
    folder = tmp_path / "submissions"
    submit(scored / "good", "mine", folder)
    seen = []

    def once(_: int) -> Path:
        return submit(scored / "good", "mine", folder)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(once, i) for i in range(12)]
        while not all(job.done() for job in jobs):
            seen.append((folder / "mine" / "submission.toml").is_file())
            time.sleep(0.0005)
        assert {job.result() for job in jobs} == {folder / "mine"}
    assert all(seen)
    assert [path.name for path in folder.iterdir()] == ["mine"]


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
