"""Ten submissions at once: each is scored on its own, and all are moved into one folder."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from ranking_fakes import FakeStore, denoisers

from tembench.core.errors import OutputError
from tembench.core.files import locked
from tembench.ranking import submit_images
from tembench.ranking.submission import check_submission

_PROCESSES, _SUBMISSIONS = 4, 10


def submit(root: Path, number: int) -> str:
    """Submit images that differ by their number, from a process of its own."""
    stated = {"title": f"Method {number}", "kind": "classical"}
    made = submit_images(
        root / f"m{number}.npy", FakeStore(), f"m{number}", root / "all",  # type: ignore[arg-type]
        metadata=stated, order="store", workers=0,
    )  # fmt: skip
    return made.path.name


@pytest.mark.slow
def test_ten_submissions_are_made_at_once(tmp_path: Path) -> None:
    store = FakeStore()
    images = np.stack([denoisers(store)["good"][1](i) for i in store.images()]).astype(np.float32)
    for number in range(_SUBMISSIONS):
        np.save(tmp_path / f"m{number}.npy", images + np.float32(0.001 * number))
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as pool:
        jobs = [pool.submit(submit, tmp_path, number) for number in range(_SUBMISSIONS)]
        assert sorted(job.result() for job in jobs) == [f"m{i}" for i in range(_SUBMISSIONS)]
    found = {path.name: check_submission(path) for path in (tmp_path / "all").iterdir()}
    assert len(found) == _SUBMISSIONS
    assert len({one.outputs_sha256 for one in found.values()}) == _SUBMISSIONS
    means = [float(found[f"m{i}"].scores["mse"].mean()) for i in range(_SUBMISSIONS)]
    assert means == sorted(means)


def test_the_same_name_is_submitted_by_one_at_a_time(tmp_path: Path) -> None:
    store = FakeStore()
    np.save(tmp_path / "m0.npy", np.stack([store.noisy(i) for i in store.images()]))
    working = tmp_path / "all" / ".m0.outputs"
    working.mkdir(parents=True)
    with (
        locked(working, OutputError),
        pytest.raises(OutputError, match="another process is at work there"),
    ):
        submit(tmp_path, 0)
