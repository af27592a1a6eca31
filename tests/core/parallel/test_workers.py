"""Worker pool: it ends without leftovers and without messages."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

BUSY = """
import os, signal, time
from tembench.core.parallel.workers import worker_pool

if __name__ == "__main__":
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with worker_pool(4) as pool:
            for _ in range(4):
                pool.submit(time.sleep, 60)
            time.sleep({wait})
            os.killpg(0, signal.SIGINT)
            time.sleep(60)
    except KeyboardInterrupt:
        print("ended")
"""
SCRIPT = """
import multiprocessing, time
from pathlib import Path
from tembench.core.parallel.workers import worker_pool

HERE = Path(__file__).parent

def hold(number):
    global lock
    lock = multiprocessing.get_context("spawn").Lock()
    (HERE / f"held-{number}").touch()
    time.sleep(60)

if __name__ == "__main__":
    try:
        with worker_pool(2) as pool:
            for number in range(2):
                pool.submit(hold, number)
            pool.submit(time.sleep, 0)
            while len(list(HERE.glob("held-*"))) < 2:
                time.sleep(0.05)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        print("ended")
"""


@pytest.mark.slow
def test_ended_workers_leave_no_semaphores(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=50
    )
    assert result.stdout == "ended\n"
    assert result.stderr == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("wait", [0, 0.05, 0.2])
def test_ctrl_c_while_workers_start_is_reported_once(tmp_path: Path, wait: float) -> None:
    script = tmp_path / "script.py"
    script.write_text(BUSY.format(wait=wait))
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=50
    )
    assert result.stdout == "ended\n"
    assert result.stderr == ""


DEAF = """
import os, re, signal, sys, time
from pathlib import Path
from tembench.core.parallel.workers import worker_pool

HERE = Path(__file__).parent

def deaf(number):
    (HERE / f"pid-{number}").write_text(str(os.getpid()))
    # One call into C that holds Python's lock for minutes.
    re.match("(a*)*b", "a" * 40)

if __name__ == "__main__":
    with worker_pool(1) as pool:
        pool.submit(deaf, 0)
        time.sleep(120)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the worker ends when C returns")
def test_a_worker_in_c_code_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(DEAF)
    with subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL) as parent:
        pid = tmp_path / "pid-0"
        while not (pid.exists() and pid.read_text()):
            time.sleep(0.05)
        worker = Path("/proc") / pid.read_text()
        assert worker.exists()
        time.sleep(0.5)
        parent.kill()
    deadline = time.monotonic() + 1.0
    while worker.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    state = (worker / "stat").read_text().rpartition(")")[2].split()[0] if worker.exists() else "X"
    assert state in "XZ"
