"""Runs of the command line inside the test process, with its output and exit code."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tembench.cli import main
from tembench.core import progress_bar


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    returncode: int
    stdout: str
    stderr: str


def tembench(*arguments: str | Path, cwd: Path | None = None) -> FinishedRun:
    """Run `main` as the installed command does; a process of its own would take seconds."""
    stdout, stderr = io.StringIO(), io.StringIO()
    handler = signal.getsignal(signal.SIGTERM)
    with (
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        contextlib.chdir(cwd or Path.cwd()),
        mock.patch.object(sys, "argv", ["tembench", *map(str, arguments)]),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGTERM, handler)
            progress_bar.show_progress(False)
    assert isinstance(code, int)
    return FinishedRun(returncode=code, stdout=stdout.getvalue(), stderr=stderr.getvalue())


def error_line(run: FinishedRun, code: int) -> str:
    """Return the error of a run, after checking that it is one line with this exit code."""
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr
    lines = [line for line in run.stderr.splitlines() if line.strip()]
    assert len([line for line in lines if line.startswith("Error: ")]) == 1
    return lines[-1]
