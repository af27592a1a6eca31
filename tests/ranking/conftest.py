"""Fixtures: a tiny store, outputs of six methods, their scores and submissions."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.scoring.score import score_outputs

# A module of its own, on the path, so that worker processes can import the fake store too.
sys.path.insert(0, str(Path(__file__).parent))
from ranking_fakes import FakeStore, denoisers, write_outputs


@pytest.fixture(scope="session")
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture(scope="session")
def scored(store: FakeStore, made_once: Callable[..., Path]) -> Path:
    """Outputs of every method, scored; read only."""

    def make(root: Path) -> None:
        for name in denoisers(store):
            score_outputs(write_outputs(root / name, store, name), store, workers=0)

    return made_once("scored", make)


@pytest.fixture(scope="session")
def submitted(scored: Path, made_once: Callable[..., Path]) -> Path:
    """Submissions of every method; read only."""

    def make(folder: Path) -> None:
        for outputs in sorted(scored.iterdir()):
            submit_outputs(outputs, outputs.name, folder)

    return made_once("submitted", make)


@pytest.fixture
def outputs(store: FakeStore, tmp_path: Path) -> Path:
    """Fresh outputs of one method, not scored."""
    return write_outputs(tmp_path / "outputs", store, "good")


@pytest.fixture
def submission(submitted: Path, tmp_path: Path) -> Path:
    """A submission to spoil."""
    return Path(shutil.copytree(submitted / "good", tmp_path / "submissions" / "good"))


@pytest.fixture
def folder(submitted: Path, tmp_path: Path) -> Path:
    """All submissions, to change or add to."""
    return Path(shutil.copytree(submitted, tmp_path / "all"))
