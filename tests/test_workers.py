"""The pool of workers: nothing is left behind, and nothing said, when it is ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import multiprocessing, time
from tembench.workers import worker_pool

def hold(_):
    global lock
    lock = multiprocessing.get_context("spawn").Lock()
    time.sleep(60)

if __name__ == "__main__":
    try:
        with worker_pool(2) as pool:
            for _ in range(2):
                pool.submit(hold, 0)
            pool.submit(time.sleep, 0)
            time.sleep(2)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        print("ended")
"""


def test_ended_workers_leave_no_semaphores(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=50
    )
    assert result.stdout == "ended\n"
    assert result.stderr == ""
