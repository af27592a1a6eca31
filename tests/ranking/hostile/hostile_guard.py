"""Guard around code that reads hostile folders: nothing is executed, and nothing written outside.

An audit hook of Python sees every start of a process, every connection, every file that is opened
and every object that is unpickled, whatever library asks for it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from hostile_case import SECRET

# A case that waits for ever, as for the other end of a pipe, is interrupted.
HANGS_AFTER_S = 60
_EXECUTING = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
    "os.spawn", "os.startfile", "pty.spawn", "socket.connect", "socket.bind", "socket.getaddrinfo",
    "pickle.find_class", "urllib.Request", "webbrowser.open",
)  # fmt: skip
_CHANGING = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod",
    "os.chown", "os.truncate", "os.utime", "shutil.move", "shutil.rmtree", "shutil.copyfile",
)  # fmt: skip
# File name of what `ast.literal_eval` parses, and does not run.
_ONLY_PARSED = "<unknown>"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(kw_only=True)
class Guarded:
    """What happened inside the guard.

    Attributes
    ----------
    root : Path
        The folder that may be read and written.
    broken : list of str
        What should not have happened.
    seconds : float
        Time of the processor.
    memory_MB : float
        Largest growth of the process's memory; 0 where the system does not tell.
    """

    root: Path
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory_MB: float = 0.0

    def saw(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note an event that is not allowed."""
        if event in _EXECUTING:
            self.broken.append(f"{event} {str(arguments)[:80]}")
        elif event in _CHANGING and not all(map(self._is_inside, _paths(arguments))):
            self.broken.append(f"{event} outside: {str(arguments)[:80]}")
        elif event == "open":
            path, _, flags = arguments
            if _is_path(path) and Path(os.fsdecode(path)).name == "secret.txt":
                self.broken.append("the secret was opened")
            elif _is_path(path) and (flags or 0) & _WRITING and not self._is_inside(path):
                self.broken.append(f"written outside: {os.fsdecode(path)}")
        elif event == "exec" and self._is_inside(arguments[0].co_filename, strictly=True):
            self.broken.append(f"executed {arguments[0].co_filename}")
        elif event == "compile" and SECRET in str(arguments[0]) and arguments[1] != _ONLY_PARSED:
            self.broken.append("a text of the folder was compiled")

    def _is_inside(self, path: Any, strictly: bool = False) -> bool:
        full = os.path.abspath(os.fsdecode(path))
        if full.startswith(str(self.root) + os.sep):
            return True
        # Caches of Python and of tools, which are written when something is first imported.
        caches = ("__pycache__", "matplotlib", ".hypothesis")
        return not strictly and (full == os.devnull or any(name in full for name in caches))


_active: list[Guarded] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for guard in _active:
        guard.saw(event, arguments)


def _is_path(value: Any) -> bool:
    return isinstance(value, str | bytes | os.PathLike)


def _paths(arguments: tuple[Any, ...]) -> list[Any]:
    return [value for value in arguments if _is_path(value)]


@contextlib.contextmanager
def guarded(root: Path, hangs_after_s: int | None = HANGS_AFTER_S) -> Iterator[Guarded]:
    """Watch the block; `root` is the only folder that it may write in."""
    if not hasattr(sys, "_hostile_hook"):
        sys.addaudithook(_hook)
        sys._hostile_hook = True  # type: ignore[attr-defined]
    found = Guarded(root=root.resolve())

    def never(*arguments: Any, **options: Any) -> None:
        found.broken.append("unpickled")
        raise AssertionError("unpickled")

    def hangs(*arguments: Any) -> None:
        found.broken.append(f"still at work after {hangs_after_s} s")
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(hangs_after_s or 0)
    peak = _memory_peak()
    began = time.process_time()
    _active.append(found)
    try:
        with mock.patch.multiple(pickle, loads=never, load=never):
            yield found
    finally:
        _active.remove(found)
        found.seconds = time.process_time() - began
        found.memory_MB = peak()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _memory_peak() -> Any:
    """Begin to measure; return the function that tells the growth since, in MB."""
    try:
        # The peak that Linux keeps of a process is set back to what it has now.
        Path("/proc/self/clear_refs").write_text("5")
        before = _peak_MB()
    except OSError:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    return lambda: _peak_MB() - before


def _peak_MB() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
