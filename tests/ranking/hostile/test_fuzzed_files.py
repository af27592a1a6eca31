"""Whatever the bytes of a file are, it is read or refused; ``benchmarks`` does it at length."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzed_files import FuzzedFile, fuzzed_files
from hypothesis import HealthCheck, given, settings, strategies as st
from ranking_fakes import FakeStore

# The same examples each time: a failure that comes and goes helps nobody.
FEW = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KINDS = 24


@pytest.fixture
def files(submission: Path, outputs: Path, store: FakeStore) -> list[FuzzedFile]:
    return fuzzed_files(submission, outputs, store)


@pytest.mark.slow
def test_the_good_files_are_accepted(files: list[FuzzedFile]) -> None:
    assert len(files) == KINDS
    assert [file.kind for file in files if not file.is_accepted(file.good)] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KINDS))
def test_any_bytes_are_read_or_refused(files: list[FuzzedFile], number: int) -> None:
    file = files[number]
    accepted: list[bool] = []

    @FEW
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        accepted.append(file.is_accepted(data.draw(file.changed())))

    fuzz()
    assert len(accepted) >= FEW.max_examples
