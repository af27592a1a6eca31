"""Which code on which machine: what a training's record says of its origin."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from tembench import __version__


def made_by() -> dict[str, str]:
    """Return version and, in a checkout, commit of tembench; processor and Python."""
    record = {
        "tembench": __version__,
        "python": platform.python_version(),
        "processor": _processor(),
    }
    commit = _commit()
    return {**record, "commit": commit} if commit else record


def _commit() -> str:
    """Return the commit of the checkout this file lies in, with ``+`` where it was changed."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True
        )
    except OSError:
        return ""
    if head.returncode:
        return ""
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def _processor() -> str:
    """Return the processor's name as Linux tells it, or what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
