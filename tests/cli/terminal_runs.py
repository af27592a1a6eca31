"""Runs of a program on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(code: str, **environment: str) -> str:
    """Return what a program writes to a terminal."""
    leader, follower = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=follower,
        stderr=follower,
        env={**clean, "TERM": "xterm-256color", **environment},
    )
    os.close(follower)
    written = b""
    try:
        while block := os.read(leader, 4096):
            written += block
    except OSError:  # the other end is closed
        pass
    os.close(leader)
    assert process.wait(120) == 0, written.decode()
    return written.decode()
