"""Hostile submissions and outputs: refused in one line, or accepted and harmless."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hostile_cases import all_cases
from hostile_judge import Judge
from house import ROOT
from ranking_fakes import FakeStore, write_outputs

from tembench.core import markdown_escaped
from tembench.ranking import build_tables, score_outputs

CASES = {case.name: case for case in all_cases()}


def test_no_two_cases_have_one_name() -> None:
    counts = Counter(case.name for case in all_cases())
    assert [name for name, count in counts.items() if count > 1] == []
    assert len(counts) >= 60


def test_the_page_has_all_cases() -> None:
    page = (ROOT / "docs" / "results" / "hostile-cases.md").read_text()
    lacking = [
        case.name for case in all_cases() if f"| {markdown_escaped(case.name)} |" not in page
    ]
    assert not lacking, "make it again: python benchmarks/hostile_cases.py"
    assert f"\n{len(CASES)} cases: " in page
    assert " 0 faults." in page


@pytest.fixture(scope="module")
def judge(submitted: Path, store: FakeStore, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    folder = tmp_path_factory.mktemp("good")
    outputs = write_outputs(folder / "outputs", store, "good")
    # What numba has compiled is read back by pickle, once in a process: not by a case.
    score_outputs(write_outputs(folder / "first", store, "good"), store, workers=0)
    build_tables(submitted)
    return Judge(submitted=submitted, outputs=outputs, store=store)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_case_does_no_harm(judge: Judge, tmp_path: Path, name: str) -> None:
    outcome = judge.judge(CASES[name], tmp_path)
    assert not outcome.faults, outcome.happened
