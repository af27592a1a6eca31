"""Times of stages and memory of processes: each second counts once, in its own thread."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tembench.core import resource_use
from tembench.core.resource_use import stage, timed_stages, tree_memory_bytes, watched_memory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def test_time_counts_for_the_innermost_stage(clock: list[float]) -> None:
    with timed_stages() as seconds:
        clock[0] += 1
        with stage("outer"):
            clock[0] += 2
            with stage("inner"):
                clock[0] += 4
            clock[0] += 8
        with stage("inner"):
            clock[0] += 16
        clock[0] += 32
    assert seconds == {"other": 33, "outer": 10, "inner": 20}


def test_an_error_ends_its_stages(clock: list[float]) -> None:
    with timed_stages() as seconds:
        with pytest.raises(IndexError), stage("failing"):
            clock.pop(1)
        clock[0] += 2
    assert seconds == {"failing": 0, "other": 2}


def test_each_piece_of_work_has_its_own_times(clock: list[float]) -> None:
    with stage("before"):
        clock[0] += 1
    with timed_stages() as seconds, stage("mine"):
        clock[0] += 2
        thread = threading.Thread(target=elsewhere, args=(clock,))
        thread.start()
        thread.join()
    assert seconds == {"other": 0, "mine": 6}


def elsewhere(clock: list[float]) -> None:
    with timed_stages() as seconds, stage("theirs"):
        clock[0] += 4
    assert seconds == {"other": 0, "theirs": 4}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_of_a_child_is_counted() -> None:
    code = "block = bytearray(10**8); print(flush=True); input()"
    with watched_memory() as before:
        pass
    with (
        watched_memory() as found,
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child,
    ):
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(1.2)
        child.communicate(b"")
    assert found.of_all
    assert found.peak_bytes is not None
    assert before.peak_bytes is not None
    assert found.peak_bytes - before.peak_bytes > 0.9e8


def test_without_proc_the_largest_process_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_use, "_PROC", tmp_path)
    assert tree_memory_bytes(1) is None
    with watched_memory() as found:
        pass
    assert not found.of_all
    assert found.peak_bytes is None or found.peak_bytes > 10**7
